"""Cross-origin requests (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol): who may read, and preflights."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.negotiation import request_language
from app.api.problems import method_not_allowed, origin_not_allowed
from app.server.cache_key import Header, Negotiator

METHODS = ("GET", "HEAD", "POST")
# The response headers that a script may read besides those that browsers always show it.
EXPOSED = b"Age, Content-Disposition, Content-Language, ETag, Link, Retry-After, X-Request-ID"
# Browsers remember a preflight for less than this: Chromium for two hours, Firefox for a day.
PREFLIGHT_SECONDS = 86400


class CrossOrigin:
    """Lets the pages of the allowed origins read every answer of an application.

    They may send any header, since the service ignores those that it does not know: each library for tracing has its
    own, and none needs a release of ours.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.any_origin = "*" in origins
        self.origins = {origin.encode() for origin in origins}

    @property
    def negotiators(self) -> dict[bytes, Negotiator]:
        """The header on which answers depend, unless each is for any origin."""
        return {} if self.any_origin else {b"origin": lambda origin: origin if origin in self.origins else None}

    def permission(self, origin: bytes | None) -> list[Header]:
        """Return the headers that let the pages of an origin read an answer; none if they may not."""
        if not self.any_origin and origin not in self.origins:
            return []
        allowed = b"*" if self.any_origin or origin is None else origin
        return [(b"access-control-allow-origin", allowed), (b"access-control-expose-headers", EXPOSED)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or call the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        permission = self.permission(origin.encode("latin-1") if origin is not None else None)

        async def send_permitted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *permission]}
            await send(message)

        app = self.app
        if scope["method"] == "OPTIONS" and origin is not None and "access-control-request-method" in headers:
            app = answer_preflight(scope, headers, permitted=bool(permission))
        await app(scope, receive, send_permitted)


def answer_preflight(scope: Scope, headers: Headers, *, permitted: bool) -> Response:
    """Allow a method that reads, with any headers; refuse all else with a problem document."""
    refusal = None if permitted else origin_not_allowed(headers["origin"])
    method = headers["access-control-request-method"]
    if refusal is None and method not in METHODS:
        refusal = method_not_allowed(method)
    if refusal is not None:
        response = refusal.response(scope, request_language(scope))
    else:
        response = Response(status_code=204)
        response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        if asked := headers.get("access-control-request-headers"):
            response.headers["Access-Control-Allow-Headers"] = asked
    response.headers["Vary"] = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    return response
