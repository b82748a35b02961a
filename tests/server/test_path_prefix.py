"""The promise that answers under a path prefix are those without one, except that their URLs begin with it."""

import csv
import io
import json
import re
import socket
import zipfile
from itertools import product
from urllib.parse import urlsplit

import httpx
import pytest

from app.main import create_app
from app.path_prefix import PREFIX_HINT_EN, PREFIX_HINT_ZH
from tests.support.commands import answers, started
from tests.support.http import headers, raw
from tests.support.servers import client_of, watched
from tests.support.urls import REQUESTS

PREFIX = "/taxonomy"
FORWARDED = {"X-Forwarded-Prefix": PREFIX}
# The fields that contain URLs, and others: a hypervisor has a `type` as well.
URL_FIELDS = ("url", "type", "instance", "same_as")


@pytest.fixture(scope="module", params=["setting", "header"])
def behind(request, settings):
    """A client of a server that has the prefix from the setting, or from each request."""
    if request.param == "setting":
        with client_of(create_app(settings.model_copy(update={"root_path": PREFIX}))) as client:
            yield client
    else:
        with client_of(create_app(settings), headers=FORWARDED) as client:
            yield client


def prefixed(content):
    """JSON with a prefix before each URL of this service."""
    if isinstance(content, list):
        return [prefixed(item) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        name: PREFIX + value
        if name in URL_FIELDS and isinstance(value, str) and value.startswith("/")
        else prefixed(value)
        for name, value in content.items()
    }


def table(content):
    """The rows of a CSV file."""
    return [*csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def read(response):
    """What an answer contains, as JSON."""
    media_type = response.headers["content-type"].partition(";")[0]
    if media_type == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(response.content))
        return {name: table(archive.read(name)) for name in archive.namelist()}
    if media_type == "application/atom+xml":
        return [{"url": url} for url in re.findall('href="(/[^"]*)"', response.text)]
    return table(response.content) if media_type == "text/csv" else response.json()


REFUSED_REQUESTS = ["/nope", "/hypervisors?typ=x", "/hypervisors/nope?lang=zh", "/lookup"]


@pytest.mark.parametrize("url", [*REQUESTS, *REFUSED_REQUESTS])
def test_an_answer_is_the_same_but_for_its_urls(client, behind, url):
    expected, answer = client.get(url), behind.get(url)

    assert answer.status_code == expected.status_code
    assert answer.headers.get("link", "") == expected.headers.get("link", "").replace("</", f"<{PREFIX}/")
    given, wanted = read(answer), prefixed(read(expected))
    if answer.is_error:
        # The texts that name a path are below.
        for document in (given, wanted):
            del document["detail"], document["errors"]
    assert given == wanted


TEXTS = [
    ("/nope", "detail", "There is nothing at '/taxonomy/nope'. The API's paths are listed at /taxonomy/docs."),
    ("/hypervisor", "detail", "There is nothing at '/taxonomy/hypervisor'. Did you mean '/taxonomy/hypervisors'?"),
    ("/lookup/", "detail", "There is nothing at '/taxonomy/lookup/'. Did you mean '/taxonomy/lookup'?"),
    ("/hypervisors/nope", "detail", "There is no 'nope' in hypervisors. /taxonomy/hypervisors lists the ids."),
    (
        "/hypervisors/docker",
        "detail",
        "There is no 'docker' in hypervisors. /taxonomy/lookup?value=docker finds /taxonomy/examples/docker.",
    ),
    (
        "/hypervisors?vendor=zzz",
        "hint",
        "No entry in hypervisors has the vendor 'zzz'. /taxonomy/hypervisors?facet=vendor lists the values.",
    ),
]


@pytest.mark.parametrize(("url", "field", "text"), TEXTS)
def test_a_path_in_a_text_begins_with_the_prefix(behind, url, field, text):
    assert behind.get(url).json()[field] == text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_example_of_a_problem_has_the_prefix(behind, lang):
    page = behind.get(f"/problems/not-found?lang={lang}").text

    assert "GET /taxonomy/hypervisors/virtualbax HTTP/1.1" in page
    assert "&#34;type&#34;: &#34;/taxonomy/problems/not-found&#34;" in page
    assert "&#34;instance&#34;: &#34;/taxonomy/hypervisors/virtualbax&#34;" in page


def test_an_alias_redirects_to_its_entry(behind):
    answer = behind.get("/hypervisors/esxi?lang=zh")

    assert (answer.status_code, answer.headers["location"]) == (301, "/taxonomy/hypervisors/vmware-esxi?lang=zh")


def test_a_412_has_the_prefix(behind):
    answers = [behind.get("/concepts", headers={"If-Match": '"x"'}) for _ in range(2)]

    assert [(answer.json()["type"], answer.json()["instance"]) for answer in answers] == [
        ("/taxonomy/problems/precondition-failed", "/taxonomy/concepts")
    ] * 2


def test_the_openapi_document_names_the_prefix_as_its_server(client, behind):
    expected = prefixed(client.get("/openapi.json").json())
    assert [server.pop("url") for server in expected["servers"]] == ["/taxonomy/"]

    document = behind.get("/openapi.json").json()
    assert [server.pop("url") for server in document["servers"]] == [PREFIX]
    assert document == expected


