"""The service in this process, on a free port of the loopback interface."""

import asyncio
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import uvicorn

from app.main import create_app


class Server(uvicorn.Server):
    """A server on whose event loop a test can run something."""

    async def startup(self, sockets=None):
        """Start, and remember the event loop."""
        self.event_loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def run_here(self, coroutine):
        """Wait for a coroutine that runs beside the requests."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.event_loop).result(30)


@contextmanager
def running(app, **options):
    """The server of an application in this process, and its base URL; the options are uvicorn's."""
    # A test that fails may leave a connection open on which an answer is in progress.
    options = {"timeout_graceful_shutdown": 10, **options}
    server = Server(uvicorn.Config(app, port=0, log_level="error", server_header=False, proxy_headers=False, **options))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.001)
    try:
        yield server, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def serving(app):
    """The base URL of an application that this process serves."""
    with running(app) as (_, base_url):
        yield base_url


@contextmanager
def client_of(app, **options):
    """A client of an application that this process serves."""
    with serving(app) as base_url, httpx.Client(base_url=base_url, **options) as client:
        yield client


class Files(SimpleHTTPRequestHandler):
    """Python's server of files, which keeps silent and knows the endings that GitHub Pages knows, from mime-db."""

    extensions_map = {
        "": "application/octet-stream",
        ".atom": "application/atom+xml",
        ".css": "text/css",
        ".csv": "text/csv",
        ".html": "text/html",
        ".js": "text/javascript",
        ".json": "application/json",
        ".jsonld": "application/ld+json",
        ".svg": "image/svg+xml",
        ".zip": "application/zip",
    }

    def log_message(self, *arguments):
        """Log nothing."""


@contextmanager
def serving_files(folder):
    """The base URL of a server of the files in a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def eventually(condition, seconds):
    """The first true value of a condition, or its last value when the time is over."""
    ending = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < ending:
        time.sleep(0.01)
    return value


@contextmanager
def watched(settings):
    """A served application, its client, and the function that lets it look for a new dataset.

    It has looked once, and looks again when it is told to, not by itself.
    """
    app = create_app(settings.model_copy(update={"cache_poll_seconds": 86_400.0}))
    with running(app) as (server, base_url), httpx.Client(base_url=base_url) as client:

        def look():
            app.watch.look()
            # Until the event loop has noted it.
            server.run_here(asyncio.sleep(0))

        look()
        yield app, client, look
