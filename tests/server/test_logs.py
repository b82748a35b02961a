"""The promise that each request leaves one line, with its id, and that no line tells a secret."""

import json
import logging
import re
from importlib.metadata import version

import httpx
import pytest
from sqlalchemy import text

from app.packs.prepare import prepare
from app.server.logs import JsonFormatter, TextFormatter
from app.settings import Settings
from app.store.migration import known_versions
from tests.support.commands import answers, started
from tests.support.databases import writing
from tests.support.http import problem
from tests.support.servers import eventually


def lines(process):
    """What a stopped server logged, line by line."""
    return [json.loads(line) for line in process.printed.splitlines()]


def requests(process, path):
    """The lines of the requests for a path."""
    return [line for line in lines(process) if line.get("path") == path]


@pytest.mark.slow
def test_a_request_is_one_line_that_tells_what_it_was(environment):
    forwarded = {"X-Forwarded-For": "192.0.2.7", "X-Request-ID": "abc-1"}
    with started(environment) as (process, url):
        assert answers(f"{url}/readyz")
        missed = httpx.get(f"{url}/search?q=%E5%AE%B9", headers=forwarded)
        hit = httpx.get(f"{url}/search?q=%E5%AE%B9", headers={"X-Request-ID": "abc-2"})
        bare = httpx.get(f"{url}/search?q=%E5%AE%B9")

    (line,) = requests(process, "/search")
    assert line.pop("milliseconds") > 0
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "pid": process.pid,
        "logger": "app.requests",
        "message": "request",
        "method": "GET",
        "path": "/search",
        "query": "q=%E5%AE%B9",
        "status": 200,
        "bytes": int(missed.headers["content-length"]),
        "cache": "miss",
        "client": "192.0.2.7",
        "request_id": "abc-1",
    }
    assert [response.headers.get("x-request-id") for response in (missed, hit, bare)] == ["abc-1", "abc-2", None]


@pytest.mark.setting("log_hits", "trusted_proxies")
def test_hits_are_logged_where_that_is_wanted_and_proxies_believed_where_they_are_trusted(environment):
    variables = {"TAXONOMY_LOG_HITS": "true", "TAXONOMY_LOG_FORMAT": "json", "TAXONOMY_TRUSTED_PROXIES": "192.0.2.1"}
    with started(environment, **variables) as (process, url):
        assert answers(f"{url}/readyz")
        ids = [
            httpx.get(f"{url}/concepts", headers={"X-Forwarded-For": "192.0.2.7"}).headers["x-request-id"]
            for _ in range(2)
        ]

    assert len(set(ids)) == 2
    assert [(line["cache"], line["client"], line["request_id"]) for line in requests(process, "/concepts")] == [
        ("miss", "127.0.0.1", ids[0]),
        ("hit", "127.0.0.1", ids[1]),
    ]


FORWARDED = [
    ("192.0.2.7", "192.0.2.7"),
    ("198.51.100.1, 192.0.2.7:4711", "192.0.2.7"),
    ("[2001:DB8::7]:4711", "2001:db8::7"),
    ("2001:db8::7%1 status=200", "2001:db8::7"),
    ("\x9b31m status=200 forged=1", None),
    ("unknown", None),
    ("", "127.0.0.1"),
]


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_what_a_proxy_forwards_is_logged_only_if_it_is_an_address(environment, log_format):
    with started(environment, TAXONOMY_LOG_FORMAT=log_format) as (process, url):
        assert answers(f"{url}/readyz")
        for forwarded, _ in FORWARDED:
            httpx.get(f"{url}/nope", headers={"X-Forwarded-For": forwarded.encode("latin-1")})

    if log_format == "json":
        assert [line["client"] for line in requests(process, "/nope")] == [client for _, client in FORWARDED]
    else:
        logged = [line.rpartition("client=")[2] for line in process.printed.splitlines() if "path=/nope" in line]
        assert [line.split()[0] for line in logged] == [str(client) for _, client in FORWARDED]
        assert "forged" not in process.printed


@pytest.mark.parametrize("formatter", [JsonFormatter, TextFormatter])
def test_no_control_character_reaches_a_line(formatter):
    unsafe = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x2028, 0x202E, 0x2066]))
    error = ValueError(unsafe)
    line = formatter().format(
        logging.makeLogRecord(
            {"msg": f"a{unsafe}b", "fields": {"path": unsafe}, "exc_info": (ValueError, error, error.__traceback__)}
        )
    )

    assert "\\u009b" in line
    assert line.replace("\n", "").isprintable()
    if formatter is JsonFormatter:
        assert json.loads(line)["path"] == unsafe


