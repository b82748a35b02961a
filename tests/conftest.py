"""The service as its users meet it: real migrations, the real loader, a real server on the loopback interface.

Nothing writes after the dataset is loaded, so one SQLite file and one server serve a whole session. A test whose
result may depend on the database is marked with `both_databases`.
"""

import os
import sys

import pytest

from app.packs.prepare import prepare
from app.settings import PREFIX, PROJECT, Settings
from tests.support.databases import postgresql_server, postgresql_settings
from tests.support.packs import add_lab, change, copy_docs, rewrite
from tests.support.servers import watched


def pytest_sessionfinish(session):
    """Let a skipped test fail the run where nothing may be missing."""
    # Workers of pytest-xdist have no reporter; theirs is that of the process which started them.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and os.environ.get("CI") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# The settings that tests have given to the service.
GIVEN = set()


def note_settings(event, arguments):
    """Note the variables of settings that are set in this process or handed to another."""
    if event == "os.putenv":
        GIVEN.add(os.fsdecode(arguments[0]))
    elif event == "subprocess.Popen":
        GIVEN.update(arguments[3] or ())
    elif event == "tests.command":
        GIVEN.update(arguments[0])


sys.addaudithook(note_settings)


@pytest.fixture(autouse=True)
def given(request):
    """Fail a test that is marked with a setting which it does not give."""
    yield
    marked = {PREFIX + name.upper() for mark in request.node.iter_markers("setting") for name in mark.args}
    assert marked - GIVEN == set()


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a PostgreSQL server of the session's own."""
    with postgresql_server() as server:
        yield server.get_uri()


@pytest.fixture(scope="session")
def new_database(request, tmp_path_factory):
    """Makes an empty database of a kind, and gives its settings."""

    def make(kind):
        if kind == "postgresql":
            return postgresql_settings(request.getfixturevalue("postgresql"))
        return Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/test.db")

    return make


@pytest.fixture(scope="session")
def database():
    """The kind of the database; `both_databases` gives others."""
    return "sqlite"


@pytest.fixture
def empty(new_database, database):
    """The settings for an empty database."""
    return new_database(database)


@pytest.fixture(scope="session")
def settings(new_database):
    """The settings for an SQLite file that holds the docs pack, which nobody changes."""
    settings = new_database("sqlite")
    prepare(settings)
    return settings


@pytest.fixture(scope="session")
def client(settings):
    """A client of a server of the docs pack."""
    with watched(settings) as (_, client, _):
        yield client


@pytest.fixture(scope="session")
def field(new_database):
    """A client of a server of the packs `docs` and `field`."""
    settings = new_database("sqlite").model_copy(update={"packs": ("docs", "field")})
    prepare(settings)
    with watched(settings) as (_, client, _):
        yield client


@pytest.fixture(scope="session")
def lab(new_database, tmp_path_factory):
    """A client of a server of the packs `docs` and `lab`."""
    seed_dir = add_lab(copy_docs(tmp_path_factory.mktemp("lab")))
    settings = new_database("sqlite").model_copy(update={"seed_dir": seed_dir, "packs": ("docs", "lab")})
    prepare(settings)
    with watched(settings) as (_, client, _):
        yield client


@pytest.fixture(scope="session")
def base_url(client):
    """The base URL of that server."""
    return str(client.base_url).rstrip("/")


@pytest.fixture(scope="session")
def uncached(settings):
    """A client of a server that asks the database each time."""
    with watched(settings.model_copy(update={"cache_bytes": 0})) as (_, client, _):
        yield client


@pytest.fixture
def environment(tmp_path):
    """The environment of an operator who works in an empty folder."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return others | {"PYTHONPATH": str(PROJECT), f"{PREFIX}DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}


@pytest.fixture
def seed_dir(tmp_path):
    """A copy of the docs pack, to be changed."""
    return copy_docs(tmp_path)


@pytest.fixture
def old_and_new(tmp_path):
    """Two folders of packs, of which the second replaces every entry of the first."""
    old, new = (copy_docs(tmp_path / name) for name in ("old", "new"))
    for path in (new / "docs").glob("*.yaml"):
        change(new, path.name, rewrite)
    return old, new
