"""The application: connects the routes, the layers in front of them and the database."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.types import ASGIApp

from app.api import openapi
from app.api.handlers import ProblemHandlers
from app.api.json_body import BodyMemory
from app.api.negotiation import canonical_accept, canonical_encoding, canonical_language
from app.api.routes import (
    ask,
    changes,
    concepts,
    dataset,
    examples,
    export,
    hypervisor_types,
    hypervisors,
    identify,
    lookup,
    reconcile,
    search,
    taxonomy,
    virtualization_types,
)
from app.api.threads import RequestThreads
from app.pages import documentation, explorer, problem, reconciliation, site
from app.queries.preparation import make_ready
from app.server import probes, security_headers
from app.server.cache import ResponseCache
from app.server.compression import Compression
from app.server.cross_origin import CrossOrigin
from app.server.hosts import TrustedHosts
from app.server.memory import count_bytes, response_bytes
from app.server.metrics import Metrics
from app.server.probes import MonitoredState
from app.server.request_log import RequestLog
from app.server.revision_watch import RevisionWatch
from app.settings import Settings
from app.store.engines import reading_engine
from app.store.migration import known_versions
from app.store.served import Served

if TYPE_CHECKING:
    from app.mcp.http import McpEndpoint

PUBLISH_SECONDS = 1
# Threads in which snapshots are scanned; more would only share the same processors.
THREADS = 4

ROUTERS = [
    module.router
    for module in (
        hypervisors,
        hypervisor_types,
        virtualization_types,
        examples,
        concepts,
        lookup,
        identify,
        reconcile,
        ask,
        search,
        taxonomy,
        export,
        dataset,
        changes,
        probes,
        documentation,
        explorer,
        problem,
        reconciliation,
        site,
    )
]


ROUTES = [(router, route) for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
POSTED = frozenset(route.path_format for _, route in ROUTES if "POST" in (route.methods or ()))
# A path that takes POST takes GET as well.
PATHS = [*dict.fromkeys(route.path_format for _, route in ROUTES)]
# The fragment of Swagger UI's address for each path. Read from the routes, because generating the OpenAPI document
# would delay the first page by a tenth of a second.
OPERATIONS = {
    route.path_format: f"{route.tags[0]}/{route.operation_id}"
    for router, route in ROUTES
    if route.include_in_schema and router.include_in_schema and "GET" in (route.methods or ())
}


class Service(FastAPI):
    """The application with the layers in front of it."""

    cache: ResponseCache
    watch: RevisionWatch

    # FastAPI's own method checks for OpenTelemetry on every request, which takes as long as a cached answer.
    __call__ = Starlette.__call__

    def __init__(self, settings: Settings, *, static: bool) -> None:
        self.settings = settings
        self.static = static
        self.served = Served()
        self.metrics = Metrics(self.served)
        self.openapi_lock = Lock()
        self.mcp = make_mcp_endpoint(settings, self.served) if settings.mcp else None
        super().__init__(
            title="Virtualization Taxonomy API",
            version=version("virtualization-taxonomy-api"),
            summary=openapi.SUMMARY,
            description=openapi.DESCRIPTION,
            contact={"name": "The Virtualization Taxonomy API maintainers"},
            servers=[{"url": "/", "description": "This service."}],
            license_info={"name": "MIT", "identifier": "MIT"},
            openapi_tags=openapi.TAGS,
            redirect_slashes=False,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            lifespan=lifespan,
        )
        ProblemHandlers(problem.render_problem).install(self)
        # FastAPI's own `include_router` matches each request twice, with the router and with its routes.
        self.router.routes.extend(route for router in ROUTERS for route in router.routes)
        if self.mcp:
            self.router.routes.append(self.mcp.route)
        self.add_middleware(Compression)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document without the values that are data; it is made once."""
        with self.openapi_lock:
            if self.openapi_schema is None:
                openapi.complete_document(super().openapi())
            return super().openapi()

    def build_middleware_stack(self) -> ASGIApp:
        """Put the check of the host in front of the response cache, and that in front of CORS and the application."""
        settings = self.settings
        log = RequestLog(self.metrics, log_hits=settings.log_hits)
        cross_origin = CrossOrigin(super().build_middleware_stack(), settings.cors_origins)
        self.cache = ResponseCache(
            cross_origin,
            negotiators={
                b"accept": canonical_accept,
                b"accept-language": canonical_language,
                b"accept-encoding": canonical_encoding,
                **cross_origin.negotiators,
            },
            headers=security_headers.HEADERS,
            max_bytes=response_bytes(settings.cache_bytes),
            cache_control=f"public, max-age={settings.cache_max_age}, stale-if-error={settings.cache_stale_if_error}",
            addressed=(reconcile.router.prefix,),
            on_miss=log.follow_miss,
        )
        return TrustedHosts(
            self.cache,
            log,
            allowed=settings.allowed_hosts,
            trusted=settings.trusted_proxies,
            root_path=settings.root_path,
        )

    def publish_metrics(self) -> None:
        """Publish the counts of this process to the other workers."""
        self.metrics.publish(self.cache.take_counts())


@asynccontextmanager
async def lifespan(app: Service) -> AsyncIterator[MonitoredState]:
    """Poll the database for a new revision, and serve the last that was read."""
    settings = app.settings
    app.watch = RevisionWatch(
        reading_engine(settings),
        known_versions(),
        app.served,
        seconds=settings.cache_poll_seconds,
        patience=settings.database_connect_seconds,
        count_bytes=count_bytes(settings.cache_bytes),
        make_ready=make_ready,
        on_change=app.cache.clear,
    )
    app.watch.start()
    publishing = asyncio.create_task(publish_periodically(app))
    await app.watch.looked.wait()
    with ThreadPoolExecutor(THREADS) as executor:
        threads = RequestThreads(executor, THREADS, settings.queue_length)
        answering: AbstractAsyncContextManager[None] = app.mcp.running(threads) if app.mcp else nullcontext()
        async with answering:
            yield {
                "served": app.served,
                "threads": threads,
                "bodies": BodyMemory(),
                "base_uri": settings.base_uri,
                "static": app.static,
                "operations": OPERATIONS,
                "paths": [*PATHS, app.mcp.route.path] if app.mcp else PATHS,
                "posted": POSTED,
                "cache": app.cache,
                "metrics": app.metrics,
            }
        publishing.cancel()
    app.publish_metrics()
    app.watch.stopping.set()


def make_mcp_endpoint(settings: Settings, served: Served) -> "McpEndpoint":
    """Make the endpoint of the Model Context Protocol."""
    # Imported here, because it takes a second that a service without it does not need.
    from app.mcp.http import McpEndpoint  # noqa: PLC0415

    return McpEndpoint(served, settings.cors_origins, settings.cache_poll_seconds)


async def publish_periodically(app: Service) -> None:
    """Publish the metrics every second until cancelled."""
    while True:
        app.publish_metrics()
        await asyncio.sleep(PUBLISH_SECONDS)


def create_app(settings: Settings | None = None, *, static: bool = False) -> Service:
    """Create the application; it opens the database when it starts, not before.

    If `static`, its explorer is that of a static copy, which asks for nothing but files.
    """
    return Service(settings or Settings(), static=static)
