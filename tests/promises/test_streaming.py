"""The promise that a long answer holds neither memory nor the database."""

import io
import socket
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import Engine, event

from app.main import create_app
from app.packs.load import load
from app.store.engines import writing_engine
from app.store.migration import upgrade
from benchmarks.packs import packs
from tests.support.databases import both_databases
from tests.support.http import problem
from tests.support.servers import eventually, serving, watched

pytestmark = [both_databases, pytest.mark.slow]
COUNT = 2_500
LONG = [
    "/export",
    "/export.zip",
    "/export.jsonld",
    "/hypervisor-types.csv",
]
# As many as the pool has connections, and one more.
CLIENTS = 16


@pytest.fixture(scope="module")
def long_settings(database, new_database):
    """The settings for a database that holds far more than memory should."""
    settings = new_database(database)
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


def test_clients_that_go_away_leave_the_database_free(long_client):
    for _ in range(CLIENTS):
        ask(long_client).close()

    assert long_client.get("/hypervisors", timeout=10).status_code == 200


def test_a_client_that_goes_away_leaves_no_half_answer_behind(long_settings, long_client):
    expected = long_client.get("/export").content
    reached, released = threading.Event(), threading.Event()

    def hold(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT hypervisor."):
            reached.set()
            released.wait(30)

    app = create_app(long_settings.model_copy(update={"cache_bytes": 16 * len(expected)}))
    with serving(app) as base_url, httpx.Client(base_url=base_url, timeout=60) as client, ThreadPoolExecutor() as pool:
        event.listen(Engine, "before_cursor_execute", hold)
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
        event.remove(Engine, "before_cursor_execute", hold)

    assert contents == [expected, expected]
    assert app.cache.hits == 1


def test_when_the_first_asker_of_a_file_leaves_all_others_get_it_and_it_is_read_once(long_settings):
    reached, released, read = threading.Event(), threading.Event(), []

    def hold(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT hypervisor."):
            read.append(statement)
            reached.set()
            released.wait(30)

    path, sent = "/hypervisors?format=csv&sort=name", {"Accept-Encoding": "identity"}
    event.listen(Engine, "before_cursor_execute", hold)
    with watched(long_settings) as (app, client, _), ThreadPoolExecutor(24) as pool:
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
    event.remove(Engine, "before_cursor_execute", hold)

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


def test_slow_readers_leave_connections_to_the_database_for_others(long_settings):
    few = long_settings.model_copy(update={"cache_bytes": 0, "database_pool_size": 4})
    with serving(create_app(few)) as base_url, httpx.Client(base_url=base_url) as client, ExitStack() as stack:
        statuses = []
        for _ in range(6):
            connection, received = stalled(client)
            stack.enter_context(closing(connection))
            statuses.append(received[-3:])
        answers = [client.get(path) for path in ("/hypervisors?limit=1", "/readyz")]
        refused = client.get("/export?lang=zh")

    assert statuses == [b"200"] * 2 + [b"503"] * 4
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert problem(refused)["detail"] == "正在下载的文件过多。请过几秒再试。"
