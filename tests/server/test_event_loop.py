"""The promise that no request under 64 kB keeps the event loop from other requests for 20 ms."""

import asyncio
import time

import httpx
import pytest

from app.main import create_app
from app.packs.prepare import prepare
from tests.support.packs import change, copy_docs
from tests.support.servers import running

LONGEST_SECONDS = 0.02
# Of the processor times of this many requests the least counts, which other processes disturb least.
ATTEMPTS = 3
BROWSER = {"Accept": "text/html"}
LONG = "x" * 60_000
UNKNOWN = "&".join(f"{number:x}" for number in range(0x1000, 0x1000 + 12_000))
# Each with its status; the digits of its number take the place of `@`, so that no answer is in the cache.
REQUESTS = {
    "unknown parameters": ("/hypervisors?" + UNKNOWN, {}, 422),
    "unknown parameters, as a page": ("/hypervisors?" + UNKNOWN, BROWSER, 422),
    "unknown parameters of what takes one": ("/taxonomy?" + UNKNOWN, {}, 422),
    "a repeated parameter": ("/hypervisors?" + "&limit=5" * 7_500, {}, 422),
    "a repeated value": ("/hypervisors?" + "&facet=typ" * 6_000, {}, 422),
    "as many values as are read": ("/hypervisors?" + "&facet=typ" * 500, {}, 422),
    "parameters without a name or a value": ("/hypervisors?" + "&=" * 30_000, {}, 422),
    "empty parameters": ("/hypervisors?" + "&" * 60_000, {}, 200),
    "escaped parameters": ("/hypervisors?" + "&%61=%62" * 7_500, {}, 422),
    "an escaped value": ("/hypervisors?q=" + "%61" * 20_000, {}, 422),
    "escaped names that are read": ("/hypervisors?" + f"&{'%61' * 200}" * 100, {}, 422),
    "an escaped value of many lines": ("/search?q=" + "%0A" * 20_000, {}, 422),
    "a long number": ("/hypervisors?limit=" + "9" * 60_000, {}, 422),
    "unknown values of a large vocabulary": ("/hypervisor-types?concept=@" + f"&concept={'ba-' * 60}" * 99, {}, 422),
    "values to look up": ("/lookup?value=@" + f"&value={'%EF%B7%BA' * 60}" * 99, {}, 200),
    "a long id": ("/hypervisors/" + LONG, {}, 404),
    "a long id that folds to a longer one": ("/hypervisors/" + "%EF%B7%BA" * 6_500, {}, 404),
    "a long path": ("/" + LONG + "/", BROWSER, 404),
    "an id that is near to all": ("/hypervisors/" + "ba-" * 31, {}, 404),
    "entity tags": ("/concepts", {"If-None-Match": "," * 60_000}, 200),
    "entity tags to match": ("/concepts", {"If-Match": "," * 60_000}, 412),
    "media types": ("/concepts", {"Accept": "a/b," * 15_000 + "*/*"}, 200),
    "media types to refuse a method with": ("/concepts", {"Accept": "a/b," * 15_000}, 405),
    "media types that are read": ("/concepts", {"Accept": "a/b,/@," * 120 + "*/*"}, 200),
    "languages": ("/concepts", {"Accept-Language": "a," * 500 + "@"}, 200),
    "content codings": ("/concepts", {"Accept-Encoding": "a," * 500 + "@"}, 200),
    "a long page": ("/hypervisors?limit=1000&offset=@", {"Accept-Encoding": "br"}, 200),
    "the whole dataset": ("/export?lang=en", {"Accept-Encoding": "zstd"}, 200),
    "the contract": ("/openapi.json", {"Accept-Encoding": "br"}, 200),
    "a large script": ("/docs/assets/redoc.standalone.js", {"Accept-Encoding": "br"}, 200),
    "the same, gzip": ("/docs/assets/redoc.standalone.js", {"Accept-Encoding": "gzip"}, 200),
    "the same, zstd": ("/docs/assets/redoc.standalone.js", {"Accept-Encoding": "zstd"}, 200),
    "a large file": ("/docs/assets/swagger-ui-bundle.js", {"Accept-Encoding": "br"}, 200),
}


class Stalls:
    """Measures the processor time of each turn of the event loop; other processes and threads do not count."""

    def __init__(self):
        self.longest = 0.0

    async def measure(self):
        """Measure until cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            before = now


def many(prefix):
    """Add a thousand entries with long ids, like the last one of a file."""

    def edit(content):
        (entries,) = (value for name, value in content.items() if name != "sources" and isinstance(value, list))
        for number in range(1000):
            id = f"{'ab-' * 29}{prefix}{number:04}"
            names = dict.fromkeys(("en", "zh"), f"{prefix} {number}")
            entries.append(entries[-1] | {"id": id, "labels": names, "aliases": {"en": [f"{prefix} no. {number}"]}})

    return edit


@pytest.fixture(scope="module")
def served(new_database, tmp_path_factory):
    """The service of a large dataset, its server, and a client."""
    folder = copy_docs(tmp_path_factory.mktemp("packs"))
    change(folder, "hypervisors.yaml", many("product"))
    change(folder, "concepts.yaml", many("concept"))
    settings = new_database("sqlite").model_copy(update={"seed_dir": folder})
    prepare(settings)
    app = create_app(settings)
    with running(app) as (server, base_url), httpx.Client(base_url=base_url, timeout=60) as client:
        yield app, server, client


@pytest.mark.slow
@pytest.mark.parametrize(("url", "headers", "status"), REQUESTS.values(), ids=REQUESTS)
def test_no_request_holds_the_event_loop(served, url, headers, status):
    app, server, client = served
    longest = []
    for number in range(ATTEMPTS):
        app.cache.clear()
        stalls = Stalls()

        async def start(stalls=stalls):
            return asyncio.create_task(stalls.measure())

        async def stop(task):
            task.cancel()

        task = server.run_here(start())
        sent = {name: value.replace("@", str(number)) for name, value in headers.items()}
        response = client.request("POST" if status == 405 else "GET", url.replace("@", str(number)), headers=sent)
        server.run_here(stop(task))
        longest.append(stalls.longest)

        assert response.status_code == status

    assert min(longest) < LONGEST_SECONDS
