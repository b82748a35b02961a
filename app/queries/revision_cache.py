"""A cache of values derived from one revision of the dataset: vocabularies, counts, the search index."""

from collections.abc import Callable
from hashlib import blake2b
from threading import Condition, Lock
from typing import Any, TypeVar

from cachetools import LRUCache, cached
from sqlalchemy import Connection

from app.queries.statements import CompiledStatement
from app.shapes.results import FacetPublic

Value = TypeVar("Value")
# The memory for counts. Each is small, but clients can combine filters without end.
COUNTS_BYTES = 4 * 2**20
# The memory of a count without the characters of its value, and of a cache entry without its counts.
COUNT_OVERHEAD = 320
ENTRY_OVERHEAD = 512
BYTES_A_CHARACTER = 4


def size_of(counts: list[FacetPublic]) -> int:
    """Estimate the bytes of memory of a cache entry, from above."""
    characters = sum(len(count["value"] or "") for count in counts)
    return ENTRY_OVERHEAD + COUNT_OVERHEAD * len(counts) + BYTES_A_CHARACTER * characters


class RevisionValues:
    """Values derived from one revision. Concurrent requests for a value wait for the first, which derives it."""

    def __init__(self, revision: str | None) -> None:
        self.revision = revision
        self.derived = cached({}, key=lambda read, _: read, condition=Condition())(lambda read, source: read(source))
        self.counted = cached(LRUCache(COUNTS_BYTES, size_of), key=lambda key, _: key, condition=Condition())(
            lambda _, read: read()
        )

    def derive(self, read: Callable[[Connection], Value], connection: Connection) -> Value:
        """Return what `read` returns, cached; the key is the function, so do not pass a new one each time."""
        value: Value = self.derived(read, connection)
        return value

    def count(self, statement: CompiledStatement, values: dict[str, Any], connection: Connection) -> list[FacetPublic]:
        """Return the rows of a counting statement, cached under the statement and its values."""
        # A digest, because clients choose the values and may make them long.
        key = (statement, blake2b(repr(values).encode(), digest_size=16).digest())
        counts: list[FacetPublic] = self.counted(
            key, lambda: [dict(row) for row in statement.run(connection, values).mappings()]
        )
        return counts


class RevisionCache:
    """Keeps the values of one revision: the last that was requested."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.values = RevisionValues(None)

    def get(self, revision: str | None) -> RevisionValues:
        """Return the values of a revision, and drop those of any other."""
        with self.lock:
            if revision != self.values.revision:
                self.values = RevisionValues(revision)
            return self.values
