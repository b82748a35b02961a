"""The promise that connections are neither cut while they are served nor held by who sends nothing."""

import asyncio
import json
import re
import socket
from itertools import count
from urllib.parse import urlsplit

import httpx
import pytest

from app.settings import PROJECT
from tests.support.commands import answers, started

LOAD = 64
SLOW = 1200


async def ask_until_closed(port, name, loaded, cut):
    """Ask over one connection again and again; tell when there is load, and note what of an answer is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in count():
        received = b""
        try:
            url = f"/search?q={name}-{number}" if number % 2 else "/hypervisors?type=bare-metal"
            writer.write(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            received = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", received)[1]))
        except asyncio.IncompleteReadError as ended:
            received += ended.partial
        except ConnectionError:
            pass
        else:
            if number == 10:
                loaded.set()
            continue
        if received:
            cut.append(received)
        break
    writer.close()


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.setting("shutdown_seconds")
@pytest.mark.slow
def test_told_to_stop_it_finishes_what_is_in_flight(environment, workers):
    variables = {"TAXONOMY_WORKERS": workers, "TAXONOMY_SHUTDOWN_SECONDS": "20"}
    cut = []

    async def load(process, url):
        loaded = asyncio.Event()
        asking = [asyncio.create_task(ask_until_closed(urlsplit(url).port, name, loaded, cut)) for name in range(LOAD)]
        await loaded.wait()
        process.terminate()
        await asyncio.gather(*asking)
        await asyncio.to_thread(process.wait, timeout=20)

    with started(environment, **variables) as (process, url):
        assert answers(f"{url}/readyz")
        asyncio.run(load(process, url))

    assert cut == []
    assert process.returncode == 0


async def send_slowly(port, opened, all_opened):
    """Send a byte a second of a request that does not end; gives what is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /concepts HTTP/1.1\r\nX-Slow: ")
    opened.append(port)
    if len(opened) == SLOW:
        all_opened.set()
    answer = asyncio.create_task(reader.read())
    while not answer.done():
        writer.write(b"x")
        await asyncio.wait([answer], timeout=1)
    writer.close()
    try:
        return await answer
    except ConnectionError:
        return b""


@pytest.mark.setting("header_seconds")
@pytest.mark.slow
def test_who_sends_slowly_is_given_up_and_holds_up_nobody(environment):
    async def hold(url):
        opened, all_opened = [], asyncio.Event()
        sending = [asyncio.create_task(send_slowly(urlsplit(url).port, opened, all_opened)) for _ in range(SLOW)]
        await all_opened.wait()
        async with httpx.AsyncClient(base_url=url) as client:
            statuses = [(await client.get(f"/concepts?offset={number % 20}")).status_code for number in range(50)]
        held = [task for task in sending if not task.done()]
        return statuses, held, await asyncio.wait_for(asyncio.gather(*sending), timeout=60)

    # What most systems start a process with, and too few for these connections.
    limited = ["prlimit", "--nofile=1024:"]
    with started(environment, prefix=limited, TAXONOMY_HEADER_SECONDS="6") as (_, url):
        assert answers(f"{url}/readyz")
        statuses, held, given_up = asyncio.run(hold(url))

    assert statuses == [200] * 50
    assert len(held) > SLOW // 2
    assert {answer.split(b" ")[1] for answer in given_up if answer} == {b"408"}


REFUSED = [
    (b"\x16\x03\x01\r\n\r\n", 400, "bad-request"),
    (b"GET / HTTP/9.9\r\n\r\n", 400, "bad-request"),
    ("GET /search?q=容器 HTTP/1.1\r\n\r\n".encode(), 400, "bad-request"),
    (b"GET /concepts HTTP/1.1\r\nX-Long: " + b"x" * 70_000, 431, "head-too-large"),
    (b"GET /concepts HTTP/1.1\r\n", 408, "request-timeout"),
]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """The port of a server that does not wait long."""
    url = f"sqlite:///{tmp_path_factory.mktemp('impatient')}/new.db"
    variables = {"PYTHONPATH": str(PROJECT), "TAXONOMY_DATABASE_URL": url, "TAXONOMY_HEADER_SECONDS": "1"}
    with started(variables) as (_, url):
        assert answers(f"{url}/readyz")
        yield urlsplit(url).port


@pytest.mark.parametrize(("sent", "status", "kind"), REFUSED, ids=[repr(sent[:30]) for sent, _, _ in REFUSED])
@pytest.mark.slow
def test_what_is_no_request_is_refused_with_a_problem_document(impatient, sent, status, kind):
    with socket.create_connection(("127.0.0.1", impatient), timeout=30) as connection:
        connection.sendall(sent)
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")

    assert head.split(b" ")[1] == str(status).encode()
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    document = json.loads(body)
    assert (document["type"], document["status"]) == (f"/problems/{kind}", status)


@pytest.mark.slow
def test_a_whole_request_after_a_slow_one_is_served_and_the_connection_kept(impatient):
    with socket.create_connection(("127.0.0.1", impatient), timeout=30) as connection:
        answer = connection.makefile("rb")
        for part in (b"GET /livez HT", b"TP/1.1\r\nHost: x\r\n\r\n", b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"):
            connection.sendall(part)
            if part.endswith(b"\r\n\r\n"):
                head = b"".join(iter(answer.readline, b"\r\n"))
                assert b" 200 " in head
                assert json.loads(answer.read(int(re.search(rb"content-length: (\d+)", head)[1]))) == {"status": "live"}
