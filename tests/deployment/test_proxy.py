"""The promise that the cache in deploy/nginx.conf keeps what may be kept, and stands in for the service."""

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete

from app.packs.load import prepare
from app.settings import PROJECT
from app.store.tables import Dataset
from tests.support.commands import answers, free_port, started
from tests.support.databases import writing
from tests.support.servers import eventually

CONFIGURATION = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
BARE_METAL = "/hypervisors?type=bare-metal"
DATASET = "/dataset"


pytestmark = pytest.mark.proxy


@contextmanager
def proxy(folder, replicas):
    """The base URL of nginx, with our configuration, in front of a URL."""
    port = free_port()
    configuration = CONFIGURATION
    for written, here in (
        ("/tmp/", f"{folder}/"),  # noqa: S108 (the container's own)
        ("listen 8080", f"listen 127.0.0.1:{port}"),
        ("http://serve:8000", replicas),
        ("worker_processes auto", "worker_processes 1"),
    ):
        assert written in configuration
        configuration = configuration.replace(written, here)
    file = folder / "nginx.conf"
    file.write_text(configuration, encoding="utf-8")
    command = ["nginx", "-p", folder, "-c", file, "-e", "stderr", "-g", "daemon off;"]
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
        first, second = (client.get(BARE_METAL) for _ in range(2))
        chinese = [client.get(BARE_METAL, headers={"Accept-Language": "zh"}) for _ in range(2)]
        unchanged = client.get(BARE_METAL, headers={"If-None-Match": first.headers["etag"]})
        probes = [client.get("/readyz").headers["x-cache"] for _ in range(2)]
        refused = [client.get("/hypervisors?typ=hosted") for _ in range(2)]
        hidden = client.get("/metrics")

    assert [response.headers["x-cache"] for response in (first, second, *chinese)] == ["MISS", "HIT", "MISS", "HIT"]
    assert second.content == first.content
    assert [response.headers["content-language"] for response in (second, chinese[1])] == ["en", "zh"]
    assert (unchanged.status_code, unchanged.headers["x-cache"]) == (304, "HIT")
    assert probes == ["MISS", "MISS"]
    assert [(response.status_code, response.headers["x-cache"]) for response in refused] == [(422, "MISS")] * 2
    assert hidden.status_code == 404


LONG = [
    "/hypervisors?q=" + "%E8%99%9A" * 120,
    "/hypervisors?" + "&".join(f"vendor=Vendor+Name+{number}" for number in range(60)),
    "/hypervisors?" + "&".join(f"vendor={'x' * 190}{number}" for number in range(100)),
    "/lookup?" + "&".join(f"value={'x' * 190}{number}" for number in range(100)),
]


def test_the_proxy_takes_the_queries_that_the_service_takes(folder, environment, settings):
    with (
        started(environment, TAXONOMY_DATABASE_URL=settings.database_url) as (_, replicas),
        proxy(folder, replicas) as url,
    ):
        assert answers(f"{replicas}/readyz")
        assert answers(f"{url}/readyz")
        statuses = [httpx.get(f"{url}{path}").status_code for path in LONG]

    assert statuses == [200] * len(LONG)


def test_the_proxy_limits_one_client_and_no_other(folder, environment, settings):
    """The proxy in front of nginx says which client it is."""
    with (
        started(environment, TAXONOMY_DATABASE_URL=settings.database_url) as (_, replicas),
        proxy(folder, replicas) as url,
        httpx.Client(base_url=url) as client,
    ):
        assert answers(f"{replicas}/readyz")
        assert answers(f"{url}/readyz")
        flooding = (client.get(DATASET, headers={"X-Forwarded-For": "203.0.113.1"}) for _ in range(3000))
        refused = next((answer for answer in flooding if answer.status_code != 200), None)
        other = client.get(DATASET, headers={"X-Forwarded-For": "203.0.113.1, 203.0.113.2"})
        again = eventually(
            lambda: client.get(DATASET, headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 200, seconds=5
        )

    assert refused is not None
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["status"] == 429
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
        revalidated = asked("REVALIDATED")
        break_dataset(empty)
        assert answers(f"{replicas}{DATASET}", 503)
        failing = asked("STALE")
        process.terminate()
        process.wait()
        away = client.get(DATASET), asked("STALE")
        unknown = client.get("/taxonomy")

    assert fresh.headers["x-cache"] == "MISS"
    assert {answer.content for answer in (revalidated, failing, *away)} == {fresh.content}
    assert unknown.status_code == 502


def break_dataset(settings):
    """Take away what a request needs."""
    with writing(settings) as connection:
        connection.execute(delete(Dataset))
