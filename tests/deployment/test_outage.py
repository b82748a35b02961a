"""The promise that nothing which is asked depends on PostgreSQL once its dataset was read."""

import gc
import signal
import socket
import threading
import time
from contextlib import contextmanager
from itertools import count

import httpx
import psutil
import psycopg
import pytest

from app.main import create_app
from app.packs.prepare import prepare
from app.settings import Settings
from tests.support.commands import answers, started
from tests.support.databases import postgresql_server
from tests.support.http import problem
from tests.support.servers import eventually, serving

pytestmark = pytest.mark.postgresql
CACHED = ["/hypervisors?type=bare-metal", "/taxonomy", "/lookup?value=vmware", "/docs"]


@pytest.fixture
def server():
    """A PostgreSQL server that the test may stop."""
    with postgresql_server() as server:
        yield server


class Load:
    """Asks, over several connections, for what is cached and for what is not, and notes the statuses."""

    def __init__(self, base_url):
        self.base_url = base_url
        self.statuses = []
        self.stop = threading.Event()
        self.numbers = count()
        self.threads = [threading.Thread(target=self.ask) for _ in range(4)]

    def ask(self):
        """Ask until told to stop."""
        with httpx.Client(base_url=self.base_url) as client:
            while not self.stop.is_set():
                number = next(self.numbers)
                fresh = [f"/search?q={number}", f"/lookup?value={number}", f"/hypervisors.csv?q={number}"]
                self.statuses.extend(client.get(url).status_code for url in (*CACHED, *fresh))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def goes_on(self):
        """Wait for a hundred more answers."""
        wanted = len(self.statuses) + 100
        assert eventually(lambda: len(self.statuses) > wanted, seconds=30)


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


def stop(server):
    """Stop the server as an operator does."""
    server.stop()


def kill(server):
    """Kill every process of the server."""
    postmaster = psutil.Process(server.get_pid())
    for process in [postmaster, *postmaster.children(recursive=True)]:
        process.kill()
    postmaster.wait()
    server.stop()


@contextmanager
def away(server, end):
    """The server is not there, and then it is again."""
    end(server)
    yield
    server.start()


OUTAGES = {
    "stopped": (lambda server: away(server, stop), "The database cannot be reached."),
    "killed": (lambda server: away(server, kill), "The database cannot be reached."),
    "frozen": (frozen, "The database has not answered within 2 seconds."),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_postgresql_no_request_fails_cached_or_not(server, outage, caplog):
    interrupt, said = OUTAGES[outage]
    caplog.set_level("INFO", "app")
    settings = Settings(database_url=server.get_uri(), cache_poll_seconds=0.1)
    prepare(settings)
    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:

        def problem_of_database():
            response = client.get("/readyz")
            assert response.status_code == 200
            return response.json()["database_problem"]

        with Load(base_url) as load:
            load.goes_on()
            with interrupt(server):
                assert eventually(problem_of_database, seconds=10) == said
                load.goes_on()
            assert eventually(lambda: problem_of_database() is None, seconds=15)
            load.goes_on()

    assert {*load.statuses} == {200}
    lines = [record.message for record in caplog.records if record.name == "app"]
    outages = [line for line in lines if line.startswith("The database")]
    assert [line.partition(".")[0] for line in outages[:-1]] == [said[:-1]]
    assert outages[-1].startswith("The database can be read again after ")


@pytest.mark.setting("database_connect_seconds")
@pytest.mark.slow
def test_a_service_whose_database_is_silent_starts_says_so_and_ends_at_once(environment):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        variables = {
            "TAXONOMY_DATABASE_URL": f"postgresql://somebody@127.0.0.1:{silent.getsockname()[1]}/taxonomy",
            "TAXONOMY_DATABASE_CONNECT_SECONDS": "3",
        }
        with started(environment, "--no-prepare", **variables) as (process, url):
            assert answers(f"{url}/livez")
            unready = [httpx.get(f"{url}{path}") for path in ("/readyz", "/hypervisors")]
            began = time.monotonic()
            process.terminate()
            process.wait(timeout=30)
            took = time.monotonic() - began

    assert [(problem(response)["status"], response.headers["retry-after"]) for response in unready] == [(503, "5")] * 2
    assert problem(unready[1])["detail"] == "The dataset has not been read yet. Try again in a few seconds."
    assert "Serving nothing yet." in process.printed
    assert took < 2


def test_a_look_that_ends_after_the_service_closes_its_connection(server):
    settings = Settings(database_url=server.get_uri(), cache_poll_seconds=0.05)
    prepare(settings)
    clients = "SELECT array_agg(wait_event_type) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    with psycopg.connect(server.get_uri()) as locking, psycopg.connect(server.get_uri(), autocommit=True) as watching:

        def waiting():
            return watching.execute(clients).fetchone()[0]

        with serving(create_app(settings)) as base_url:
            assert httpx.get(f"{base_url}/readyz").status_code == 200
            locking.execute("LOCK TABLE dataset IN ACCESS EXCLUSIVE MODE")
            assert eventually(lambda: "Lock" in waiting(), seconds=10)
        during = len(waiting())
        locking.rollback()
        closed = eventually(lambda: len(waiting()) == 2, seconds=10)
        # A connection that nobody closed would also fail the test with a warning as it is collected.
        gc.collect()

    assert (during, closed) == (3, True)
