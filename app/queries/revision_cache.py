"""What is derived from one revision of the dataset once, and used again by later answers."""

from collections.abc import Callable
from hashlib import blake2b
from threading import Condition, Lock
from typing import Any, TypeVar

from cachetools import LRUCache, cached
from sqlalchemy import Connection

from app.queries.statements import CompiledStatement
from app.shapes.results import FacetPublic

Value = TypeVar("Value")
# What the counts that clients ask for may take. They are small, and the filters that lead to them are without number.
COUNTS_BYTES = 4 * 2**20
# What a count takes in memory beside the characters of its value, and an entry of the cache beside its counts.
COUNT_OVERHEAD = 320
ENTRY_OVERHEAD = 512
BYTES_A_CHARACTER = 4


def size_of(counts: list[FacetPublic]) -> int:
    """The bytes of memory that an entry of counts takes at most."""
    characters = sum(len(count["value"] or "") for count in counts)
    return ENTRY_OVERHEAD + COUNT_OVERHEAD * len(counts) + BYTES_A_CHARACTER * characters


class RevisionValues:
    """Values derived from one revision. Requests that ask for the same value at the same time wait for the first."""

    def __init__(self, revision: str | None) -> None:
        self.revision = revision
        self.derived = cached({}, key=lambda read, _: read, condition=Condition())(lambda read, source: read(source))
        self.counted = cached(LRUCache(COUNTS_BYTES, size_of), key=lambda key, _: key, condition=Condition())(
            lambda _, read: read()
        )

    def derive(self, read: Callable[[Connection], Value], connection: Connection) -> Value:
        """What a function reads from the dataset; the function itself is the key, so it must be a lasting one."""
        value: Value = self.derived(read, connection)
        return value

    def count(self, statement: CompiledStatement, values: dict[str, Any], connection: Connection) -> list[FacetPublic]:
        """The rows of a statement that counts."""
        # A digest, since the values are a client's and may be long.
        key = (statement, blake2b(repr(values).encode(), digest_size=16).digest())
        counts: list[FacetPublic] = self.counted(
            key, lambda: [dict(row) for row in statement.run(connection, values).mappings()]
        )
        return counts


class RevisionCache:
    """The values of the revision that was asked for last."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.values = RevisionValues(None)

    def get(self, revision: str | None) -> RevisionValues:
        """The values of a revision; those of another are dropped."""
        with self.lock:
            if revision != self.values.revision:
                self.values = RevisionValues(revision)
            return self.values
