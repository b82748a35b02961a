"""A snapshot: the dataset of one revision in an SQLite database in memory, which answers every question.

A process makes one from the database whenever a new revision is there, so no request waits for the database, and each
answer is of one revision.
"""

import sqlite3
import weakref
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import blake2b
from itertools import count
from threading import Lock
from typing import Any, TypedDict, TypeVar

from cachetools import LRUCache
from pydantic_core import from_json
from sqlalchemy import JSON, Connection, DateTime, NullPool, Text, cast, create_engine, select
from sqlmodel import SQLModel

from app.store.statements import Statement

Value = TypeVar("Value")
# A database in memory has no size limit but this one: its pages are read in place, not copied, up to these bytes.
READ_IN_PLACE_BYTES = 2**40
# Rows that are copied from PostgreSQL at a time.
ROWS_AT_ONCE = 1000
AS_TEXT = (JSON, DateTime)

# The memory of a count without the characters of its value, and of a cache entry without its counts.
COUNT_OVERHEAD = 320
ENTRY_OVERHEAD = 512
BYTES_A_CHARACTER = 4

NUMBERS = count(1)
# A column that is declared as JSON is read as what its text means.
sqlite3.register_converter("JSON", from_json)


class Count(TypedDict):
    """The number of rows that have a value."""

    value: str
    count: int


Counts = list[Count]


def size_of(counts: Counts) -> int:
    """Estimate the bytes of memory of a cache entry, from above."""
    characters = sum(len(count["value"]) for count in counts)
    return ENTRY_OVERHEAD + COUNT_OVERHEAD * len(counts) + BYTES_A_CHARACTER * characters


def connect(uri: str) -> sqlite3.Connection:
    """Connect to a database in memory, which lasts as long as it has a connection."""
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, detect_types=sqlite3.PARSE_DECLTYPES
    )
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA mmap_size = {READ_IN_PLACE_BYTES}")
    return connection


def close_all(connections: deque[sqlite3.Connection]) -> None:
    """Close connections; the database goes with the last."""
    for connection in connections:
        connection.close()


class Snapshot:
    """The dataset of one revision, with the values derived from it; its memory is freed with its last reader.

    `count_bytes` limits the memory of the counts, since clients can combine filters without end.
    """

    def __init__(self, count_bytes: int) -> None:
        self.uri = f"file:/snapshot-{next(NUMBERS)}?vfs=memdb"
        self.derived: dict[Hashable, Any] = {}
        self.counts: LRUCache[Hashable, Counts] = LRUCache(count_bytes, size_of)
        self.lock = Lock()
        # Those that no reader uses. There are as many as there were readers at the same time.
        self.connections = deque([connect(self.uri)])
        weakref.finalize(self, close_all, self.connections)

    @classmethod
    def copy(cls, store: Connection, count_bytes: int) -> "Snapshot":
        """Copy the database that a transaction sees."""
        snapshot = cls(count_bytes)
        (target,) = snapshot.connections
        if store.dialect.name == "sqlite":
            source: Any = store.connection.driver_connection
            source.backup(target)
        else:
            copy_tables(store, snapshot.uri)
        # Without statistics SQLite uses the index of the filter and sorts every matching row, however small the page.
        target.execute("ANALYZE")
        return snapshot

    @contextmanager
    def reader(self) -> Iterator["Reader"]:
        """Lend a connection that no other reader uses at the same time."""
        try:
            connection = self.connections.pop()
        except IndexError:
            connection = connect(self.uri)
        try:
            yield Reader(self, connection)
        finally:
            self.connections.append(connection)


def copy_tables(store: Connection, uri: str) -> None:
    """Copy every table of this release's schema, row by row and in the order of their keys."""
    engine = create_engine("sqlite://", creator=partial(sqlite3.connect, uri, uri=True), poolclass=NullPool)
    with engine.begin() as target:
        SQLModel.metadata.create_all(target)
        driver: Any = target.connection.driver_connection
        for table in SQLModel.metadata.sorted_tables:
            order = table.c.position if "position" in table.c else table.primary_key.columns.values()[0]
            # SQLite has these as text; to read and to write them as what they mean takes most of the time.
            columns = [cast(column, Text) if isinstance(column.type, AS_TEXT) else column for column in table.c]
            rows = store.execution_options(yield_per=ROWS_AT_ONCE).execute(select(*columns).order_by(order))
            marks = ", ".join("?" * len(columns))
            driver.executemany(f"INSERT INTO {table.name} VALUES ({marks})", map(tuple, rows))  # noqa: S608 (our own name)


class Reader:
    """Reads a snapshot, on a connection that one thread uses at a time."""

    def __init__(self, snapshot: Snapshot, connection: sqlite3.Connection) -> None:
        self.snapshot = snapshot
        self.connection = connection

    def stream(self, statement: Statement, values: Mapping[str, Any] = {}) -> Iterator[Any]:
        """Yield the rows of a statement, as `sqlite3.Row`s."""
        return self.connection.execute(statement.text, statement.arrange(values))

    def rows(self, statement: Statement, values: Mapping[str, Any] = {}) -> list[Any]:
        """Return the rows of a statement, as `sqlite3.Row`s."""
        return self.connection.execute(statement.text, statement.arrange(values)).fetchall()

    def column(self, statement: Statement, values: Mapping[str, Any] = {}) -> list[Any]:
        """Return the first column of a statement's rows."""
        return [row[0] for row in self.rows(statement, values)]

    def derive(self, read: Callable[["Reader"], Value]) -> Value:
        """Return what `read` returns, kept; the key is the function, so do not pass a new one each time."""
        derived = self.snapshot.derived
        if read not in derived:
            derived[read] = read(self)
        value: Value = derived[read]
        return value

    def count(self, statement: Statement, values: Mapping[str, Any]) -> Counts:
        """Return the rows of a counting statement, kept under its text and values."""
        # A digest, because clients choose the values and may make them long.
        key = (statement.text, blake2b(repr(statement.arrange(values)).encode(), digest_size=16).digest())
        counts = self.snapshot.counts
        with self.snapshot.lock:
            found: Counts | None = counts.get(key)
        if found is None:
            found = [{"value": row["value"], "count": row["count"]} for row in self.rows(statement, values)]
            # Counts that are larger than the whole cache are not kept.
            with self.snapshot.lock, suppress(ValueError):
                counts[key] = found
        return found
