"""`/hypervisors`: the products that create and run virtual machines."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import CSV_RESPONSE, ENTRY_RESPONSES, PAGE_RESPONSE
from app.api.responses import answer_csv, answer_entry, answer_list
from app.api.router import EntryId, Router
from app.queries.collections import HypervisorFilters, HypervisorParams
from app.queries.parameters import TextParams
from app.shapes.entries import HypervisorPublic
from app.shapes.results import HypervisorPage
from app.store.tables import Hypervisor

router = Router(prefix="/hypervisors", tags=["hypervisors"])


@router.get("", response_model=HypervisorPage, responses=PAGE_RESPONSE, summary="List hypervisors")
async def list_hypervisors(request: Request, params: Annotated[HypervisorParams, Query()]) -> Response:
    """List the hypervisors, narrowed by any combination of filters."""
    return await answer_list(request, Hypervisor, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get hypervisors as CSV")
def get_hypervisors_csv(request: Request, params: Annotated[HypervisorFilters, Query()]) -> Response:
    """Get the hypervisors as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, Hypervisor, params)


@router.get("/{id:path}", response_model=HypervisorPublic, responses=ENTRY_RESPONSES, summary="Get a hypervisor")
async def get_hypervisor(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Get one hypervisor by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, Hypervisor, id, params)
