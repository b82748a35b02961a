"""`/favicon.ico` and `/robots.txt`, which browsers and crawlers request without a link."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import PlainTextResponse, Response

from app.api.router import Router
from app.pages.rendering import ASSETS
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
