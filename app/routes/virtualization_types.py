"""`/virtualization-types`: what is virtualized."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import list_page, one_entry
from app.filters import TypeParams
from app.listing import TextParams
from app.models import VirtualizationType
from app.parameters import AS_TABLE, NOT_THERE, EntryId, Router
from app.schemas import Page, VirtualizationTypePublic

router = Router(prefix="/virtualization-types", tags=["virtualization-types"])


@router.get("", response_model=Page[VirtualizationTypePublic], responses=AS_TABLE)
def list_virtualization_types(request: Request, params: Annotated[TypeParams, Query()]) -> Response:
    """List the virtualization types, narrowed by any combination of filters."""
    return list_page(request, VirtualizationType, params)


@router.get("/{id}", response_model=VirtualizationTypePublic, responses=NOT_THERE)
def get_virtualization_type(request: Request, id: EntryId, params: Annotated[TextParams, Query()]) -> Response:
    """Read one virtualization type by its id; an alias that only it has redirects to it."""
    return one_entry(request, VirtualizationType, id, params)
