"""The response cache: a layer in front of any ASGI application that serves GET and HEAD from memory.

The answer to a GET must depend only on the dataset's revision and on its key (`CacheKey`). The application therefore
sees only what the key contains, so that no other header can change an answer.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from sys import getsizeof
from typing import Any, NamedTuple

from cachetools import LRUCache
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.cache_key import CacheKey, Header, Negotiation, Negotiator, canonical_query
from app.server.cached_answer import AnswerBuilder, CachedAnswer, route_of

# An answer that needs more than a sixth of the cache is streamed and not stored.
LARGEST_DIVISOR = 6
# However small the cache, an answer of up to this length is buffered, which gives it an entity tag and a length.
BUFFERED_BYTES = 2**20


class Entries(LRUCache[CacheKey, CachedAnswer]):
    """An LRU cache that returns None for a missing key. `LRUCache.get` would do two lookups."""

    def __missing__(self, _: CacheKey) -> Any:
        return None


class CacheCounts(NamedTuple):
    """The counts of a cache since they were last taken, and its present size in bytes."""

    # By route, method and status.
    hits: Counter[tuple[str, str, int]]
    misses: int
    bytes: int


class SharedCall:
    """A call of the application, for whose answer all requests of its key wait.

    It ends without an answer if its client left or it failed, or if the answer is so long that it is `streamed`.
    """

    def __init__(self) -> None:
        self.answer: asyncio.Future[CachedAnswer | None] = asyncio.get_running_loop().create_future()
        self.streamed = False
        self.followers = 0

    def receive_for_all(self, receive: Receive) -> Receive:
        """Wrap `receive` so that the client's departure does not end the call while other requests wait for it."""

        async def receive_while_wanted() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect" and self.followers:
                await asyncio.wait([self.answer])
            return message

        return receive_while_wanted


class Collector:
    """The `send` of a call: collects the answer; one of more than `limit` bytes is passed on as it comes.

    `begin` is called before the first bytes of such an answer are sent.
    """

    def __init__(self, send: Send, limit: int, begin: Callable[[Message], Message]) -> None:
        self.send = send
        self.limit = limit
        self.begin = begin
        self.start: Message = {}
        self.parts: deque[bytes] = deque()
        self.size = 0
        self.streaming = False
        self.complete = False

    async def __call__(self, message: Message) -> None:
        """Take a message of the application."""
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.complete = not message.get("more_body", False)
        if self.streaming:
            await self.send(message)
            return
        self.parts.append(message.get("body", b""))
        self.size += len(self.parts[-1])
        if not self.complete and self.size > self.limit:
            self.streaming = True
            await self.send(self.begin(self.start))
            # A slow client must not keep in memory what it has already been sent.
            while self.parts:
                await self.send({"type": "http.response.body", "body": self.parts.popleft(), "more_body": True})

    @property
    def body(self) -> bytes:
        """The body of an answer that is not streamed."""
        return b"".join(self.parts)


