"""The response cache: a layer in front of any ASGI application that serves GET and HEAD from memory.

The answer to a GET must depend only on the dataset's revision and on its key (`CacheKey`). The application therefore
sees only what the key contains, so that no other header can change an answer.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cachetools import LRUCache
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.cache_key import CacheKey, Header, Negotiation, Negotiator, canonical_query
from app.server.cached_answer import AnswerBuilder, CachedAnswer, route_of

# An answer that needs more than an eighth of the cache is streamed and not stored.
LARGEST_DIVISOR = 8
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


class ResponseCache:
    """Serves GET and HEAD from memory if possible, and answers If-None-Match.

    `negotiators` maps each header on which answers depend to the function that reduces it; `headers` are added to
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
        on_miss: Callable[[Scope, Send], Send] = lambda _, send: send,
    ) -> None:
        self.app = app
        self.negotiation = Negotiation(negotiators)
        self.builder = AnswerBuilder(self.negotiation.vary, headers, cache_control)
        self.largest = max_bytes // LARGEST_DIVISOR
        self.buffered = max(self.largest, BUFFERED_BYTES)
        self.entries = Entries(max_bytes, getsizeof=lambda answer: answer.size)
        self.running: dict[CacheKey, asyncio.Future[CachedAnswer | None]] = {}
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
        if_none_match, negotiated = self.negotiation.read(scope["headers"])
        key = (scope["path"], canonical_query(scope["query_string"]), self.generation, negotiated)

        answer: CachedAnswer | None = self.entries[key]
        if answer is not None:
            start, body = answer.messages(method, if_none_match)
            self.hits += 1
            self.unreported_hits[answer.route, method, start["status"]] += 1
        else:
            self.misses += 1
            send = self.on_miss(scope, send)
            answer = await self.shared_answer(key, scope, receive, send)
            if answer is None:
                return
            scope["answered_route"] = answer.route
            start, body = answer.messages(method, if_none_match)
        await send(start)
        await send(body)

    async def shared_answer(self, key: CacheKey, scope: Scope, receive: Receive, send: Send) -> CachedAnswer | None:
        """Call the application once for all concurrent requests of a key; None if there is no answer to share."""
        if (running := self.running.get(key)) is not None:
            shared = await asyncio.shield(running)
            if shared is not None:
                return shared
            return await self.call_app(key, scope, receive, send)
        future = self.running[key] = asyncio.get_running_loop().create_future()
        answer = None
        try:
            answer = await self.call_app(key, scope, receive, send)
        finally:
            del self.running[key]
            future.set_result(answer)
        return answer

    async def call_app(self, key: CacheKey, scope: Scope, receive: Receive, send: Send) -> CachedAnswer | None:
        """Call the application and store its answer.

        Return None if there is no complete answer to share: it was too long and was streamed, or the client
        disconnected.
        """
        inner = self.negotiation.restrict(scope, key)
        start: Message = {}
        parts: list[bytes] = []
        size = 0
        streaming = False
        complete = False

        async def collect(message: Message) -> None:
            nonlocal start, size, streaming, complete
            if message["type"] == "http.response.start":
                start = message
                return
            complete = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if not streaming and not complete and size > self.buffered:
                streaming = True
                scope["answered_route"] = route_of(inner)
                await send(self.builder.start_message(start))
                message = {**message, "body": b"".join([*parts, message["body"]])}
            if streaming:
                await send({**message, "body": b""} if scope["method"] == "HEAD" else message)
            else:
                parts.append(message.get("body", b""))

        try:
            await self.app(inner, receive, collect)
        except Exception:
            # The application has sent its problem document, and raises the exception again for uvicorn to log.
            if start and not streaming:
                scope["answered_route"] = route_of(inner)
                await send(self.builder.start_message(start))
                await send({"type": "http.response.body", "body": b"".join(parts)})
            raise
        if streaming or not complete:
            return None
        answer = self.builder.build(start, b"".join(parts), route_of(inner), len(key[0]) + len(key[1]))
        # No later request can get an answer of the previous revision, so storing it would waste memory.
        if answer.not_modified and self.largest >= answer.size and key[2] == self.generation:
            self.entries[key] = answer
        return answer

    def completing_send(self, send: Send) -> Send:
        """Wrap `send` for a response that is not cached, to add the headers of every response."""

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self.builder.complete(message["headers"])}
            await send(message)

        return send_completed
