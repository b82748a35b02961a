"""A complete answer as the response cache stores it, with its headers, its entity tag and its 304."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from starlette.types import Message, Scope, Send

from app.api.negotiation import request_language
from app.api.problems import Kind, ProblemError
from app.queries.refusals import Bilingual
from app.server.cache_key import Conditions, Header
from app.server.sending import WHOLE_ANSWERS

# The memory of a cache entry in addition to its bytes.
OVERHEAD = 2048
# Memory fragmentation: the process grows by this factor per cached byte. Measured with a million distinct URLs.
FRAGMENTATION = 1.3
# The route of a request that matches none, as the metrics name it.
UNMATCHED = "unmatched"
# The headers of the 200 that a 304 repeats (RFC 9110, section 15.4.5); uvicorn adds the date. Those of CORS are for
# browsers: one that has the answer of another origin would otherwise keep that origin's headers. The others are not
# repeated, because the client has them; sending them takes a tenth of the time of a 304.
REPEATED = {
    b"access-control-allow-origin",
    b"access-control-expose-headers",
    b"cache-control",
    b"content-location",
    b"etag",
    b"expires",
    b"vary",
}
# The headers that describe the content of a 200, which no answer without that content has.
DESCRIBING = {
    b"cache-control",
    b"content-disposition",
    b"content-encoding",
    b"content-language",
    b"content-length",
    b"content-location",
    b"content-type",
    b"etag",
    b"expires",
    b"link",
}


def route_of(scope: Scope) -> str:
    """Return the path template of the route that answered a request, such as ``/hypervisors/{id}``."""
    return str(scope.get("answered_route") or getattr(scope.get("route"), "path_format", UNMATCHED))


class WholeAnswer(NamedTuple):
    """A response whose header lines are joined once, however often it is sent."""

    status: int
    headers: Sequence[Header]
    head: bytes
    body: bytes

    @classmethod
    def make(cls, status: int, headers: Sequence[Header], body: bytes) -> "WholeAnswer":
        """Join the header lines."""
        return cls(status, headers, b"".join([b"%s: %s\r\n" % header for header in headers]), body)

    async def send(self, scope: Scope, send: Send) -> None:
        """Send the response: at once if the server can, else as ASGI messages."""
        send_whole = scope.get("extensions", {}).get(WHOLE_ANSWERS)
        if send_whole is None or not send_whole(self.status, self.head, self.body):
            await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
            await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A complete response, and the 304 that may take its place."""

    whole: WholeAnswer
    route: str
    # With its quotation marks.
    etag: bytes = b""
    not_modified: WholeAnswer | None = None
    key_length: int = 0

    @property
    def size(self) -> int:
        """The memory in bytes that the process needs to store the answer."""
        # The headers are there twice: one by one, and joined.
        return round((len(self.whole.body) + 2 * len(self.whole.head) + self.key_length + OVERHEAD) * FRAGMENTATION)

    def answer(self, scope: Scope, conditions: Conditions | None) -> WholeAnswer:
        """Return what answers a request; for HEAD, it has no body.

        The 412 if If-Match does not name this answer, the 304 if If-None-Match does (RFC 9110, section 13.2.2).
        """
        whole = self.whole
        if conditions is not None and self.not_modified:
            if_match, if_none_match = conditions
            if if_match is not None and not names_etag(if_match.replace(b"W/" + self.etag, b""), self.etag):
                whole = self.refuse(scope)
            elif if_none_match is not None and names_etag(if_none_match, self.etag):
                return self.not_modified
        return whole._replace(body=b"") if scope["method"] == "HEAD" else whole

    def refuse(self, scope: Scope) -> WholeAnswer:
        """Make the 412, with the headers of the answer that do not describe its content."""
        detail = Bilingual(
            "If-Match does not name the entity tag of the present answer.", "If-Match 不含当前响应的实体标签（ETag）。"
        )
        error = ProblemError(Kind.PRECONDITION_FAILED, detail)
        response = error.response(scope, request_language(scope))
        headers = [header for header in self.whole.headers if header[0] not in DESCRIBING]
        return WholeAnswer.make(response.status_code, [*response.raw_headers, *headers], bytes(response.body))


def names_etag(condition: bytes, etag: bytes) -> bool:
    """Whether a list of entity tags contains ours, strong or weak, or is ``*`` (RFC 9110, section 13.1).

    Ours, which has no comma and is quoted, can only be a whole element. Parsing a long list takes 40 ms.
    """
    return etag in condition or condition.strip() == b"*"


class AnswerBuilder:
    """Adds to responses the headers of every response, and to complete ones what caches need.

    `vary` is the value of that header; `headers` are added to responses that lack them; `cache_control` is the header
    of that name on successful answers.
    """

    def __init__(self, vary: bytes, headers: Sequence[Header], cache_control: str) -> None:
        self.vary = vary
        self.headers = list(headers)
        self.cache_control = cache_control.encode()

    def complete(self, headers: Sequence[Header], *, vary: bool = False) -> list[Header]:
        """Add the headers of every response, and Vary if wanted, except those that it already has."""
        names = {name for name, _ in headers}
        added = [*self.headers, (b"vary", self.vary)] if vary else self.headers
        return [*headers, *(header for header in added if header[0] not in names)]

    def start_message(self, start: Message) -> Message:
        """Add Vary and the headers of every response to the message that starts one."""
        others = [(name, value) for name, value in start["headers"] if name != b"vary"]
        return {**start, "headers": self.complete([*others, (b"vary", self.vary)])}

    def build(self, start: Message, body: bytes, route: str, key_length: int) -> CachedAnswer:
        """Build the complete answer from the application's response; only a 200 that may be stored gets an entity tag.

        `key_length` is the length of the answer's key, which counts towards its size.
        """
        start = self.start_message(start)
        headers: list[Header] = start["headers"]
        names = {name for name, _ in headers}
        if b"content-length" not in names:
            headers.append((b"content-length", str(len(body)).encode()))
        if (b"content-encoding", b"gzip") in headers:
            # Clear the time stamp of gzip (RFC 1952, section 2.3.1), so that equal answers have equal entity tags.
            body = body[:4] + bytes(4) + body[8:]
        if start["status"] < HTTPStatus.BAD_REQUEST and b"cache-control" not in names:
            headers.append((b"cache-control", self.cache_control))
        if start["status"] != HTTPStatus.OK or (b"cache-control", b"no-store") in headers:
            return CachedAnswer(WholeAnswer.make(start["status"], headers, body), route)
        etag = b'"%s"' % hashlib.sha256(body).hexdigest()[:24].encode()
        headers = [(name, value) for name, value in headers if name not in (b"etag", b"last-modified")]
        headers.append((b"etag", etag))
        repeated = [header for header in headers if header[0] in REPEATED]
        whole = WholeAnswer.make(HTTPStatus.OK, headers, body)
        return CachedAnswer(whole, route, etag, WholeAnswer.make(HTTPStatus.NOT_MODIFIED, repeated, b""), key_length)
