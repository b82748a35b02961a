"""The promise that nginx's own errors are problem documents, also where its site is one of several."""

import json
import re
import socket
from http.client import HTTPResponse
from urllib.parse import urlsplit

import httpx
import pytest

from app.api.problems import Kind, Problem
from tests.deployment.test_proxy import NGINX, SITE, proxy
from tests.deployment.test_proxy import folder as folder  # noqa: PLC0414 (a fixture)
from tests.support.commands import answers, free_port
from tests.support.streams import HOST, connect

pytestmark = pytest.mark.proxy

# An nginx that has another site, and settings for all of them.
SHARED = NGINX.replace(
    "include taxonomy.conf;",
    """
    gzip on;
    keepalive_timeout 20s;
    client_max_body_size 5m;
    large_client_header_buffers 4 8k;
    server { listen unix:/tmp/other; location / { return 200 "another site"; } }
    include taxonomy.conf;
    """,
)
# What is sent, and of the problem document the status, the title and the path; no service is running.
OWN_ERRORS = [
    (b"GET\r\n\r\n", 400, "Bad request", ""),
    (b"GET /dataset HTTP/1.1\r\n\r\n", 400, "Bad request", "/dataset"),
    (b"GET /metrics?lang=zh HTTP/1.1\r\n" + HOST, 404, "Not found", "/metrics"),
    (b"TRACE / HTTP/1.1\r\n" + HOST, 405, "Method not allowed", "/"),
    (b"POST /lookup HTTP/1.1\r\nContent-Length: 2000000\r\n" + HOST, 413, "Content too large", "/lookup"),
    (b"GET /%s HTTP/1.1\r\n" % (b"x" * 65536) + HOST, 414, "URI Too Long", ""),
    (b"GET / HTTP/1.1\r\nA: %s\r\n" % (b"x" * 65536) + HOST, 431, "Request header fields too large", "/"),
    (b"GET / HTTP/1.1\r\nTransfer-Encoding: x\r\n" + HOST, 501, "Not Implemented", "/"),
    (b"GET /a%22b?x HTTP/1.1\r\n" + HOST, 502, "Bad Gateway", "/a%22b"),
    (b'GET /a"b HTTP/1.1\r\n' + HOST, 502, "Bad Gateway", ""),
    (b"GET /a\\b HTTP/1.1\r\n" + HOST, 502, "Bad Gateway", ""),
    (b"GET /caf\xc3\xa9 HTTP/1.1\r\n" + HOST, 502, "Bad Gateway", ""),
    (b"GET /lookup?value=%s HTTP/1.1\r\n" % (b"x" * 60000) + HOST, 502, "Bad Gateway", "/lookup"),
    (b"GET / HTTP/3.0\r\n" + HOST, 505, "HTTP Version Not Supported", ""),
]
HEADERS = {
    "content-type": "application/problem+json",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Retry-After, X-Request-ID",
}
MORE_HEADERS = {405: {"allow": "GET, HEAD, OPTIONS"}, 502: {"retry-after": "5"}, 504: {"retry-after": "5"}}


def exchange(url, sent):
    """The status, the headers and the content of the answer to some bytes."""
    with connect(urlsplit(url).port) as connection:
        connection.sendall(sent)
        with HTTPResponse(connection, method=sent.split()[0].decode()) as answer:
            answer.begin()
            headers = {name.lower(): value for name, value in answer.headers.items()}
            assert re.fullmatch("[0-9a-f]{32}", headers.pop("x-request-id"))
            for name in ("server", "date", "connection"):
                del headers[name]
            return answer.status, headers, answer.read()


def own_error(url, sent):
    """The status, the title and the path of an error of nginx, whose form is checked."""
    status, headers, content = exchange(url, sent)
    document = json.loads(content)
    assert headers == HEADERS | MORE_HEADERS.get(status, {}) | {"content-length": str(len(content))}
    assert list(document) == list(Problem.model_fields)
    assert document["status"] == status
    assert document["detail"].endswith(".")
    assert document["errors"] == []
    return status, document["title"], document["instance"]


@pytest.mark.parametrize("nginx", [NGINX, SHARED], ids=["own", "shared"])
def test_the_errors_of_nginx_are_problem_documents(folder, nginx):
    with proxy(folder, f"http://127.0.0.1:{free_port()}", nginx) as url:
        assert answers(f"{url}/metrics", 404)
        errors = [own_error(url, sent) for sent, *_ in OWN_ERRORS]
        (_, of_get, _), (status, of_head, content) = (
            exchange(url, method + b" /metrics HTTP/1.1\r\n" + HOST) for method in (b"GET", b"HEAD")
        )

    assert errors == [tuple(expected) for _, *expected in OWN_ERRORS]
    assert (status, of_head, content) == (404, of_get, b"")


def test_the_problems_of_nginx_are_of_the_kinds_that_the_service_has():
    problems = [json.loads(f"{{{text}}}") for text in re.findall(r"^    \d{3} '(.*)';$", SITE, re.MULTILINE)]
    kinds = {kind.status: (kind.type, kind.title.en) for kind in Kind}
    (answered,) = re.findall(r"error_page ([\d ]+) /@problem;", SITE)

    assert sorted([*answered.split(), "431"]) == [str(problem["status"]) for problem in problems]
    assert [(problem["type"], problem["title"]) for problem in problems] == [
        kinds.get(problem["status"], ("about:blank", problem["title"])) for problem in problems
    ]


def test_the_site_leaves_the_others_of_an_nginx_alone(folder):
    with (
        proxy(folder, "http://127.0.0.1:1", SHARED) as url,
        httpx.Client(transport=httpx.HTTPTransport(uds=f"{folder}/other")) as other,
    ):
        assert answers(f"{url}/metrics", 404)
        answer = other.post("http://other/metrics", content=bytes(2000))

    assert (answer.status_code, answer.text) == (200, "another site")
    assert "x-cache" not in answer.headers


def test_a_service_that_does_not_answer_is_a_problem_document(folder):
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        proxy(
            folder,
            f"http://127.0.0.1:{silent.getsockname()[1]}",
            changes={"proxy_read_timeout 30s": "proxy_read_timeout 200ms"},
        ) as url,
    ):
        assert answers(f"{url}/metrics", 404)
        error = own_error(url, b"GET /dataset HTTP/1.1\r\n" + HOST)

    assert error == (504, "Gateway Timeout", "/dataset")
