"""The promise that the response cache never shows: an answer out of it is the answer that it keeps."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from app.main import create_app
from app.packs.prepare import prepare
from app.server.cache import ResponseCache
from tests.support.databases import both_databases
from tests.support.http import before_each_statement, headers, ids, problem, raw, statements
from tests.support.packs import change, without_the_last_hypervisor
from tests.support.servers import eventually, serving, watched
from tests.support.urls import REQUESTS

SECURITY = ["content-security-policy", "referrer-policy", "x-content-type-options"]
# The response cache is held against none by `test_cache_model`; these show each way to negotiate and to be left out.
ASKED = [
    ("/hypervisors?type=bare-metal", headers()),
    ("/hypervisors?type=hosted", headers("zh-CN", "text/csv", "gzip")),
    ("/hypervisors/kvm", headers("fr, en;q=0.5", None, "br")),
    ("/search?q=%E5%AE%B9%E5%99%A8", headers("zh", "*/*", "zstd, br;q=0.5")),
    ("/export", headers(None, "application/zip")),
    ("/export", headers("zh", "application/ld+json", "gzip;q=0, *")),
    ("/", headers("zh-CN", "text/html, */*;q=0.8", "br")),
    ("/openapi.json", headers(None, None, "zstd")),
    ("/docs/assets/swagger-ui.css", headers(None, None, "gzip")),
]
NOT_KEPT = [
    ("/nope", headers()),
    ("/hypervisors/esxi", headers()),
    ("/hypervisors?typ=x", headers("zh", "text/html", "gzip")),
    ("/hypervisors", headers(None, "image/png")),
    ("/livez", headers()),
]


@pytest.fixture(scope="module")
def cached(settings):
    """A served application whose cache can be looked at, and its client."""
    with watched(settings) as (app, client, _):
        yield app, client


@pytest.mark.parametrize(
    ("url", "sent", "kept"), [*((*asked, True) for asked in ASKED), *((*asked, False) for asked in NOT_KEPT)]
)
def test_a_hit_equals_a_miss(cached, uncached, url, sent, kept):
    app, client = cached
    whole = raw(uncached, "GET", url, sent)
    expected = {"GET": whole, "HEAD": (*whole[:2], b"")}
    assert raw(uncached, "HEAD", url, sent) == expected["HEAD"]
    for methods in (["GET", "GET", "HEAD"], ["HEAD", "HEAD", "GET"]):
        app.cache.clear()
        app.cache.hits = app.cache.misses = 0

        assert [raw(client, method, url, sent) for method in methods] == [expected[method] for method in methods]
        assert (app.cache.misses, app.cache.hits) == ((1, 2) if kept else (3, 0))


def test_a_hit_reads_nothing(client):
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
        ("{bare}", 200),
        ("x{bare}x", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent_again(client, method, tags, status):
    whole = client.get("/hypervisors/kvm")
    response = client.request(
        method,
        "/hypervisors/kvm",
        headers={"If-None-Match": tags.format(etag=whole.headers["etag"], bare=whole.headers["etag"].strip('"'))},
    )

    assert response.status_code == status
    assert response.headers["etag"] == whole.headers["etag"]
    if status == 304:
        repeated = {"cache-control", "etag", "vary", "date"}
        assert {name for name in response.headers if not name.startswith("access-control")} == repeated
        assert response.content == b""


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ("{etag}", 200),
        ('"other", {etag}', 200),
        ("*", 200),
        ("W/{etag}", 412),
        ("W/{etag}, {etag}", 200),
        ('"other"', 412),
        ("", 412),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_that_if_match_does_not_name_is_refused(client, method, tags, status):
    whole = client.get("/hypervisors/kvm")
    response = client.request(method, "/hypervisors/kvm", headers={"If-Match": tags.format(etag=whole.headers["etag"])})

    assert response.status_code == status
    assert response.headers["vary"] == whole.headers["vary"]
    if status == 412:
        assert [name for name in ("etag", "cache-control", "content-encoding") if name in response.headers] == []
        assert {*SECURITY} <= {*response.headers}
        assert int(response.headers["content-length"]) > 0
    if response.status_code == 412 and method == "GET":
        assert problem(response)["detail"] == "If-Match does not name the entity tag of the present answer."


def test_if_match_counts_before_if_none_match(client):
    etag = client.get("/hypervisors/kvm").headers["etag"]

    assert client.get("/hypervisors/kvm", headers={"If-Match": '"x"', "If-None-Match": etag}).status_code == 412
    assert client.get("/hypervisors/kvm", headers={"If-Match": etag, "If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("url", ["/nope", "/hypervisors?typ=x", "/hypervisors/nope"])
def test_what_is_refused_is_never_not_modified(client, url):
    for condition in ({"If-None-Match": "*"}, {"If-Match": '"x"'}):
        assert client.get(url, headers=condition).status_code in (404, 422)


def test_other_caches_are_told_how_long(client):
    response = client.get("/hypervisors")

    assert response.headers["cache-control"] == "public, max-age=60, stale-if-error=86400"
    assert response.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert client.get("/livez").headers["cache-control"] == "no-store"


# Each Accept-Encoding header, and the coding of the answer: the client's order counts, ours only among equals.
CODINGS = [
    ("", None),
    ("gzip, br", "br"),
    ("gzip, deflate, br, zstd", "zstd"),
    ("br;q=0.5, gzip;q=0.9", "gzip"),
    ("br;q=1.0, gzip;q=0.8, *;q=0.1", "br"),
    ("gzip;q=0.5, *", "zstd"),
    ("gzip;q=0.001", "gzip"),
    ("gzip;q=0, *", "zstd"),
    ("*", "zstd"),
    ("GZip;q=1, identity;q=0", "gzip"),
    ("gzip, identity", "gzip"),
    ("gzip;q=0.5, identity", None),
    ("deflate", None),
    # Nothing of ours is acceptable: the answer is not compressed, rather than a 406.
    ("identity;q=0", None),
    ("*;q=0", None),
]


@pytest.mark.parametrize(("accepted", "coding"), CODINGS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_has_the_coding_that_the_client_prefers(client, uncached, method, accepted, coding):
    for each in (client, uncached):
        status, sent, _ = raw(each, method, "/taxonomy", {"Accept-Encoding": accepted})

        assert (status, sent.get("content-encoding")) == (200, coding)


ODD = [
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Script-Name": "/evil"},
    {"Accept": "text/html;q=oops, */*"},
    {"Accept": f"a{' ' * 200_000}b"},
    {"Accept-Language": "x" * 5000},
    {"Accept-Encoding": "gzip;q=0, identity"},
    {"Origin": "https://evil.example"},
    {"Range": "bytes=0-1"},
    {"Cookie": "lang=zh"},
    {"If-Modified-Since": "Sun, 22 Nov 2037 00:00:00 GMT"},
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:40])
def test_no_other_header_changes_the_answer_of_anybody(client, uncached, odd):
    url = f"/examples?type=storage&limit={len(str(odd))}"
    expected = raw(uncached, "GET", url, headers())

    assert raw(client, "GET", url, headers() | odd) == expected
    assert raw(client, "GET", url, headers()) == expected


SAME = ["/hypervisors?type=hosted&limit=2", "/hypervisors?limit=2&type=hosted", "/hypervisors?limit=%32&type=hosted"]
SAME += ["/hypervisors?" + "&" * 5000 + "limit=2&type=hosted"]
OTHER = ["/hypervisors?limit=2&type=hosted&type=bare-metal", "/hypervisors?limit=2&type=bare-metal"]


def test_the_order_of_parameters_does_not_matter_and_everything_else_does(client):
    same = [client.get(url).headers["etag"] for url in SAME]
    other = [client.get(url).headers["etag"] for url in OTHER]

    assert len({*same}) == 1
    assert len({*same, *other}) == 1 + len(OTHER)


def test_an_encoded_slash_is_a_slash_for_everybody(client, uncached):
    assert raw(client, "GET", "/hypervisors%2Fkvm", headers()) == raw(uncached, "GET", "/hypervisors/kvm", headers())


@pytest.fixture
def changing(empty, seed_dir):
    """The settings for a database whose dataset changes, and the function that loads another: without a hypervisor."""
    prepare(empty)
    change(seed_dir, "hypervisors.yaml", without_the_last_hypervisor)
    return empty, lambda: prepare(empty.model_copy(update={"seed_dir": seed_dir}))


def test_a_new_dataset_replaces_what_changed_and_only_that(changing):
    settings, reload = changing
    with watched(settings) as (_, client, look):
        before = {url: raw(client, "GET", url, headers()) for url in REQUESTS}
        reload()
        late = {url: raw(client, "GET", url, headers()) for url in REQUESTS}
        look()
        after = {url: raw(client, "GET", url, headers()) for url in REQUESTS}

    stored = {url for url, answer in before.items() if "etag" in answer[1]}
    assert late == before
    assert {url for url in REQUESTS if after[url] != before[url]} == {
        "/hypervisor-types",
        "/hypervisor-types.csv",
        "/hypervisor-types.jsonld",
        "/taxonomy",
        "/export",
        "/export.zip",
        "/export.jsonld",
        "/readyz",
        "/dataset",
        # The copy of the pack has no history.
        "/changes",
        "/changes.csv",
        "/changes.atom",
    }
    assert [
        url for url in stored if (after[url] == before[url]) != (after[url][1]["etag"] == before[url][1]["etag"])
    ] == []


@both_databases
def test_a_new_dataset_is_noticed_by_itself(changing):
    settings, reload = changing
    app = create_app(settings.model_copy(update={"cache_poll_seconds": 0.05}))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        before = ids(client.get("/hypervisors"))
        reload()

        assert eventually(lambda: ids(client.get("/hypervisors")) == before[:-1], seconds=30)


def test_a_dataset_that_was_there_between_two_looks_leaves_nothing_behind(changing):
    settings, reload = changing
    with watched(settings) as (_, client, look):
        before = client.get("/hypervisors").content
        reload()
        prepare(settings)
        look()

        assert client.get("/hypervisors").content == before


@contextmanager
def held():
    """Hold the first search that reads terms; yields what tells of that, and what lets it go on."""
    reached, released = threading.Event(), threading.Event()

    def hold(statement):
        if "term.ordinal IN" in statement and not reached.is_set():
            reached.set()
            released.wait(30)

    with before_each_statement(hold):
        try:
            yield reached, released
        finally:
            released.set()


def test_what_was_read_before_a_new_dataset_is_kept_for_nobody(changing):
    settings, reload = changing
    with watched(settings) as (_, client, look), ThreadPoolExecutor() as pool:
        with held() as (reached, released):
            early = pool.submit(client.get, "/search?q=desktop&resource=hypervisors")
            assert reached.wait(30)
            reload()
            look()
            during = pool.submit(client.get, "/search?q=desktop&resource=hypervisors").result(30)
            released.set()
            early = early.result(30)
        after = client.get("/search?q=desktop&resource=hypervisors")

    assert (early.json()["total"], during.json()["total"]) == (4, 3)
    assert after.content == during.content


def test_concurrent_misses_of_one_answer_ask_once(changing):
    settings, _ = changing
    with watched(settings) as (app, client, _), ThreadPoolExecutor(8) as pool:
        with statements() as seen:
            expected = client.get("/search?q=vm").content
        app.cache.clear()
        app.cache.misses = 0
        with statements() as seen_together, held() as (reached, released):
            answers = [pool.submit(client.get, "/search?q=vm") for _ in range(8)]
            eventually(lambda: app.cache.misses == 8, seconds=30)
            released.set()
            contents = {answer.result(30).content for answer in answers}

    assert reached.is_set()
    assert app.cache.misses == 8
    assert contents == {expected}
    assert seen_together == seen


def test_who_gives_up_waiting_takes_nobody_along():
    async def run():
        begun, going_on = asyncio.Event(), asyncio.Event()

        async def below(scope, receive, send):
            begun.set()
            await going_on.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"whole"})

        cache = ResponseCache(below, negotiators={}, headers=[], max_bytes=100_000, cache_control="public")

        async def ask():
            sent = []

            async def send(message):
                sent.append(message.get("body", b""))

            scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
            await cache(scope, None, send)
            return b"".join(sent)

        asking = [asyncio.create_task(ask()) for _ in range(3)]
        await begun.wait()
        asking[1].cancel()
        await asyncio.sleep(0)
        going_on.set()
        return await asyncio.gather(*asking, return_exceptions=True)

    first, second, third = asyncio.run(run())
    assert (first, third) == (b"whole", b"whole")
    assert isinstance(second, asyncio.CancelledError)


LONG_VALUE = "&value=" + "x" * 193
URLS = {
    "many answers": [f"/hypervisors?type=hosted&offset={offset}&limit=1" for offset in range(100)],
    "long queries": ["/lookup?value=" + str(number) + LONG_VALUE * 99 for number in range(100)],
}


@pytest.mark.parametrize("urls", URLS.values(), ids=URLS)
@pytest.mark.slow
def test_the_cache_stays_within_its_bytes(settings, urls):
    app = create_app(settings.model_copy(update={"cache_bytes": 400_000}))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        for url in urls:
            client.get(url)

    held = sum(len(key[1]) + len(answer.whole.body) for key, answer in app.cache.entries.items())
    assert 0 < held < app.cache.entries.currsize <= 400_000
    assert app.cache.misses == 100


def test_files_do_not_crowd_out_answers(cached):
    app, client = cached
    app.cache.clear()
    client.get("/hypervisors")
    for number in range(60):
        assert client.get(f"/docs/assets/redoc.standalone.js?x={number}").status_code == 422

    assert [key[0] for key in app.cache.entries] == ["/hypervisors"]


def test_an_answer_over_its_share_is_not_kept(settings, uncached):
    app = create_app(settings.model_copy(update={"cache_bytes": 300_000}))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        for url, hits in (("/hypervisors", 0), ("/hypervisors/kvm", 1)):
            answers = [raw(client, "GET", url, headers()) for _ in range(2)]

            assert answers == [raw(uncached, "GET", url, headers())] * 2
            assert app.cache.hits == hits


@pytest.mark.setting("cache_bytes", "cache_max_age", "cache_stale_if_error", "cache_poll_seconds")
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


def test_one_entry_serves_every_order_of_parameters_and_no_other_order_of_values(cached):
    app, client = cached
    app.cache.clear()
    app.cache.misses = 0
    for url in SAME:
        client.get(url)
    assert app.cache.misses == 1

    values = ["kvm", "xen"]
    for order in (values, values[::-1]):
        results = client.get("/lookup", params={"value": order}).json()["results"]
        assert [result["value"] for result in results] == order


def test_the_entity_tags_of_repeated_header_lines_are_one_list(client):
    etag = client.get("/hypervisors/kvm").headers["etag"]
    lines = [("If-None-Match", etag), ("If-None-Match", '"other"')]

    assert client.get("/hypervisors/kvm", headers=lines).status_code == 304
