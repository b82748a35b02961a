"""The promise that the response cache never shows: an answer out of it is the answer that it keeps."""

import time
from itertools import product

import httpx
import pytest

from app import openapi
from app.cli import prepare
from app.main import create_app
from app.settings import Settings
from tests.conftest import ids, new_database, serving, statements
from tests.test_seed import change, seed_dir  # noqa: F401 (a fixture)

OPERATIONS = list(openapi.operations(create_app().openapi()))
REQUESTS = [openapi.example_request(path, operation) for path, operation in OPERATIONS if path != "/metrics"]
SECURITY = ["content-security-policy", "referrer-policy", "x-content-type-options"]
PAGES = ["/docs", "/redoc", "/openapi.json", "/docs/assets/swagger-ui.css", "/nope", "/hypervisors?typ=x"]
LANGUAGES = [None, "zh-CN", "fr, en;q=0.5"]
TYPES = [None, "text/csv, */*;q=0.1", "application/xml"]
ENCODINGS = ["identity", "gzip", "zstd, br;q=0.5"]


def headers(language=None, media_type=None, encoding="identity", **more):
    """The headers of a request."""
    named = {"Accept-Language": language, "Accept": media_type, "Accept-Encoding": encoding}
    return {name: value for name, value in named.items() if value} | more


def raw(client, method, url, sent):
    """All of a response that a client can see, the date aside, its content as it was sent."""
    with client.stream(method, url, headers=sent) as response:
        content = b"".join(response.iter_raw())
        return response.status_code, {**response.headers, "date": ""}, content


@pytest.mark.parametrize("url", [*REQUESTS, *PAGES])
def test_a_hit_equals_a_miss(client, uncached, url):
    for language, media_type, encoding, method in product(LANGUAGES, TYPES, ENCODINGS, ["GET", "HEAD"]):
        sent = headers(language, media_type, encoding)
        kept = raw(uncached, method, url, sent)

        assert raw(client, method, url, sent) == kept, sent
        assert raw(client, method, url, sent) == kept, sent


