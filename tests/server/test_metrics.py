"""`/metrics`: what is counted, in one process and in several."""

import os
import re
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.main import create_app
from app.packs.prepare import prepare
from tests.support.commands import answers, started
from tests.support.databases import content_of
from tests.support.servers import eventually, serving, watched


def metrics(client):
    """The value of every metric by its name and labels."""
    response = client.get("/metrics?probe=1")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


# The names in both modes; what holds one process' own clock (`_created`) is in one of them only.
NAMES = {
    "process_resident_memory_bytes",
    "taxonomy_cache_bytes",
    "taxonomy_cache_hits",
    "taxonomy_cache_misses",
    "taxonomy_database_up",
    "taxonomy_dataset_info",
    "taxonomy_dataset_loaded_timestamp_seconds",
    "taxonomy_ready",
    "taxonomy_requests",
    "taxonomy_uncached_seconds",
    "taxonomy_worker_restarts",
}


def names(client):
    """The names of all metrics."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {family.name for family in families if not family.name.endswith("_created")}


def requests(route, method="GET", status=200):
    return ("taxonomy_requests_total", ("method", method), ("route", route), ("status", str(status)))


def test_requests_are_counted_by_route_method_and_status(settings):
    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
        for name in ("kvm", "kvm", "kvm", "xen"):
            etag = client.get(f"/hypervisors/{name}").headers["etag"]
        client.get("/hypervisors/xen", headers={"If-None-Match": etag})
        client.head("/hypervisors/kvm")
        for path in ("/hypervisors/nope", "/nope", "/neither"):
            client.get(path)
        client.request("PROPFIND", "/hypervisors")
        client.post("/lookup", json={"values": ["kvm"]})
        client.get("/export?format=csv")
        eventually(lambda: metrics(client)[("taxonomy_dataset_info", ("revision", revision(client)))], seconds=10)
        counted = metrics(client)

    assert {
        key: number
        for key, number in counted.items()
        if key[0] == "taxonomy_requests_total" and "/metrics" not in str(key)
    } == {
        requests("/hypervisors/{id}"): 4,
        requests("/hypervisors/{id}", status=304): 1,
        requests("/hypervisors/{id}", method="HEAD"): 1,
        requests("/hypervisors/{id}", status=404): 1,
        requests("/hypervisors", method="other", status=405): 1,
        requests("/lookup", method="POST"): 1,
        requests("/dataset"): counted[requests("/dataset")],
        requests("/export"): 1,
        requests("unmatched", status=404): 2,
    }
    assert counted[("taxonomy_uncached_seconds_count", ("route", "/hypervisors/{id}"))] == 3
    assert counted[("taxonomy_cache_bytes",)] > 0


def revision(client):
    return client.get("/dataset").json()["revision"]


def test_the_cache_counts_hits_and_misses(settings):
    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
        revision(client)
        before = metrics(client)
        for _ in range(5):
            client.get("/concepts?limit=7")
        after = metrics(client)

    grown = {
        name: after[name,] - before[name,] for name in ("taxonomy_cache_hits_total", "taxonomy_cache_misses_total")
    }
    # The look at the metrics itself is not cached.
    assert grown == {"taxonomy_cache_hits_total": 4, "taxonomy_cache_misses_total": 2}


def test_the_metrics_say_what_is_served_and_whether_the_database_can_be_read(empty):
    prepare(empty)
    path = Path(empty.url.database)
    aside = path.with_name("aside.db")
    with watched(empty) as (_, client, look):
        states = [state(client)]
        path.rename(aside)
        look()
        states.append(state(client))
        aside.rename(path)
        look()
        states.append(state(client))
        memory = metrics(client)["process_resident_memory_bytes", ("pid", str(os.getpid()))]
        assert names(client) == NAMES

    loaded = content_of(empty)["dataset"][0]["loaded_at"].replace(tzinfo=UTC).timestamp()
    assert states == [(1, 1, loaded), (1, 0, loaded), (1, 1, loaded)]
    assert memory == pytest.approx(psutil.Process().memory_info().rss, rel=0.5)


def state(client):
    """Whether a dataset is served, whether the database can be read, and when the dataset was loaded."""
    found = metrics(client)
    return tuple(
        found[name,]
        for name in (
            "taxonomy_ready",
            "taxonomy_database_up",
            "taxonomy_dataset_loaded_timestamp_seconds",
        )
    )


@pytest.mark.setting("workers")
@pytest.mark.slow
def test_what_several_processes_count_is_added_up(environment):
    with started(environment, TAXONOMY_WORKERS="2") as (process, url), ExitStack() as stack:
        assert answers(f"{url}/readyz")
        for _ in range(20):
            # A connection each, so that both processes are asked.
            with httpx.Client(base_url=url) as client:
                client.get("/hypervisors/xen")
        client = stack.enter_context(httpx.Client(base_url=url))

        assert eventually(lambda: metrics(client).get(requests("/hypervisors/{id}")) == 20, seconds=30)
        assert eventually(lambda: metrics(client)["taxonomy_ready",] == 1, seconds=30)
        counted = metrics(client)
        workers = [worker for worker in psutil.Process(process.pid).children() if "spawn_main" in str(worker.cmdline())]
        assert names(client) == NAMES
        assert re.search(r'^taxonomy_dataset_info\{revision="\w+"\} 1\.0$', client.get("/metrics").text, re.MULTILINE)

    memory = {labels[0][1]: value for (name, *labels), value in counted.items() if name.startswith("process_resident")}
    assert {int(pid) for pid in memory} == {process.pid, *(worker.pid for worker in workers)}
    assert min(memory.values()) > 2**24
    assert counted["taxonomy_worker_restarts_total",] == 0
