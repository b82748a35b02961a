"""The promise that whatever ends a command, the database is as it was before or as it should be after."""

import os
import random
import signal
import sqlite3
import time
from itertools import cycle

import pytest
from sqlalchemy import DateTime, Integer, MetaData, select, text

from app.packs.load import load, read_packs
from app.packs.prepare import prepare
from app.settings import Settings
from app.store.engines import writing_engine
from app.store.migration import lock, upgrade
from tests.support.commands import FORKS, answers, command, fails_in_one_line, free_port, run, started
from tests.support.databases import both_databases, writing
from tests.support.packs import DOCS

pytestmark = pytest.mark.slow

KILLS = 12
# A command that was through before it was to be killed is faster than thought.
SHORTER = 0.95
WRITING = ["migrate", "seed", "serve"]


@pytest.fixture(autouse=True, scope="module")
def warm():
    """The process from which others are forked, once it has imported the application: what is killed is at work."""
    first = FORKS.Process(target=time.sleep, args=(0,))
    first.start()
    first.join()


def forked(name, settings, seed_dir=DOCS.parent):
    """A process, to be started, that runs a command on a database."""
    variables = {"TAXONOMY_DATABASE_URL": settings.database_url, "TAXONOMY_SEED_DIR": str(seed_dir)}
    return FORKS.Process(target=command, args=([name], os.environ | variables))


def everything(settings):
    """All tables and rows, once nobody is writing."""
    metadata = MetaData()
    with writing(settings) as connection:
        lock(connection)
        metadata.reflect(connection)
        return {
            table.name: (
                [(column.name, str(column.type), column.nullable) for column in table.columns],
                sorted(repr(row) for row in connection.execute(select(*table.c[*sorted(kept(table))]))),
            )
            for table in metadata.sorted_tables
        }


def kept(table):
    """The names of the columns that depend on nothing but what is loaded: no numbers of rows, no times, no sources."""
    return [
        column.name
        for column in table.columns
        if not isinstance(column.type, DateTime)
        and not (column.primary_key and isinstance(column.type, Integer))
        and column.name != "loaded_from"
    ]


def seconds_of(process):
    """How long a process runs that nobody kills."""
    begun = time.monotonic()
    process.start()
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - begun


def killed(process, seconds):
    """Whether a process was still at work when it was killed after a time."""
    process.start()
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@both_databases
def test_a_migration_that_is_killed_leaves_nothing_or_all(database, new_database):
    number = time.time_ns()
    moments = random.Random(number)  # noqa: S311 (moments, not secrets)
    done = new_database(database)
    seconds = seconds_of(forked("migrate", done))
    after = everything(done)
    settings, kills, found = new_database(database), 0, []
    while kills < KILLS:
        migration = forked("migrate", settings)
        if killed(migration, moments.uniform(0, seconds)):
            kills += 1
        else:
            seconds *= SHORTER
        found.append(everything(settings))
        if found[-1]:
            settings = new_database(database)

    assert [state for state in found if state not in ({}, after)] == [], f"random.Random({number})"
    upgrade(engine := writing_engine(settings.url))
    engine.dispose()
    assert everything(settings) == after


@both_databases
def test_a_load_that_is_killed_leaves_the_old_or_the_new(empty, old_and_new):
    number = time.time_ns()
    moments = random.Random(number)  # noqa: S311 (moments, not secrets)
    engine = writing_engine(empty.url)
    upgrade(engine)
    content, states, seconds = {}, {}, 0.0
    for folder in old_and_new:
        content[folder] = read_packs(folder, ["docs"])
        seconds = seconds_of(forked("seed", empty, folder))
        states[folder] = everything(empty)
    assert states[old_and_new[0]] != states[old_and_new[1]]

    kills, found = 0, []
    for before, after in cycle((old_and_new[::-1], old_and_new)):
        loading = forked("seed", empty, after)
        # The first half of the time goes into reading the packs.
        if killed(loading, moments.uniform(seconds / 2, seconds)):
            kills += 1
        else:
            seconds *= SHORTER
        found.append(everything(empty) in (states[before], states[after]))
        load(engine, content[after])
        found.append(everything(empty) == states[after])
        if kills == KILLS:
            break
    engine.dispose()

    assert set(found) == {True}, f"random.Random({number})"