def test_a_hit_asks_the_database_nothing(client):
    with statements() as seen:
        for url in ("/hypervisors?type=hosted&limit=3", "/hypervisors?limit=3&type=hosted"):
            client.get(url, headers=headers("zh"))
        first = len(seen)
        for language in ("zh", "zh-TW;q=0.9", "fr, zh"):
            client.get("/hypervisors?type=hosted&limit=3", headers=headers(language))

    assert first > 0
    assert len(seen) == first


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("nonsense", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent_again(client, method, tags, status):
    whole = client.get("/hypervisors/kvm")
    response = client.request(
        method, "/hypervisors/kvm", headers={"If-None-Match": tags.format(etag=whole.headers["etag"])}
    )

    assert response.status_code == status
    assert response.headers["etag"] == whole.headers["etag"]
    if status == 304:
        kept = {"cache-control", "etag", "vary", "date"} | set(SECURITY)
        assert {name for name in response.headers if not name.startswith("access-control")} == kept
        assert response.content == b""


@pytest.mark.parametrize("url", ["/nope", "/hypervisors?typ=x", "/hypervisors/nope"])
def test_what_is_refused_is_never_not_modified(client, url):
    assert client.get(url, headers={"If-None-Match": "*"}).status_code in (404, 422)


def test_other_caches_are_told_how_long(client):
    response = client.get("/hypervisors")

    assert response.headers["cache-control"] == "public, max-age=60, stale-if-error=86400"
    assert response.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert client.get("/livez").headers["cache-control"] == "no-store"


ODD = [
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-Prefix": "/evil"},
    {"Accept": "text/html;q=oops, */*"},
    {"Accept-Language": "x" * 5000},
    {"Accept-Encoding": "gzip;q=0, identity"},
    {"Origin": "https://evil.example"},
    {"Range": "bytes=0-1"},
    {"Cookie": "lang=zh"},
    {"If-Modified-Since": "Sun, 22 Nov 2037 00:00:00 GMT"},
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: next(iter(odd)))
def test_no_other_header_changes_the_answer_of_anybody(client, uncached, odd):
    url = f"/examples?type=storage&limit={len(str(odd))}"
    expected = raw(uncached, "GET", url, headers())

    assert raw(client, "GET", url, headers() | odd) == expected
    assert raw(client, "GET", url, headers()) == expected


SAME = ["/hypervisors?type=hosted&limit=2", "/hypervisors?limit=2&type=hosted", "/hypervisors?limit=%32&type=hosted"]
OTHER = ["/hypervisors?limit=2&type=hosted&type=bare-metal", "/hypervisors?limit=2&type=bare-metal"]


def test_the_order_of_parameters_does_not_matter_and_everything_else_does(client):
    same = [client.get(url).headers["etag"] for url in SAME]
    other = [client.get(url).headers["etag"] for url in OTHER]

    assert len({*same}) == 1
    assert len({*same, *other}) == 1 + len(OTHER)


def test_an_encoded_slash_is_a_slash_for_everybody(client, uncached):
    assert raw(client, "GET", "/hypervisors%2Fkvm", headers()) == raw(uncached, "GET", "/hypervisors/kvm", headers())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_revision_replaces_what_changed_and_only_that(kind, tmp_path_factory, request, seed_dir):  # noqa: F811
    settings = new_database(kind, tmp_path_factory, request).model_copy(update={"cache_poll_seconds": 0.05})
    prepare(settings)
    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
        before = {url: client.get(url) for url in ("/hypervisors", "/examples")}
        change(seed_dir, "hypervisors.yaml", lambda content: content["hypervisors"].pop())
        prepare(settings.model_copy(update={"seed_dir": seed_dir}))
        time.sleep(0.5)
        after = {url: client.get(url) for url in before}

    assert ids(after["/hypervisors"]) == ids(before["/hypervisors"])[:-1]
    assert after["/hypervisors"].headers["etag"] != before["/hypervisors"].headers["etag"]
    assert after["/examples"].headers["etag"] == before["/examples"].headers["etag"]


def test_what_is_cached_is_served_while_the_database_is_away(tmp_path):
    settings = create_settings(tmp_path)
    prepare(settings)
    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
        kept = client.get("/hypervisors").content
        (tmp_path / "away.db").write_bytes(b"not a database" * 1000)
        time.sleep(0.3)

        assert client.get("/hypervisors").content == kept
        assert client.get("/examples").status_code == 503


def create_settings(folder):
    """The settings for an SQLite file that can be spoilt, and is looked at often."""
    return Settings(database_url=f"sqlite:///{folder}/away.db", cache_poll_seconds=0.05)


def test_the_cache_stays_within_its_bytes(settings):
    app = create_app(settings.model_copy(update={"cache_bytes": 200_000}))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        for offset in range(100):
            client.get(f"/hypervisors?type=hosted&offset={offset}&limit=1")

    assert 0 < app.cache.entries.currsize <= 200_000
    assert app.cache.misses == 100


def test_the_settings_of_the_cache_are_those_of_the_environment(settings, monkeypatch):
    monkeypatch.setenv("TAXONOMY_CACHE_BYTES", "0")
    monkeypatch.setenv("TAXONOMY_CACHE_MAX_AGE", "7")
    monkeypatch.setenv("TAXONOMY_CACHE_STALE_IF_ERROR", "8")
    monkeypatch.setenv("TAXONOMY_CACHE_POLL_SECONDS", "9")
    app = create_app(type(settings)(database_url=settings.database_url))
    with serving(app) as base_url:
        responses = [httpx.get(f"{base_url}/concepts") for _ in range(2)]

    assert responses[0].headers["cache-control"] == "public, max-age=7, stale-if-error=8"
    assert (app.cache.hits, app.cache.misses) == (0, 2)
