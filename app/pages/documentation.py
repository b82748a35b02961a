"""`/openapi.json`, and `/docs` and `/redoc`: Swagger UI and ReDoc, which also work without internet access.

Their scripts come from the package fastapi-offline; every URL that they load is on this service, and relative to
the page, so that it also works under a path prefix.
"""

from functools import cache
from pathlib import Path
from typing import Annotated

import fastapi_offline
from fastapi import Query, Request
from pydantic_core import from_json, to_json
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from app.api.router import Router
from app.path_prefix import prefix_of, prefix_urls
from app.queries.parameters import NoParams
from app.server.security_headers import REDOC_POLICY, SWAGGER_UI_POLICY, page_headers

router = Router(include_in_schema=False)

PACKAGE = Path(fastapi_offline.__file__).parent / "static"
SCRIPT = "text/javascript"
PAGE_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="docs/assets/favicon.png">
{head}
</head>
<body>
{body}
</body>
</html>
"""
SWAGGER_UI = PAGE_TEMPLATE.format(
    title="Virtualization Taxonomy API: Swagger UI",
    head='<link rel="stylesheet" href="docs/assets/swagger-ui.css">',
    body='<div id="swagger-ui"></div>\n'
    '<script src="docs/assets/swagger-ui-bundle.js"></script>\n'
    '<script src="docs/assets/start.js"></script>',
)
REDOC = PAGE_TEMPLATE.format(
    title="Virtualization Taxonomy API: ReDoc",
    head="",
    body='<redoc spec-url="openapi.json"></redoc>\n<script src="docs/assets/redoc.standalone.js"></script>',
)
START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  showExtensions: true,
  showCommonExtensions: true,
  validatorUrl: null,
});
"""


@cache
def redoc_script() -> bytes:
    """Read ReDoc's script, and replace its only external URL (a logo) with a local one."""
    script = (PACKAGE / "redoc.standalone.js").read_text(encoding="utf-8")
    return script.replace("https://cdn.redoc.ly/redoc/logo-mini.svg", "docs/assets/favicon.png").encode()


@router.get("/openapi.json")
def get_openapi(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Serve the OpenAPI document; its server is the path prefix if there is one."""
    document = request.app.openapi()
    if prefix := prefix_of(request.scope):
        document = from_json(prefix_urls(to_json(document), prefix)) | {"servers": [{"url": prefix}]}
    return JSONResponse(document)


@router.get("/docs")
async def get_swagger_ui(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Show the API in Swagger UI."""
    return HTMLResponse(SWAGGER_UI, headers=page_headers(SWAGGER_UI_POLICY))


@router.get("/redoc")
async def get_redoc(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Show the API in ReDoc."""
    return HTMLResponse(REDOC, headers=page_headers(REDOC_POLICY))


@router.get("/docs/assets/{name}")
async def get_asset(request: Request, name: str, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Serve an asset of these pages."""
    if name == "start.js":
        return Response(START, media_type=SCRIPT)
    if name == "redoc.standalone.js":
        return Response(redoc_script(), media_type=SCRIPT)
    if name in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon.png"):
        return FileResponse(PACKAGE / name)
    raise HTTPException(404)