@both_databases
def test_what_was_killed_serves_when_it_is_started_again(empty, environment):
    process = forked("migrate", empty)
    assert killed(process, 0.005)

    with started(environment, TAXONOMY_DATABASE_URL=empty.database_url) as (_, url):
        assert answers(f"{url}/readyz")


@both_databases
@pytest.mark.parametrize("name", WRITING)
def test_a_database_of_a_newer_version_is_left_alone(empty, environment, name):
    prepare(empty)
    with writing(empty) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = everything(empty)

    line = fails_in_one_line(run(environment, name, TAXONOMY_DATABASE_URL=empty.database_url))

    assert "9999" in line
    assert everything(empty) == before


@pytest.fixture
def environment(environment):
    """The environment of an operator whose service has a port."""
    return environment | {"TAXONOMY_PORT": str(free_port())}


def text_file(path):
    path.write_text("Remember the milk.\n" * 1000, encoding="utf-8")


def damaged(path):
    """A database whose pages, but for the first, are not what was written."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def cut_short(path):
    path.write_bytes(path.read_bytes()[:6000])


def directory(path):
    path.unlink()
    path.mkdir()


BROKEN = [
    (text_file, "file is not a database"),
    (damaged, "database disk image is malformed"),
    (cut_short, "database disk image is malformed"),
    (directory, "unable to open database file"),
]


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize(("spoil", "reason"), BROKEN)
def test_a_file_that_is_no_database_is_left_alone(environment, tmp_path, name, spoil, reason):
    path = tmp_path / "new.db"
    prepare(Settings(database_url=environment["TAXONOMY_DATABASE_URL"]))
    spoil(path)
    before = None if path.is_dir() else path.read_bytes()

    assert fails_in_one_line(run(environment, name)).endswith(reason)
    assert (None if path.is_dir() else path.read_bytes()) == before
    assert [file.name for file in tmp_path.iterdir()] == ["new.db"]


# Root may write what is read-only, unless it starts without that privilege.
UNPRIVILEGED = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []


@pytest.mark.parametrize(("name", "loaded"), [("migrate", False), ("seed", True), ("serve", True)])
def test_a_read_only_file_is_left_alone(environment, tmp_path, old_and_new, name, loaded):
    path = tmp_path / "new.db"
    path.touch()
    if loaded:
        prepare(Settings(database_url=environment["TAXONOMY_DATABASE_URL"]))
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    before = path.read_bytes()

    finished = run(environment, name, prefix=UNPRIVILEGED, TAXONOMY_SEED_DIR=str(old_and_new[1]))

    assert fails_in_one_line(finished).endswith("attempt to write a readonly database")
    assert path.read_bytes() == before


def test_a_read_only_file_can_be_served(environment, tmp_path):
    prepare(Settings(database_url=environment["TAXONOMY_DATABASE_URL"]))
    (tmp_path / "new.db").chmod(0o444)
    tmp_path.chmod(0o555)

    with started(environment, "--no-prepare", prefix=UNPRIVILEGED) as (_, url):
        assert answers(f"{url}/readyz")


@pytest.mark.parametrize("pages", [1, 20])
def test_a_full_disk_leaves_what_was_there(environment, tmp_path, old_and_new, pages):
    """A limit on the size of files is met where the space on a disk would be."""
    full = ["prlimit", f"--fsize={pages * 4096}"]
    assert "cannot be used: " in fails_in_one_line(run(environment, "migrate", prefix=full))
    prepare(Settings(database_url=environment["TAXONOMY_DATABASE_URL"]))
    with sqlite3.connect(tmp_path / "new.db") as connection:
        before = list(connection.iterdump())

    new = {"TAXONOMY_SEED_DIR": str(old_and_new[1])}
    assert "cannot be used: " in fails_in_one_line(run(environment, "seed", prefix=full, **new))
    with sqlite3.connect(tmp_path / "new.db") as connection:
        assert list(connection.iterdump()) == before
    assert run(environment, "seed", **new).returncode == 0
