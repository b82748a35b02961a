"""The promise that no client waits behind what others ask for: the queue is bounded, and who left is not worked for."""

import asyncio
import gc
import socket
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from app.main import THREADS
from app.queries.search import SearchParams
from app.server.cache import ResponseCache
from app.store.tables import Language
from tests.server.test_metrics import metrics, requests
from tests.support.http import before_each_statement, problem
from tests.support.servers import eventually, watched

CLIENTS = 24


class Held:
    """What tells how many pages of hits were begun to be read, and what lets them be read."""

    def __init__(self):
        self.begun = 0
        self.released = threading.Event()


@contextmanager
def held():
    """Hold every thread that begins to read a page of hits."""
    pages = Held()

    def wait(statement):
        if "term.ordinal IN" in statement:
            pages.begun += 1
            pages.released.wait(30)

    with before_each_statement(wait):
        try:
            yield pages
        finally:
            pages.released.set()


def leaving(client, path):
    """A connection on which something was asked, to be closed."""
    connection = socket.create_connection((client.base_url.host, client.base_url.port))
    encoding = client.headers["accept-encoding"]
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {encoding}\r\n\r\n".encode())
    return connection


@contextmanager
def busy(settings, running=THREADS):
    """A service whose threads are held by requests, its client, what holds them, and those requests."""
    with watched(settings) as (app, client, _), ThreadPoolExecutor(THREADS + CLIENTS) as pool, held() as pages:

        def ask(path):
            return pool.submit(client.get, path, timeout=30)

        first = [ask(f"/search?q=vm&limit={number}") for number in range(1, running + 1)]
        assert eventually(lambda: pages.begun == running, seconds=10)
        yield app, client, pages, ask
        pages.released.set()
        assert [answer.result(30).status_code for answer in first] == [200] * running


def arrived(app, number):
    """Whether so many requests come to the cache in vain."""
    return eventually(lambda: app.cache.misses == number, seconds=10)


@pytest.mark.setting("queue_length")
def test_beyond_the_queue_requests_are_refused_at_once_and_what_needs_no_thread_is_served(settings, monkeypatch):
    monkeypatch.setenv("TAXONOMY_QUEUE_LENGTH", "3")
    with busy(type(settings)(database_url=settings.database_url), 0) as (app, client, pages, ask):
        kept = client.get("/concepts").content
        waiting = [ask(f"/search?q=vm&limit={number}") for number in range(1, THREADS + 4)]
        assert arrived(app, 1 + len(waiting))
        refused = [client.get(f"/search?q=vm&offset={number}&lang={lang}") for number in (1, 2, 3) for lang in Language]
        unqueued = ("/concepts", "/hypervisors/kvm", "/lookup?value=kvm", "/livez", "/readyz", "/docs")
        served = [client.get(path).status_code for path in unqueued]
        assert client.get("/concepts").content == kept
        assert metrics(client)[requests("/search", status=503)] == len(refused)
        assert pages.begun == THREADS
        pages.released.set()
        assert [answer.result(30).status_code for answer in waiting] == [200] * len(waiting)

    assert {problem(response)["detail"] for response in refused} == {
        "Too many requests are waiting. Try again in a few seconds.",
        "排队的请求过多。请过几秒再试。",
    }
    assert {(response.status_code, response.headers["retry-after"]) for response in refused} == {(503, "5")}
    assert max(response.elapsed.total_seconds() for response in refused) < 2
    assert served == [200] * len(unqueued)


def waiting_offsets():
    """The offsets of the parsed requests that are in memory."""
    gc.collect()
    return {each.offset for each in gc.get_objects() if isinstance(each, SearchParams)} - {0}


def test_who_has_left_is_not_worked_for(settings):
    with busy(settings) as (app, client, pages, _):
        connections = [leaving(client, f"/search?q=vm&offset={number}") for number in range(1, 51)]
        assert arrived(app, THREADS + 50)
        for connection in connections:
            connection.close()
        assert eventually(lambda: len(app.cache.running) == THREADS, seconds=10)
        assert eventually(lambda: len(waiting_offsets()) == 0, seconds=10)
        pages.released.set()

        assert client.get("/search?q=vm&limit=50").status_code == 200
        assert pages.begun == THREADS + 1


@pytest.mark.slow
def test_a_request_that_waited_too_long_is_refused_and_not_begun(settings):
    with busy(settings) as (_, client, pages, _):
        late = client.get("/search?q=vm&offset=1&lang=zh", timeout=20)

    assert problem(late)["detail"] == "请求已等待 5 秒。请过几秒再试。"
    assert (late.status_code, late.headers["retry-after"]) == (503, "5")
    assert pages.begun == THREADS


def test_when_the_first_asker_leaves_before_it_gets_a_thread_the_others_get_the_answer_that_is_read_once(settings):
    with busy(settings) as (app, client, pages, ask):
        first = leaving(client, "/search?q=vm&facet=resource")
        assert arrived(app, THREADS + 1)
        waiting = [ask("/search?q=vm&facet=resource") for _ in range(CLIENTS)]
        assert arrived(app, THREADS + 1 + CLIENTS)
        first.close()
        # The service has to see it; were this too short, the test could only miss a fault.
        time.sleep(0.3)
        pages.released.set()

        assert [answer.result(30).status_code for answer in waiting] == [200] * CLIENTS
        assert pages.begun == THREADS + 1


def make_cache(app):
    """A response cache in front of an application."""
    return ResponseCache(app, negotiators={}, headers=[], max_bytes=2**26, cache_control="public")


SCOPE = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}


async def stay():
    """Wait as the client of a request that has arrived does."""
    await asyncio.get_running_loop().create_future()


def test_after_a_call_without_an_answer_one_of_those_who_wait_makes_the_next():
    calls = []

    async def app(scope, receive, send):
        calls.append(len(calls))
        running.append(len(running))
        await asyncio.sleep(0.01)
        running.pop()
        # The clients of the first two calls have left.
        if len(calls) > 2:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"whole"})
        assert not running

    async def send(message):
        sent.append(message.get("body"))

    async def ask_together():
        cache = make_cache(app)
        await asyncio.gather(*(cache(SCOPE, stay, send) for _ in range(CLIENTS)))

    running, sent = [], []
    asyncio.run(ask_together())

    assert len(calls) == 3
    assert sent.count(b"whole") == CLIENTS - 2


def test_a_stream_keeps_nothing_in_memory_that_was_sent():
    block, blocks = 256 * 1024, 80
    traced = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(blocks):
            await send({"type": "http.response.body", "body": bytes(block), "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        traced.append(tracemalloc.get_traced_memory()[0])

    cache = make_cache(app)
    tracemalloc.start()
    asyncio.run(cache(SCOPE, stay, send))
    tracemalloc.stop()

    assert len(traced) == blocks + 2
    assert traced[0] > cache.buffered
    assert traced[-1] < 2 * block