def test_the_cache_keeps_prefixes_apart(settings, uncached):
    """Also where a prefix and a path together are another path."""
    requests = [
        *product(["", PREFIX, "/hypervisors", "/hypervisors/kvm"], ["/hypervisors/kvm", "/kvm", "/hypervisors"])
    ]
    sent = [(url, headers(**{"X-Forwarded-Prefix": prefix})) for prefix, url in requests]
    with watched(settings) as (app, client, _):
        given = [[raw(client, "GET", *each) for each in sent] for _ in range(2)]
        hits = app.cache.hits

    expected = [raw(uncached, "GET", *each) for each in sent]
    assert given == [expected, expected]
    assert hits == len([answer for answer in expected if answer[0] == 200])
    assert [answer[0] for answer in expected] == [200, 404, 200] * 4


REFUSED = [
    "taxonomy",
    "/taxonomy/",
    "/",
    "//evil.example",
    "/a//b",
    "/.",
    "/../a",
    "/a/..",
    "/a/./b",
    "/a b",
    "/a%20b",
    "/a\\b",
    "/a?b",
    "/a#b",
    "/a'b",
    '/a"><script>',
    "/a, /b",
    "/ä",
    "https://evil.example",
    "/" + "a" * 200,
]


@pytest.mark.parametrize("prefix", REFUSED)
def test_a_proxy_is_told_of_an_ill_formed_prefix(client, prefix):
    quoted = prefix if len(prefix) <= 60 else prefix[:60] + "…"
    for lang, title, detail in [
        ("en", "Bad request", f"X-Forwarded-Prefix: '{quoted}' is not a path prefix; {PREFIX_HINT_EN}."),
        ("zh", "请求有误", f"X-Forwarded-Prefix：“{quoted}”不是路径前缀；{PREFIX_HINT_ZH}。"),
    ]:
        sent = {"X-Forwarded-Prefix": prefix.encode("latin-1"), "Accept-Language": lang}
        answer = client.get("/concepts", headers=sent)

        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "/problems/bad-request",
            "title": title,
            "status": 400,
            "detail": detail,
            "instance": "/concepts",
            "errors": [],
        }


def test_two_prefixes_are_refused(client):
    answer = client.get("/concepts", headers=[*FORWARDED.items(), *FORWARDED.items()])

    assert answer.status_code == 400
    assert "'/taxonomy,/taxonomy' is not a path prefix" in answer.json()["detail"]


TAKEN = ["/a", "/taxonomy/hypervisors", "/A.b-c_d~e/...", "/" + "a" * 199]


@pytest.mark.parametrize("prefix", TAKEN)
def test_a_prefix_may_have_every_character_that_urls_leave_as_it_is(client, prefix):
    answer = client.get("/hypervisors/kvm", headers={"X-Forwarded-Prefix": prefix})

    assert answer.json()["url"] == f"{prefix}/hypervisors/kvm"


@pytest.mark.parametrize("prefix", [PREFIX, "/evil/"])
def test_a_prefix_from_anybody_else_is_ignored(settings, prefix):
    sent = {"X-Forwarded-Prefix": prefix, "X-Forwarded-For": "192.0.2.1"}
    with client_of(create_app(settings.model_copy(update={"trusted_proxies": ("192.0.2.1",)}))) as client:
        answer = client.get("/hypervisors/kvm", headers=sent)

    assert answer.json()["url"] == "/hypervisors/kvm"


def test_the_address_that_counts_is_that_of_the_proxy(client):
    answer = client.get("/hypervisors/kvm", headers=FORWARDED | {"X-Forwarded-For": "192.0.2.1"})

    assert answer.json()["url"] == "/taxonomy/hypervisors/kvm"


def test_probes_have_no_prefix_and_no_host(settings):
    named = settings.model_copy(update={"root_path": PREFIX, "allowed_hosts": ("tools.example.com",)})
    with client_of(create_app(named)) as client:
        probes = [
            client.get(path, headers={"Host": "10.0.0.7"}).status_code for path in ("/livez", "/readyz", "/metrics")
        ]
        misdirected = client.get("/concepts", headers={"Host": "10.0.0.7"}).json()

    assert probes == [200, 200, 200]
    assert (misdirected["type"], misdirected["instance"]) == ("/taxonomy/problems/misdirected", "/taxonomy/concepts")


@pytest.mark.setting("root_path")
def test_the_setting_beats_the_header(environment):
    with started(environment, TAXONOMY_ROOT_PATH="/set") as (_, url):
        assert answers(f"{url}/readyz")
        entry = httpx.get(f"{url}/hypervisors/kvm", headers=FORWARDED).json()
        misspelled = httpx.get(f"{url}/hypervisors/kvm", headers={"X-Forwarded-Prefix": "/ /"})
        with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nx\r\n\r\n")
            refusal = b"".join(iter(lambda: connection.recv(4096), b""))

    assert entry["url"] == misspelled.json()["url"] == "/set/hypervisors/kvm"
    assert json.loads(refusal.partition(b"\r\n\r\n")[2])["type"] == "/set/problems/bad-request"
