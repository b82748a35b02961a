"""`/hypervisor-types`: the classes of hypervisors."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import list_page, one_entry
from app.filters import TypeParams
from app.listing import TextParams
from app.models import HypervisorType
from app.parameters import AS_TABLE, NOT_THERE, EntryId, Router
from app.schemas import HypervisorTypePublic, Page

router = Router(prefix="/hypervisor-types", tags=["hypervisor-types"])


@router.get("", response_model=Page[HypervisorTypePublic], responses=AS_TABLE)
def list_hypervisor_types(request: Request, params: Annotated[TypeParams, Query()]) -> Response:
    """List the hypervisor types, narrowed by any combination of filters."""
    return list_page(request, HypervisorType, params)


@router.get("/{id}", response_model=HypervisorTypePublic, responses=NOT_THERE)
def get_hypervisor_type(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Read one hypervisor type by its id; an alias that only it has redirects to it."""
    return one_entry(request, HypervisorType, id, params)
