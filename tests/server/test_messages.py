"""The promise that a connection gets the answers to its requests, in their order, and nothing else."""

import asyncio
import http.client
import logging
import socket
import threading
import time
from contextlib import suppress

import psutil
import pytest

from app.main import create_app
from app.server.protocol import LARGEST_HEAD
from tests.support.commands import answers, started
from tests.support.servers import eventually
from tests.support.streams import HOST, connect, exchange, get, read_answer, read_answers, served, statuses

LIVE = get("/livez")
# The longest document there is.
LONG = "/docs/assets/redoc.standalone.js"
BODY = b"x" * 100_000
POST = b"POST /livez HTTP/1.1\r\nContent-Length: 100000\r\n" + HOST
CHUNKED = b"POST /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST
UPGRADE = b"POST /livez HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"


@pytest.fixture(scope="module")
def port(settings):
    """The port of a service that waits half a second."""
    with served(create_app(settings), header_seconds=0.5, send_seconds=0.5) as port:
        yield port


def test_a_body_that_comes_after_the_answer_closes_the_connection_and_is_not_answered(port):
    with connect(port) as connection:
        connection.sendall(POST)
        with connection.makefile("rb") as stream:
            early = read_answer(stream, iter(()))
        connection.sendall(BODY + LIVE)
        rest = read_answers(connection)

    assert (early.status, early.closes) == (405, True)
    assert rest == []


def test_a_client_that_sends_a_long_body_reads_its_answer_all_the_same(port):
    for size in (90_000, 500_000, 2_000_000):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(5):
            client.request("POST", "/livez", body=b"x" * size)
            response = client.getresponse()
            assert response.status == 405
            response.read()
            client.request("GET", "/livez")
            response = client.getresponse()
            assert (response.status, response.read()) == (200, b'{"status":"live"}')
        client.close()


BODIES = {
    "counted": [b"POST /livez HTTP/1.1\r\nContent-Length: 10\r\n" + HOST + b"\r\n\r\n" + b"x" * 6],
    "chunked": [CHUNKED + b"2\r\nab\r\n0\r\n\r\n"],
    "with a trailer": [CHUNKED + b"2\r\nab\r\n0\r\nHost: y\r\n\r\n"],
    "of a GET": [get("/livez", b"Content-Length: 3") + b"abc"],
}


@pytest.mark.parametrize("parts", BODIES.values(), ids=BODIES)
def test_a_body_that_comes_with_its_head_leaves_the_connection_open(port, parts):
    (answer, *rest) = exchange(port, *[part + LIVE + LIVE for part in parts])

    assert (answer.status in (200, 405), answer.closes) == (True, False)
    assert statuses(rest) == [200, 200]


def test_an_idle_connection_is_closed_without_a_word(port):
    assert exchange(port, half_close=False) == []
    assert statuses(exchange(port, LIVE + b"\r\n" + b"\r\n" * 9, half_close=False)) == [200]


def test_a_request_that_has_begun_is_refused_when_it_is_late(port):
    late = exchange(port, LIVE, b"GET /livez HTTP/1.1\r\nHo", half_close=False)

    assert statuses(late) == [200, 408]
    assert late[1].problem["type"] == "/problems/request-timeout"


@pytest.mark.parametrize(
    "sent",
    [
        get("/livez", b"X-Long: " + b"x" * LARGEST_HEAD),
        b"GET /livez HTTP/1.1\r\nX-Long: " + b"x" * LARGEST_HEAD * 3,
        CHUNKED + b"1" + b";x=y" * LARGEST_HEAD,
    ],
    ids=["complete", "incomplete", "extension of a chunk"],
)
def test_what_is_too_long_is_refused_also_behind_another_request(port, sent):
    assert statuses(exchange(port, LIVE + sent, half_close=False)) in ([200, 431], [200, 405])
    assert statuses(exchange(port, sent)) in ([431], [405])


