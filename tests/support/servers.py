"""The service in this process, on a free port of the loopback interface."""

import asyncio
import threading
import time
from contextlib import contextmanager
from queue import Queue

import httpx
import uvicorn

from app.main import create_app


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


def eventually(condition, seconds):
    """The first true value of a condition, or its last value when the time is over."""
    ending = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < ending:
        time.sleep(0.01)
    return value


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
