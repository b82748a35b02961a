"""`/`: the explorer, where a person who types the bare address arrives.

What the page shows beyond the tree stands in the fragment of its address, as the path of the API that gives it
(`/#/hypervisors?type=hosted`): the fragment never reaches the service, so that the page is one answer a language.
"""

from typing import Annotated

from fastapi import Query, Request, Response
from starlette.exceptions import HTTPException

from app.api.responses import answer_language, refuse_unless_accepted
from app.api.router import Router
from app.pages import rendering
from app.queries.lists import TextParams
from app.queries.lookup import dataset, tree

router = Router(include_in_schema=False)


@router.get("/")
def get_explorer(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Show the whole taxonomy on one page."""
    refuse_unless_accepted(request, rendering.HTML)
    lang = answer_language(request, params)
    with request.state.engine.connect() as connection:
        content = {"concepts": tree(connection, lang)["concepts"], "dataset": dataset(connection, lang)}
    return rendering.page("explorer.html", lang, operations=request.state.operations, **content)


@router.get("/explorer/{name}")
async def get_file(name: str) -> Response:
    """Serve what the pages load."""
    if (file := rendering.ASSETS.get(name)) is None:
        raise HTTPException(404)
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(file.content, headers=kept, media_type=file.media_type)
