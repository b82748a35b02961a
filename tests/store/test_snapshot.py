"""The promise that each process answers from a copy of the dataset, which is whole and goes with its last reader."""

import gc
import sqlite3
import tracemalloc
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, literal_column, select, text

from app.packs.prepare import prepare
from app.store.collections import COLLECTIONS
from app.store.engines import reading_engine
from app.store.inspection import inspect_database
from app.store.migration import known_versions
from app.store.snapshot import Snapshot
from app.store.statements import Statement
from app.store.tables import Dataset, SearchText, Term
from tests.support.databases import both_databases, content_of, writing

# Four times what SQLite's cache holds by default.
FILLER = """
CREATE TABLE filler AS
WITH RECURSIVE row(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM row LIMIT 2000)
SELECT zeroblob(4000) FROM row
"""
TABLES = [*(collection.table for collection in COLLECTIONS.values()), Term, SearchText, Dataset]


def copy(settings):
    """A snapshot of a database."""
    engine = reading_engine(settings)
    with engine.connect() as connection:
        snapshot = Snapshot.copy(connection, 0)
    engine.dispose()
    return snapshot


@both_databases
def test_a_snapshot_has_every_row_in_its_order(empty):
    prepare(empty)
    with copy(empty).reader() as reader:
        copied = {
            table.__tablename__: [dict(row) for row in reader.rows(Statement.compile(select(table.__table__)))]
            for table in TABLES
        }
        statistics = {row[0] for row in reader.connection.execute("SELECT tbl FROM sqlite_stat1")}

    # The snapshot holds a time as the text that its store writes: PostgreSQL ends a fraction at its last digit but 0.
    (dataset,) = copied["dataset"]
    dataset["loaded_at"] = datetime.fromisoformat(dataset["loaded_at"]).replace(tzinfo=UTC)
    expected = content_of(empty)
    expected["dataset"][0]["loaded_at"] = expected["dataset"][0]["loaded_at"].replace(tzinfo=UTC)
    del copied["search_text"]
    assert copied == expected
    assert {"hypervisor", "term"} <= statistics


def test_the_memory_of_a_snapshot_is_freed_with_its_last_reader(settings):
    snapshot = copy(settings)
    with snapshot.reader() as first, snapshot.reader() as second:
        connections = [first.connection, second.connection]
    with snapshot.reader() as again:
        assert again.connection in connections
    rows = Statement.compile(select(Term.__table__))
    reading = snapshot.reader()
    reader = reading.__enter__()
    stream = reader.stream(rows)
    begun = len(next(stream))

    del snapshot
    gc.collect()
    left = len([*stream])
    reading.__exit__(None, None, None)
    del reading, reader, stream, first, second, again
    gc.collect()

    assert (begun, left > 100) == (len(Term.__table__.c), True)
    for connection in connections:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_a_long_load_does_not_lock_out_the_readers(empty):
    prepare(empty)
    engine = reading_engine(empty)
    with writing(empty) as connection:
        connection.execute(text(FILLER))
        with engine.connect() as reading:
            during = inspect_database(reading, known_versions())
        connection.execute(text("DROP TABLE filler"))
    engine.dispose()

    assert during.title == "docs 1.0.0"


COUNTS_BYTES = 4 * 2**20
# Other values count in the same way and only make the key longer.
OTHERS = [f"vendor_{number}" for number in range(1, 20)]
COUNTING = Statement.compile(
    select(bindparam("vendor_0").label("value"), literal_column("1").label("count")).where(
        literal_column("'a'").not_in([bindparam(other) for other in OTHERS])
    )
)


@pytest.mark.slow
def test_counts_take_no_more_memory_than_they_may_however_long_the_filters():
    with Snapshot(COUNTS_BYTES).reader() as reader:
        tracemalloc.start()
        for number in range(6_000):
            bound = {"vendor_0": f"{number:06}"} | dict.fromkeys(OTHERS, "😀" * 40)
            assert reader.count(COUNTING, bound) == [{"value": f"{number:06}", "count": 1}]
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert COUNTS_BYTES / 4 < held < COUNTS_BYTES


def test_counts_too_large_to_keep_are_given_all_the_same():
    snapshot = Snapshot(COUNTS_BYTES)
    with snapshot.reader() as reader:
        bound = {"vendor_0": "x" * COUNTS_BYTES} | dict.fromkeys(OTHERS, "")

        assert reader.count(COUNTING, bound) == [{"value": "x" * COUNTS_BYTES, "count": 1}]
    assert len(snapshot.counts) == 0
