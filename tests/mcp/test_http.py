"""`/mcp`: who may send what, through what stands in front of the service."""

import json
import sqlite3
from contextlib import ExitStack, asynccontextmanager
from itertools import cycle

import httpx
import httpx2
import pytest
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from app.main import create_app
from app.settings import Settings
from tests.mcp.conftest import connected
from tests.support.commands import answers, started
from tests.support.http import problem
from tests.support.servers import client_of, serving
from tests.support.streams import exchange

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
GET_KVM = {"name": "get_entries", "arguments": {"refs": ["hypervisors/kvm"]}}


def post(client, message=LIST, path="/mcp", **headers):
    """The answer to a message."""
    return client.post(path, json=message, headers=headers)


def refused(response, status):
    """The problem document of a refusal."""
    assert response.status_code == status
    return problem(response)


def modern(name=None, **params):
    """The message and the headers of a call in the new revision."""
    method = "tools/call" if name else "tools/list"
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    named = {"name": name} if name else {}
    headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method} | ({"Mcp-Name": name} if name else {})
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": meta, **named, **params}}, headers


@pytest.mark.setting("mcp")
def test_the_protocol_is_there_only_if_it_is_wanted(settings, monkeypatch, client):
    assert refused(post(client), 404)["detail"] == "There is nothing at '/mcp'. The API's paths are listed at /docs."

    monkeypatch.setenv("TAXONOMY_MCP", "true")
    with client_of(create_app(Settings(database_url=settings.database_url))) as service:
        assert post(service).json()["result"]["tools"][0]["name"] == "identify_host"
        missing = refused(service.get("/mcpp"), 404)
        assert missing["detail"] == "There is nothing at '/mcpp'. Did you mean '/mcp'?"
        assert "/mcp" not in service.get("/openapi.json").json()["paths"]


def test_an_answer_is_json_and_nobody_keeps_it(service):
    first, second = post(service), post(service)

    assert first.json() == second.json()
    assert first.headers["content-type"] == "application/json"
    assert first.headers["cache-control"] == "no-store"
    assert {"etag", "mcp-session-id", "age"} & {*first.headers} == set()
    assert first.headers["x-content-type-options"] == "nosniff"
    assert 'taxonomy_requests_total{method="POST",route="/mcp",status="200"}' in service.get("/metrics").text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_a_post_is_a_message(service, method):
    response = service.request(method, "/mcp")

    assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")
    if method != "HEAD":
        detail = f"{method} is not allowed: a message of the Model Context Protocol is a POST."
        assert refused(response, 405)["detail"] == detail
    options = service.options("/mcp")
    assert (options.status_code, options.headers["allow"]) == (204, "OPTIONS, POST")


