"""What is derived from a revision: bounded in bytes, whatever clients ask for, and made once."""

import tracemalloc
from threading import Barrier, Thread

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.sql import bindparam, literal_column

from app.queries.revision_cache import RevisionCache, RevisionValues
from app.queries.statements import CompiledStatement

COUNTS_BYTES = 4 * 2**20


@pytest.mark.slow
def test_counts_take_no_more_memory_than_they_may_however_long_the_filters():
    engine = create_engine("sqlite://")
    counting = select(bindparam("vendor_0").label("value"), literal_column("1").label("count"))
    values = RevisionValues("one", COUNTS_BYTES)
    with engine.connect() as connection:
        statement = CompiledStatement.compile(counting, connection.dialect)
        tracemalloc.start()
        for number in range(6_000):
            # Other values count in the same way and only make the key longer.
            bound = {"vendor_0": f"{number:06}", **{f"vendor_{other}": "😀" * 40 for other in range(1, 20)}}
            assert values.count(statement, bound, connection) == [{"value": f"{number:06}", "count": 1}]
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    engine.dispose()

    assert COUNTS_BYTES / 4 < held < COUNTS_BYTES


def test_a_value_is_made_once_for_all_who_ask_at_the_same_time():
    made = []
    barrier = Barrier(8)
    found = []

    def read(source):
        made.append(source)
        return [source]

    values = RevisionValues("one", COUNTS_BYTES)

    def ask():
        barrier.wait()
        found.append(values.derive(read, "connection"))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (made, found) == (["connection"], [["connection"]] * 8)


def test_another_revision_has_values_of_its_own():
    cache = RevisionCache(COUNTS_BYTES)
    first = cache.get("one")

    assert cache.get("one") is first
    assert cache.get("two") is not first
    assert cache.get("one") is not first


def test_counts_too_large_to_store_are_shared_by_all_who_wait_for_them():
    values = RevisionValues("one", COUNTS_BYTES)
    found = []

    def ask(make):
        found.append(values.share(values.counts, "key", make))

    def make():
        others = [Thread(target=ask, args=[make_again]) for _ in range(4)]
        for other in others:
            other.start()
        others[0].join(0.1)
        threads.extend(others)
        return [{"value": "x" * COUNTS_BYTES, "count": 1}]

    def make_again():
        raise AssertionError("It was made already.")

    threads = []
    ask(make)
    for thread in threads:
        thread.join()

    assert found == [[{"value": "x" * COUNTS_BYTES, "count": 1}]] * 5
    assert len(values.counts) == 0
