"""`/taxonomy`: the whole tree in one response."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import answer_document
from app.api.router import Router
from app.queries.parameters import TextParams
from app.queries.taxonomy import read_tree
from app.shapes.dataset import TaxonomyPublic

router = Router(prefix="/taxonomy", tags=["dataset"])


@router.get("", response_model=TaxonomyPublic, response_description="The tree.", summary="Get the taxonomy")
def get_taxonomy(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Get the whole taxonomy as a tree: every entry once, in full, under its parent."""
    return answer_document(request, params.lang, lambda reader, lang: {"concepts": read_tree(reader, lang)})
