"""`/favicon.ico`, `/robots.txt` and `/llms.txt`, which browsers, crawlers and models request without a link."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import PlainTextResponse, Response

from app.api.router import Router
from app.pages.rendering import ASSETS, templates
from app.path_prefix import prefix_of
from app.queries.parameters import NoParams

router = Router(include_in_schema=False)

# Crawlers may read everything (RFC 9309): it is public, and each page links only to a few others.
ROBOTS = "User-agent: *\nAllow: /\n"


@router.get("/favicon.ico")
async def get_icon(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Serve the icon of the pages in 16, 32 and 48 pixels, for what cannot show the SVG."""
    icon = ASSETS["favicon.ico"]
    return Response(icon.content, headers={"Cache-Control": "public, max-age=86400"}, media_type=icon.media_type)


@router.get("/robots.txt")
async def get_robots(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Tell crawlers what they may read."""
    return PlainTextResponse(ROBOTS)


@router.get("/llms.txt")
async def get_llms(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Tell models how to use the API."""
    return PlainTextResponse(templates().get_template("llms.txt").render(prefix=prefix_of(request.scope)))
