"""From a question's result to an HTTP response: its language, media type, envelope and links."""

from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import Request
from pydantic_core import from_json, to_json
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from app.api.downloads import answer_file
from app.api.negotiation import (
    ATOM,
    CSV,
    JAVASCRIPT,
    JSON,
    JSON_LD,
    preferred_language,
    preferred_media_type,
    request_language,
)
from app.api.not_found import missing_entry, removed_entry
from app.api.problems import Kind, ProblemError
from app.api.state import open_dataset, state_of
from app.formats.atom import atom_feed
from app.formats.jsonld import skos_entry, skos_list
from app.formats.spreadsheet import csv_table
from app.path_prefix import prefix_each, prefix_of, prefix_urls
from app.queries.changes import read_removal
from app.queries.dataset import read_last_release
from app.queries.entries import EntryParams, read_id_named, read_record
from app.queries.export import read_linked
from app.queries.hints import explain_empty_list
from app.queries.lists import Filters, ListPage, ListParams, TableParams, is_short, name_of, read_page, stream_matching
from app.queries.parameters import PageParams
from app.queries.refusals import Bilingual, Fault, Refused, list_words
from app.shapes.changes import ChangePublic
from app.shapes.entries import SHAPES
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import Change, Entry, Language, ListTable

LIST_FORMATS = {"json": JSON, "csv": CSV, "jsonld": JSON_LD}
FEED_FORMATS = {"json": JSON, "csv": CSV, "atom": ATOM}
LINKED_FORMATS = {"json": JSON, "jsonld": JSON_LD}
# The Content-Language of what has every text in every language.
EVERY_LANGUAGE = ", ".join(Language)
# A longer `Link` is left out: it would repeat a long query up to four times, and proxies refuse such headers. With the
# other headers this much fits the 4 kB that nginx reads by default.
LONGEST_LINK = 3000


def answer_language(request: Request, given: Language | None) -> Language:
    """Choose the language of an answer: the one given, else the best match for Accept-Language, else English."""
    return given or preferred_language(request.headers.get("accept-language"))


def accepted_media_type(request: Request, *offered: str) -> str:
    """Choose the media type of an answer. Raises `ProblemError` if the client accepts none of those offered."""
    if (media_type := preferred_media_type(request.headers.get("accept"), offered)) is None:
        types = list_words(offered)
        detail = Bilingual(
            f"The response is available as {types.en}, but Accept allows none of these.",
            f"响应的格式有 {types.zh}，而 Accept 均不接受。",
        )
        raise ProblemError(Kind.NOT_ACCEPTABLE, detail)
    return media_type


def answer_format(request: Request, wanted: str | None, offered: Mapping[str, str]) -> str:
    """Choose the format of an answer: `format`, else the best match for Accept.

    `offered` maps formats to media types. Raises `ProblemError` if the client accepts none of these.
    """
    if wanted is not None:
        return wanted
    media_type = accepted_media_type(request, *offered.values())
    return next(name for name, offered_type in offered.items() if offered_type == media_type)


def json_response(request: Request, content: Mapping[str, Any] | bytes, lang: Language, **headers: str) -> Response:
    """Make a JSON response in one language, from an object or from compact JSON."""
    json = to_json(content) if isinstance(content, Mapping) else content
    body = prefix_urls(json, prefix_of(request.scope))
    return Response(body, headers={"Content-Language": lang, **headers}, media_type=JSON)


def answer_document(
    request: Request,
    given: Language | None,
    read: Callable[[Reader, Language], Mapping[str, Any]],
    callback: str | None = None,
) -> Response:
    """Answer with the JSON object that `read` returns, in the language given or the one that the client prefers.

    With a `callback`, the answer is a script that calls this function with the object.
    """
    if callback is None:
        accepted_media_type(request, JSON)
    lang = answer_language(request, given)
    with open_dataset(request) as reader:
        response = json_response(request, read(reader, lang), lang)
    return response if callback is None else call_with(response, callback)


