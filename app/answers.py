"""How what was read becomes an HTTP answer: language, media type, envelope, links."""

from difflib import get_close_matches
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from pydantic_core import to_json
from sqlalchemy import Engine, select
from sqlmodel import col
from starlette.responses import RedirectResponse, Response

from app.listing import ListParams, TextParams, cut
from app.models import Entry, Language
from app.negotiation import preferred_language, preferred_media_type
from app.problems import ParameterError, ProblemError, shorten
from app.queries import ids_behind, records

JSON = "application/json"
# How many ids are held against a misspelled one.
NEAR_IDS = 1000


def answer_language(request: Request, params: TextParams) -> Language:
    """The language of the answer's text: `lang`, else the best of Accept-Language, else English."""
    return params.lang or Language(preferred_language(request.headers.get("accept-language"), tuple(Language)))


def refuse_unless_accepted(request: Request, *offered: str) -> str:
    """The media type of the answer; raises `ProblemError` if the client takes none of those offered."""
    if (media_type := preferred_media_type(request.headers.get("accept"), offered)) is None:
        raise ProblemError("not-acceptable", f"This can be had as {', '.join(offered)}, which Accept rules out.")
    return media_type


def json_answer(content: Any, lang: Language, **headers: str) -> Response:
    """A JSON answer whose text is in one language."""
    headers = {"Content-Language": lang, "Vary": "Accept, Accept-Language", **headers}
    return Response(to_json(content), headers=headers, media_type=JSON)


def page_links(request: Request, limit: int, offset: int, total: int) -> str:
    """The value of `Link` (RFC 8288): the first, previous, next and last page."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "offset")]
    last = max(total - 1, 0) // limit * limit
    pages = {
        "first": 0,
        "prev": max(min(offset - limit, last), 0) if offset > 0 else None,
        "next": offset + limit if offset + limit < total else None,
        "last": last,
    }
    return ", ".join(
        f'<{request.url.path}?{urlencode([*kept, ("limit", limit), ("offset", start)])}>; rel="{relation}"'
        for relation, start in pages.items()
        if start is not None
    )


def list_page(request: Request, engine: Engine, table: type[Entry], params: ListParams) -> Response:
    """A page of a collection."""
    refuse_unless_accepted(request, JSON)
    lang = answer_language(request, params)
    with engine.connect() as connection:
        page = cut(connection, table.__table__, params, lang)
        items = records(connection, table, page.rows, lang)
    content = {
        "items": items,
        "total": page.total,
        "limit": params.limit,
        "offset": params.offset,
        "facets": page.facets,
    }
    return json_answer(content, lang, Link=page_links(request, params.limit, params.offset, page.total))


def one_entry(request: Request, engine: Engine, table: type[Entry], id: str, params: TextParams) -> Response:
    """One entry by its id; a redirect (301) from an alias that only it has.

    Raises `ProblemError` with near ids for anything else.
    """
    refuse_unless_accepted(request, JSON)
    lang = answer_language(request, params)
    if "\0" in id:
        raise ProblemError("not-found", "An id holds no NUL character.")
    with engine.connect() as connection:
        rows = connection.execute(select(table.__table__).where(col(table.id) == id)).mappings().all()
        if rows:
            return json_answer(records(connection, table, rows, lang)[0], lang)
        behind = ids_behind(connection, table, id)
        if len(behind) == 1:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/{table.resource}/{quote(behind[0])}{query}", 301)
        ids = connection.scalars(select(col(table.id)).order_by(col(table.position)).limit(NEAR_IDS)).all()
    near = list(behind) or get_close_matches(id, ids, n=5)
    detail = f"{shorten(id)} means several entries." if behind else f"There is no {shorten(id)} in {table.resource}."
    hint = "The nearest ids: " + ", ".join(near) if near else f"/{table.resource} lists the ids."
    raise ProblemError(
        "not-found", f"{detail} {hint}", [ParameterError(parameter="id", detail=detail, hint=hint, allowed=near)]
    )
