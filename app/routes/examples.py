"""`/examples`: what the document names for the virtualization types."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import list_page, one_entry
from app.filters import ExampleParams
from app.listing import TextParams
from app.models import Example
from app.parameters import AS_TABLE, NOT_THERE, EntryId, Router
from app.schemas import ExamplePublic, Page

router = Router(prefix="/examples", tags=["examples"])


@router.get("", response_model=Page[ExamplePublic], responses=AS_TABLE)
def list_examples(request: Request, params: Annotated[ExampleParams, Query()]) -> Response:
    """List the examples, narrowed by any combination of filters."""
    return list_page(request, Example, params)


@router.get("/{id}", response_model=ExamplePublic, responses=NOT_THERE)
def get_example(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Read one example by its id; an alias that only it has redirects to it."""
    return one_entry(request, Example, id, params)
