"""The only place where the parts meet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from app import openapi, problems
from app.database import reading_engine
from app.methods import HeadMiddleware
from app.migration import head
from app.routes import (
    concepts,
    dataset,
    documentation,
    examples,
    export,
    hypervisor_types,
    hypervisors,
    lookup,
    probes,
    root,
    search,
    taxonomy,
    virtualization_types,
)
from app.settings import Settings

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
        root,
    )
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application; the database is opened when it starts, not before."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        engine = reading_engine(settings.url)
        yield {"engine": engine, "schema_head": head(), "base_uri": settings.base_uri}
        engine.dispose()

    app = FastAPI(
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
    app.add_middleware(HeadMiddleware)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "HEAD"],
        expose_headers=["Content-Disposition", "Content-Language", "Link", "Retry-After"],
    )
    return app


def operation_id(route: APIRoute) -> str:
    """The name of the endpoint's function: stable, and readable in generated clients."""
    return route.name
