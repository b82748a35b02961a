"""`/concepts`: the glossary."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import (
    CSV_RESPONSE,
    ENTRY_RESPONSES,
    JSON_LD_ENTRY_RESPONSES,
    JSON_LD_LIST_RESPONSE,
    PAGE_RESPONSE,
)
from app.api.responses import answer_csv, answer_entry, answer_linked_entry, answer_linked_list, answer_list
from app.api.router import EntryId, Router
from app.queries.collections import ConceptFilters, ConceptParams, ConceptTableParams
from app.queries.entries import EntryParams
from app.queries.parameters import NoParams
from app.shapes.entries import ConceptPublic
from app.shapes.results import ConceptPage
from app.store.tables import Concept

router = Router(prefix="/concepts", tags=["concepts"])


@router.get("", response_model=ConceptPage, responses=PAGE_RESPONSE, summary="List concepts")
async def list_concepts(request: Request, params: Annotated[ConceptParams, Query()]) -> Response:
    """List the concepts, narrowed by any combination of filters."""
    return await answer_list(request, Concept, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get concepts as CSV")
def get_concepts_csv(request: Request, params: Annotated[ConceptTableParams, Query()]) -> Response:
    """Get the concepts as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, Concept, params)


@router.get(".jsonld", response_class=Response, responses=JSON_LD_LIST_RESPONSE, summary="Get concepts as SKOS")
def get_concepts_jsonld(request: Request, params: Annotated[ConceptFilters, Query()]) -> Response:
    """Get the concepts as SKOS in JSON-LD, in every language, narrowed by any combination of filters."""
    return answer_linked_list(request, Concept, params)


@router.get(
    "/{id:path}.jsonld", response_class=Response, responses=JSON_LD_ENTRY_RESPONSES, summary="Get a concept as SKOS"
)
async def get_concept_jsonld(request: Request, id: EntryId, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Get one concept as SKOS in JSON-LD, in every language; an unambiguous alias redirects to it."""
    return answer_linked_entry(request, Concept, id, ".jsonld")


@router.get("/{id:path}", response_model=ConceptPublic, responses=ENTRY_RESPONSES, summary="Get a concept")
async def get_concept(request: Request, id: EntryId, params: Annotated[EntryParams, Query()]) -> Response:
    """Get one concept by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, Concept, id, params)
