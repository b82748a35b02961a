"""File downloads: short files are sent whole, long ones are streamed, so that memory stays constant."""

from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import chain
from typing import Any

from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.state import state_of
from app.formats.json_pieces import blocks
from app.queries.dataset import read_dataset_version, read_revision
from app.store.snapshot import Reader, Snapshot


class StreamedFile(StreamingResponse):
    """A file that is sent in blocks; its reader is given back however that ends."""

    def __init__(self, read: Sequence[bytes], rest: Generator[bytes], **options: Any) -> None:
        super().__init__(chain(read, rest), **options)
        self.rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file; the protocol drops a client that stalls."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.rest.close()


def answer_file(
    request: Request,
    name: str,
    content: Callable[[Reader], Generator[bytes]],
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """Answer with a file; `name` has placeholders: `version` and `revision` of the dataset.

    Reads the first two blocks before it returns, so that a refusal or an error is still answered as such.
    """
    snapshot = state_of(request)["served"].get()
    with snapshot.reader() as reader:
        filename = name.format(version=read_dataset_version(reader), revision=read_revision(reader))
    headers = {**headers, "Content-Disposition": f'attachment; filename="{filename}"'}
    body = read_blocks(snapshot, content)
    first, second = next(body, b""), next(body, None)
    if second is None:
        return Response(first, headers=headers, media_type=media_type)
    return StreamedFile([first, second], body, headers=headers, media_type=media_type)


def read_blocks(snapshot: Snapshot, content: Callable[[Reader], Generator[bytes]]) -> Generator[bytes]:
    """Read a file in blocks from one snapshot, which stays in memory until the end."""
    with snapshot.reader() as reader:
        yield from blocks(content(reader))
