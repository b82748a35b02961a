"""The promise that a database that is away takes away only what must be read from it."""

import gc
import signal
import socket
import threading
import time
from contextlib import contextmanager
from itertools import count
from statistics import median

import httpx
import psutil
import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from app.main import create_app
from app.packs.load import prepare
from app.settings import Settings
from app.store.engines import reading_engine
from tests.support.databases import postgresql_server, psql_url
from tests.support.http import problem
from tests.support.servers import eventually, serving

pytestmark = pytest.mark.postgresql
CACHED = ["/hypervisors?type=bare-metal", "/taxonomy", "/lookup?value=vmware", "/docs"]


@pytest.fixture
def server():
    """A PostgreSQL server that the test may stop."""
    with postgresql_server() as server:
        yield server


def load(base_url, stop, statuses):
    """Ask for what is cached until told to stop."""
    with httpx.Client(base_url=base_url) as client:
        while not stop.is_set():
            statuses.extend(client.get(url).status_code for url in CACHED)


def test_while_postgresql_is_stopped_what_is_cached_is_served_and_the_rest_is_refused(server):
    settings = Settings(database_url=server.get_uri(), cache_poll_seconds=0.1)
    prepare(settings)
    fresh = (f"/search?q={number}" for number in count())
    stop, statuses = threading.Event(), []
    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
        assert [client.get(url).status_code for url in CACHED] == [200] * len(CACHED)
        loads = [threading.Thread(target=load, args=(base_url, stop, statuses)) for _ in range(4)]
        for thread in loads:
            thread.start()
        assert client.get(next(fresh)).status_code == 200

        server.stop()
        refused = [client.get(next(fresh)) for _ in range(20)]
        readiness, liveness = client.get("/readyz"), client.get("/livez")
        server.start()
        recovered = eventually(lambda: client.get(next(fresh)).status_code == 200, seconds=5)
        ready = client.get("/readyz")
        stop.set()
        for thread in loads:
            thread.join()

    assert {(problem(response)["type"], response.headers["retry-after"]) for response in refused} == {
        ("/problems/unavailable", "5")
    }
    assert median(response.elapsed.total_seconds() for response in refused) < 1
    assert (problem(readiness)["detail"], liveness.status_code) == ("The database cannot be reached.", 200)
    assert (recovered, ready.status_code) == (True, 200)
    assert set(statuses) == {200}


@pytest.mark.setting("database_pool_size", "database_connect_seconds", "database_statement_seconds")
def test_waiting_for_the_database_holds_up_neither_the_probe_of_the_process_nor_what_is_cached(
    monkeypatch, new_database
):
    monkeypatch.setenv("TAXONOMY_DATABASE_POOL_SIZE", "2")
    monkeypatch.setenv("TAXONOMY_DATABASE_CONNECT_SECONDS", "2")
    monkeypatch.setenv("TAXONOMY_DATABASE_STATEMENT_SECONDS", "1.5")
    settings = Settings(database_url=new_database("postgresql").database_url)
    prepare(settings)
    asked = []

    def ask(url):
        asked.append(httpx.get(url, timeout=30))

    with (
        serving(create_app(settings)) as base_url,
        psycopg.connect(psql_url(settings)) as connection,
    ):
        assert httpx.get(f"{base_url}/hypervisors").status_code == 200
        connection.execute("LOCK TABLE hypervisor IN ACCESS EXCLUSIVE MODE")
        # More than there are threads for requests.
        waiting = [
            threading.Thread(target=ask, args=(f"{base_url}/hypervisors?offset={number}",)) for number in range(1, 61)
        ]
        for thread in waiting:
            thread.start()
        eventually(lambda: asked, seconds=10)
        meanwhile = [httpx.get(f"{base_url}{path}", timeout=1).status_code for path in ("/livez", "/hypervisors")]
        assert len(asked) < len(waiting)
        for thread in waiting:
            thread.join()

    assert {problem(response)["type"] for response in asked} == {"/problems/unavailable"}
    assert meanwhile == [200, 200]


