"""Zip archives, written while they are sent."""

from collections.abc import Generator, Iterable, Mapping
from io import RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.formats.json_pieces import blocks


class Outlet(RawIOBase):
    """A file that cannot seek, from which what was written is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()

    def write(self, data: Any, /) -> int:
        """Keep bytes until they are taken."""
        self.written += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self.written)
        self.written.clear()
        return taken


def zip_archive(files: Mapping[str, Iterable[bytes]]) -> Generator[bytes]:
    """A zip archive of files that come in pieces; equal files make equal archives, whenever they are made."""
    outlet = Outlet()
    with ZipFile(outlet, "w") as archive:
        for name, pieces in files.items():
            member = ZipInfo(name)  # Its time stays 1980-01-01, the first that the format knows.
            member.compress_type = ZIP_DEFLATED
            with archive.open(member, "w") as file:
                for piece in blocks(pieces):
                    file.write(piece)
                    yield outlet.take()
    yield outlet.take()
