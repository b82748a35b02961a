"""`/livez`, `/readyz` and `/metrics`, for orchestrators and monitoring. They ignore the query string."""

import asyncio
from typing import Annotated, cast

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from starlette.responses import PlainTextResponse
from typing_extensions import TypedDict

from app.api.openapi_responses import ANY_RESPONSES, errors
from app.api.problems import UNAVAILABLE_HEADERS, Kind, ProblemError
from app.api.router import Router
from app.api.state import State, state_of
from app.server.cache import ResponseCache
from app.server.metrics import Metrics
from app.store.readiness import inspect_database

# A probe reports the present state, which no cache may store.
NO_STORE = {"Cache-Control": "no-store"}


class MonitoredState(State):
    """The lifespan state, including what `/readyz` and `/metrics` read."""

    readiness_seconds: float
    cache: ResponseCache
    metrics: Metrics


class ProbePublic(TypedDict):
    """The response of a probe that succeeds."""

    status: Annotated[str, Field(description="`live` or `ready`.")]


router = Router(tags=["operations"], responses=ANY_RESPONSES)


@router.get(
    "/livez", response_model=ProbePublic, response_description="The process serves.", summary="Is the process live?"
)
async def get_liveness(response: Response) -> ProbePublic:
    """Report whether the process is serving, without reading the database."""
    response.headers.update(NO_STORE)
    return {"status": "live"}


@router.get(
    "/readyz",
    response_model=ProbePublic,
    response_description="The service is ready.",
    responses=errors(Kind.UNAVAILABLE),
    summary="Is the service ready?",
)
async def get_readiness(request: Request, response: Response) -> ProbePublic:
    """Report whether the service is ready: the database is reachable, migrated and loaded."""
    response.headers.update(NO_STORE)
    state = cast("MonitoredState", state_of(request))
    # Outside the threads of the requests, which may all be waiting for the database.
    looking = asyncio.to_thread(inspect_database, state["engine"], state["known_versions"])
    try:
        _, problem, error = await asyncio.wait_for(looking, state["readiness_seconds"])
    except TimeoutError:
        problem, error = f"The database has not answered within {state['readiness_seconds']:g} seconds.", None
    state["readiness"].note(problem, error)
    if problem:
        raise ProblemError(Kind.UNAVAILABLE, problem, headers=UNAVAILABLE_HEADERS)
    return {"status": "ready"}


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    response_description="The metrics.",
    summary="Get metrics",
)
async def get_metrics(request: Request) -> Response:
    """Get the metrics in Prometheus text format; figures of other worker processes are up to a second old.

    Cache hits are counted but not timed.
    """
    state = cast("MonitoredState", state_of(request))
    state["metrics"].publish(state["cache"].take_counts())
    return Response(await asyncio.to_thread(state["metrics"].text), headers=NO_STORE, media_type=CONTENT_TYPE_LATEST)
