"""The response cache: serves GET and HEAD from memory, in front of the application, which it does not know.

Every GET is a pure function of the dataset's revision and of its key (`CacheKey`). The application is given only what
the key holds, so that no other header can change an answer.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cachetools import LRUCache
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.cache_key import CacheKey, Header, Negotiation, Negotiator, canonical_query
from app.server.cached_answer import AnswerBuilder, CachedAnswer, route_of

# One answer may take this part of the cache at most; longer ones are streamed and not stored.
SHARE = 8
# Whatever the size of the cache, an answer up to this length is collected, and gets an entity tag and a length.
COLLECTED = 2**20


class Entries(LRUCache[CacheKey, CachedAnswer]):
    """An LRU cache that returns None for a missing key. `LRUCache.get` would do two lookups."""

    def __missing__(self, _: CacheKey) -> Any:
        return None


class CacheCounts(NamedTuple):
    """What a cache has counted since its counts were taken last, and the bytes that it holds now."""

    # By route, method and status.
    hits: Counter[tuple[str, str, int]]
    misses: int
    bytes: int


class ResponseCache:
    """Serves GET and HEAD from memory where it can, and answers If-None-Match.

    `negotiators` maps the headers on which answers depend to the functions that reduce them; `headers` are added to
    every response that has none of its own; `max_bytes` bounds the entries (0 stores nothing); `cache_control` is what
    a stored answer says to other caches. `on_miss` wraps the sending of every answer that is not in the cache;
    `route_of` gives the route of its scope as it is sent.
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
        self.largest = max_bytes // SHARE
        self.collected = max(self.largest, COLLECTED)
        self.entries = Entries(max_bytes, getsizeof=lambda answer: answer.size)
        self.running: dict[CacheKey, asyncio.Future[CachedAnswer | None]] = {}
        self.generation = 0
        self.hits = 0
        self.misses = 0
        self.untaken_hits: Counter[tuple[str, str, int]] = Counter()
        self.taken_misses = 0
        self.on_miss = on_miss

    def clear(self) -> None:
        """Drop every entry; an answer that is being made is not stored for later requests either."""
        self.entries.clear()
        self.generation += 1

    def take_counts(self) -> CacheCounts:
        """Return the counts since the last call."""
        counts = CacheCounts(self.untaken_hits, self.misses - self.taken_misses, int(self.entries.currsize))
        self.untaken_hits, self.taken_misses = Counter(), self.misses
        return counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
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
            self.untaken_hits[answer.route, method, start["status"]] += 1
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
        """Call the application once for all requests that wait for the same answer; None if none can be shared."""
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
            if not streaming and not complete and size > self.collected:
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
            # The application has sent its problem document, and raises for the server to log the fault.
            if start and not streaming:
                scope["answered_route"] = route_of(inner)
                await send(self.builder.start_message(start))
                await send({"type": "http.response.body", "body": b"".join(parts)})
            raise
        if streaming or not complete:
            return None
        answer = self.builder.build(start, b"".join(parts), route_of(inner), len(key[0]) + len(key[1]))
        if answer.not_modified and self.largest >= answer.size:
            self.entries[key] = answer
        return answer

    def completing_send(self, send: Send) -> Send:
        """Wrap the sending of a response that is not cached, to add the headers that every one has."""

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self.builder.complete(message["headers"])}
            await send(message)

        return send_completed
