"""uvicorn's HTTP protocol, plus a time-out for request headers, and problem documents as refusals."""

import asyncio
from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.problems import Kind, ProblemError
from app.server.security_headers import HEADERS

LARGEST_HEAD = 64 * 1024


class Protocol(HttpToolsProtocol):
    """One connection; the request line and headers must arrive within `header_seconds`."""

    def __init__(self, *arguments: Any, header_seconds: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.header_seconds = header_seconds
        self.timeout: asyncio.TimerHandle | None = None
        self.head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time-out for the first request."""
        super().connection_made(transport)
        self.start_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the time-out of a closed connection."""
        self.cancel_timeout()
        super().connection_lost(exc)

    def start_timeout(self) -> None:
        """Start the time-out, unless it is running."""
        if self.timeout is None:
            self.timeout = self.loop.call_later(self.header_seconds, self.refuse_late)

    def cancel_timeout(self) -> None:
        """Cancel the time-out: the headers have arrived, or the client has gone."""
        if self.timeout is not None:
            self.timeout.cancel()
            self.timeout = None
        self.head_size = 0

    def refuse_late(self) -> None:
        """Answer 408 and close the connection."""
        if not self.transport.is_closing():
            self.refuse(Kind.REQUEST_TIMEOUT, f"The request did not arrive within {self.header_seconds:g} seconds.")

    def data_received(self, data: bytes) -> None:
        """Parse incoming bytes, and limit the time and size of headers that are still incomplete."""
        super().data_received(data)
        cycle = self.cycle
        if (cycle is not None and not cycle.response_complete) or self.transport.is_closing():
            return
        self.start_timeout()
        self.head_size += len(data)
        if self.head_size > LARGEST_HEAD:
            self.refuse(Kind.HEAD_TOO_LARGE, f"The request line and headers are longer than {LARGEST_HEAD} bytes.")

    def on_headers_complete(self) -> None:
        """Cancel the time-out and serve the request."""
        self.cancel_timeout()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that are not HTTP; uvicorn calls this."""
        hint = "Send HTTP/1.1, and percent-encode non-ASCII characters in the URL (curl: --get --data-urlencode)."
        self.refuse(Kind.BAD_REQUEST, f"{msg} {hint}")

    def refuse(self, kind: Kind, detail: str) -> None:
        """Answer with a problem document, whose path is unknown, and close the connection."""
        response = ProblemError(kind, detail).response("")
        headers: Sequence[tuple[bytes, bytes]] = [
            *self.server_state.default_headers,
            *response.raw_headers,
            *HEADERS,
            (b"connection", b"close"),
        ]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[response.status_code] + head + b"\r\n" + bytes(response.body))
        self.transport.close()