def test_a_body_has_the_bounds_of_every_post(service):
    assert refused(service.post("/mcp", content=b"x", headers={"Content-Type": "text/plain"}), 415)
    padded = post(service, LIST | {"params": {"_meta": {"padding": "x" * 2**20}}})
    assert refused(padded, 413)["detail"] == "The body is longer than 1 MiB; send several requests."
    assert post(service, [LIST]).status_code == 400
    assert service.post("/mcp", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400


def test_half_of_a_surrogate_pair_is_answered(service):
    body = (
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"resolve_identifiers","arguments":'
        b'{"values":["\\ud800"]},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
        b'"io.modelcontextprotocol/clientCapabilities":{}}}}'
    )
    _, headers = modern("resolve_identifiers")
    answer = service.post("/mcp", content=body, headers=headers | {"Content-Type": "application/json"}).json()

    assert answer["result"]["structuredContent"] == {
        "results": [
            {
                "value": "\\ud800",
                "match": "none",
                "entries": [],
                "reason": "The value contains half of a surrogate pair.",
            }
        ]
    }


def test_white_space_around_a_header_is_no_part_of_it(service):
    message, headers = modern(**GET_KVM)
    body = json.dumps(message)
    sent = headers | {
        "Host": "x",
        "Connection": "close",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Content-Length": len(body),
    }
    statuses = []
    for name in ("get_entries", "  get_entries \t", "list_entries"):
        lines = "".join(f"{header}: {value}\r\n" for header, value in (sent | {"Mcp-Name": name}).items())
        request = f"POST /mcp HTTP/1.1\r\n{lines}\r\n{body}".encode()
        (answer,) = exchange(service.base_url.port, request, half_close=False)
        statuses.append((answer.status, json.loads(answer.content).get("error", {}).get("code")))

    assert statuses == [(200, None), (200, None), (400, -32020)]


def test_hosts_and_origins_are_those_of_the_api(settings):
    strict = settings.model_copy(
        update={"mcp": True, "allowed_hosts": ("127.0.0.1",), "cors_origins": ("https://app.example.com",)}
    )
    with client_of(create_app(strict)) as client:
        assert refused(post(client, Host="evil.example"), 421)
        refusal = refused(post(client, Origin="https://evil.example"), 403)
        allowed = post(client, Origin="https://app.example.com")
        preflight = client.options(
            "/mcp",
            headers={
                "Origin": "https://app.example.com",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type,mcp-protocol-version",
            },
        )

    assert refusal["type"] == "/problems/cross-origin"
    assert allowed.headers["access-control-allow-origin"] == "https://app.example.com"
    assert preflight.headers["access-control-allow-headers"] == "content-type,mcp-protocol-version"


def test_urls_begin_with_the_path_prefix(settings):
    prefixed = settings.model_copy(update={"mcp": True, "root_path": "/taxonomy"})
    with serving(create_app(prefixed)) as base_url, connected(f"{base_url}/mcp") as call:
        got = call("call_tool", **GET_KVM).structured_content["entries"][0]
        (read,) = call("read_resource", "taxonomy://hypervisors/kvm").contents

    assert (got["ref"], got["url"]) == ("hypervisors/kvm", "/taxonomy/hypervisors/kvm")
    assert json.loads(read.text) == got


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_any_process_answers_any_message(settings, mode):
    with ExitStack() as stack:
        app = settings.model_copy(update={"mcp": True})
        ports = [httpx2.URL(stack.enter_context(serving(create_app(app)))).port for _ in range(2)]
        turns, asked = cycle(ports), []

        async def alternate(request):
            asked.append(next(turns))
            request.url = request.url.copy_with(port=asked[-1])

        @asynccontextmanager
        async def alternating():
            async with (
                httpx2.AsyncClient(event_hooks={"request": [alternate]}) as client,
                streamable_http_client(f"http://127.0.0.1:{ports[0]}/mcp", http_client=client) as streams,
            ):
                yield streams

        call = stack.enter_context(connected(alternating(), mode))
        results = [call("call_tool", **GET_KVM).structured_content for _ in range(4)]

    assert len({json.dumps(result) for result in results}) == 1
    assert {*asked} == {*ports}


@pytest.mark.slow
def test_workers_answer_alike(environment, settings):
    variables = {"TAXONOMY_MCP": "true", "TAXONOMY_WORKERS": "2", "TAXONOMY_DATABASE_URL": settings.database_url}
    with started(environment, **variables) as (process, url):
        assert answers(f"{url}/readyz")
        with connected(f"{url}/mcp") as call:
            assert [len(call("list_tools", cache_mode="bypass").tools) for _ in range(8)] == [6] * 8
        # Each over a connection of its own.
        assert {httpx.post(f"{url}/mcp", json=LIST).status_code for _ in range(8)} == {200}

    assert process.returncode == 0


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_failure_is_logged_and_says_nothing_of_its_cause(settings, tmp_path, caplog, mode):
    with sqlite3.connect(settings.database_url.removeprefix("sqlite:///")) as whole:
        whole.execute("VACUUM INTO ?", [f"{tmp_path}/broken.db"])
    with sqlite3.connect(tmp_path / "broken.db") as copy:
        copy.execute("UPDATE concept SET record_en = '{'")
    broken = Settings(database_url=f"sqlite:///{tmp_path}/broken.db", mcp=True)
    with serving(create_app(broken)) as base_url, connected(f"{base_url}/mcp", mode) as call:
        result = call("call_tool", "get_entries", {"refs": ["concepts/hypervisor"]})
        with pytest.raises(MCPError) as raised:
            call("read_resource", "taxonomy://concepts/hypervisor")

    sentence = "The service failed; the error has been logged."
    assert (result.is_error, result.content[0].text) == (True, sentence)
    assert (raised.value.code, raised.value.message) == (-32603, sentence)
    logged = [record.getMessage() for record in caplog.records if record.exc_info]
    assert logged == ["The tool get_entries failed", "A question failed"]


def test_without_a_dataset_a_call_says_so(tmp_path):
    missing = Settings(database_url=f"sqlite:///{tmp_path}/missing.db", mcp=True)
    with serving(create_app(missing)) as base_url, connected(f"{base_url}/mcp") as call:
        result = call("call_tool", **GET_KVM)

    assert (result.is_error, result.content[0].text) == (
        True,
        "There is no database file: run `virt-taxonomy migrate`.",
    )
