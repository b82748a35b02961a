"""`/openapi.json`, and `/docs` and `/redoc`: Swagger UI and ReDoc, which also work without internet access.

Their scripts come from the package fastapi-offline. Every URL that they load is on this service, and relative, so that
the pages work under any path prefix.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

import fastapi_offline
from fastapi import Query, Request
from pydantic_core import from_json, to_json
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from app.api.openapi import with_vocabularies
from app.api.router import Router
from app.api.state import open_dataset
from app.pages.rendering import ASSETS, templates
from app.path_prefix import prefix_of, prefix_urls
from app.queries.parameters import NoParams
from app.queries.vocabularies import read_vocabularies
from app.server.security_headers import REDOC_POLICY, SWAGGER_UI_POLICY, page_headers

router = Router(include_in_schema=False)

PACKAGE = Path(fastapi_offline.__file__).parent / "static"
SCRIPT = "text/javascript"
# Our own assets are those of the other pages, under names that do not change.
OWN_ASSETS = ("documentation.css", "swagger.js")


@cache
def redoc_script() -> bytes:
    """Read ReDoc's script, and replace its only external URL (a logo) with a local one."""
    script = (PACKAGE / "redoc.standalone.js").read_text(encoding="utf-8")
    return script.replace("https://cdn.redoc.ly/redoc/logo-mini.svg", "docs/assets/favicon.png").encode()


@router.get("/openapi.json")
def get_openapi(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Serve the OpenAPI document for the dataset that is loaded; its server is the path prefix if there is one."""
    with open_dataset(request) as reader:
        vocabularies = read_vocabularies(reader)
    document = with_vocabularies(request.app.openapi(), vocabularies)
    if prefix := prefix_of(request.scope):
        servers = [{**server, "url": prefix} for server in document["servers"]]
        document = from_json(prefix_urls(to_json(document), prefix)) | {"servers": servers}
    return JSONResponse(document)


@router.get("/docs")
async def get_swagger_ui(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Show the API in Swagger UI."""
    return HTMLResponse(templates().get_template("swagger.html").render(), headers=page_headers(SWAGGER_UI_POLICY))


@router.get("/redoc")
async def get_redoc(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Show the API in ReDoc."""
    return HTMLResponse(templates().get_template("redoc.html").render(), headers=page_headers(REDOC_POLICY))


@router.get("/docs/assets/{name}")
async def get_asset(request: Request, name: str, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Serve an asset of these pages."""
    if name in OWN_ASSETS:
        return Response(ASSETS[name].content, media_type=ASSETS[name].media_type)
    if name == "redoc.standalone.js":
        return Response(redoc_script(), media_type=SCRIPT)
    if name in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon.png"):
        return FileResponse(PACKAGE / name)
    raise HTTPException(404)
