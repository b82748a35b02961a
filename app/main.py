"""The only place where the parts meet."""

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send
from starlette_compress import CompressMiddleware

from app.api import openapi, problems
from app.api.negotiation import canonical_accept, canonical_encoding, canonical_language
from app.api.routes import (
    concepts,
    dataset,
    examples,
    export,
    hypervisor_types,
    hypervisors,
    lookup,
    search,
    taxonomy,
    virtualization_types,
)
from app.pages import documentation, explorer
from app.queries.revision_cache import Kept
from app.server import probes, security_headers
from app.server.cache import Negotiator, ResponseCache
from app.server.hosts import Door
from app.server.metrics import Metrics
from app.settings import Settings
from app.store.engines import last_load, reading_engine
from app.store.migration import schemas

PUBLISH_SECONDS = 1
# So many requests read the database at once. PostgreSQL may let them wait: more are taken on than there are
# connections, and who waits for one gives up after a while. SQLite works in the threads themselves.
THREADS = {"postgresql": 40, "sqlite": 4}
# The headers that pages of other origins may read.
EXPOSED = ["Content-Disposition", "Content-Language", "ETag", "Link", "Retry-After"]
logger = logging.getLogger("app")

ROUTERS = [
    module.router
    for module in (
        hypervisors,
        hypervisor_types,
        virtualization_types,
        examples,
        concepts,
        lookup,
        search,
        taxonomy,
        export,
        dataset,
        probes,
        documentation,
        explorer,
    )
]


def operation_id(route: APIRoute) -> str:
    """The name of the endpoint's function: stable, and readable in generated clients."""
    return route.name


# Where Swagger UI shows each path: told by the routes, since to make the OpenAPI document takes a tenth of a second.
OPERATIONS = {
    route.path: f"{route.tags[0]}/{operation_id(route)}"
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.include_in_schema and router.include_in_schema
}


class Service(FastAPI):
    """The application behind its response cache, and that behind the door."""

    door: Door
    cache: ResponseCache

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await self.door(scope, receive, send)


def create_app(settings: Settings | None = None) -> Service:
    """Make the application; the database is opened when it starts, not before."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: Service) -> AsyncIterator[dict[str, Any]]:
        engine = reading_engine(settings)
        metrics = app.door.metrics
        # Both wait at their end for what runs in them, so that no connection is in use when the engine goes.
        with ThreadPoolExecutor(THREADS[engine.name]) as threads, ThreadPoolExecutor(1) as lookout:
            tasks = [
                asyncio.create_task(follow(engine, lookout, app.cache, metrics, settings.cache_poll_seconds)),
                asyncio.create_task(publish(metrics)),
            ]
            yield {
                "engine": engine,
                "threads": threads,
                "kept": Kept(),
                "schemas": schemas(),
                "base_uri": settings.base_uri,
                "operations": OPERATIONS,
                "metrics": metrics,
            }
            for task in tasks:
                task.cancel()
        metrics.publish()
        engine.dispose()

    app = Service(
        title="Virtualization Taxonomy API",
        version=version("virtualization-taxonomy-api"),
        summary=openapi.SUMMARY,
        description=openapi.DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        openapi_tags=openapi.TAGS,
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    openapi.install(app)
    app.add_middleware(CompressMiddleware)
    app.add_middleware(
        CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET", "HEAD"], expose_headers=EXPOSED
    )
    negotiators: dict[bytes, Negotiator] = {
        b"accept": canonical_accept,
        b"accept-language": canonical_language,
        b"accept-encoding": canonical_encoding,
    }
    headers = [*security_headers.HEADERS]
    if "*" in settings.cors_origins:
        headers += [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", ", ".join(EXPOSED).encode()),
        ]
    else:
        allowed = {origin.encode() for origin in settings.cors_origins}
        negotiators[b"origin"] = lambda origin: origin if origin in allowed else None
    app.cache = ResponseCache(
        super(Service, app).__call__,
        negotiators=negotiators,
        headers=headers,
        max_bytes=settings.cache_bytes,
        cache_control=f"public, max-age={settings.cache_max_age}, stale-if-error={settings.cache_stale_if_error}",
    )
    app.door = Door(
        app.cache,
        allowed=settings.allowed_hosts,
        trusted=settings.trusted_proxies,
        headers=security_headers.HEADERS,
        metrics=Metrics(app.cache),
        log_hits=settings.log_hits,
    )
    app.cache.watch = app.door.missed
    return app


async def publish(metrics: Metrics) -> None:
    """Let the other processes see what this one has counted, a little late."""
    while True:
        metrics.publish()
        await asyncio.sleep(PUBLISH_SECONDS)


async def follow(engine: Engine, lookout: Executor, cache: ResponseCache, metrics: Metrics, seconds: float) -> None:
    """Drop what is cached when a dataset was loaded; while the database is away, what is there stays."""
    served = None
    failing = False
    while True:
        try:
            loaded = await asyncio.get_running_loop().run_in_executor(lookout, last_load, engine)
        except Exception as error:  # noqa: BLE001 (whatever it is, the next look may go well)
            if not failing:
                logger.warning("No look at the database; what is cached is still served: %s", error)
            failing = True
        else:
            failing = False
            if loaded != served:
                cache.clear()
                served = loaded
                metrics.revision.served = loaded.revision if loaded else None
        await asyncio.sleep(seconds)
