"""uvicorn's HTTP protocol with limits on the size and the time of a head, and on pipelining.

uvicorn parses all that it receives at once, and queues the requests. This parses one message at a time, and the next
one only after the answer, so that one unfinished request is all that a connection can ask the process to remember.
"""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from types import SimpleNamespace
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.problems import Kind, ProblemError
from app.server.hosts import use_target_host
from app.server.security_headers import HEADERS
from app.server.sending import SendingProtocol, delimit_by_close
from app.store.tables import Language

LARGEST_HEAD = 64 * 1024
# Ends every head, and every chunked body; the parser accepts no other line terminator.
END = b"\r\n\r\n"
SLASH = ord("/")
FRAMING = (b"content-length", b"transfer-encoding")


class Protocol(SendingProtocol):
    """One connection; the request line and headers must arrive within `header_seconds`.

    Nothing is sent but answers, and refusals of requests that have begun to arrive.
    """

    def __init__(self, *arguments: Any, header_seconds: float, path_prefix: str = "", **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.header_seconds = header_seconds
        self.path_prefix = path_prefix
        self.head_timeout: asyncio.TimerHandle | None = None
        # What is not parsed yet.
        self.received = bytearray()
        # The bytes of an unfinished head, or those of a body that are not its content (chunk sizes, trailers).
        self.head_size = 0
        # The bytes of a body that are still to come; None for a chunked body.
        self.body_left: int | None = None
        # Whether the connection may be kept once the body has arrived.
        self.may_keep_alive = True
        self.half_closed = False
        self.closing = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time-out for the first request."""
        super().connection_made(transport)
        self.start_head_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the time-out of a closed connection."""
        self.cancel_head_timeout()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close the connection after the answer in progress, also if the body of its request has yet to arrive."""
        self.may_keep_alive = False
        super().shutdown()

    # Receiving

    def data_received(self, data: bytes) -> None:
        """Parse incoming bytes unless a request is unanswered."""
        previous = self.cycle
        # Nearly every request arrives alone and in one piece, and need not be copied.
        if (
            (previous is None or previous.response_complete)
            and not (self.received or self.head_size or self.closing)
            and data.endswith(END)
            and data.count(END) == 1
            and len(data) <= LARGEST_HEAD
        ):
            HttpToolsProtocol.data_received(self, data)
            cycle = self.cycle
            if cycle is not previous:
                # A method call would be two per cent of a cached answer.
                if not cycle.keep_alive or cycle.more_body or self.head_timeout is not None or self.url[0] != SLASH:
                    self.begin_request()
                return
            self.head_size = len(data)
        elif not self.closing:
            self.received += data
        self.parse()

    def parse(self) -> None:
        """Parse what was received, up to the end of a request; read no more while much is left."""
        received = self.received
        while not self.closing and not self.is_answering() and (size := self.next_size()):
            part = bytes(received[:size])
            del received[:size]
            if self.is_in_body():
                self.parse_body(part)
            else:
                self.parse_head(part)
        if self.closing or self.is_in_body():
            return
        if not self.is_answering():
            if received or self.head_size:
                self._unset_keepalive_if_required()
                self.start_head_timeout()
            return
        if received or self.half_closed:
            # In place of uvicorn's callback; an override would be called, and cost, for every request.
            self.cycle.on_response = self.continue_after_answer
        if len(received) > LARGEST_HEAD:
            self.flow.pause_reading()

    def is_in_body(self) -> bool:
        """Whether a request is incomplete whose head has arrived; its answer may be in progress."""
        return self.cycle is not None and self.cycle.more_body

    def is_answering(self) -> bool:
        """Whether a complete request is unanswered."""
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete

    def next_size(self) -> int:
        """Count the received bytes to parse next, which end with a head or a message if one ends among them."""
        if self.is_in_body() and self.body_left is not None:
            size = min(len(self.received), self.body_left)
            self.body_left -= size
            return size
        end = self.received.find(END)
        # If there is no end, the last three bytes may be its beginning.
        return end + len(END) if end >= 0 else max(0, len(self.received) - len(END) + 1)

    def parse_head(self, part: bytes) -> None:
        """Parse a part of a head; it is complete if uvicorn has begun a new cycle."""
        self.head_size += len(part)
        if self.head_size > LARGEST_HEAD:
            self.refuse_large()
            return
        previous = self.cycle
        super().data_received(part)
        if self.cycle is not previous:
            self.begin_request()

    def begin_request(self) -> None:
        """Note that a head has arrived; uvicorn starts the application later, so that it sees what is changed here."""
        self.head_size = 0
        if self.head_timeout is not None:
            self.cancel_head_timeout()
        if self.url[0] != SLASH:
            use_target_host(self.url, cast("Scope", self.scope))
        if self.scope["http_version"] != "1.1":
            delimit_by_close(self.cycle)
        if self.cycle.more_body:
            self.expect_body()
        elif not self.cycle.keep_alive:
            self.close_after_answer()

    def parse_body(self, part: bytes) -> None:
        """Parse a part of a body, which may be its last."""
        cycle = self.cycle
        if self.body_left is None:
            self.head_size += len(part)
        super().data_received(part)
        if not cycle.more_body:
            self.head_size = 0
            if not cycle.response_started:
                cycle.keep_alive = self.may_keep_alive
        elif self.head_size > LARGEST_HEAD:
            self.refuse_large()

    def expect_body(self) -> None:
        """Find out the length of a body that has not arrived, and close the connection if the answer comes before it.

        If the connection were kept, a proxy could take the rest of the body for the beginning of the next request.
        """
        cycle = self.cycle
        # Trailers would otherwise be added to the headers, after these were checked.
        self.headers = []
        length = dict(cycle.scope["headers"]).get(b"content-length")
        self.body_left = None if length is None else int(length)
        self.may_keep_alive = cycle.keep_alive
        self.close_after_answer()

    def close_after_answer(self) -> None:
        """Let the answer say `Connection: close`, and uvicorn then close the sending side only."""
        transport = self.transport
        stand_in = SimpleNamespace(write=transport.write, is_closing=transport.is_closing, close=self.linger)
        self.cycle.transport = stand_in  # type: ignore[assignment]
        self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Receive a part of the body; what is left of `head_size` are chunk sizes and trailers."""
        if self.body_left is None:
            self.head_size -= len(body)
        super().on_body(body)

    def _unsupported_upgrade_warning(self) -> None:
        """Ignore `Upgrade` (RFC 9110, section 7.8); uvicorn would log two warnings.

        The parser takes a body of such a request for what follows the upgrade, so the connection cannot be kept.
        """
        if any(name in FRAMING for name, _ in self.headers):
            self.close_after_answer()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether to leave a half-closed connection open: as long as a request is unanswered."""
        self.half_closed = True
        if self.is_answering():
            self.cycle.on_response = self.continue_after_answer
            return True
        self.start_send_timeout()
        return False

    # Sending

    def continue_after_answer(self) -> None:
        """Parse what arrived while a request was answered."""
        self.on_response_complete()
        if not self.closing and not self.transport.is_closing():
            # This runs in the task of the answered request, whose id would get into the log lines of the next one.
            Context().run(self.parse)
            if self.half_closed and not self.is_answering():
                self.transport.close()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, but not wait for ever until its client has read the last answer."""
        super().timeout_keep_alive_handler()
        self.start_send_timeout()

    # Refusing

    def start_head_timeout(self) -> None:
        """Start the time-out, unless it is running."""
        if self.head_timeout is None:
            self.head_timeout = self.loop.call_later(self.header_seconds, self.refuse_late)

    def cancel_head_timeout(self) -> None:
        """Cancel the time-out: the headers have arrived, or the client has gone."""
        if self.head_timeout is not None:
            self.head_timeout.cancel()
            self.head_timeout = None

    def refuse_late(self) -> None:
        """Answer 408 to a request that has begun to arrive, and close the connection in any case."""
        if self.scope is None or (self.cycle is not None and self.cycle.scope is self.scope):
            self.transport.close()
        else:
            self.refuse(Kind.REQUEST_TIMEOUT, f"The request did not arrive within {self.header_seconds:g} seconds.")

    def refuse_large(self) -> None:
        """Refuse a head that is too long, or chunk sizes and trailers that are."""
        self.refuse(Kind.HEAD_TOO_LARGE, f"The request line and headers are longer than {LARGEST_HEAD} bytes.")

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that are not HTTP; uvicorn calls this."""
        hint = "Send HTTP/1.1, and percent-encode non-ASCII characters in the URL (curl: --get --data-urlencode)."
        self.refuse(Kind.BAD_REQUEST, f"{msg} {hint}")

    def refuse(self, kind: Kind, detail: str) -> None:
        """Answer with a problem document, whose path is unknown, and close the connection.

        If the answer to this request has begun, only close it.
        """
        if self.transport.is_closing():
            return
        if self.is_in_body():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.close()
                return
        scope = {"path": "", "root_path": self.path_prefix}
        response = ProblemError(kind, detail).response(scope, Language.EN)
        headers: Sequence[tuple[bytes, bytes]] = [
            *self.server_state.default_headers,
            *response.raw_headers,
            *HEADERS,
            (b"connection", b"close"),
        ]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[response.status_code] + head + b"\r\n" + bytes(response.body))
        self.linger()

    def linger(self) -> None:
        """Close the sending side, and for a while discard what arrives.

        To close a connection on which bytes arrive resets it, and the answer may be lost (RFC 9112, section 9.6).
        """
        self.closing = True
        self.received.clear()
        self.cancel_head_timeout()
        self._unset_keepalive_if_required()
        if self.half_closed:
            self.transport.close()
        elif not self.transport.is_closing():
            self.transport.write_eof()
            self.flow.resume_reading()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        self.start_send_timeout()
