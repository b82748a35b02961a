"""A cache of values derived from one revision of the dataset: vocabularies, counts, the search index."""

from collections.abc import Callable, Hashable, MutableMapping
from concurrent.futures import Future
from contextlib import suppress
from hashlib import blake2b
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from sqlalchemy import Connection, select
from sqlmodel import col

from app.queries.statements import CompiledStatement
from app.shapes.results import FacetPublic
from app.store.tables import Dataset

Value = TypeVar("Value")
# Selects the revision that the transaction sees.
REVISION = select(col(Dataset.revision))
# The memory of a count without the characters of its value, and of a cache entry without its counts.
COUNT_OVERHEAD = 320
ENTRY_OVERHEAD = 512
BYTES_A_CHARACTER = 4


def size_of(counts: list[FacetPublic]) -> int:
    """Estimate the bytes of memory of a cache entry, from above."""
    characters = sum(len(count["value"] or "") for count in counts)
    return ENTRY_OVERHEAD + COUNT_OVERHEAD * len(counts) + BYTES_A_CHARACTER * characters


class RevisionValues:
    """Values derived from one revision. Concurrent requests for a value wait for the first, which derives it.

    `count_bytes` limits the memory of the counts, since clients can combine filters without end.
    """

    def __init__(self, revision: str | None, count_bytes: int) -> None:
        self.revision = revision
        self.derived: dict[Hashable, Any] = {}
        self.counts: LRUCache[Hashable, list[FacetPublic]] = LRUCache(count_bytes, size_of)
        self.lock = Lock()
        self.running: dict[Hashable, Future[Any]] = {}

    def derive(self, read: Callable[[Connection], Value], connection: Connection) -> Value:
        """Return what `read` returns, cached; the key is the function, so do not pass a new one each time."""
        value: Value = self.share(self.derived, read, lambda: read(connection))
        return value

    def count(self, statement: CompiledStatement, values: dict[str, Any], connection: Connection) -> list[FacetPublic]:
        """Return the rows of a counting statement, cached under the statement and its values."""
        # A digest, because clients choose the values and may make them long.
        key = (statement, blake2b(repr(values).encode(), digest_size=16).digest())

        def run() -> list[FacetPublic]:
            rows = statement.run(connection, values).mappings()
            return [{"value": row["value"], "count": row["count"]} for row in rows]

        return self.share(self.counts, key, run)

    def share(self, cache: MutableMapping[Hashable, Value], key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the cached value of a key, or make it for all threads that wait for it."""
        with self.lock:
            if key in cache:
                return cache[key]
            future = self.running.get(key)
            leads = future is None
            if future is None:
                future = self.running[key] = Future()
        if leads:
            try:
                future.set_result(make())
            except BaseException as error:  # noqa: BLE001 (it is raised below, in every thread)
                future.set_exception(error)
            with self.lock:
                del self.running[key]
                if future.exception() is None:
                    # A value that is larger than the whole cache is not stored.
                    with suppress(ValueError):
                        cache[key] = future.result()
        value: Value = future.result()
        return value


class RevisionCache:
    """Keeps the values of one revision: the last that was requested."""

    def __init__(self, count_bytes: int) -> None:
        self.lock = Lock()
        self.count_bytes = count_bytes
        self.values = RevisionValues(None, count_bytes)

    def get(self, revision: str) -> RevisionValues:
        """Return the values of a revision, and drop those of any other."""
        with self.lock:
            if revision != self.values.revision:
                self.values = RevisionValues(revision, self.count_bytes)
            return self.values

    def current(self, connection: Connection) -> RevisionValues:
        """Return the values of the revision that a connection's transaction sees."""
        return self.get(connection.execute(REVISION).scalar_one())
