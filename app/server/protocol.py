"""How bytes become requests: uvicorn's protocol, which does not wait for ever and refuses with problem documents."""

import asyncio
from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.problems import Kind, ProblemError
from app.server.security_headers import HEADERS

LARGEST_HEAD = 64 * 1024


class Protocol(HttpToolsProtocol):
    """One connection, on which the head of a request must arrive within `header_seconds`."""

    def __init__(self, *arguments: Any, header_seconds: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.header_seconds = header_seconds
        self.waiting: asyncio.TimerHandle | None = None
        self.head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self.wait_no_longer()
        super().connection_lost(exc)

    def wait(self) -> None:
        """Wait for the head of a request, or for the rest of it."""
        if self.waiting is None:
            self.waiting = self.loop.call_later(self.header_seconds, self.give_up)

    def wait_no_longer(self) -> None:
        """The head is there, or nobody who would send it."""
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None
        self.head_size = 0

    def give_up(self) -> None:
        """Close a connection whose request does not come."""
        if not self.transport.is_closing():
            self.refuse(Kind.REQUEST_TIMEOUT, f"The request did not arrive within {self.header_seconds:g} seconds.")

    def data_received(self, data: bytes) -> None:
        """Read what came, which mostly is a whole request."""
        super().data_received(data)
        cycle = self.cycle
        if (cycle is not None and not cycle.response_complete) or self.transport.is_closing():
            return
        self.wait()
        self.head_size += len(data)
        if self.head_size > LARGEST_HEAD:
            self.refuse(Kind.HEAD_TOO_LARGE, f"The request line and headers are longer than {LARGEST_HEAD} bytes.")

    def on_headers_complete(self) -> None:
        """Serve the request."""
        self.wait_no_longer()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP; also called by uvicorn."""
        hint = "Send HTTP/1.1, and percent-encode non-ASCII characters in the URL (curl: --get --data-urlencode)."
        self.refuse(Kind.BAD_REQUEST, f"{msg} {hint}")

    def refuse(self, kind: Kind, detail: str) -> None:
        """Answer with a problem document and close the connection; what was asked for is not known."""
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
