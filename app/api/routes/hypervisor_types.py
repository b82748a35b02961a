"""`/hypervisor-types`: the classes of hypervisors, bare-metal and hosted."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import CSV_RESPONSE, ENTRY_RESPONSES, PAGE_RESPONSE
from app.api.responses import answer_csv, answer_entry, answer_list
from app.api.router import EntryId, Router
from app.queries.collections import TypeFilters, TypeParams
from app.queries.parameters import TextParams
from app.shapes.entries import HypervisorTypePublic
from app.shapes.results import HypervisorTypePage
from app.store.tables import HypervisorType

router = Router(prefix="/hypervisor-types", tags=["hypervisor-types"])


@router.get("", response_model=HypervisorTypePage, responses=PAGE_RESPONSE, summary="List hypervisor types")
async def list_hypervisor_types(request: Request, params: Annotated[TypeParams, Query()]) -> Response:
    """List the hypervisor types, narrowed by any combination of filters."""
    return await answer_list(request, HypervisorType, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get hypervisor types as CSV")
def get_hypervisor_types_csv(request: Request, params: Annotated[TypeFilters, Query()]) -> Response:
    """Get the hypervisor types as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, HypervisorType, params)


@router.get(
    "/{id:path}", response_model=HypervisorTypePublic, responses=ENTRY_RESPONSES, summary="Get a hypervisor type"
)
async def get_hypervisor_type(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Get one hypervisor type by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, HypervisorType, id, params)
