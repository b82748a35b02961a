"""The promise that a long answer takes no more memory than a short one, and keeps nobody waiting."""

import io
import socket
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from zipfile import ZipFile

import httpx
import pytest

from app.main import create_app
from app.packs.load import load
from app.store.engines import writing_engine
from app.store.migration import upgrade
from benchmarks.packs import packs
from tests.support.http import before_each_statement
from tests.support.servers import eventually, serving, watched

pytestmark = pytest.mark.slow
COUNT = 2_500
LONG = [
    "/export",
    "/export.zip",
    "/export.jsonld",
    "/hypervisor-types.csv",
    "/hypervisor-types.jsonld",
]
CLIENTS = 16


@pytest.fixture(scope="module")
def long_settings(new_database):
    """The settings for a database that holds far more than an answer's memory should."""
    settings = new_database("sqlite")
    engine = writing_engine(settings.url)
    upgrade(engine)
    load(engine, packs(2 * COUNT))
    engine.dispose()
    return settings


@pytest.fixture(scope="module")
def long_client(long_settings):
    """A client of a server of that database."""
    uncached = long_settings.model_copy(update={"cache_bytes": 0})
    with serving(create_app(uncached)) as base_url, httpx.Client(base_url=base_url, timeout=60) as client:
        yield client


@pytest.mark.parametrize("path", LONG)
def test_memory_does_not_grow_with_the_answer(long_client, path):
    tracemalloc.start()
    with long_client.stream("GET", path) as response:
        size = sum(len(block) for block in response.iter_raw())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 6 * 2**20, (size, peak)


def test_a_long_answer_is_whole(long_client):
    everything = long_client.get("/export").json()
    graph = long_client.get("/export?format=jsonld").json()["@graph"]
    with ZipFile(io.BytesIO(long_client.get("/export?format=csv").content)) as archive:
        lines = {name: archive.read(name).count(b"\r\n") - 1 for name in archive.namelist()}

    dataset = everything.pop("dataset")
    counts = dataset["counts"]
    assert counts == {
        "concepts": 3,
        "virtualization-types": 7,
        "examples": 6 + COUNT,
        "hypervisor-types": 2,
        "hypervisors": 9 + COUNT,
    }
    assert {resource: len(entries) for resource, entries in everything.items()} == counts
    details = {
        f"{name}.csv": sum(len(entry[name]) for entries in everything.values() for entry in entries)
        for name in ("identifiers", "sources")
    }
    described = {f"{name}.csv": len(dataset[name]) for name in ("packs", "schemes")}
    assert lines == {f"{resource}.csv": count for resource, count in counts.items()} | details | described
    assert len(graph) == 1 + sum(counts.values())
    for types, products in (("hypervisor-types", "hypervisors"), ("virtualization-types", "examples")):
        for upper in everything[types]:
            assert [entry["id"] for entry in upper[products]] == [
                entry["id"] for entry in everything[products] if entry["type"] == upper["id"]
            ]


def ask(client):
    """A connection on which the export was asked for and its first bytes were read."""
    connection = socket.create_connection((client.base_url.host, client.base_url.port))
    connection.sendall(b"GET /export HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.recv(15) == b"HTTP/1.1 200 OK"
    return connection


def test_clients_that_go_away_leave_no_reader_behind(long_settings):
    app = create_app(long_settings.model_copy(update={"cache_bytes": 0}))
    with serving(app) as base_url, httpx.Client(base_url=base_url, timeout=60) as client:
        snapshot = app.served.get()
        connections = [ask(client) for _ in range(CLIENTS)]
        reading = len(snapshot.connections)
        for connection in connections:
            connection.close()

        assert eventually(lambda: len(snapshot.connections) - reading >= CLIENTS, seconds=30)
        assert client.get("/search?q=vm").status_code == 200


def test_a_client_that_goes_away_leaves_no_half_answer_behind(long_settings, long_client):
    expected = long_client.get("/export").content
    reached, released = threading.Event(), threading.Event()

    def hold(statement):
        if "FROM hypervisor " in statement:
            reached.set()
            released.wait(30)

    app = create_app(long_settings.model_copy(update={"cache_bytes": 16 * len(expected)}))
    with (
        serving(app) as base_url,
        httpx.Client(base_url=base_url, timeout=60) as client,
        ThreadPoolExecutor() as pool,
        before_each_statement(hold),
    ):
        leaving = socket.create_connection((client.base_url.host, client.base_url.port))
        leaving.sendall(b"GET /export HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n")
        assert reached.wait(30)
        waiting = pool.submit(client.get, "/export", headers={"Accept-Encoding": "identity"})
        while app.cache.misses < 2:
            time.sleep(0.01)
        leaving.close()
        # The server has to see it; were this too short, the test could only miss a fault.
        time.sleep(0.2)
        released.set()
        contents = [waiting.result(60).content, client.get("/export", headers={"Accept-Encoding": "identity"}).content]

    assert contents == [expected, expected]
    assert app.cache.hits == 1


def test_when_the_first_asker_of_a_file_leaves_all_others_get_it_and_it_is_read_once(long_settings):
    reached, released, read = threading.Event(), threading.Event(), []

    def hold(statement):
        if "FROM hypervisor " in statement:
            read.append(statement)
            reached.set()
            released.wait(30)

    path, sent = "/hypervisors?format=csv&sort=name", {"Accept-Encoding": "identity"}
    with (
        watched(long_settings) as (app, client, _),
        ThreadPoolExecutor(24) as pool,
        before_each_statement(hold),
    ):
        leaving = socket.create_connection((client.base_url.host, client.base_url.port))
        leaving.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n".encode())
        assert reached.wait(30)
        waiting = [pool.submit(client.get, path, headers=sent, timeout=60) for _ in range(24)]
        assert eventually(lambda: app.cache.misses == 25, seconds=30)
        leaving.close()
        # As above.
        time.sleep(0.2)
        released.set()
        responses = [answer.result(60) for answer in waiting]

    assert {response.status_code for response in responses} == {200}
    assert len({response.content for response in responses}) == 1
    assert len(read) == 1


def stalled(client):
    """A connection on which the export was asked for and hardly anything is read of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((client.base_url.host, client.base_url.port))
    connection.sendall(b"GET /export HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n")
    return connection, connection.recv(12)


def test_a_client_that_reads_nothing_holds_up_nobody_who_asks_the_same(long_client):
    connection, received = stalled(long_client)
    with closing(connection):
        response = long_client.get("/export", headers={"Accept-Encoding": "identity"}, timeout=10)

    assert received == b"HTTP/1.1 200"
    assert response.json()["dataset"]["counts"]["hypervisors"] == 9 + COUNT
