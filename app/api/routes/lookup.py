"""`/lookup`: which entries given strings denote."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import JSON, answer_language, json_answer, refuse_unless_accepted
from app.api.router import Router
from app.queries.collections import LookupParams, loaded_schemes
from app.queries.lists import refuse_unknown
from app.queries.lookup import lookup
from app.shapes.entries import LookupPublic

router = Router(prefix="/lookup", tags=["find"])


@router.get("", response_model=LookupPublic)
def lookup_values(request: Request, params: Annotated[LookupParams, Query()]) -> Response:
    """Resolve ids, names, aliases and identifiers exactly, up to 100 at once.

    Case, compatibility forms, white space, `-` and `_` make no difference, but an identifier that matches to the
    letter beats one that does not. Every entry that a value denotes is given; none is chosen between equals.
    """
    refuse_unless_accepted(request, JSON)
    lang = answer_language(request, params)
    with request.state.engine.connect() as connection:
        if params.scheme:
            refuse_unknown("scheme", params.scheme, loaded_schemes(connection))
        return json_answer({"results": lookup(connection, params.value, params.scheme, params.resource, lang)}, lang)
