"""`/concepts`: the glossary."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import list_page, one_entry
from app.filters import ConceptParams
from app.listing import TextParams
from app.models import Concept
from app.parameters import AS_TABLE, NOT_THERE, EntryId, Router
from app.schemas import ConceptPublic, Page

router = Router(prefix="/concepts", tags=["concepts"])


@router.get("", response_model=Page[ConceptPublic], responses=AS_TABLE)
def list_concepts(request: Request, params: Annotated[ConceptParams, Query()]) -> Response:
    """List the concepts, narrowed by any combination of filters."""
    return list_page(request, Concept, params)


@router.get("/{id}", response_model=ConceptPublic, responses=NOT_THERE)
def get_concept(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Read one concept by its id; an alias that only it has redirects to it."""
    return one_entry(request, Concept, id, params)
