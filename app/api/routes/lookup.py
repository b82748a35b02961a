"""`/lookup`: which entries given strings denote."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import answer_document
from app.api.router import Router
from app.queries.lookup import LookupParams, resolve_values
from app.shapes.results import LookupPublic

router = Router(prefix="/lookup", tags=["find"])


@router.get("", response_model=LookupPublic)
def lookup_values(request: Request, params: Annotated[LookupParams, Query()]) -> Response:
    """Resolve ids, names, aliases and identifiers exactly, up to 100 at once.

    Case, compatibility forms, white space, `-` and `_` make no difference, but an identifier that matches to the
    letter beats one that does not. Every entry that a value denotes is given; none is chosen between equals.
    """
    return answer_document(
        request, params, lambda connection, lang: {"results": resolve_values(connection, params, lang)}
    )
