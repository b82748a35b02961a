"""`/`: the explorer, where a person who types the bare address arrives.

What the page shows beyond the tree stands in the fragment of its address, as the path of the API that gives it
(`/#/hypervisors?type=hosted`): the fragment never reaches the service, so that the page is one answer a language.
"""

from typing import Annotated

from fastapi import Query, Request, Response
from starlette.exceptions import HTTPException

from app.api.negotiation import HTML
from app.api.responses import accepted_media_type, answer_language
from app.api.router import Router
from app.api.state import state_of
from app.pages import rendering
from app.queries.dataset import read_dataset
from app.queries.parameters import TextParams
from app.queries.taxonomy import read_tree

router = Router(include_in_schema=False)


@router.get("/")
def get_explorer(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Show the whole taxonomy on one page."""
    accepted_media_type(request, HTML)
    lang = answer_language(request, params)
    state = state_of(request)
    with state["engine"].connect() as connection:
        concepts, dataset = read_tree(connection, lang), read_dataset(connection, lang)
    return rendering.page("explorer.html", lang, operations=state["operations"], concepts=concepts, dataset=dataset)


@router.get("/explorer/{digest}/{name}")
async def get_file(digest: str, name: str) -> Response:
    """Serve a file that the pages load."""
    asset = rendering.ASSETS.get(name)
    if digest != rendering.DIGEST or asset is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset.content, headers=headers, media_type=asset.media_type)
