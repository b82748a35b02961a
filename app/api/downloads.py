"""Files to keep: short ones leave whole, long ones while they are read, so that memory does not grow with them."""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import Any

import anyio
from fastapi import Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.api.state import state_of
from app.formats.json_pieces import blocks
from app.queries.dataset import read_dataset_version

# A client that reads nothing for so long is disconnected: its answer occupies a database connection.
STALLED_SECONDS = 30

logger = logging.getLogger("app")


class StreamedResponse(StreamingResponse):
    """A response that is read while it is sent; `release` is called however it ends."""

    def __init__(self, content: Iterator[bytes], release: Callable[[], None], **options: Any) -> None:
        super().__init__(content, **options)
        self.release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""

        async def send_or_give_up(message: Message) -> None:
            with anyio.fail_after(STALLED_SECONDS):
                await send(message)

        try:
            await super().__call__(scope, receive, send_or_give_up)
        except TimeoutError:
            logger.warning(
                "Closed a stalled connection: the client read nothing of %s for %s seconds",
                scope["path"],
                STALLED_SECONDS,
            )
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self.release)


def answer_file(
    request: Request,
    name: str,
    content: Callable[[Connection], Generator[bytes]],
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """Answer with a file that is read in one transaction; `name` has a place for the dataset's version.

    Its beginning is read first, so that an outage is still a problem document.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(state_of(request)["engine"].connect())
        filename = name.format(read_dataset_version(connection))
        headers = {**headers, "Content-Disposition": f'attachment; filename="{filename}"'}
        body = blocks(content(connection))
        stack.callback(body.close)
        first, second = next(body, b""), next(body, None)
        if second is None:
            return Response(first, headers=headers, media_type=media_type)
        release = stack.pop_all().close
        return StreamedResponse(chain([first, second], body), release, headers=headers, media_type=media_type)