def test_nonsense_is_refused_only_when_what_was_asked_before_is_answered(port):
    answered = exchange(port, get("/search?q=kvm") + get("/livez") + b"nonsense\r\n\r\n" + LIVE)

    assert statuses(answered) == [200, 200, 400]
    assert answered[2].problem["type"] == "/problems/bad-request"


def test_a_half_closed_client_gets_all_its_answers(port):
    for number in range(20):
        asked = [f"/search?q=kvm&limit={1 + number}", "/livez", f"/hypervisors?limit={1 + number}"]
        assert statuses(exchange(port, b"".join(get(path) for path in asked))) == [200, 200, 200]


HOSTS = {
    "one": (b"GET /livez HTTP/1.1\r\nHost: x:1\r\n\r\n", 200),
    "an address": (b"GET /livez HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", 200),
    "none": (b"GET /livez HTTP/1.1\r\n\r\n", 400),
    "none with HTTP/1.0": (b"GET /livez HTTP/1.0\r\n\r\n", 200),
    "two": (b"GET /livez HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
    "ill-formed": (b"GET /livez HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    "two in one": (b"GET /livez HTTP/1.1\r\nHost: x, y\r\n\r\n", 400),
    "a user": (b"GET /livez HTTP/1.1\r\nHost: x@y\r\n\r\n", 400),
    "no ASCII": (b"GET /livez HTTP/1.1\r\nHost: \xff\r\n\r\n", 400),
    "too long": (b"GET /livez HTTP/1.1\r\nHost: " + b"x" * 300 + b"\r\n\r\n", 400),
    "an absolute target": (b"GET http://y/livez HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    "an absolute target and none": (b"GET http://y/livez HTTP/1.1\r\n\r\n", 400),
    "an absolute target and two": (b"GET http://y/livez HTTP/1.1\r\nHost: y\r\nHost: y\r\n\r\n", 400),
    "an absolute target and an ill-formed one": (b"GET http://y/livez HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    "an absolute target with a user": (b"GET http://x@y/livez HTTP/1.1\r\nHost: y\r\n\r\n", 400),
}


@pytest.mark.parametrize(("sent", "status"), HOSTS.values(), ids=HOSTS)
def test_a_request_names_one_host(port, sent, status):
    (answer,) = exchange(port, sent)

    assert answer.status == status
    if status == 400:
        assert answer.problem["type"] == "/problems/bad-request"


def test_the_host_of_an_absolute_target_is_the_one_that_must_be_allowed(settings):
    with served(create_app(settings.model_copy(update={"allowed_hosts": ("good",)}))) as port:
        answered = [
            exchange(port, b"GET " + target + b" HTTP/1." + version + b"\r\n" + host + b"\r\n")
            for target, version, host in (
                (b"http://good/concepts", b"1", b"Host: evil\r\n"),
                (b"http://good:80/concepts", b"0", b""),
                (b"http://evil/concepts", b"1", b"Host: good\r\n"),
                (b"/concepts", b"1", b"Host: good\r\nHost: evil\r\n"),
                (b"/concepts", b"1", b"Host: evil\r\nHost: good\r\n"),
            )
        ]

    assert [statuses(answers) for answers in answered] == [[200], [200], [421], [400], [400]]


def test_a_request_for_another_protocol_is_answered_in_this_one(port):
    handshake = get("/nope", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13")
    answered = exchange(port, handshake + LIVE)
    assert statuses(answered) == [404, 200]
    assert answered[0].problem["instance"] == "/nope"

    assert statuses(exchange(port, UPGRADE + HOST, LIVE)) == [405, 200]
    # The parser would take the body for the next request.
    answered = exchange(port, UPGRADE + b"Content-Length: 33\r\n" + HOST + LIVE + LIVE)
    assert statuses(answered) == [405]
    assert answered[0].closes


async def stream(scope, receive, send):
    """Answer in two parts, without saying how long they are."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})


def test_a_client_of_http_1_0_gets_a_stream_without_chunks():
    with served(stream) as port:
        (old,) = exchange(port, b"GET / HTTP/1.0\r\n\r\n")
        (new,) = exchange(port, get("/"))

    assert (old.closes, b"transfer-encoding" in old.head, old.content) == (True, False, b"onetwo")
    assert (b"transfer-encoding: chunked" in new.head, new.content) == (True, b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def is_dropped(connection):
    """Whether the server comes to reset a connection."""
    try:
        eventually(lambda: time.sleep(0.1) or not connection.send(b"G"), 10)
    except ConnectionError:
        return True
    return False


def lengthy(size):
    """An application whose only answer is long."""

    async def app(scope, receive, send):
        if scope["type"] == "http":
            length = [(b"content-length", str(size).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": length})
            await send({"type": "http.response.body", "body": bytes(size)})

    return app


@pytest.mark.slow
def test_a_client_that_reads_slowly_gets_its_answer_and_one_that_does_not_is_dropped(caplog):
    size, received = 48 * 2**20, 0
    with served(lengthy(size), send_seconds=1.5) as port, connect(port) as slow, connect(port) as idle:
        for connection in (slow, idle):
            connection.sendall(get("/", b"Connection: close"))
        until = time.monotonic() + 4.5
        while time.monotonic() < until:
            received += len(slow.recv(256 * 1024))
            time.sleep(0.05)
        received += sum(len(part) for part in iter(lambda: slow.recv(2**20), b""))
        cut = sum(len(part) for part in iter(lambda: idle.recv(2**20), b""))

    assert cut < size < received
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        "Dropped a stalled connection: in 1.5 seconds it took nothing of /"
    ]


@pytest.mark.slow
@pytest.mark.setting("send_seconds")
def test_pipelined_requests_take_little_memory_and_clients_that_do_not_read_are_dropped(environment):
    flood = b"GET / HTTP/1.1\r\n" + HOST
    flood *= 256 * 1024 // len(flood)
    with started(environment, TAXONOMY_SEND_SECONDS="1") as (process, url):
        assert answers(f"{url}/")
        port = int(url.rpartition(":")[2])
        memory = psutil.Process(process.process.pid).memory_info
        before = memory().rss
        connections = [connect(port, SO_RCVBUF=4096) for _ in range(10)]
        for connection in connections:
            connection.sendall(flood)
        assert answers(f"{url}/livez")
        grown = memory().rss - before
        for connection in connections:
            assert is_dropped(connection)
            connection.close()
        assert answers(f"{url}/livez")

    assert grown < 16 * 2**20
    assert "Traceback" not in process.printed
    assert process.printed.count("Dropped a stalled connection") == len(connections)


@pytest.mark.slow
def test_a_head_behind_an_unfinished_answer_is_not_taken_without_end(settings):
    offered, taken = 32 * 2**20, 0
    with served(create_app(settings), send_seconds=20) as port, connect(port, SO_RCVBUF=4096) as connection:
        connection.sendall(get(LONG) * 12 + b"GET /livez HTTP/1.1\r\nX-A: ")
        connection.settimeout(2)
        with suppress(TimeoutError):
            while taken < offered:
                taken += connection.send(b"a" * 65536)
        assert statuses(exchange(port, LIVE)) == [200]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    assert taken < offered // 2


def test_a_client_that_goes_while_its_requests_wait_leaves_no_traceback(caplog):
    begun, released = threading.Event(), threading.Event()

    async def app(scope, receive, send):
        if scope["type"] == "http":
            begun.set()
            await asyncio.to_thread(released.wait, 30)
            await stream(scope, receive, send)

    with served(app) as port:
        with connect(port) as connection:
            connection.sendall(LIVE * 3)
            assert begun.wait(30)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        released.set()
        assert statuses(exchange(port, LIVE)) == [200]

    assert caplog.records == []
