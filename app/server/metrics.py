"""Metrics for Prometheus; worker processes share theirs in files."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from resource import getpagesize
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from prometheus_client.values import MultiProcessValue
from starlette.types import Scope

from app.server.cache import CacheCounts
from app.server.cached_answer import route_of
from app.store.served import Served

# The variable that names the folder of those files; prometheus_client reads it when it is imported.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# All other methods share one label, because clients can invent them.
LABELLED_METHODS = ("GET", "HEAD", "OPTIONS", "POST")
PAGE_BYTES = getpagesize()
RESTARTS = ("taxonomy_worker_restarts", "Workers that ended or did not answer, and were replaced.")


class DatasetCollector(Collector):
    """Exports which dataset this process serves."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def collect(self) -> Iterator[Metric]:
        """Yield the revision as a label, since values in Prometheus are numbers, and the time of its load."""
        load = self.served.load
        info = InfoMetricFamily("taxonomy_dataset", "The revision of the dataset that is served.")
        info.add_metric([], {"revision": load.revision if load else ""})
        yield info
        loaded = GaugeMetricFamily(
            "taxonomy_dataset_loaded_timestamp_seconds", "When the dataset that is served was written to the database."
        )
        if load:
            loaded.add_metric([], load.loaded_at.timestamp())
        yield loaded


class MemoryCollector(Collector):
    """Exports the memory of each process: of the only one, or of the workers and their supervisor."""

    def collect(self) -> Iterator[Metric]:
        """Yield the resident memory by process, where the system has /proc."""
        memory = GaugeMetricFamily(
            "process_resident_memory_bytes", "Resident memory of each process of the service.", labels=["pid"]
        )
        supervisor = [os.getppid()] if FOLDER_VARIABLE in os.environ else []
        for pid in sorted({os.getpid(), *worker_pids(), *supervisor}):
            with suppress(OSError):
                pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
                memory.add_metric([str(pid)], pages * PAGE_BYTES)
        yield memory


def worker_pids() -> set[int]:
    """List the workers that share their metrics in files, some of which may have ended."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return {int(path.stem.rpartition("_")[2]) for path in Path(folder).glob("gauge_live*.db")} if folder else set()


def restart_counter() -> Any:
    """Make the counter of workers that were replaced, for the supervisor.

    The supervisor imports prometheus_client before the shared folder exists, so a `Counter` of its own would stay in
    its memory; this one is in a file of that folder, under the name of the workers' counter.
    """
    name, text = RESTARTS
    return MultiProcessValue()("counter", name, f"{name}_total", (), (), text)  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of this process, and their export together with those of the other workers."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.registry = CollectorRegistry()
        self.requests = Counter("taxonomy_requests", "Requests.", ["route", "method", "status"], registry=self.registry)
        self.seconds = Histogram(
            "taxonomy_uncached_seconds",
            "Time to answer what the cache does not hold; what it holds takes microseconds and is not timed.",
            ["route"],
            registry=self.registry,
        )
        self.hits = Counter("taxonomy_cache_hits", "Requests answered out of the cache.", registry=self.registry)
        self.misses = Counter("taxonomy_cache_misses", "Requests not answered out of it.", registry=self.registry)
        self.bytes = Gauge(
            "taxonomy_cache_bytes", "What the cache holds.", registry=self.registry, multiprocess_mode="livesum"
        )
        self.ready = Gauge(
            "taxonomy_ready",
            "Whether a dataset is served.",
            registry=self.registry,
            multiprocess_mode="livemin",
        )
        self.database_up = Gauge(
            "taxonomy_database_up",
            "Whether the last poll found a dataset in the database; the last one read is served in any case.",
            registry=self.registry,
            multiprocess_mode="livemin",
        )
        # Only the supervisor counts, if there is one.
        Counter(*RESTARTS, registry=self.registry)
        self.own = CollectorRegistry()
        for collector in (DatasetCollector(served), MemoryCollector()):
            self.own.register(collector)

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer that did not come from the cache."""
        route = route_of(scope)
        self.requests.labels(route, scope["method"] if scope["method"] in LABELLED_METHODS else "other", status).inc()
        self.seconds.labels(route).observe(seconds)

    def publish(self, counts: CacheCounts) -> None:
        """Add the counts of the cache, which counts in plain numbers because that is faster, and set the gauges."""
        for (route, method, status), number in counts.hits.items():
            self.requests.labels(route, method, status).inc(number)
        self.hits.inc(counts.hits.total())
        self.misses.inc(counts.misses)
        self.bytes.set(counts.bytes)
        self.ready.set(self.served.load is not None)
        self.database_up.set(self.served.load is not None and self.served.problem is None)

    def text(self) -> bytes:
        """Export the metrics of all workers in Prometheus' text format."""
        shared: Collector = self.registry
        if os.environ.get(FOLDER_VARIABLE):
            # Drop the gauges of workers that crashed, or they would be added to those of their successors.
            for pid in worker_pids():
                if not Path(f"/proc/{pid}").exists():
                    mark_process_dead(pid)  # type: ignore[no-untyped-call]
            shared = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
        return generate_latest(shared) + generate_latest(self.own)
