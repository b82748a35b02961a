"""`/concepts`: the glossary."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import CSV_RESPONSE, ENTRY_RESPONSES, PAGE_RESPONSE
from app.api.responses import answer_csv, answer_entry, answer_list
from app.api.router import EntryId, Router
from app.queries.collections import ConceptFilters, ConceptParams
from app.queries.parameters import TextParams
from app.shapes.entries import ConceptPublic
from app.shapes.results import ConceptPage
from app.store.tables import Concept

router = Router(prefix="/concepts", tags=["concepts"])


@router.get("", response_model=ConceptPage, responses=PAGE_RESPONSE, summary="List concepts")
async def list_concepts(request: Request, params: Annotated[ConceptParams, Query()]) -> Response:
    """List the concepts, narrowed by any combination of filters."""
    return await answer_list(request, Concept, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get concepts as CSV")
def get_concepts_csv(request: Request, params: Annotated[ConceptFilters, Query()]) -> Response:
    """Get the concepts as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, Concept, params)


@router.get("/{id:path}", response_model=ConceptPublic, responses=ENTRY_RESPONSES, summary="Get a concept")
async def get_concept(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Get one concept by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, Concept, id, params)
