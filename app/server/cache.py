"""The response cache: pure ASGI, in front of the application; knows no table and nothing of the application below.

Every GET is a pure function of the dataset's revision and of its key: path, canonical query, and what was
negotiated. What runs below is given only what the key holds, so that no other header can change an answer.
"""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cachetools import LRUCache
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.http import parse_etags

Header = tuple[bytes, bytes]
# Turns a request header, None where there is none, into one of a few values; None leaves it out.
Negotiator = Callable[[bytes | None], bytes | None]
Key = tuple[Any, ...]

# One answer may take this part of the cache at most; longer ones are streams, and pass by.
SHARE = 8
# What an entry takes beside its bytes.
OVERHEAD = 2048
# How much the process grows for each byte of them, since none fits quite where another was; measured with a million.
FRAGMENTATION = 1.3
# Whatever the cache holds, an answer up to this length is collected, and gets an entity tag and a length.
COLLECTED = 2**20
MEMORIZED_LENGTH = 512
# A query whose parameters need no decoding: the rule for others gives the same, and takes ten times as long.
PLAIN = re.compile(rb"[\w.~-]+=[\w.~-]*(&[\w.~-]+=[\w.~-]*)*")
# What stands for the route where none answered.
UNMATCHED = "unmatched"
# A header on which an answer depends counts as not sent if it is longer: reading it would hold up everybody.
NEGOTIABLE_LENGTH = 1024


def parameter(pair: Any) -> Any:
    """The name in a pair of name and value."""
    return pair.partition(b"=")[0]


@lru_cache(maxsize=4096)
def canonical(query: bytes) -> bytes:
    """Order the parameters of a query by name; the order of one's values stays, and so does every byte of them."""
    if PLAIN.fullmatch(query):
        return b"&".join(sorted(query.split(b"&"), key=parameter))
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return urlencode(sorted(pairs, key=lambda pair: pair[0]), encoding="latin-1").encode()


def canonical_query(query: bytes) -> bytes:
    """Like `canonical`, whose memory long queries could be made to fill the process with."""
    return canonical(query) if len(query) <= MEMORIZED_LENGTH else canonical.__wrapped__(query)