def test_a_look_that_waits_for_the_database_ends_before_the_connections_are_closed(monkeypatch, new_database):
    monkeypatch.setenv("TAXONOMY_DATABASE_STATEMENT_SECONDS", "1")
    monkeypatch.setenv("TAXONOMY_CACHE_POLL_SECONDS", "0.05")
    settings = Settings(database_url=new_database("postgresql").database_url)
    prepare(settings)
    database = psql_url(settings)
    waiting = "SELECT true FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(database) as locking, psycopg.connect(database, autocommit=True) as watching:
        with serving(create_app(settings)) as base_url:
            assert httpx.get(f"{base_url}/hypervisors").status_code == 200
            locking.execute("LOCK TABLE dataset IN ACCESS EXCLUSIVE MODE")
            assert eventually(lambda: watching.execute(waiting).fetchone(), seconds=10)
        # A connection that nobody closed fails the test with a warning as it is collected.
        gc.collect()
        assert watching.execute(waiting).fetchone() is None


@contextmanager
def frozen(server):
    """All processes of a PostgreSQL server are stopped, for ten seconds at most; the kernel goes on accepting."""
    postmaster = psutil.Process(server.get_pid())
    processes = [postmaster, *postmaster.children(recursive=True)]

    def send(number):
        for process in processes:
            process.send_signal(number)

    ending = threading.Timer(10, send, [signal.SIGCONT])
    ending.start()
    try:
        send(signal.SIGSTOP)
        yield
    finally:
        ending.cancel()
        send(signal.SIGCONT)


def test_a_frozen_server_is_waited_for_no_longer_than_the_settings_say(server):
    settings = Settings(database_url=server.get_uri(), cache_poll_seconds=0.5, database_pool_size=2)
    prepare(settings)
    asked = []

    def ask(number):
        began = time.monotonic()
        status = client.get(f"/hypervisors?limit=1&offset={number}").status_code
        asked.append((status, time.monotonic() - began < settings.database_connect_seconds + 1))

    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url, timeout=20) as client:
        assert client.get("/hypervisors").status_code == 200
        # More than there are connections: some wait for one that then turns out to be dead.
        requests = [threading.Thread(target=ask, args=(number,)) for number in range(1, 9)]
        with frozen(server):
            for request in requests:
                request.start()
            readiness = client.get("/readyz")
            cached = client.get("/hypervisors")
            for request in requests:
                request.join()
        recovered = eventually(lambda: client.get("/readyz").status_code == 200, seconds=5)

    assert asked == [(503, True)] * len(requests)
    assert problem(readiness)["type"] == "/problems/unavailable"
    assert readiness.elapsed.total_seconds() < settings.database_connect_seconds + 1
    assert (cached.status_code, cached.elapsed.total_seconds() < 1) == (200, True)
    assert recovered


def test_a_server_that_freezes_during_a_statement_is_given_up(server):
    settings = Settings(database_url=server.get_uri(), database_statement_seconds=0.5)
    engine = reading_engine(settings)
    with pytest.raises(OperationalError), engine.connect() as connection:  # noqa: PT012 (where it freezes)
        connection.exec_driver_sql("SELECT 1")
        with frozen(server):
            began = time.monotonic()
            try:
                connection.exec_driver_sql("SELECT 1")
            finally:
                waited = time.monotonic() - began
    engine.dispose()

    assert 2.5 <= waited < 4


@pytest.mark.parametrize("hosts", [1, 2])
def test_servers_that_only_accept_are_waited_for_once(hosts):
    """Each host of a URL, and each address of a host, would otherwise have the whole time."""
    silent = [socket.create_server(("127.0.0.1", 0)) for _ in range(hosts)]
    names = "&".join(f"host=127.0.0.1:{server.getsockname()[1]}" for server in silent)
    engine = reading_engine(Settings(database_url=f"postgresql+psycopg:///taxonomy?{names}"))

    began = time.monotonic()
    with pytest.raises(OperationalError):
        engine.connect()
    waited = time.monotonic() - began
    for server in silent:
        server.close()

    assert 1.5 < waited < 3
