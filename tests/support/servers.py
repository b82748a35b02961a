"""The service in this process or in one of its own, on a free port of the loopback interface."""

import asyncio
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from queue import Queue

import httpx
import uvicorn

from app.main import create_app

COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]


@contextmanager
def serving(app, loop="auto"):
    """The base URL of an application that this process serves."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", server_header=False, loop=loop))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.001)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def client_of(app, **options):
    """A client of an application that this process serves."""
    with serving(app) as base_url, httpx.Client(base_url=base_url, **options) as client:
        yield client


def free_port():
    """A port of the loopback interface that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def eventually(condition, seconds):
    """The first true value of a condition, or its last value when the time is over."""
    ending = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < ending:
        time.sleep(0.01)
    return value


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
    """The process of a server and its base URL; it is stopped at the end.

    What it printed is in `process.printed` by then.
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


def run(environment, *arguments, folder=None, prefix=(), **variables):
    """A command of `virt-taxonomy` that has ended."""
    return subprocess.run(  # noqa: S603 (our own command)
        [*prefix, *COMMAND, *arguments],
        env=environment | variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def fails_in_one_line(finished):
    """The line with which a command ended."""
    assert finished.returncode == 1
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    return line


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

    with serving(app, f"{__name__}:PolledLoop") as base_url, httpx.Client(base_url=base_url) as client:
        yield app, client, poll
