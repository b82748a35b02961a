"""The server of the protocol, in memory and over HTTP, and clients of both revisions."""

from contextlib import contextmanager

import anyio.from_thread
import pytest
from mcp.client import Client

from app.main import create_app
from app.mcp.server import build_server
from app.packs.prepare import copy_database
from tests.support.servers import client_of


@contextmanager
def connected(target, mode="auto"):
    """A function that calls a method of a client of a server or a URL; the client is its attribute."""
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(target, mode=mode)) as client,
    ):

        def call(method, *arguments, **options):
            return portal.call(lambda: getattr(client, method)(*arguments, **options))

        call.client = client
        yield call


@pytest.fixture(scope="session")
def mcp_server(settings):
    """Makes a server of the docs pack in this process."""
    snapshot = copy_database(settings)

    async def ask(question):
        with snapshot.reader() as reader:
            return question(reader)

    return lambda: build_server(ask, 2)


@pytest.fixture(scope="session")
def service(settings):
    """A client for plain requests to a service that has the protocol."""
    with client_of(create_app(settings.model_copy(update={"mcp": True}))) as client:
        yield client


@pytest.fixture(scope="session", params=["memory", "memory, legacy", "http", "http, legacy"])
def call(request, mcp_server, service):
    """A function that calls a method of a client, over each transport and in each revision."""
    where, _, mode = request.param.partition(", ")
    with connected(mcp_server() if where == "memory" else f"{service.base_url}/mcp", mode or "auto") as call:
        yield call
