"""The promise that the cache in deploy/taxonomy.conf keeps what may be kept, and stands in for the service."""

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from itertools import islice, permutations
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from app.packs.prepare import prepare
from app.settings import PROJECT
from tests.support.commands import answers, free_port, started
from tests.support.http import problem
from tests.support.servers import eventually

NGINX = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
SITE = (PROJECT / "deploy" / "taxonomy.conf").read_text(encoding="utf-8")
BARE_METAL = "/hypervisors?type=bare-metal"
DATASET = "/dataset"


pytestmark = pytest.mark.proxy


@contextmanager
def proxy(folder, service, nginx=NGINX, changes=()):
    """The base URL of nginx, with our site, in front of a service; `changes` are texts and what replaces them."""
    port = free_port()
    written = {
        "/tmp/": f"{folder}/",  # noqa: S108 (the container's own)
        "worker_processes auto": "worker_processes 1",
        "listen 8080": f"listen 127.0.0.1:{port}",
        "http://serve:8000": service,
        **dict(changes),
    }
    for name, text in (("nginx.conf", nginx), ("taxonomy.conf", SITE)):
        for old, new in written.items():
            assert old in nginx + SITE
            text = text.replace(old, new)  # noqa: PLW2901 (one after the other)
        (folder / name).write_text(text, encoding="utf-8")
    command = ["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr", "-g", "daemon off;"]
    assert subprocess.run([*command, "-t"], check=False).returncode == 0  # noqa: S603 (our configuration)
    with subprocess.Popen(command) as process:  # noqa: S603 (likewise)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def folder():
    """A folder that the workers of nginx may write, which run as another user where the master is root."""
    if not shutil.which("nginx"):
        pytest.skip("needs nginx")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_the_proxy_keeps_what_may_be_kept(folder, environment, settings):
    with (
        started(environment, TAXONOMY_DATABASE_URL=settings.database_url) as (_, replicas),
        proxy(folder, replicas) as url,
        httpx.Client(base_url=url) as client,
    ):
        assert answers(f"{replicas}/readyz")
        assert answers(f"{url}/readyz")
        first = client.get(BARE_METAL)
        # Until the next second begins, a hit and a new response have the same date.
        assert eventually(lambda: client.get("/livez").headers["date"] != first.headers["date"], seconds=5)
        second = client.get(BARE_METAL)
        chinese = [client.get(BARE_METAL, headers={"Accept-Language": "zh"}) for _ in range(2)]
        unchanged = client.get(BARE_METAL, headers={"If-None-Match": first.headers["etag"]})
        probes = [client.get("/readyz").headers["x-cache"] for _ in range(2)]
        refused = [client.get("/hypervisors?typ=hosted") for _ in range(2)]
        hidden = client.get("/metrics")
        hosts = ["one.example", "two.example"]
        manifests = [client.get("/reconcile", headers={"Host": host}).json() for host in hosts]

    assert [response.headers["x-cache"] for response in (first, second, *chinese)] == ["MISS", "HIT", "MISS", "HIT"]
    assert (second.content, second.headers.get_list("date")) == (first.content, [first.headers["date"]])
    assert [response.headers["content-language"] for response in (second, chinese[1])] == ["en", "zh"]
    assert (unchanged.status_code, unchanged.headers["x-cache"]) == (304, "HIT")
    assert probes == ["MISS", "MISS"]
    assert [(response.status_code, response.headers["x-cache"]) for response in refused] == [(422, "MISS")] * 2
    assert hidden.status_code == 404
    assert [manifest["documentation"] for manifest in manifests] == [f"http://{host}/docs" for host in hosts]


