"""`/hypervisors`: the products that create and run virtual machines."""

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
from app.queries.collections import HypervisorFilters, HypervisorParams, HypervisorTableParams
from app.queries.entries import EntryParams
from app.queries.parameters import NoParams
from app.shapes.entries import HypervisorPublic
from app.shapes.results import HypervisorPage
from app.store.tables import Hypervisor

router = Router(prefix="/hypervisors", tags=["hypervisors"])


@router.get("", response_model=HypervisorPage, responses=PAGE_RESPONSE, summary="List hypervisors")
async def list_hypervisors(request: Request, params: Annotated[HypervisorParams, Query()]) -> Response:
    """List the hypervisors, narrowed by any combination of filters."""
    return await answer_list(request, Hypervisor, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get hypervisors as CSV")
def get_hypervisors_csv(request: Request, params: Annotated[HypervisorTableParams, Query()]) -> Response:
    """Get the hypervisors as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, Hypervisor, params)


@router.get(".jsonld", response_class=Response, responses=JSON_LD_LIST_RESPONSE, summary="Get hypervisors as SKOS")
def get_hypervisors_jsonld(request: Request, params: Annotated[HypervisorFilters, Query()]) -> Response:
    """Get the hypervisors as SKOS in JSON-LD, in every language, narrowed by any combination of filters."""
    return answer_linked_list(request, Hypervisor, params)


@router.get(
    "/{id:path}.jsonld", response_class=Response, responses=JSON_LD_ENTRY_RESPONSES, summary="Get a hypervisor as SKOS"
)
async def get_hypervisor_jsonld(request: Request, id: EntryId, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Get one hypervisor as SKOS in JSON-LD, in every language; an unambiguous alias redirects to it."""
    return answer_linked_entry(request, Hypervisor, id, ".jsonld")


@router.get("/{id:path}", response_model=HypervisorPublic, responses=ENTRY_RESPONSES, summary="Get a hypervisor")
async def get_hypervisor(request: Request, id: EntryId, params: Annotated[EntryParams, Query()]) -> Response:
    """Get one hypervisor by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, Hypervisor, id, params)
