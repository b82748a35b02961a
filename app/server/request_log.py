"""The id of each request, and its log line and metrics once it is answered."""

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from time import perf_counter
from uuid import uuid4

from starlette.types import Message, Scope, Send

from app.server.logs import request_id
from app.server.metrics import Metrics
from app.server.sending import WHOLE_ANSWERS

SAFE_ID = re.compile(rb"[\w.:/+=@-]{1,128}", re.ASCII)

# No address is longer, with its zone; what proxies forward may be.
LONGEST_ADDRESS = 64

logger = logging.getLogger("app.requests")


@lru_cache(maxsize=256)
def client_address(host: str) -> str | None:
    """Return a client's address, without the zone of a link-local one; None if a proxy forwarded anything else."""
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


class Exchange:
    """Wraps `send` for one request: adds X-Request-ID, and calls `finish` after the last message."""

    def __init__(self, scope: Scope, send: Send, finish: Callable[["Exchange"], None], given: bytes | None) -> None:
        self.scope = scope
        self.send = send
        self.finish = finish
        self.id = given if given and SAFE_ID.fullmatch(given) else uuid4().hex.encode()
        self.cached = True
        self.status = 0
        self.size = 0
        self.began = perf_counter()
        extensions = scope.get("extensions", {})
        if WHOLE_ANSWERS in extensions:
            self.send_before = extensions[WHOLE_ANSWERS]
            scope["extensions"] = {**extensions, WHOLE_ANSWERS: self.send_whole}
        request_id.set(self.id.decode())

    async def __call__(self, message: Message) -> None:
        """Send a message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            await self.send({**message, "headers": [*message["headers"], (b"x-request-id", self.id)]})
            return
        await self.send(message)
        self.size += len(message.get("body", b""))
        if not message.get("more_body", False):
            self.finish(self)

    def send_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Send an answer at once, like `SendingProtocol.send_whole`."""
        if not self.send_before(status, b"%sx-request-id: %s\r\n" % (head, self.id), body):
            return False
        self.status, self.size = status, len(body)
        self.finish(self)
        return True


class RequestLog:
    """Logs and counts the answers that do not come from the cache, and also logs those that do if `log_hits`.

    The cache counts its own answers. These have an X-Request-ID only if the client sent one or with `log_hits`.
    """

    def __init__(self, metrics: Metrics, *, log_hits: bool) -> None:
        self.metrics = metrics
        self.log_hits = log_hits

    def follow(self, scope: Scope, send: Send, given: bytes | None) -> Send:
        """Wrap `send` for a request; `given` is the id that the client sent."""
        return Exchange(scope, send, self.finish, given)

    def follow_miss(self, scope: Scope, send: Send) -> Send:
        """Wrap `send` for an answer that does not come from the cache."""
        exchange = send if isinstance(send, Exchange) else Exchange(scope, send, self.finish, None)
        exchange.cached = False
        return exchange

    def finish(self, exchange: Exchange) -> None:
        """Count and log an answer after it was sent."""
        seconds = perf_counter() - exchange.began
        scope = exchange.scope
        if not exchange.cached:
            self.metrics.count(scope, exchange.status, seconds)
        elif not self.log_hits:
            return
        fields = {
            "method": scope["method"],
            "path": scope["raw_path"].decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "status": exchange.status,
            "milliseconds": round(seconds * 1000, 3),
            "bytes": 0 if scope["method"] == "HEAD" else exchange.size,
            "cache": "hit" if exchange.cached else "miss",
            "client": client_address(scope["client"][0][:LONGEST_ADDRESS]) if scope["client"] else None,
        }
        # `logger.info` would also search the stack for its caller.
        if logger.isEnabledFor(logging.INFO):
            extra = {"fields": fields}
            logger.handle(logger.makeRecord(logger.name, logging.INFO, "", 0, "request", (), None, extra=extra))
