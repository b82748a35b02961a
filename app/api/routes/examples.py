"""`/examples`: products and technologies that exemplify the virtualization types."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import CSV_RESPONSE, ENTRY_RESPONSES, PAGE_RESPONSE
from app.api.responses import answer_csv, answer_entry, answer_list
from app.api.router import EntryId, Router
from app.queries.collections import ExampleFilters, ExampleParams
from app.queries.parameters import TextParams
from app.shapes.entries import ExamplePublic
from app.shapes.results import ExamplePage
from app.store.tables import Example

router = Router(prefix="/examples", tags=["examples"])


@router.get("", response_model=ExamplePage, responses=PAGE_RESPONSE, summary="List examples")
async def list_examples(request: Request, params: Annotated[ExampleParams, Query()]) -> Response:
    """List the examples, narrowed by any combination of filters."""
    return await answer_list(request, Example, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get examples as CSV")
def get_examples_csv(request: Request, params: Annotated[ExampleFilters, Query()]) -> Response:
    """Get the examples as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, Example, params)


@router.get("/{id:path}", response_model=ExamplePublic, responses=ENTRY_RESPONSES, summary="Get an example")
async def get_example(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Get one example by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, Example, id, params)
