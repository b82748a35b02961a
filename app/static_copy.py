"""A static copy: the answers of the service as files, for hosts that only serve files.

The application is asked in this process, so each file is byte for byte what the service answers.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.types import Message

from app.api.file_names import file_of, folder_of
from app.api.negotiation import JSON
from app.api.openapi import operations
from app.main import Service, create_app
from app.packs.prepare import loaded_packs
from app.pages.rendering import FILES
from app.settings import Settings
from app.store.tables import Language

# The list of the files, each with the request that it answers. It is in whole copies only.
MANIFEST = "files.json"
# The tags of the operations that only a service has.
OF_SERVICES = {"operations", "reconcile"}


class CopyError(Exception):
    """Says why there is no copy, and what to do."""


class Answer(NamedTuple):
    """What the service answers to a request."""

    url: str
    headers: Headers
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return self.headers["content-type"].partition(";")[0]


class Client:
    """Asks an application that has started."""

    def __init__(self, app: Service, state: Mapping[str, Any]) -> None:
        self.app = app
        self.state = state

    async def get(self, url: str) -> Answer:
        """Get the answer to a request. Raises `CopyError` unless it is a 200."""
        path, _, query = url.partition("?")
        sent: list[Message] = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost")],
            "client": None,
            "server": None,
            "state": dict(self.state),
        }

        async def receive() -> Message:
            # A client that neither sends a body nor leaves.
            return await asyncio.Future()

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, *rest = sent
        if start["status"] != 200:  # noqa: PLR2004
            raise CopyError(f"{url} is answered with {start['status']}.")
        return Answer(url, Headers(raw=start["headers"]), b"".join(message.get("body", b"") for message in rest))


def copied_operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the operations that a static copy has, with their paths.

    Those for monitoring and for reconciliation are of a service, and so are those that answer a question: what must be
    given, or may be sent in a body, has no end of values.
    """
    for path, operation in operations(document):
        required = any(each["required"] for each in operation.get("parameters", []) if each["in"] == "query")
        if OF_SERVICES.isdisjoint(operation["tags"]) and "post" not in document["paths"][path] and not required:
            yield path, operation


async def get_pages(client: Client, path: str, operation: Mapping[str, Any]) -> AsyncIterator[tuple[str, Answer]]:
    """Get the pages of a list that are as long as may be, each with its path in the copy; of all else, the answer."""
    limits = [each["schema"]["maximum"] for each in operation.get("parameters", []) if each["name"] == "limit"]
    if not limits:
        yield path, await client.get(path)
        return
    offset, total = 0, 1
    while offset < total:
        answer = await client.get(f"{path}?limit={limits[0]}" + (f"&offset={offset}" if offset else ""))
        yield f"{path}-{offset}" if offset else path, answer
        offset, total = offset + limits[0], from_json(answer.body)["total"]


async def read_site(client: Client) -> AsyncIterator[tuple[str, Answer]]:
    """Get what is no operation: the OpenAPI document, the explorer in each language, and what that loads."""
    yield "/openapi.json", await client.get("/openapi.json")
    pages = b""
    for lang in Language:
        answer = await client.get(f"/?lang={lang}")
        yield f"{folder_of(lang)}/index.html", answer
        pages += answer.body
    for asset in FILES.values():
        if asset.encode() in pages:
            yield asset, await client.get(asset)


async def read_operations(client: Client) -> AsyncIterator[tuple[str, Answer]]:
    """Get the answers of the operations, each with the name of its file; entries follow the list that has their ids."""
    ids: dict[str, list[str]] = {}
    for template, operation in copied_operations(client.app.openapi()):
        above, is_entry, _ = template.partition("/{id}")
        for path in [template.format(id=id) for id in ids[above]] if is_entry else [template]:
            async for name, answer in get_pages(client, path, operation):
                async for file in read_languages(client, name, answer):
                    yield file
                if is_entry and answer.media_type == JSON:
                    # Where the links in the answers lead.
                    yield name, answer
                if not is_entry and answer.media_type == JSON:
                    items = from_json(answer.body).get("items", [])
                    ids.setdefault(path, []).extend(item["id"] for item in items)


async def read_languages(client: Client, name: str, answer: Answer) -> AsyncIterator[tuple[str, Answer]]:
    """Get an answer in the other languages, too, unless it contains them all."""
    yield file_of(name, Language.EN, answer.media_type), answer
    if answer.headers.get("content-language") == Language.EN:
        for lang in [*Language][1:]:
            url = f"{answer.url}{'&' if '?' in answer.url else '?'}lang={lang}"
            yield file_of(name, lang, answer.media_type), await client.get(url)


async def write_answers(settings: Settings, folder: Path) -> int:
    """Write the files of a copy into a new folder, the list of them last, and return their number."""
    app = create_app(settings, static=True)
    app.middleware_stack = app.build_middleware_stack()
    requests = {}
    async with app.router.lifespan_context(app) as state:
        # The first look may take longer than a service that starts waits for it.
        app.watch.look()
        await asyncio.sleep(0)
        client = Client(app, state or {})
        for answers in (read_site(client), read_operations(client)):
            async for name, answer in answers:
                file = folder / name[1:]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(answer.body)
                requests[name[1:]] = answer.url
    (folder / MANIFEST).write_text(json.dumps(requests, indent=1) + "\n", encoding="utf-8")
    return len(requests)


def refuse_unless_copy(folder: Path) -> None:
    """Raise `CopyError` for a folder with anything but an earlier copy."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise CopyError(f"{folder} is not a folder.")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    try:
        known = {MANIFEST, *json.loads((folder / MANIFEST).read_text(encoding="utf-8"))}
    except (OSError, ValueError):
        known = set()
    if unknown := sorted(found - known):
        raise CopyError(
            f"{folder} has files that are of no earlier copy, such as {unknown[0]}; name a new or an empty folder."
        )


def write_copy(settings: Settings, folder: Path) -> int:
    """Write a static copy of the packs into a folder, in place of an earlier one, and return the number of files.

    The folder is replaced when the copy is whole. Raises `CopyError` if it must not be.
    """
    folder = folder.resolve()
    refuse_unless_copy(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    own = settings.model_copy(update={"allowed_hosts": ("*",), "mcp": False})
    with (
        TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch,
        loaded_packs(own) as loaded,
    ):
        number = asyncio.run(write_answers(loaded, Path(scratch, "new")))
        if folder.exists():
            folder.rename(Path(scratch, "old"))
        Path(scratch, "new").rename(folder)
    return number
