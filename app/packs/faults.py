"""Faults in packs: each is one line that names the file, the line and the place in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# A fault quotes what the author wrote, which may be of any length.
LONGEST_PART = 300


def printable(text: str) -> str:
    """Escape what would break the line of a fault or reorder it, such as a line feed or U+202E, and cut long text."""
    escaped = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[: LONGEST_PART + 1]
    )
    return escaped if len(text) <= LONGEST_PART else f"{escaped}…"


@dataclass(frozen=True)
class PackFault:
    """An error in a pack: its place, and the reason in words for the author."""

    file: Path
    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        place = f"{printable(self.where)}: " if self.where else ""
        return f"{printable(str(self.file))}:{self.line}: {place}{printable(self.reason)}"


class PackError(Exception):
    """The packs have faults, so nothing was written."""

    def __init__(self, faults: Sequence[PackFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def path_text(path: Sequence[str | int]) -> str:
    """Format ``("hypervisors", 3, "labels")`` as ``hypervisors[3].labels``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
