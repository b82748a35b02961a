"""The promise that a locked SQLite file is waited for in time, and that a replaced one is noticed."""

import sqlite3
import threading
import time

import httpx
import pytest
from sqlalchemy import text

from app.main import create_app
from app.packs.load import prepare
from app.settings import Settings
from app.store.engines import reading_engine
from app.store.migration import known_versions
from app.store.readiness import inspect_database
from tests.support.databases import writing
from tests.support.http import problem
from tests.support.servers import serving, watched

# Four times what SQLite's cache holds by default.
FILLER = """
CREATE TABLE filler AS
WITH RECURSIVE row(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM row LIMIT 2000)
SELECT zeroblob(4000) FROM row
"""


@pytest.mark.slow
def test_a_locked_file_is_waited_for_no_longer_than_the_settings_say(empty):
    """More requests than connections: those that wait for one have less time left for the lock."""
    settings = empty.model_copy(update={"database_pool_size": 2})
    prepare(settings)
    asked = []

    def ask(number):
        began = time.monotonic()
        status = httpx.get(f"{base_url}/hypervisors?limit=1&offset={number}", timeout=20).status_code
        asked.append((status, time.monotonic() - began < settings.database_connect_seconds + 1))

    requests = [threading.Thread(target=ask, args=(number,)) for number in range(1, 5)]
    with serving(create_app(settings)) as base_url, sqlite3.connect(settings.url.database) as locking:
        assert httpx.get(f"{base_url}/hypervisors").status_code == 200
        locking.execute("BEGIN EXCLUSIVE")
        for request in requests:
            request.start()
        readiness = httpx.get(f"{base_url}/readyz", timeout=20)
        cached = httpx.get(f"{base_url}/hypervisors", timeout=1).status_code
        for request in requests:
            request.join()
        locking.rollback()
        afterwards = [httpx.get(f"{base_url}{path}").status_code for path in ("/readyz", "/hypervisors?limit=1")]

    assert asked == [(503, True)] * len(requests)
    assert problem(readiness)["type"] == "/problems/unavailable"
    assert readiness.elapsed.total_seconds() < settings.database_connect_seconds + 1
    assert (cached, afterwards) == (200, [200, 200])


def test_a_long_load_does_not_lock_out_the_readers(empty):
    prepare(empty)
    engine = reading_engine(empty)
    before = inspect_database(engine, known_versions()).load
    with writing(empty) as connection:
        connection.execute(text(FILLER))
        during = inspect_database(engine, known_versions()).load
        connection.execute(text("DROP TABLE filler"))
    engine.dispose()

    assert during == before is not None


def delete_and_make_anew(path, new):
    path.unlink()
    prepare(Settings(database_url=f"sqlite:///{path}", seed_dir=new))


def move_over(path, new):
    other = path.with_name("other.db")
    prepare(Settings(database_url=f"sqlite:///{other}", seed_dir=new))
    other.rename(path)


@pytest.mark.parametrize("replace", [delete_and_make_anew, move_over])
def test_a_file_that_was_replaced_is_noticed(tmp_path, old_and_new, replace):
    path = tmp_path / "served.db"
    old, new = (Settings(database_url=f"sqlite:///{path}", seed_dir=folder) for folder in old_and_new)
    prepare(old)
    with watched(old) as (_, client, look):
        revisions = [client.get("/dataset").json()["revision"]]
        replace(path, new.seed_dir)
        # What is not cached is read from the new file at once, on every connection; the poll drops what is cached.
        names = {client.get(f"/hypervisors/kvm?lang={lang}").json()["name"] for lang in ("en", "zh")}
        look()
        revisions += [client.get("/dataset").json()["revision"] for _ in range(5)]
        ready = client.get("/readyz").status_code

    assert len(set(revisions)) == 2
    assert set(revisions[1:]) == {last_load_of(new)}
    assert names == {"KVM (new)"}
    assert ready == 200


def last_load_of(settings):
    """The revision in a database."""
    engine = reading_engine(settings)
    loaded = inspect_database(engine, known_versions()).load
    engine.dispose()
    return loaded.revision


def test_a_file_that_was_deleted_is_not_ready_until_there_is_one_again(tmp_path, settings):
    path = tmp_path / "served.db"
    served = settings.model_copy(update={"database_url": f"sqlite:///{path}"})
    prepare(served)
    with watched(served) as (_, client, _):
        assert client.get("/dataset").status_code == 200
        path.unlink()
        missing = [client.get(url).status_code for url in ("/readyz", "/taxonomy", "/dataset")]
        prepare(served)
        there = [client.get(url).status_code for url in ("/readyz", "/taxonomy", "/dataset")]

    assert (missing, there) == ([503, 503, 200], [200, 200, 200])
