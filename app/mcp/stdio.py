"""The protocol over standard input and output: a client starts the command, which needs no service."""

from collections.abc import Callable

import anyio
from mcp.server.stdio import stdio_server

from app.mcp.server import Answer, build_server
from app.store.snapshot import Reader, Snapshot

# The dataset does not change while the command runs; a client need not ask again for an hour.
SECONDS = 3600


def serve_stdio(snapshot: Snapshot) -> None:
    """Answer the messages on standard input from one dataset, until the input ends."""

    async def ask(question: Callable[[Reader], Answer]) -> Answer:
        with snapshot.reader() as reader:
            return question(reader)

    async def serve() -> None:
        server = build_server(ask, SECONDS)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(serve)
