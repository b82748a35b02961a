"""`/examples`: products and technologies that exemplify the virtualization types."""

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
from app.queries.collections import ExampleFilters, ExampleParams, ExampleTableParams
from app.queries.entries import EntryParams
from app.queries.parameters import NoParams
from app.shapes.entries import ExamplePublic
from app.shapes.results import ExamplePage
from app.store.tables import Example

router = Router(prefix="/examples", tags=["examples"])


@router.get("", response_model=ExamplePage, responses=PAGE_RESPONSE, summary="List examples")
async def list_examples(request: Request, params: Annotated[ExampleParams, Query()]) -> Response:
    """List the examples, narrowed by any combination of filters."""
    return await answer_list(request, Example, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get examples as CSV")
def get_examples_csv(request: Request, params: Annotated[ExampleTableParams, Query()]) -> Response:
    """Get the examples as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, Example, params)


@router.get(".jsonld", response_class=Response, responses=JSON_LD_LIST_RESPONSE, summary="Get examples as SKOS")
def get_examples_jsonld(request: Request, params: Annotated[ExampleFilters, Query()]) -> Response:
    """Get the examples as SKOS in JSON-LD, in every language, narrowed by any combination of filters."""
    return answer_linked_list(request, Example, params)


@router.get(
    "/{id:path}.jsonld", response_class=Response, responses=JSON_LD_ENTRY_RESPONSES, summary="Get an example as SKOS"
)
async def get_example_jsonld(request: Request, id: EntryId, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Get one example as SKOS in JSON-LD, in every language; an unambiguous alias redirects to it."""
    return answer_linked_entry(request, Example, id, ".jsonld")


@router.get("/{id:path}", response_model=ExamplePublic, responses=ENTRY_RESPONSES, summary="Get an example")
async def get_example(request: Request, id: EntryId, params: Annotated[EntryParams, Query()]) -> Response:
    """Get one example by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, Example, id, params)