def template(scope: Scope) -> str:
    """The path of the route that answered, with its parameters' names."""
    return str(scope.get("template") or getattr(scope.get("route"), "path", UNMATCHED))


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response, as the messages that send it."""

    start: Message
    body: Message
    etag: str = ""
    not_modified: Message | None = None
    route: str = UNMATCHED
    key_length: int = 0

    @property
    def size(self) -> int:
        """The bytes that the process grows by for it as an entry."""
        headers = sum(len(name) + len(value) for name, value in self.start["headers"])
        return round((len(self.body["body"]) + headers + self.key_length + OVERHEAD) * FRAGMENTATION)


class Entries(LRUCache[Key, Answer]):
    """The answers that are kept; None for a key that is not, which `get` would look for twice."""

    def __missing__(self, _: Key) -> Any:
        return None


NO_CONTENT: Message = {"type": "http.response.body", "body": b""}
# What a 304 repeats of the 200 (RFC 9110, section 15.4.5); the server adds the date.
REPEATED = {b"cache-control", b"content-location", b"etag", b"expires", b"vary"}


class ResponseCache:
    """Serves GET and HEAD out of memory where it can, and answers If-None-Match.

    `negotiators` maps the headers on which answers depend to what reduces them to a few values; `headers` are added
    to every answer that has none of its own; `max_bytes` bounds the entries (0 stores nothing); `cache_control` is
    what a stored answer says to other caches.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        negotiators: Mapping[bytes, Negotiator],
        headers: Sequence[Header],
        max_bytes: int,
        cache_control: str,
    ) -> None:
        self.app = app
        self.negotiators = negotiators
        self.negotiated = lru_cache(maxsize=1024)(self.negotiate)
        self.unsent: dict[bytes, bytes | None] = dict.fromkeys([b"if-none-match", *negotiators])
        self.vary = ", ".join(name.decode().title() for name in self.negotiators).encode()
        self.headers = list(headers)
        self.repeated = REPEATED | {name for name, _ in headers}
        self.cache_control = cache_control.encode()
        self.largest = max_bytes // SHARE
        self.collected = max(self.largest, COLLECTED)
        self.entries = Entries(max_bytes, getsizeof=lambda answer: answer.size)
        self.running: dict[Key, asyncio.Future[Answer | None]] = {}
        self.generation = 0
        self.hits = 0
        self.misses = 0
        # The answers out of the cache by route, method and status, for who counts them to take.
        self.served: Counter[tuple[str, str, int]] = Counter()
        # Wraps the sending of every other answer; `template` tells the route of its scope as it is sent.
        self.watch: Callable[[Scope, Send], Send] = lambda _, send: send

    def clear(self) -> None:
        """Drop every entry; what is being answered at the moment will not be found either."""
        self.entries.clear()
        self.generation += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, self.sending(self.watch(scope, send)))
            return
        if_none_match, *wishes = self.sent(scope["headers"])
        # What is asked after `clear` waits for no answer that was begun before.
        key = (scope["path"], canonical_query(scope["query_string"]), self.generation, *self.negotiated(*wishes))

        answer: Answer | None = self.entries[key]
        hit = answer is not None
        if answer is None:
            self.misses += 1
            send = self.watch(scope, send)
            answer = await self.answered(key, scope, receive, send)
            if answer is None:
                return
            scope["template"] = answer.route
        start, body = answer.start, answer.body
        if answer.not_modified and if_none_match is not None and matches(if_none_match, answer.etag):
            start, body = answer.not_modified, NO_CONTENT
        elif scope["method"] == "HEAD":
            body = NO_CONTENT
        if hit:
            self.hits += 1
            self.served[answer.route, scope["method"], start["status"]] += 1
        await send(start)
        await send(body)

    def sent(self, headers: Sequence[Header]) -> Iterable[bytes | None]:
        """If-None-Match, and what the client says of each header on which answers depend."""
        sent = self.unsent.copy()
        lengthy = False
        for name, value in headers:
            if name in sent:
                before = sent[name]
                sent[name] = joined = value if before is None else before + b"," + value
                lengthy |= len(joined) > NEGOTIABLE_LENGTH
        if lengthy:
            for name in self.negotiators:
                if len(sent[name] or b"") > NEGOTIABLE_LENGTH:
                    sent[name] = None
        return sent.values()

    def negotiate(self, *wishes: bytes | None) -> tuple[bytes | None, ...]:
        """What the headers on which answers depend come to."""
        return tuple(negotiate(wish) for negotiate, wish in zip(self.negotiators.values(), wishes, strict=True))

    async def answered(self, key: Key, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        """The answer of the application below, asked once for all who wait for it; None if there is none to share."""
        if (running := self.running.get(key)) is not None:
            shared = await asyncio.shield(running)
            if shared is not None:
                return shared
            return await self.ask(key, scope, receive, send)
        future = self.running[key] = asyncio.get_running_loop().create_future()
        answer = None
        try:
            answer = await self.ask(key, scope, receive, send)
        finally:
            del self.running[key]
            future.set_result(answer)
        return answer

    async def ask(self, key: Key, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        """Ask the application below for an answer and store it.

        None for one that is not had as a whole: it is so long that it was passed on as it came, or its client went
        away, at which the application stops.
        """
        path, query, _, *negotiated = key
        below = {
            **scope,
            "method": "GET",
            "query_string": query,
            "headers": [
                (name, value) for name, value in zip(self.negotiators, negotiated, strict=True) if value is not None
            ],
        }
        start: Message = {}
        parts: list[bytes] = []
        size = 0
        streaming = False
        whole = False

        async def collect(message: Message) -> None:
            nonlocal start, size, streaming, whole
            if message["type"] == "http.response.start":
                start = message
                return
            whole = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if not streaming and not whole and size > self.collected:
                streaming = True
                scope["template"] = template(below)
                await send(self.begun(start))
                message = {**message, "body": b"".join([*parts, message["body"]])}
            if streaming:
                await send({**message, "body": b""} if scope["method"] == "HEAD" else message)
            else:
                parts.append(message.get("body", b""))

        try:
            await self.app(below, receive, collect)
        except Exception:
            # The application has written its problem document and lets the server know of the fault.
            if start and not streaming:
                scope["template"] = template(below)
                await send(self.begun(start))
                await send({"type": "http.response.body", "body": b"".join(parts)})
            raise
        if streaming or not whole:
            return None
        answer = self.finished(start, b"".join(parts), template(below), len(path) + len(query))
        if answer.not_modified and self.largest >= answer.size:
            self.entries[key] = answer
        return answer

    def sending(self, send: Send) -> Send:
        """What sends a response that is not cached with the headers that every one has."""

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self.completed(message["headers"])}
            await send(message)

        return send_completed

    def completed(self, headers: Sequence[Header]) -> list[Header]:
        """The headers of a response and those that every one has, where it does not have its own."""
        names = {name for name, _ in headers}
        return [*headers, *(header for header in self.headers if header[0] not in names)]

    def begun(self, start: Message) -> Message:
        """The start of a response with the headers that every one has."""
        kept = [(name, value) for name, value in start["headers"] if name != b"vary"]
        return {**start, "headers": self.completed([*kept, (b"vary", self.vary)])}

    def finished(self, start: Message, body: bytes, route: str, key_length: int) -> Answer:
        """The response as it is sent and, if it may be stored, with what that takes."""
        start = self.begun(start)
        headers: list[Header] = start["headers"]
        names = {name for name, _ in headers}
        if b"content-length" not in names:
            headers.append((b"content-length", str(len(body)).encode()))
        if (b"content-encoding", b"gzip") in headers:
            # The time of compression (RFC 1952, section 2.3.1) would make equal answers differ.
            body = body[:4] + bytes(4) + body[8:]
        if start["status"] < HTTPStatus.BAD_REQUEST and b"cache-control" not in names:
            headers.append((b"cache-control", self.cache_control))
        content: Message = {"type": "http.response.body", "body": body}
        if start["status"] != HTTPStatus.OK or (b"cache-control", b"no-store") in headers:
            return Answer(start, content, route=route)
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = [(name, value) for name, value in headers if name not in (b"etag", b"last-modified")]
        headers.append((b"etag", etag.encode()))
        repeated = [header for header in headers if header[0] in self.repeated]
        not_modified: Message = {"type": "http.response.start", "status": 304, "headers": repeated}
        return Answer({**start, "headers": headers}, content, etag.strip('"'), not_modified, route, key_length)


def matches(if_none_match: bytes, etag: str) -> bool:
    """Whether If-None-Match names the entity tag, by the weak comparison (RFC 9110, section 13.1.2)."""
    if if_none_match[1:-1] == etag.encode():
        return True
    return parse_etags(if_none_match.decode("latin-1")).contains_weak(etag)
