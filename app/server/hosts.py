"""The outermost layer: refuses requests that are meant for another host, gives each an id, counts and logs it."""

import logging
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from time import perf_counter
from typing import Any, cast
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api.problems import ProblemError, problem_at, shorten
from app.server.logs import request_id
from app.server.metrics import Metrics

# What asks for these knows the address of a process, not the name of the service.
INTERNAL = ("/livez", "/readyz", "/metrics")
FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto"}
SANE_ID = re.compile(rb"[\w.:/+=@-]{1,128}", re.ASCII)

logger = logging.getLogger("app.requests")


class Exchange:
    """The sending of one answer: carries the request's id, and calls `ended` at its end."""

    def __init__(self, scope: Scope, send: Send, ended: Callable[["Exchange"], None], given: bytes | None) -> None:
        self.scope = scope
        self.send = send
        self.ended = ended
        self.id = given if given and SANE_ID.fullmatch(given) else uuid4().hex.encode()
        self.cached = True
        self.status = 0
        self.size = 0
        self.began = perf_counter()
        request_id.set(self.id.decode())

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            await self.send({**message, "headers": [*message["headers"], (b"x-request-id", self.id)]})
            return
        await self.send(message)
        self.size += len(message.get("body", b""))
        if not message.get("more_body", False):
            self.ended(self)


class Door:
    """Lets requests in for the hosts that are `allowed`: names, `*.` before a domain, or `*` for any.

    What proxies at `trusted` addresses say of the client is believed. `headers` are added to what it refuses. What
    comes out of the cache without an id is only passed on, unless `log_hits`: the cache counts it, and calls
    `missed` for the rest.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed: Sequence[str],
        trusted: Sequence[str],
        headers: Sequence[tuple[bytes, bytes]],
        metrics: Metrics,
        log_hits: bool,
    ) -> None:
        self.app = app
        self.forwarded: Any = ProxyHeadersMiddleware(cast("Any", app), list(trusted))
        self.headers = headers
        self.metrics = metrics
        self.log_hits = log_hits
        self.any_host = "*" in allowed
        self.names = {name.lower() for name in allowed}
        self.domains = tuple(name[1:].lower() for name in allowed if name.startswith("*."))
        self.is_allowed = lru_cache(maxsize=256)(self.allows)

    def allows(self, host: bytes) -> bool:
        """Whether the value of a Host header is allowed, whatever its port."""
        name = host.decode("latin-1").lower()
        name = name if name.endswith("]") else name.rpartition(":")[0] or name
        return name in self.names or name.endswith(self.domains)

    def missed(self, scope: Scope, send: Send) -> Send:
        """What sends an answer that does not come out of the cache."""
        exchange = send if isinstance(send, Exchange) else Exchange(scope, send, self.ended, None)
        exchange.cached = False
        return exchange

    def ended(self, exchange: Exchange) -> None:
        """Count and log a request that was answered."""
        seconds = perf_counter() - exchange.began
        scope = exchange.scope
        if not exchange.cached:
            self.metrics.count(scope, exchange.status, seconds)
        elif not self.log_hits:
            return
        said = {
            "method": scope["method"],
            "path": scope["raw_path"].decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "status": exchange.status,
            "milliseconds": round(seconds * 1000, 3),
            "bytes": 0 if scope["method"] == "HEAD" else exchange.size,
            "cache": "hit" if exchange.cached else "miss",
            "client": scope["client"][0] if scope["client"] else None,
        }
        logger.info("request", extra={"fields": said})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            given = headers.get(b"x-request-id")
            if given is not None or self.log_hits:
                send = Exchange(scope, send, self.ended, given)
            if not self.any_host and scope["path"] not in INTERNAL:
                host = headers.get(b"host", b"")
                if not self.is_allowed(host[:256]):
                    detail = f"{shorten(host.decode('latin-1'))} is not a host for which this service answers."
                    response = problem_at(scope["path"], ProblemError("misdirected", detail))
                    response.raw_headers += self.headers
                    await response(scope, receive, self.missed(scope, send))
                    return
            if not FORWARDED.isdisjoint(headers):
                await self.forwarded(scope, receive, send)
                return
        await self.app(scope, receive, send)
