"""`/hypervisor-types`: the classes of hypervisors, bare-metal and hosted."""

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
from app.queries.collections import TypeFilters, TypeParams, TypeTableParams
from app.queries.entries import EntryParams
from app.queries.parameters import NoParams
from app.shapes.entries import HypervisorTypePublic
from app.shapes.results import HypervisorTypePage
from app.store.tables import HypervisorType

router = Router(prefix="/hypervisor-types", tags=["hypervisor-types"])


@router.get("", response_model=HypervisorTypePage, responses=PAGE_RESPONSE, summary="List hypervisor types")
async def list_hypervisor_types(request: Request, params: Annotated[TypeParams, Query()]) -> Response:
    """List the hypervisor types, narrowed by any combination of filters."""
    return await answer_list(request, HypervisorType, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get hypervisor types as CSV")
def get_hypervisor_types_csv(request: Request, params: Annotated[TypeTableParams, Query()]) -> Response:
    """Get the hypervisor types as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, HypervisorType, params)


@router.get(".jsonld", response_class=Response, responses=JSON_LD_LIST_RESPONSE, summary="Get hypervisor types as SKOS")
def get_hypervisor_types_jsonld(request: Request, params: Annotated[TypeFilters, Query()]) -> Response:
    """Get the hypervisor types as SKOS in JSON-LD, in every language, narrowed by any combination of filters."""
    return answer_linked_list(request, HypervisorType, params)


@router.get(
    "/{id:path}.jsonld",
    response_class=Response,
    responses=JSON_LD_ENTRY_RESPONSES,
    summary="Get a hypervisor type as SKOS",
)
async def get_hypervisor_type_jsonld(request: Request, id: EntryId, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Get one hypervisor type as SKOS in JSON-LD, in every language; an unambiguous alias redirects to it."""
    return answer_linked_entry(request, HypervisorType, id, ".jsonld")


@router.get(
    "/{id:path}", response_model=HypervisorTypePublic, responses=ENTRY_RESPONSES, summary="Get a hypervisor type"
)
async def get_hypervisor_type(request: Request, id: EntryId, params: Annotated[EntryParams, Query()]) -> Response:
    """Get one hypervisor type by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, HypervisorType, id, params)
