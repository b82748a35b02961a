"""What our protocol takes for granted about uvicorn, whose minor version is pinned for that."""

import inspect

import pytest
import uvicorn
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.server.protocol import Protocol
from app.server.sending import SendingProtocol
from app.settings import PROJECT
from tests.support.servers import running
from tests.support.streams import HOST, exchange, statuses

POST = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n" + HOST + b"abc"
# Ours; everything else in our classes must be an override.
OWN = {
    "begin_request",
    "cancel_head_timeout",
    "cancel_send_timeout",
    "close_after_answer",
    "continue_after_answer",
    "expect_body",
    "give_up_stalled",
    "is_answering",
    "is_in_body",
    "linger",
    "next_size",
    "parse",
    "parse_body",
    "parse_head",
    "refuse",
    "refuse_large",
    "refuse_late",
    "send_whole",
    "start_head_timeout",
    "start_send_timeout",
}


def methods(of):
    """The names of the methods that a class defines."""
    return {name for name, value in vars(of).items() if inspect.isfunction(value)}


def test_the_minor_version_is_pinned():
    assert uvicorn.__version__.startswith("0.54.")
    assert '"uvicorn[standard]>=0.54,<0.55"' in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")


def test_every_override_replaces_a_method_of_uvicorn_and_nothing_else_does():
    ours = methods(Protocol) | methods(SendingProtocol)

    assert ours - methods(HttpToolsProtocol) == OWN
    assert OWN - ours == set()


@pytest.fixture
def noted():
    """The calls of a server, one request at a time, in their order."""
    calls = []

    class Noting(HttpToolsProtocol):
        """uvicorn's protocol, which notes what it is called for."""

        def connection_made(self, transport):
            super().connection_made(transport)
            assert {"cycle", "flow", "headers", "parser", "scope", "timeout_keep_alive"} < set(vars(self))
            assert isinstance(self.flow, FlowControl)

        def data_received(self, data):
            calls.append("data_received")
            super().data_received(data)

        def on_headers_complete(self):
            calls.append("on_headers_complete")
            super().on_headers_complete()
            assert self.cycle.scope is self.scope
            assert self.cycle.scope["headers"] is self.headers
            assert (self.cycle.more_body, self.cycle.transport) == (True, self.transport)

        def on_message_complete(self):
            super().on_message_complete()
            calls.append(("on_message_complete", self.cycle.more_body, self.cycle.response_started))

        def on_response_complete(self):
            super().on_response_complete()
            calls.append(("on_response_complete", self.cycle.response_complete, self.transport.is_closing()))

    async def app(scope, receive, send):
        if scope["type"] == "http":
            calls.append("app")
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    with running(app, http=Noting, ws="none", timeout_keep_alive=1) as (_, base_url):
        yield int(base_url.rpartition(":")[2]), calls


def test_the_application_starts_when_all_that_was_received_is_parsed(noted):
    port, calls = noted
    assert statuses(exchange(port, POST, half_close=False)) == [200]

    assert calls == [
        "data_received",
        "on_headers_complete",
        ("on_message_complete", False, False),
        "app",
        ("on_response_complete", True, False),
    ]


def test_uvicorn_closes_the_connection_before_it_says_that_the_response_is_complete(noted):
    port, calls = noted
    assert statuses(exchange(port, POST.replace(b"Host", b"Connection: close\r\nHost"), half_close=False)) == [200]

    assert calls[-1] == ("on_response_complete", True, True)


def test_a_cycle_calls_what_is_replaced_on_it():
    source = inspect.getsource(RequestResponseCycle)

    assert "self.on_response()" in source
    assert "self.scope, self.receive, self.send" in source
    assert {"self.transport.write", "self.transport.close", "self.transport.is_closing"} == {
        f"self.transport.{name}" for name in ("write", "close", "is_closing") if f"self.transport.{name}(" in source
    }
    assert source.count("self.transport.") == sum(
        source.count(f"self.transport.{name}(") for name in ("write", "close", "is_closing")
    )
    assert "self.chunked_encoding is None" in source
    assert httptools_impl.STATUS_LINE[408] == b"HTTP/1.1 408 Request Timeout\r\n"
