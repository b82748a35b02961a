"""`/search`: every collection, ranked, and why each hit matched."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import JSON, answer_language, json_answer, page_links, refuse_unless_accepted
from app.api.router import Router
from app.queries.collections import SearchParams
from app.queries.search import search
from app.shapes.entries import HitPublic, Page

router = Router(prefix="/search", tags=["find"])


@router.get("", response_model=Page[HitPublic])
def search_entries(request: Request, params: Annotated[SearchParams, Query()]) -> Response:
    """Search names, ids, aliases, identifiers, characteristics and summaries of all collections, in both languages.

    Exact matches come first, then beginnings, then parts; among equals names before the other fields in that order.
    Entries that hold several words next to each other, as they were given, come before those that hold them apart.
    """
    refuse_unless_accepted(request, JSON)
    lang = answer_language(request, params)
    with request.state.engine.connect() as connection:
        page = search(
            connection,
            request.state.kept,
            params.q,
            params.resource,
            params.limit,
            params.offset,
            lang,
            facets=bool(params.facet),
        )
    return json_answer(page, lang, Link=page_links(request, params.limit, params.offset, page["total"]))
