"""`/taxonomy`: the whole tree in one answer."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import one_document
from app.listing import TextParams
from app.parameters import Router
from app.queries import tree
from app.schemas import TaxonomyPublic

router = Router(prefix="/taxonomy", tags=["dataset"])


@router.get("", response_model=TaxonomyPublic)
def get_taxonomy(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Read the whole taxonomy as a tree: every entry once, in full, below what it belongs to."""
    return one_document(request, params, tree)
