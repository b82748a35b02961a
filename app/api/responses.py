"""How what was read becomes an HTTP answer: language, media type, envelope, links."""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from difflib import get_close_matches
from itertools import chain
from typing import Any
from urllib.parse import quote

import anyio
from fastapi import Request
from pydantic_core import to_json
from sqlalchemy import Connection, select
from sqlmodel import col
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.api.negotiation import LANGUAGES, preferred_language, preferred_media_type
from app.api.problems import ParameterError, ProblemError, invalid, shorten
from app.formats.skos import blocks, csv_table
from app.queries.lists import (
    REVISION,
    ListParams,
    TextParams,
    cut,
    matching,
    narrowed,
    one_record,
    refuse_unknown_values,
)
from app.queries.lookup import ids_behind, streamed
from app.store.tables import Dataset, Entry, Language

JSON = "application/json"
CSV = "text/csv"
LIST_FORMATS = {"json": JSON, "csv": CSV}
# A client that takes nothing of a streamed answer for so long is given up: the answer holds a database connection.
STALLED_SECONDS = 30
# How many ids are held against a misspelled one.
NEAR_IDS = 1000

logger = logging.getLogger("app")


def answer_language(request: Request, params: TextParams) -> Language:
    """The language of the answer's text: `lang`, else the best of Accept-Language, else English."""
    return params.lang or Language(preferred_language(request.headers.get("accept-language"), LANGUAGES))


def refuse_unless_accepted(request: Request, *offered: str) -> str:
    """The media type of the answer; raises `ProblemError` if the client takes none of those offered."""
    if (media_type := preferred_media_type(request.headers.get("accept"), offered)) is None:
        raise ProblemError("not-acceptable", f"This can be had as {', '.join(offered)}, which Accept rules out.")
    return media_type


def answer_format(request: Request, wanted: str | None, offered: Mapping[str, str]) -> str:
    """The format of the answer: `format`, else the best of Accept; `offered` are media types by format.

    Raises `ProblemError` if the client takes none of those offered.
    """
    if wanted is not None:
        return wanted
    media_type = refuse_unless_accepted(request, *offered.values())
    return next(name for name, offered_type in offered.items() if offered_type == media_type)


def text_headers(lang: Language) -> dict[str, str]:
    """The headers of an answer whose text is in one language."""
    return {"Content-Language": lang}


def json_answer(content: Mapping[str, Any] | str | bytes, lang: Language, **headers: str) -> Response:
    """A JSON answer, finished or not, whose text is in one language."""
    body = to_json(content) if isinstance(content, Mapping) else content
    return Response(body, headers=text_headers(lang) | headers, media_type=JSON)


def one_document(
    request: Request, params: TextParams, read: Callable[[Connection, Language], Mapping[str, Any]]
) -> Response:
    """What `read` makes of the dataset, as JSON."""
    refuse_unless_accepted(request, JSON)
    lang = answer_language(request, params)
    with request.state.engine.connect() as connection:
        return json_answer(read(connection, lang), lang)


class StreamedResponse(StreamingResponse):
    """An answer that is read while it is sent; whatever ends it, `release` is called."""

    def __init__(self, content: Iterator[bytes], release: Callable[[], None], **options: Any) -> None:
        super().__init__(content, **options)
        self.release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""

        async def send_or_give_up(message: Message) -> None:
            with anyio.fail_after(STALLED_SECONDS):
                await send(message)

        try:
            await super().__call__(scope, receive, send_or_give_up)
        except TimeoutError:
            logger.warning(
                "A client took nothing of %s for %s seconds and was given up", scope["path"], STALLED_SECONDS
            )
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self.release)


def file_answer(
    request: Request,
    name: str,
    content: Callable[[Connection], Generator[bytes]],
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """A file to keep, read in one transaction; `name` is that of the file, with a place for the dataset's version.

    A short one leaves whole, a long one while it is read, so that memory does not grow with it. Either way
    its beginning is read first: a database that is away is still a problem document.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(request.state.engine.connect())
        version = connection.scalars(select(col(Dataset.version))).one()
        headers = {**headers, "Content-Disposition": f'attachment; filename="{name.format(version)}"'}
        body = blocks(content(connection))
        stack.callback(body.close)
        first, second = next(body, b""), next(body, None)
        if second is None:
            return Response(first, headers=headers, media_type=media_type)
        release = stack.pop_all().close
        return StreamedResponse(chain([first, second], body), release, headers=headers, media_type=media_type)


def page_links(request: Request, limit: int, offset: int, total: int) -> str:
    """The value of `Link` (RFC 8288): the first, previous, next and last page."""
    path, pairs = quote(request.scope["path"]), request.scope["query_string"].decode().split("&")
    kept = [pair for pair in pairs if pair and pair.partition("=")[0] not in ("limit", "offset")]
    last = max(total - 1, 0) // limit * limit
    pages = {
        "first": 0,
        "prev": max(min(offset - limit, last), 0) if offset > 0 else None,
        "next": offset + limit if offset + limit < total else None,
        "last": last,
    }
    return ", ".join(
        f'<{path}?{"&".join([*kept, f"limit={limit}", f"offset={start}"])}>; rel="{relation}"'
        for relation, start in pages.items()
        if start is not None
    )


def list_page(request: Request, table: type[Entry], params: ListParams) -> Response:
    """A page of a collection, or all of it that matches as CSV."""
    wanted = answer_format(request, params.format, LIST_FORMATS)
    lang = answer_language(request, params)
    if wanted == "csv":
        return list_csv(request, table, params, lang)
    with request.state.engine.connect() as connection:
        page = cut(connection, request.state.kept, table.__table__, params, lang)
    rest = {"total": page.total, "limit": params.limit, "offset": params.offset, "facets": page.facets}
    content = b'{"items":[' + ",".join(page.records).encode() + b"]," + to_json(rest)[1:]
    return json_answer(content, lang, Link=page_links(request, params.limit, params.offset, page.total))


def list_csv(request: Request, table: type[Entry], params: ListParams, lang: Language) -> Response:
    """All entries of a collection that match, as CSV."""
    if refused := [
        ParameterError(
            parameter=name,
            detail="A CSV holds all matching entries and nothing else.",
            hint="Leave it out, or ask for format=json.",
        )
        for name in ("limit", "offset", "facet")
        if name in request.query_params
    ]:
        raise invalid(refused)

    def content(connection: Connection) -> Generator[bytes]:
        refuse_unknown_values(connection, request.state.kept, connection.scalar(REVISION), params)
        used, values = narrowed(params)
        rows = matching(table.__table__, type(params), used, params.sort or "", lang)
        return csv_table(table, (row["record"] for row in streamed(connection, rows, values)))

    return file_answer(request, f"{table.resource}-{{}}.csv", content, CSV, text_headers(lang))


def one_entry(request: Request, table: type[Entry], id: str, params: TextParams) -> Response:
    """One entry by its id; a redirect (301) from an alias that only it has.

    Raises `ProblemError` with near ids for anything else.
    """
    refuse_unless_accepted(request, JSON)
    lang = answer_language(request, params)
    if "\0" in id:
        raise ProblemError("not-found", "An id holds no NUL character.")
    with request.state.engine.connect() as connection:
        record = one_record(connection.dialect, table.__table__, lang).run(connection, {"id": id}).scalar()
        if record is not None:
            return json_answer(record, lang)
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
