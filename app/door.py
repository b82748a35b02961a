"""The outermost layer: refuses requests that are meant for another host."""

from collections.abc import Sequence
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from app.problems import ProblemError, problem_at, shorten

# What asks for these knows the address of a process, not the name of the service.
INTERNAL = ("/livez", "/readyz", "/metrics")


class Door:
    """Lets requests in for the hosts that are `allowed`: names, `*.` before a domain, or `*` for any.

    `headers` are added to what it refuses.
    """

    def __init__(self, app: ASGIApp, allowed: Sequence[str], headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.app = app
        self.headers = headers
        self.any_host = "*" in allowed
        self.names = {name.lower() for name in allowed}
        self.domains = tuple(name[1:].lower() for name in allowed if name.startswith("*."))
        self.is_allowed = lru_cache(maxsize=256)(self.allows)

    def allows(self, host: bytes) -> bool:
        """Whether the value of a Host header is allowed, whatever its port."""
        name = host.decode("latin-1").lower()
        name = name if name.endswith("]") else name.rpartition(":")[0] or name
        return name in self.names or name.endswith(self.domains)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not self.any_host and scope["type"] == "http" and scope["path"] not in INTERNAL:
            host = dict(scope["headers"]).get(b"host", b"")
            if not self.is_allowed(host[:256]):
                detail = f"{shorten(host.decode('latin-1'))} is not a host for which this service answers."
                response = problem_at(scope["path"], ProblemError("misdirected", detail))
                response.raw_headers += self.headers
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)
