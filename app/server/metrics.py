"""What is counted, for Prometheus; several processes share their counts in files."""

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

# Names the folder of the files; the library reads it as it is imported.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = ("GET", "HEAD", "OPTIONS")


class Revision(Collector):
    """The revision that this process serves."""

    def __init__(self) -> None:
        self.served: str | None = None

    def collect(self) -> Iterator[Metric]:
        """The revision as a label, which is what Prometheus has for texts."""
        info = InfoMetricFamily("taxonomy_dataset", "The revision of the dataset that is served.")
        info.add_metric([], {"revision": self.served or ""})
        yield info


class Metrics:
    """The metrics of this process, and the text of those of all."""

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
        self.revision = Revision()

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer that did not come from the cache."""
        route = route_of(scope)
        self.requests.labels(route, scope["method"] if scope["method"] in METHODS else "other", status).inc()
        self.seconds.labels(route).observe(seconds)

    def publish(self, counts: CacheCounts) -> None:
        """Add what the cache has counted; the cache counts in plain numbers, which is faster."""
        for (route, method, status), number in counts.hits.items():
            self.requests.labels(route, method, status).inc(number)
        self.hits.inc(counts.hits.total())
        self.misses.inc(counts.misses)
        self.bytes.set(counts.bytes)

    def text(self) -> bytes:
        """All metrics, in Prometheus' format."""
        shared: Collector = self.registry
        if folder := os.environ.get(FOLDER):
            # The gauges of a process that was lost must not be added up with those of its successor.
            for pid in {path.stem.rpartition("_")[2] for path in Path(folder).glob("gauge_live*.db")}:
                if not Path(f"/proc/{pid}").exists():
                    mark_process_dead(int(pid))  # type: ignore[no-untyped-call]
            shared = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
        return generate_latest(shared) + generate_latest(self.revision)