# What a hypervisor reports of its machine, of which a list has many.
LINE = "VMware, Inc. VMware Virtual Platform/440BX Desktop Reference Platform, BIOS 6.00 11/12/2020"
LONG = {
    "/lookup": [
        {"value": [f"{number:03} {LINE}"[:75] for number in range(100)]},
        {"value": ["".join(value) for value in islice(permutations("裸金属型虚拟机监控器"), 100)]},
        {"value": [f"{number:03}{'x' * 197}" for number in range(100)]},
    ],
    "/hypervisors": [
        {"q": "虚" * 120},
        {"vendor": [f"Vendor Name {number}" for number in range(60)]},
        {"vendor": [f"{number:03}{'x' * 197}" for number in range(100)]},
    ],
    "/search": [{"q": " ".join(["虚拟机监控器" * 3] * 10)}],
}
QUERIES = [f"{path}?{urlencode(query, doseq=True)}" for path, queries in LONG.items() for query in queries]


@pytest.mark.slow
def test_the_proxy_takes_and_keeps_the_queries_that_the_service_takes(folder, environment, settings):
    with (
        started(environment, TAXONOMY_DATABASE_URL=settings.database_url) as (_, service),
        proxy(folder, service) as url,
        httpx.Client(base_url=url) as client,
    ):
        assert answers(f"{service}/readyz")
        assert answers(f"{url}/readyz")
        first, second = ([client.get(query) for query in QUERIES] for _ in range(2))

    assert [(answer.status_code, answer.headers["x-cache"]) for answer in first] == [(200, "MISS")] * len(QUERIES)
    assert [(answer.status_code, answer.headers["x-cache"]) for answer in second] == [(200, "HIT")] * len(QUERIES)
    assert [answer.content for answer in second] == [answer.content for answer in first]


def test_the_proxy_limits_one_client_and_no_other(folder, environment, settings):
    """The proxy in front of nginx says which client it is. The limits are low, so that a slow client exceeds them."""
    with (
        started(environment, TAXONOMY_DATABASE_URL=settings.database_url) as (_, replicas),
        proxy(folder, replicas, changes={"rate=100r/s": "rate=1r/s", "burst=200": "burst=5"}) as url,
        httpx.Client(base_url=url) as client,
    ):
        assert answers(f"{replicas}/readyz")
        assert answers(f"{url}/readyz")
        flooding = (client.get(DATASET, headers={"X-Forwarded-For": "203.0.113.1"}) for _ in range(100))
        refused = next((answer for answer in flooding if answer.status_code != 200), None)
        other = client.get(DATASET, headers={"X-Forwarded-For": "203.0.113.1, 203.0.113.2"})
        again = eventually(
            lambda: client.get(DATASET, headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 200, seconds=5
        )

    assert refused is not None
    assert problem(refused)["title"] == "Too Many Requests"
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert (other.status_code, again) == (200, True)


def test_the_proxy_asks_again_and_stands_in_for_a_service_that_fails(folder, environment, empty):
    prepare(empty)
    variables = {
        "TAXONOMY_DATABASE_URL": empty.database_url,
        "TAXONOMY_CACHE_MAX_AGE": "1",
        "TAXONOMY_CACHE_BYTES": "0",
    }

    def asked(expected):
        """Whether nginx comes to say that an answer was come by in a way."""
        return eventually(lambda: (answer := client.get(DATASET)).headers["x-cache"] == expected and answer, 20)

    with (
        started(environment, **variables) as (process, replicas),
        proxy(folder, replicas) as url,
        httpx.Client(base_url=url) as client,
    ):
        assert answers(f"{replicas}/readyz")
        assert answers(f"{url}/readyz")
        fresh = client.get(DATASET)
        renewed = asked("EXPIRED")
        process.terminate()
        process.wait()
        away = client.get(DATASET), asked("STALE")
        unknown = client.get("/taxonomy")
        again = ["--no-prepare", "--port", replicas.rpartition(":")[2]]
        with started(environment, *again, TAXONOMY_DATABASE_URL=f"sqlite:///{folder}/none.db"):
            assert answers(f"{replicas}{DATASET}", 503)
            failing = asked("STALE")

    assert fresh.headers["x-cache"] == "MISS"
    assert {answer.content for answer in (renewed, *away, failing)} == {fresh.content}
    assert parsedate_to_datetime(renewed.headers["date"]) > parsedate_to_datetime(fresh.headers["date"])
    assert unknown.status_code == 502