def call_with(response: Response, callback: str) -> Response:
    """Make a script of a JSON response, which calls a function with the object.

    The comment comes first, so that nobody who chooses the function chooses the first bytes of the answer.
    """
    script = b"/**/" + callback.encode() + b"(" + bytes(response.body) + b");"
    return Response(script, headers={"Content-Language": response.headers["content-language"]}, media_type=JAVASCRIPT)


def page_links(request: Request, limit: int, offset: int, total: int) -> str:
    """Build the `Link` header (RFC 8288) to the first, previous, next and last page."""
    path, pairs = quote(request.scope["path"]), request.scope["query_string"].decode().split("&")
    filters = [pair for pair in pairs if pair and pair.partition("=")[0] not in ("limit", "offset")]
    last = max(total - 1, 0) // limit * limit
    pages = {
        "first": 0,
        "prev": max(min(offset - limit, last), 0) if offset > 0 else None,
        "next": offset + limit if offset + limit < total else None,
        "last": last,
    }
    return ", ".join(
        f'<{path}?{"&".join([*filters, f"limit={limit}", f"offset={start}"])}>; rel="{relation}"'
        for relation, start in pages.items()
        if start is not None
    )


def answer_page(request: Request, params: PageParams, page: ListPage, lang: Language) -> Response:
    """Answer with one page of a list or a search, in their common envelope."""
    rest = {
        "total": page.total,
        "limit": params.limit,
        "offset": params.offset,
        "facets": page.facets,
        "hint": page.hint.translate(lang) if page.hint else None,
    }
    content = b'{"items":[' + b",".join(page.items) + b"]," + to_json(rest)[1:]
    links = page_links(request, params.limit, params.offset, page.total)
    return json_response(request, content, lang, **({"Link": links} if len(links) <= LONGEST_LINK else {}))


async def answer_list(request: Request, table: ListTable, params: ListParams) -> Response:
    """Answer with a page of a list as JSON, or with all that matches in another format."""
    snapshot = state_of(request)["served"].get()
    run_in_thread = state_of(request)["threads"].run
    offered = FEED_FORMATS if issubclass(table, Change) else LIST_FORMATS
    if (wanted := answer_format(request, params.format, offered)) != "json":
        title, answer_all = WHOLE_LISTS[wanted]
        refuse_paging(params, title)
        return await run_in_thread(partial(answer_all, request, table, params), request.receive)

    def answer() -> Response:
        lang = answer_language(request, params.lang)
        with snapshot.reader() as reader:
            page = read_page(reader, table, params, lang)
            if not page.total and not issubclass(table, Change):
                path = f"{prefix_of(request.scope)}/{table.resource}"

                def listing(name: str) -> str:
                    return path if name == "id" else f"{path}?facet={name}"

                hint = explain_empty_list(reader, table, params, listing)
                page = page._replace(hint=hint)
        return answer_page(request, params, page, lang)

    with snapshot.reader() as reader:
        short = is_short(reader, table, params)
    return answer() if short else await run_in_thread(answer, request.receive)


def refuse_paging(params: ListParams, title: str) -> None:
    """Raise `Refused` for parameters that only pages have; some clients send the defaults, which change nothing."""
    if refused := [
        Fault(
            name,
            Bilingual(
                f"{title} contains all matching entries and nothing else.", f"{title} 只包含全部符合条件的条目。"
            ),
            Bilingual("Remove it, or use format=json.", "请去掉该参数，或改用 format=json。"),
        )
        for name in ("limit", "offset", "facet")
        if getattr(params, name) != type(params).model_fields[name].default
    ]:
        raise Refused(refused)


def answer_csv(request: Request, table: ListTable, params: TableParams) -> Response:
    """Answer with all that matches as CSV."""
    lang = answer_language(request, params.lang)
    shape = ChangePublic if issubclass(table, Change) else SHAPES[table.resource]

    def content(reader: Reader) -> Generator[bytes]:
        records = stream_matching(reader, table, params, lang)
        return csv_table(shape.model_fields, map(from_json, prefix_each(records, prefix_of(request.scope))))

    return answer_file(request, f"{name_of(table)}-{{version}}.csv", content, CSV, {"Content-Language": lang})


