"""`/taxonomy`: the whole tree in one answer."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import one_document
from app.api.router import Router
from app.queries.lists import TextParams
from app.queries.lookup import tree
from app.shapes.entries import TaxonomyPublic

router = Router(prefix="/taxonomy", tags=["dataset"])


@router.get("", response_model=TaxonomyPublic)
def get_taxonomy(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Read the whole taxonomy as a tree: every entry once, in full, below what it belongs to."""
    return one_document(request, params, tree)
