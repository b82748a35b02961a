"""The outermost layer: the allowed hosts and the trusted proxies."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api.problems import Kind, ProblemError
from app.queries.refusals import shorten
from app.server.request_log import RequestLog
from app.server.security_headers import HEADERS

# Orchestrators and monitoring request these by the address of a process, not by the host name of the service.
INTERNAL = ("/livez", "/readyz", "/metrics")
FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto"}
LONGEST_HOST = 256


class TrustedHosts:
    """Refuses requests for hosts that are not `allowed`: host names, `*.example.com` for subdomains, or `*` for any.

    From proxies at `trusted` addresses it accepts the client's address and scheme (X-Forwarded-For, -Proto).
    """

    def __init__(self, app: ASGIApp, log: RequestLog, *, allowed: Sequence[str], trusted: Sequence[str]) -> None:
        self.app = app
        self.log = log
        self.behind_proxy: Any = ProxyHeadersMiddleware(cast("Any", app), list(trusted))
        self.any_host = "*" in allowed
        self.names = {name.lower() for name in allowed}
        self.domains = tuple(name[1:].lower() for name in allowed if name.startswith("*."))
        self.is_allowed = lru_cache(maxsize=256)(self.matches)

    def matches(self, host: bytes) -> bool:
        """Whether the value of a Host header is allowed; the port is ignored."""
        name = host.decode("latin-1").lower()
        name = name if name.endswith("]") else name.rpartition(":")[0] or name
        return name in self.names or name.endswith(self.domains)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request for a host that is not allowed, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        send = self.log.follow(scope, send, headers.get(b"x-request-id"))
        if not self.any_host and scope["path"] not in INTERNAL:
            host = headers.get(b"host", b"")
            if len(host) > LONGEST_HOST or not self.is_allowed(host):
                await self.refuse(host, scope, receive, send)
                return
        if FORWARDED.isdisjoint(headers):
            await self.app(scope, receive, send)
        else:
            await self.behind_proxy(scope, receive, send)

    async def refuse(self, host: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 421 to a request for a host that is not allowed."""
        detail = f"This service does not answer to the host {shorten(host.decode('latin-1'))}."
        response = ProblemError(Kind.MISDIRECTED, detail).response(scope["path"])
        response.raw_headers += HEADERS
        await response(scope, receive, self.log.follow_miss(scope, send))
