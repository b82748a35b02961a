"""`/changes`: what the releases of the packs changed."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import ATOM_RESPONSE, CSV_RESPONSE, PAGE_RESPONSE
from app.api.responses import answer_csv, answer_feed, answer_list
from app.api.router import Router
from app.queries.changes import ChangeFilters, ChangeParams
from app.shapes.results import ChangePage
from app.store.tables import Change

router = Router(prefix="/changes", tags=["dataset"])


@router.get("", response_model=ChangePage, responses=PAGE_RESPONSE, summary="List changes")
async def list_changes(request: Request, params: Annotated[ChangeParams, Query()]) -> Response:
    """List the entries that releases added, changed, deprecated or removed, the newest first."""
    return await answer_list(request, Change, params)


@router.get(".csv", response_class=Response, responses=CSV_RESPONSE, summary="Get changes as CSV")
def get_changes_csv(request: Request, params: Annotated[ChangeFilters, Query()]) -> Response:
    """Get the changes as a CSV table, narrowed by any combination of filters."""
    return answer_csv(request, Change, params)


@router.get(".atom", response_class=Response, responses=ATOM_RESPONSE, summary="Get changes as a feed")
def get_changes_atom(request: Request, params: Annotated[ChangeFilters, Query()]) -> Response:
    """Get the changes as an Atom feed, one entry per release, narrowed by any combination of filters."""
    return answer_feed(request, Change, params)
