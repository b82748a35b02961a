"""The promise that what was read once is served, whatever becomes of the database."""

import sqlite3
import threading

import httpx
import pytest
from sqlalchemy import text

from app.main import create_app
from app.packs.prepare import prepare
from app.settings import Settings
from app.store.migration import known_versions
from tests.support.databases import both_databases, writing
from tests.support.http import problem
from tests.support.servers import eventually, serving, watched
from tests.support.urls import REQUESTS

UNREAD = [
    "/hypervisors?q=vm",
    "/search?q=kvm",
    "/lookup?value=kvm",
    "/export",
    "/",
    "/openapi.json",
    "/hypervisors/xen",
]


def delete_and_make_anew(path, new):
    path.unlink()
    prepare(Settings(database_url=f"sqlite:///{path}", seed_dir=new))


def move_over(path, new):
    other = path.with_name("other.db")
    prepare(Settings(database_url=f"sqlite:///{other}", seed_dir=new))
    other.rename(path)


@pytest.mark.parametrize("replace", [delete_and_make_anew, move_over])
def test_a_file_that_was_replaced_is_read(tmp_path, old_and_new, replace):
    path = tmp_path / "served.db"
    old, new = (Settings(database_url=f"sqlite:///{path}", seed_dir=folder) for folder in old_and_new)
    prepare(old)
    with watched(old) as (_, client, look):
        before = client.get("/hypervisors/kvm").json()["name"]
        replace(path, new.seed_dir)
        look()
        after = client.get("/hypervisors/kvm").json()["name"]

    assert (before, after) == ("KVM", "KVM (new)")


def drop(settings):
    """Drop a table that a snapshot needs, and let the dataset look like another."""
    with writing(settings) as connection:
        connection.execute(text("DROP TABLE search_text"))
        connection.execute(text("UPDATE dataset SET revision = 'broken'"))


def empty_the_dataset(settings):
    """Leave the tables without rows, as a migration does whose rows must be loaded again."""
    with writing(settings) as connection:
        connection.execute(text("UPDATE dataset SET revision = ''"))


def set_back(settings):
    """Give the database the version of an older schema."""
    with writing(settings) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))


BROKEN = {
    drop: "The dataset in the database cannot be read.",
    empty_the_dataset: "No dataset is loaded: run `virt-taxonomy seed`.",
    set_back: f"The database has schema 0003, but this version of the service needs {known_versions()[-1]}: run "
    "`virt-taxonomy migrate`.",
}


@both_databases
@pytest.mark.parametrize("spoil", BROKEN)
def test_a_database_that_cannot_be_served_leaves_the_last_revision_served(empty, spoil, caplog):
    prepare(empty)
    with watched(empty) as (_, client, look):
        ready = client.get("/readyz").json()
        spoil(empty)
        look()
        look()
        statuses = {url: client.get(url).status_code for url in UNREAD}
        broken = client.get("/readyz")

    assert statuses == dict.fromkeys(UNREAD, 200)
    since = broken.json()["database_problem_since"]
    assert since is not None
    assert (broken.status_code, broken.json()) == (
        200,
        ready | {"database_problem": BROKEN[spoil], "database_problem_since": since},
    )
    (logged,) = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert logged.startswith(BROKEN[spoil])
    assert logged.endswith(f" Still serving revision {ready['revision']}.")


def test_without_its_file_everything_is_served_and_the_file_is_read_when_it_is_back(tmp_path, settings, seed_dir):
    path = tmp_path / "served.db"
    served = settings.model_copy(update={"database_url": f"sqlite:///{path}"})
    prepare(served)
    with watched(served) as (_, client, look):
        path.unlink()
        look()
        away = client.get("/readyz").json()
        statuses = {client.get(url).status_code for url in REQUESTS}
        pack = seed_dir / "docs" / "pack.yaml"
        pack.write_text(pack.read_text(encoding="utf-8").replace("1.0.0", "1.0.1"), encoding="utf-8")
        prepare(served.model_copy(update={"seed_dir": seed_dir}))
        look()
        back = client.get("/readyz").json()
        version = client.get("/dataset").json()["version"]

    assert away["database_problem"] == "There is no database file: run `virt-taxonomy migrate`."
    assert statuses == {200}
    assert (back["database_problem"], back["database_problem_since"]) == (None, None)
    assert version == "docs-1.0.1"


def test_a_locked_file_is_waited_for_and_keeps_nobody_waiting(empty):
    prepare(empty)
    with watched(empty) as (_, client, look), sqlite3.connect(empty.url.database) as locking:
        locking.execute("BEGIN EXCLUSIVE")
        looking = threading.Thread(target=look)
        looking.start()
        meanwhile = {client.get(url, timeout=1).status_code for url in (*UNREAD, "/readyz")}
        looking.join()
        locked = client.get("/readyz").json()["database_problem"]
        locking.rollback()
        look()
        unlocked = client.get("/readyz").json()["database_problem"]

    assert meanwhile == {200}
    assert (locked, unlocked) == ("The database cannot be reached.", None)


def test_a_service_that_starts_without_its_database_waits_for_it(empty):
    app = create_app(empty.model_copy(update={"cache_poll_seconds": 0.05}))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        refused = {url: client.get(url) for url in (*UNREAD, "/readyz")}
        live = client.get("/livez").status_code
        prepare(empty)
        served = eventually(lambda: client.get("/readyz").status_code == 200, seconds=10)
        statuses = {client.get(url).status_code for url in UNREAD}

    assert {(problem(response)["detail"], response.headers["retry-after"]) for response in refused.values()} == {
        ("There is no database file: run `virt-taxonomy migrate`.", "5")
    }
    assert (live, served, statuses) == (200, True, {200})
