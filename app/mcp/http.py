"""`/mcp`: the Model Context Protocol over HTTP, without sessions: any process can answer any request."""

from asyncio import Event
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from fastapi import Request
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from app.api.json_body import LARGEST_BODY, receive_body
from app.api.negotiation import JSON
from app.api.problems import Kind, ProblemError, origin_not_allowed
from app.api.state import state_of
from app.api.threads import RequestThreads
from app.mcp.server import Answer, build_server
from app.queries.refusals import Bilingual
from app.store.served import Served
from app.store.snapshot import Reader

PATH = "/mcp"
ALLOWED = "OPTIONS, POST"


async def never() -> Message:
    """Stand in for the departure of a client, which the protocol's own layer notices."""
    await Event().wait()
    return {"type": "http.disconnect"}


class McpEndpoint:
    """Answers the messages that clients send by POST, as JSON.

    Pages of other origins than `origins` are refused. While it is `running`, it has threads in which to answer from
    what is `served`; clients may take what they have read for current for some `seconds`.
    """

    def __init__(self, served: Served, origins: Sequence[str], seconds: float) -> None:
        self.served = served
        self.origins = origins
        self.seconds = seconds
        self.manager: StreamableHTTPSessionManager | None = None

    @property
    def route(self) -> Route:
        """The route, which takes every method, so that others than POST are refused as on all paths."""
        return Route(PATH, self, include_in_schema=False)

    @asynccontextmanager
    async def running(self, threads: RequestThreads) -> AsyncIterator[None]:
        """Answer until the end of the block."""

        async def ask(question: Callable[[Reader], Answer]) -> Answer:
            def answer() -> Answer:
                with self.served.get().reader() as reader:
                    return question(reader)

            return await threads.run(answer, never)

        self.manager = StreamableHTTPSessionManager(
            build_server(ask, self.seconds), json_response=True, stateless=True, max_request_body_size=LARGEST_BODY
        )
        async with self.manager.run():
            yield
        self.manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a message. Raises `ProblemError` for what is none, or not from an allowed origin."""
        request = Request(scope, receive)
        # The name under which metrics count it.
        scope["answered_route"] = PATH
        if request.method == "OPTIONS":
            await Response(status_code=204, headers={"Allow": ALLOWED})(scope, receive, send)
            return
        if request.method != "POST":
            method = request.method[:20]
            detail = Bilingual(
                f"{method} is not allowed: a message of the Model Context Protocol is a POST.",
                f"不允许 {method}：Model Context Protocol 的消息须用 POST 发送。",
            )
            raise ProblemError(Kind.METHOD_NOT_ALLOWED, detail, headers={"Allow": ALLOWED})
        origin = request.headers.get("origin")
        if origin is not None and not {"*", origin} & {*self.origins}:
            raise origin_not_allowed(origin)
        with state_of(request)["bodies"].counting() as count:
            body = await receive_body(request, JSON, count)
            await self.answer(body, scope, receive, send)

    async def answer(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the SDK answer a message that was received whole."""
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_body_again() -> Message:
            return unread.pop() if unread else await receive()

        async def send_uncached(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "no-store"
            await send(message)

        if self.manager is None:
            raise RuntimeError("The endpoint is not running.")
        # White space around a value is not part of it (RFC 9110, section 5.5); the SDK compares some with the body.
        headers = [(name, value.strip()) for name, value in scope["headers"]]
        await self.manager.handle_request({**scope, "headers": headers}, receive_body_again, send_uncached)
