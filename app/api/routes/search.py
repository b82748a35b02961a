"""`/search`: ranked hits from all collections, with the reason for each."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.negotiation import JSON
from app.api.openapi_responses import PAGE_RESPONSE
from app.api.responses import accepted_media_type, answer_language, answer_page
from app.api.router import Router
from app.api.state import open_dataset
from app.queries.search import SearchParams, read_hits
from app.shapes.results import HitPage

router = Router(prefix="/search", tags=["find"])


@router.get("", response_model=HitPage, responses=PAGE_RESPONSE, summary="Search entries")
def search_entries(request: Request, params: Annotated[SearchParams, Query()]) -> Response:
    """Search names, ids, aliases, identifiers, characteristics and summaries of all collections, in both languages.

    Exact matches come first, then prefixes, then substrings; equal matches are ordered by field, in the order above.
    Entries that contain several words as a phrase come before those that contain them apart.
    """
    accepted_media_type(request, JSON)
    lang = answer_language(request, params.lang)
    with open_dataset(request) as reader:
        page = read_hits(reader, params, lang)
    return answer_page(request, params, page, lang)