class ResponseCache:
    """Serves GET and HEAD from memory if possible, and answers If-None-Match.

    `negotiators` maps each header on which answers depend to the function that reduces it. The answers at paths that
    end with `addressed` contain whole URLs, and so depend on the scheme and the host. `headers` are added to
    every response that lacks them; `max_bytes` limits the memory of the entries (0 stores nothing); `cache_control` is
    the header of that name on successful answers. `on_miss` wraps `send` for every answer that is not in the cache;
    by the time it sends, `route_of(scope)` returns the route.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        negotiators: Mapping[bytes, Negotiator],
        headers: Sequence[Header],
        max_bytes: int,
        cache_control: str,
        addressed: tuple[str, ...] = (),
        on_miss: Callable[[Scope, Send], Send] = lambda _, send: send,
    ) -> None:
        self.app = app
        self.negotiation = Negotiation(negotiators)
        self.builder = AnswerBuilder(self.negotiation.vary, headers, cache_control)
        self.largest = max_bytes // LARGEST_DIVISOR
        self.addressed = addressed
        self.buffered = max(self.largest, BUFFERED_BYTES)
        self.entries = Entries(max_bytes, getsizeof=lambda answer: answer.size)
        self.running: dict[CacheKey, SharedCall] = {}
        self.generation = 0
        self.hits = 0
        self.misses = 0
        self.unreported_hits: Counter[tuple[str, str, int]] = Counter()
        self.reported_misses = 0
        self.on_miss = on_miss

    def clear(self) -> None:
        """Drop every entry; later requests do not get an answer that is in progress now either."""
        self.entries.clear()
        self.generation += 1

    def take_counts(self) -> CacheCounts:
        """Return the counts since the last call."""
        counts = CacheCounts(self.unreported_hits, self.misses - self.reported_misses, int(self.entries.currsize))
        self.unreported_hits, self.reported_misses = Counter(), self.misses
        return counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request from the cache, or call the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            await self.app(scope, receive, self.completing_send(self.on_miss(scope, send)))
            return
        conditions, negotiated = self.negotiation.read(scope["headers"])
        path, base = scope["path"], scope.get("root_path")
        if path.endswith(self.addressed):
            base = str(HTTPConnection(scope).base_url).rstrip("/")
        key = (path, canonical_query(scope["query_string"]), self.generation, negotiated, base)

        answer: CachedAnswer | None = self.entries[key]
        if answer is not None:
            whole = answer.whole if conditions is None and method == "GET" else answer.answer(scope, conditions)
            self.hits += 1
            self.unreported_hits[answer.route, method, whole.status] += 1
        else:
            self.misses += 1
            send = self.on_miss(scope, send)
            answer = await self.shared_answer(key, scope, receive, send)
            if answer is None:
                return
            scope["answered_route"] = answer.route
            whole = answer.answer(scope, conditions)
        await whole.send(scope, send)

    async def shared_answer(self, key: CacheKey, scope: Scope, receive: Receive, send: Send) -> CachedAnswer | None:
        """Call the application once for all concurrent requests of a key; None if there is no answer to share."""
        while (running := self.running.get(key)) is not None:
            running.followers += 1
            answer = await asyncio.shield(running.answer)
            if answer is not None:
                return answer
            # Otherwise the first request that has waited calls the application, and the others wait for that.
            if running.streamed:
                return await self.call_app(key, scope, receive, send, limit=0)
        call = self.running[key] = SharedCall()
        answer = None

        def end() -> None:
            if not call.answer.done():
                del self.running[key]
                call.answer.set_result(answer)

        def on_stream() -> None:
            call.streamed = True
            end()

        try:
            answer = await self.call_app(
                key, scope, call.receive_for_all(receive), send, limit=self.buffered, on_stream=on_stream
            )
        finally:
            end()
        return answer

    async def call_app(
        self,
        key: CacheKey,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        limit: int,
        on_stream: Callable[[], None] = lambda: None,
    ) -> CachedAnswer | None:
        """Call the application and store its answer.

        Return None if there is no complete answer to share: it was longer than `limit` and was streamed, or the client
        disconnected. `on_stream` is called when an answer begins to be streamed.
        """
        inner = self.negotiation.restrict(scope, key)

        def begin(start: Message) -> Message:
            on_stream()
            scope["answered_route"] = route_of(inner)
            return self.builder.start_message(start)

        collector = Collector(send if scope["method"] == "GET" else without_body(send), limit, begin)
        try:
            await self.app(inner, receive, collector)
        except Exception:
            # The application has sent its problem document, and raises the exception again for uvicorn to log.
            if collector.start and not collector.streaming:
                scope["answered_route"] = route_of(inner)
                await send(self.builder.start_message(collector.start))
                await send({"type": "http.response.body", "body": collector.body})
            raise
        if collector.streaming or not collector.complete:
            return None
        answer = self.builder.build(collector.start, collector.body, route_of(inner), getsizeof(key[0]) + len(key[1]))
        # An answer of the revision before would only take room.
        if answer.not_modified and self.largest >= answer.size and key[2] == self.generation:
            self.entries[key] = answer
        return answer

    def completing_send(self, send: Send) -> Send:
        """Wrap `send` for a response that is not cached, to add the headers of every response."""

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self.builder.complete(message["headers"], vary=True)}
            await send(message)

        return send_completed


def without_body(send: Send) -> Send:
    """Wrap `send` for HEAD, whose answer has no body."""

    async def send_head(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head
