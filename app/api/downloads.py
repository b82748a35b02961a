"""File downloads: short files are sent whole, long ones are streamed, so that memory stays constant."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import Any

import anyio
from fastapi import Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.problems import unavailable
from app.api.state import open_dataset, state_of
from app.formats.json_pieces import blocks
from app.queries.dataset import read_dataset_version
from app.queries.refusals import Bilingual


class StreamedResponse(StreamingResponse):
    """A response that is streamed from the database; it calls `release` however it ends."""

    def __init__(self, content: Iterator[bytes], release: Callable[[], None], **options: Any) -> None:
        super().__init__(content, **options)
        self.release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response; the protocol drops a client that stalls."""
        try:
            await super().__call__(scope, receive, send)
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
    """Answer with a file that is read in one transaction; `name` has a placeholder for the dataset's version.

    Reads the first two blocks before it returns, so that an outage is still answered with a problem document. Raises
    `ProblemError` if too many files are being streamed.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(open_dataset(request))
        filename = name.format(read_dataset_version(connection))
        headers = {**headers, "Content-Disposition": f'attachment; filename="{filename}"'}
        body = blocks(content(connection))
        stack.callback(body.close)
        first, second = next(body, b""), next(body, None)
        if second is None:
            return Response(first, headers=headers, media_type=media_type)
        streams = state_of(request)["streams"]
        if not streams.acquire(blocking=False):
            raise unavailable(Bilingual("Too many long answers are being read.", "正在下载的文件过多。"))
        stack.callback(streams.release)
        release = stack.pop_all().close
        return StreamedResponse(chain([first, second], body), release, headers=headers, media_type=media_type)