def answer_feed(request: Request, table: ListTable, params: TableParams) -> Response:
    """Answer with all changes that match as an Atom feed."""
    lang = answer_language(request, params.lang)
    scope, base_uri = request.scope, state_of(request)["base_uri"]
    public = base_uri if base_uri.startswith("http") else f"{prefix_of(scope)}/"
    query = scope["query_string"].decode()
    own = f"{public}{scope['path'].removeprefix(prefix_of(scope))[1:]}{'?' if query else ''}{query}"
    with open_dataset(request) as reader:
        changes = map(from_json, stream_matching(reader, table, params, lang))
        last = read_last_release(reader)
        feed = atom_feed(changes, last=last, base_uri=base_uri, public=public, own=own, lang=lang)
    return Response(feed, headers={"Content-Language": lang}, media_type=ATOM)


def answer_linked_list(request: Request, table: type[Entry], params: Filters) -> Response:
    """Answer with all matching entries as JSON-LD."""
    lang = answer_language(request, params.lang if isinstance(params, TableParams) else None)
    base_uri = state_of(request)["base_uri"]

    def content(reader: Reader) -> Generator[bytes]:
        ids = (from_json(record)["id"] for record in stream_matching(reader, table, params, lang))
        entries = (read_linked(reader, COLLECTIONS[table.resource], id) for id in ids)
        return skos_list(base_uri, filter(None, entries))

    headers = {"Content-Language": EVERY_LANGUAGE}
    return answer_file(request, f"{table.resource}-{{version}}.jsonld", content, JSON_LD, headers)


# What each format is called, and what answers with all of a list in it.
WHOLE_LISTS: dict[str, tuple[str, Callable[..., Response]]] = {
    "csv": ("CSV", answer_csv),
    "atom": ("Atom", answer_feed),
    "jsonld": ("JSON-LD", answer_linked_list),
}


def answer_entry(request: Request, table: type[Entry], id: str, params: EntryParams) -> Response:
    """Answer with an entry, in the format that the client prefers."""
    if answer_format(request, params.format, LINKED_FORMATS) == "jsonld":
        return answer_linked_entry(request, table, id)
    lang = answer_language(request, params.lang)

    def answer(reader: Reader) -> Response | None:
        record = read_record(reader, table, id, lang)
        return json_response(request, record, lang) if record is not None else None

    return answer_named(request, table, id, answer)


def answer_linked_entry(request: Request, table: type[Entry], id: str, ending: str = "") -> Response:
    """Answer with an entry as JSON-LD; `ending` is that of its address."""

    def answer(reader: Reader) -> Response | None:
        if (entry := read_linked(reader, COLLECTIONS[table.resource], id)) is None:
            return None
        content = b"".join(skos_entry(state_of(request)["base_uri"], entry))
        return Response(content, headers={"Content-Language": EVERY_LANGUAGE}, media_type=JSON_LD)

    return answer_named(request, table, id, answer, ending)


def answer_named(
    request: Request, table: type[Entry], id: str, answer: Callable[[Reader], Response | None], ending: str = ""
) -> Response:
    """Return the answer for the entry that has an id, or redirect (301) from its name or an alias.

    `answer` returns None if there is no such id. Raises `ProblemError` that says where to look if there is no such name
    either, and what to use instead of a removed entry.
    """
    if not id:
        raise HTTPException(404)
    if "\0" in id:
        raise ProblemError(Kind.NOT_FOUND, Bilingual("An id cannot contain a NUL character.", "id 不能包含 NUL 字符。"))
    prefix = prefix_of(request.scope)
    with open_dataset(request) as reader:
        if (response := answer(reader)) is not None:
            return response
        if (named := read_id_named(reader, table, id)) is not None:
            given = request.scope["query_string"].decode()
            query = f"?{given}" if given else ""
            return RedirectResponse(f"{prefix}/{table.resource}/{quote(named)}{ending}{query}", 301)
        if (removal := read_removal(reader, table.resource, id, request_language(request.scope))) is not None:
            raise removed_entry(removal, prefix)
        raise missing_entry(reader, table, id, prefix)
