"""Compression of responses, in slices between which the event loop serves other requests."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

# Compressing this much takes two milliseconds.
SLICE_BYTES = 64 * 1024


class SlicedBodies:
    """Sends a long body in slices."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, and send its response."""

        async def send_in_slices(message: Message) -> None:
            body = message.get("body", b"")
            starts = range(0, len(body) - SLICE_BYTES, SLICE_BYTES)
            for start in starts:
                part = body[start : start + SLICE_BYTES]
                await send({"type": "http.response.body", "body": part, "more_body": True})
                await asyncio.sleep(0)
            await send({**message, "body": body[len(starts) * SLICE_BYTES :]} if starts else message)

        await self.app(scope, receive, send_in_slices)


class Compression(CompressMiddleware):
    """The middleware of starlette-compress, which would compress a whole body in one go."""

    __slots__ = ("uncompressed",)

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(SlicedBodies(app))
        self.uncompressed = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, and compress its response if the client accepts that."""
        accepts = scope["type"] == "http" and any(name == b"accept-encoding" for name, _ in scope["headers"])
        await (super().__call__ if accepts else self.uncompressed)(scope, receive, send)
