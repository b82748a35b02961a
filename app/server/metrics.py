"""Metrics for Prometheus; worker processes share theirs in files."""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from starlette.types import Scope

from app.server.cache import CacheCounts
from app.server.cached_answer import route_of

# The variable that names the folder of those files; prometheus_client reads it when it is imported.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# All other methods share one label, because clients can invent them.
LABELLED_METHODS = ("GET", "HEAD", "OPTIONS")


class RevisionCollector(Collector):
    """Exports the revision that this process serves."""

    def __init__(self) -> None:
        self.served: str | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the revision as a label, since values in Prometheus are numbers."""
        info = InfoMetricFamily("taxonomy_dataset", "The revision of the dataset that is served.")
        info.add_metric([], {"revision": self.served or ""})
        yield info


class Metrics:
    """The metrics of this process, and their export together with those of the other workers."""

    def __init__(self) -> None:
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
        self.revision = RevisionCollector()

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer that did not come from the cache."""
        route = route_of(scope)
        self.requests.labels(route, scope["method"] if scope["method"] in LABELLED_METHODS else "other", status).inc()
        self.seconds.labels(route).observe(seconds)

    def publish(self, counts: CacheCounts) -> None:
        """Add the counts of the cache, which counts in plain numbers because that is faster."""
        for (route, method, status), number in counts.hits.items():
            self.requests.labels(route, method, status).inc(number)
        self.hits.inc(counts.hits.total())
        self.misses.inc(counts.misses)
        self.bytes.set(counts.bytes)

    def text(self) -> bytes:
        """Export the metrics of all workers in Prometheus' text format."""
        shared: Collector = self.registry
        if folder := os.environ.get(FOLDER_VARIABLE):
            # Drop the gauges of workers that crashed, or they would be added to those of their successors.
            for pid in {path.stem.rpartition("_")[2] for path in Path(folder).glob("gauge_live*.db")}:
                if not Path(f"/proc/{pid}").exists():
                    mark_process_dead(int(pid))  # type: ignore[no-untyped-call]
            shared = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
        return generate_latest(shared) + generate_latest(self.revision)
