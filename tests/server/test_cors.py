"""The promise that pages of any origin, or of those that the operator names, may read the API."""

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.support.http import problem
from tests.support.servers import client_of

ORIGIN = {"Origin": "https://dashboard.example"}
EXPOSED = "Age, Content-Disposition, Content-Language, ETag, Link, Retry-After, X-Request-ID"
# What browsers' scripts send to read, by themselves, by libraries and by those that trace.
SENT = [
    "accept",
    "accept-language",
    "authorization",
    "baggage",
    "cache-control",
    "content-type",
    "if-match",
    "if-none-match",
    "pragma",
    "range",
    "traceparent",
    "tracestate",
    "x-request-id",
    "x-requested-with",
]


@pytest.fixture(scope="module")
def named(settings):
    """A client of a server that two origins may read."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TAXONOMY_CORS_ORIGINS", "https://dashboard.example, https://other.example")
        app = create_app(Settings(database_url=settings.database_url))

    def fail(_):
        raise ValueError

    app.add_route("/bug", fail)
    with client_of(app) as client:
        yield client


def permission(response):
    """The headers of CORS, by their names without the beginning that they share."""
    prefix = "access-control-"
    return {name[len(prefix) :]: value for name, value in response.headers.items() if name.startswith(prefix)}


def preflight(client, path, **asked):
    """The answer to a preflight: what is asked for, with a dash for an underscore."""
    headers = {f"Access-Control-Request-{name.replace('_', '-')}": value for name, value in asked.items()}
    return client.options(path, headers=ORIGIN | headers)


PATHS = [
    "/hypervisors",
    "/hypervisors/esxi",
    "/hypervisors/nope",
    "/hypervisors?typ=x",
    "/nope",
    "/livez",
    "/openapi.json",
]


@pytest.mark.parametrize("path", PATHS)
def test_any_origin_may_read_every_answer_by_default(client, path):
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        response = client.request(method, path, headers=ORIGIN)

        assert permission(response) == {"allow-origin": "*", "expose-headers": EXPOSED}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("headers", [None, ",".join(SENT), "x-datadog-trace-id,x-" + "a" * 5000])
def test_a_page_may_read_with_any_header(client, named, method, headers):
    for each, origin in ((client, "*"), (named, "https://dashboard.example")):
        response = preflight(each, "/nope", method=method, **({"headers": headers} if headers else {}))

        assert (response.status_code, response.content) == (204, b"")
        assert permission(response) == {
            "allow-origin": origin,
            "expose-headers": EXPOSED,
            "allow-methods": "GET, HEAD, POST",
            "max-age": "86400",
        } | ({"allow-headers": headers} if headers else {})
        assert response.headers["vary"] == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "get"])
def test_a_preflight_for_writing_is_refused_as_the_request_would_be(client, method):
    response = preflight(client, "/hypervisors", method=method, headers="content-type")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert problem(response) == {
        "type": "/problems/method-not-allowed",
        "title": "Method not allowed",
        "status": 405,
        "detail": f"{method} is not allowed: this API is read-only. Use GET.",
        "instance": "/hypervisors",
        "errors": [],
    }


@pytest.mark.parametrize("origin", ["https://evil.example", "https://dashboard.example.evil.example", "null"])
def test_a_preflight_of_another_origin_is_refused_with_the_name_of_the_setting(named, origin):
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "etag"}
    response = named.options("/hypervisors", headers=headers)

    assert response.status_code == 403
    assert permission(response) == {}
    assert problem(response) == {
        "type": "/problems/cross-origin",
        "title": "Cross-origin request not allowed",
        "status": 403,
        "detail": f"TAXONOMY_CORS_ORIGINS does not allow pages of '{origin}' to read this API.",
        "instance": "/hypervisors",
        "errors": [],
    }


@pytest.mark.setting("cors_origins")
def test_the_operator_may_name_origins(named):
    allowed = named.get("/hypervisors", headers=ORIGIN)
    origins = ["https://dashboard.example", "https://other.example", "https://evil.example"]
    known = {"If-None-Match": allowed.headers["etag"]}
    fresh = [named.get("/hypervisors", headers={"Origin": origin}) for origin in origins]
    unchanged = [named.get("/hypervisors", headers=known | {"Origin": origin}) for origin in origins]

    assert [response.status_code for response in (*fresh, *unchanged)] == [200] * 3 + [304] * 3
    for responses in (fresh, unchanged):
        assert [permission(response) for response in responses] == [
            {"allow-origin": "https://dashboard.example", "expose-headers": EXPOSED},
            {"allow-origin": "https://other.example", "expose-headers": EXPOSED},
            {},
        ]
    assert {response.headers["vary"] for response in (*fresh, *unchanged)} == {
        "Accept, Accept-Language, Accept-Encoding, Origin"
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/hypervisors?typ=x", 422),
        ("GET", "/nope", 404),
        ("POST", "/hypervisors", 405),
        ("OPTIONS", "/nope", 404),
        ("GET", "/bug", 500),
    ],
)
def test_a_named_origin_may_read_why_it_failed(named, method, path, status):
    # On connections of their own, since the server closes one after a 500.
    ours, other = (httpx.request(method, named.base_url.join(path), headers=sent) for sent in (ORIGIN, {}))

    assert (ours.status_code, other.status_code) == (status, status)
    assert permission(ours) == {"allow-origin": "https://dashboard.example", "expose-headers": EXPOSED}
    assert permission(other) == {}
