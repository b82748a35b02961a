"""`/virtualization-types`: kinds of virtualization, by the resource that is virtualized."""

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
from app.shapes.entries import VirtualizationTypePublic
from app.shapes.results import VirtualizationTypePage
from app.store.tables import VirtualizationType

router = Router(prefix="/virtualization-types", tags=["virtualization-types"])


@router.get("", response_model=VirtualizationTypePage, responses=PAGE_RESPONSE, summary="List virtualization types")
async def list_virtualization_types(request: Request, params: Annotated[TypeParams, Query()]) -> Response:
    """List the virtualization types, narrowed by any combination of filters."""
    return await answer_list(request, VirtualizationType, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get virtualization types as CSV")
def get_virtualization_types_csv(request: Request, params: Annotated[TypeTableParams, Query()]) -> Response:
    """Get the virtualization types as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, VirtualizationType, params)


@router.get(
    ".jsonld", response_class=Response, responses=JSON_LD_LIST_RESPONSE, summary="Get virtualization types as SKOS"
)
def get_virtualization_types_jsonld(request: Request, params: Annotated[TypeFilters, Query()]) -> Response:
    """Get the virtualization types as SKOS in JSON-LD, in every language, narrowed by any combination of filters."""
    return answer_linked_list(request, VirtualizationType, params)


@router.get(
    "/{id:path}.jsonld",
    response_class=Response,
    responses=JSON_LD_ENTRY_RESPONSES,
    summary="Get a virtualization type as SKOS",
)
async def get_virtualization_type_jsonld(
    request: Request,
    id: EntryId,
    params: Annotated[NoParams, Query()],  # noqa: ARG001
) -> Response:
    """Get one virtualization type as SKOS in JSON-LD, in every language; an unambiguous alias redirects to it."""
    return answer_linked_entry(request, VirtualizationType, id, ".jsonld")


@router.get(
    "/{id:path}",
    response_model=VirtualizationTypePublic,
    responses=ENTRY_RESPONSES,
    summary="Get a virtualization type",
)
async def get_virtualization_type(request: Request, id: EntryId, params: Annotated[EntryParams, Query()]) -> Response:
    """Get one virtualization type by its id; an unambiguous alias redirects to it."""
    return answer_entry(request, VirtualizationType, id, params)
