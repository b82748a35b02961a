"""Zip archives that are streamed while they are written."""

from collections.abc import Generator, Iterable, Mapping
from io import RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.formats.json_pieces import blocks


class WriteBuffer(RawIOBase):
    """A file that cannot seek, whose bytes are taken as soon as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()

    def write(self, data: Any, /) -> int:
        """Buffer bytes until they are taken."""
        self.written += data
        return len(data)

    def take(self) -> bytes:
        """Return the bytes written since the last call, and empty the buffer."""
        taken = bytes(self.written)
        self.written.clear()
        return taken


def zip_archive(files: Mapping[str, Iterable[bytes]]) -> Generator[bytes]:
    """Yield a zip archive of streamed files; the archive depends on nothing but their names and contents."""
    buffer = WriteBuffer()
    with ZipFile(buffer, "w") as archive:
        for name, pieces in files.items():
            member = ZipInfo(name)  # Its date is 1980-01-01, so that archives do not differ by time.
            member.compress_type = ZIP_DEFLATED
            with archive.open(member, "w") as file:
                for piece in blocks(pieces):
                    file.write(piece)
                    yield buffer.take()
    yield buffer.take()
