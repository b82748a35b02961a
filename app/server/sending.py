"""The sending side of a connection: whole answers, a time-out for clients that do not read, streams for HTTP/1.0."""

import asyncio
import logging
from typing import Any

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

logger = logging.getLogger("app")

# The ASGI extension with which `SendingProtocol.send_whole` takes the place of `send`; who wraps one wraps the other.
WHOLE_ANSWERS = "virtualization-taxonomy.whole-answers"


class SendingProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which drops a client that takes nothing of its answer in `send_seconds`."""

    def __init__(self, *arguments: Any, send_seconds: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.send_seconds = send_seconds
        self.send_timeout: asyncio.TimerHandle | None = None
        self.unsent = 0
        self.extensions = {WHOLE_ANSWERS: self.send_whole}

    def on_message_begin(self) -> None:
        """Offer the extension to the application."""
        super().on_message_begin()
        self.scope["extensions"] = self.extensions  # type: ignore[typeddict-item]

    def send_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Send an answer at once, if nothing is in the way; otherwise return False.

        `head` consists of header lines, Content-Length among them. uvicorn checks and writes each header of each answer
        one by one, which takes as long as all else that a cached answer needs.
        """
        cycle = self.cycle
        if cycle.disconnected or self.flow.write_paused or not cycle.keep_alive or self.transport.is_closing():
            return False
        cycle.response_started = cycle.response_complete = True
        ((name, value),) = self.server_state.default_headers
        self.transport.write(b"%s%s: %s\r\n%s\r\n%s" % (STATUS_LINE[status], name, value, head, body))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the time-out of a closed connection."""
        self.cancel_send_timeout()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the time-out of a client that reads too slowly."""
        super().pause_writing()
        self.start_send_timeout()

    def resume_writing(self) -> None:
        """Start the time-out anew: the client has read something."""
        super().resume_writing()
        self.start_send_timeout()

    def start_send_timeout(self) -> None:
        """Start the time-out if there is something to send, or start it anew."""
        self.cancel_send_timeout()
        self.unsent = self.transport.get_write_buffer_size()
        if self.unsent:
            self.send_timeout = self.loop.call_later(self.send_seconds, self.give_up_stalled)

    def cancel_send_timeout(self) -> None:
        """Cancel the time-out of a client that reads, or that has gone."""
        if self.send_timeout is not None:
            self.send_timeout.cancel()
            self.send_timeout = None

    def give_up_stalled(self) -> None:
        """Drop the connection if its client has taken nothing since the time-out was started."""
        if self.transport.get_write_buffer_size() < self.unsent:
            self.start_send_timeout()
            return
        path = self.cycle.scope["path"] if self.cycle else "a refusal"
        logger.warning("Dropped a stalled connection: in %g seconds it took nothing of %s", self.send_seconds, path)
        self.transport.abort()


def delimit_by_close(cycle: RequestResponseCycle) -> None:
    """Let the end of the connection end an answer of unknown length, because HTTP/1.0 knows no chunks."""
    send = cycle.send
    unframed = False

    async def send_unframed(message: Message) -> None:
        nonlocal unframed
        if message["type"] == "http.response.start":
            unframed = all(name != b"content-length" for name, _ in message["headers"])
            if unframed:
                cycle.chunked_encoding = False
        elif unframed:
            # uvicorn compares the length of an answer that is not chunked with this.
            cycle.expected_content_length = len(message.get("body", b""))
        await send(message)  # type: ignore[arg-type]

    cycle.send = send_unframed  # type: ignore[method-assign,assignment]