@pytest.mark.parametrize("odd", ["", "x" * 129, "two words", 'a"b', "caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_an_odd_request_id_is_replaced(client, odd):
    response = client.get("/nope", headers={"X-Request-ID": odd.encode("latin-1")})

    assert response.headers["x-request-id"] != odd
    assert len(response.headers["x-request-id"]) == 32


def test_an_id_is_kept_with_no_answer(client):
    first = client.get("/concepts?limit=3", headers={"X-Request-ID": "first"})
    second = client.get("/concepts?limit=3", headers={"X-Request-ID": "second"})

    assert (first.headers["x-request-id"], second.headers["x-request-id"]) == ("first", "second")
    assert second.headers.get_list("x-request-id") == ["second"]
    assert first.content == second.content


def warnings(process):
    """The lines of a stopped server that report something wrong."""
    return [line for line in lines(process) if line["level"] != "info"]


def test_an_outage_is_one_line_and_no_line_tells_the_password(environment):
    database = "postgresql://somebody:hunter2secret@127.0.0.1:1/taxonomy"
    with started(environment, "--no-prepare", TAXONOMY_DATABASE_URL=database) as (process, url):
        assert answers(f"{url}/livez")
        statuses = [
            httpx.get(f"{url}{path}", headers={"X-Request-ID": "wanted"}).status_code
            for path in ("/hypervisors", "/export", "/readyz")
        ]

    assert statuses == [503] * 3
    (outage,) = warnings(process)
    assert outage["message"].startswith("The database cannot be reached. (connection ")
    assert outage["message"].endswith(" Serving nothing yet.")
    assert "127.0.0.1" in outage["message"]
    assert [
        (line["status"], line["request_id"]) for path in ("/hypervisors", "/export") for line in requests(process, path)
    ] == [(503, "wanted")] * 2
    assert "hunter2secret" not in process.printed


def test_a_revision_that_cannot_be_read_is_logged_and_not_served(environment, empty):
    prepare(empty)
    with writing(empty) as connection:
        connection.execute(text("DROP TABLE search_text"))
    with started(environment, "--no-prepare", TAXONOMY_DATABASE_URL=empty.database_url) as (process, url):
        assert answers(f"{url}/readyz", 503)
        failed = httpx.get(f"{url}/search?q=vm")

    assert problem(failed)["detail"] == "The dataset has not been read yet. Try again in a few seconds."
    assert [(line["level"], line["message"]) for line in warnings(process)] == [
        ("warning", "The dataset in the database cannot be read. (no such table: search_text) Serving nothing yet.")
    ]


def test_the_log_tells_what_happens_to_the_service(environment, tmp_path, old_and_new):
    path, aside = tmp_path / "new.db", tmp_path / "aside.db"
    old, new = (Settings(database_url=f"sqlite:///{path}", seed_dir=folder) for folder in old_and_new)
    variables = {"TAXONOMY_CACHE_POLL_SECONDS": "0.05", "TAXONOMY_SEED_DIR": str(old.seed_dir)}
    with started(environment, **variables) as (process, url):
        assert answers(f"{url}/readyz")
        first = httpx.get(f"{url}/dataset").json()["revision"]
        second = prepare(new)
        assert eventually(lambda: httpx.get(f"{url}/dataset").json()["revision"] == second, seconds=30)
        path.rename(aside)
        assert eventually(lambda: httpx.get(f"{url}/readyz").json()["database_problem"], seconds=30)
        aside.rename(path)
        assert eventually(lambda: not httpx.get(f"{url}/readyz").json()["database_problem"], seconds=30)

    own = [line for line in lines(process) if line["logger"] == "app"]
    schema, changes, starting = own[:3]
    assert [re.sub(r"[\d.]+ seconds$", "N seconds", line["message"]) for line in own] == [
        f"schema none -> {known_versions()[-1]}",
        changes["message"],
        f"Starting version {version('virtualization-taxonomy-api')} at {url}",
        f"Serving revision {first}, docs 1.0.0",
        f"Serving revision {second} (was {first}), docs 1.0.0",
        f"There is no database file: run `virt-taxonomy migrate`. Still serving revision {second}.",
        "The database can be read again after N seconds",
        "Stopping: requests in progress have 10 seconds to finish",
        "Stopped after N seconds",
    ]
    assert changes["message"].startswith("docs 1.0.0: 27 added (virtualization, virtual-machine, ")
    assert changes["message"].endswith(f", and 17 more); revision none -> {first}")
    assert starting == schema | {
        "time": starting["time"],
        "message": starting["message"],
        "packs": "docs",
        "revision": first,
        "database": f"sqlite:///{path}",
        "workers": 1,
    }
    assert {line["pid"] for line in own} == {process.pid}


@pytest.mark.setting("log_format")
def test_lines_on_a_terminal_are_text(environment):
    with started(environment, TAXONOMY_LOG_FORMAT="text") as (process, url):
        assert answers(f"{url}/readyz")
        httpx.get(f"{url}/nope%0Anext?a=b", headers={"X-Request-ID": "abc-3"})

    (line,) = [line for line in process.printed.splitlines() if "/nope" in line]
    assert f" {process.pid} INFO request method=GET path=/nope%0Anext query=a=b status=404 " in line
    assert line.endswith(" cache=miss client=127.0.0.1 request_id=abc-3")
