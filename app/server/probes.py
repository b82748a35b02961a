"""`/livez`, `/readyz` and `/metrics`, for orchestrators and monitoring. They ignore the query string."""

import asyncio
from datetime import datetime
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

# A probe reports the present state, which no cache may store.
NO_STORE = {"Cache-Control": "no-store"}


class MonitoredState(State):
    """The lifespan state, including what `/readyz` and `/metrics` read."""

    cache: ResponseCache
    metrics: Metrics


class ProbePublic(TypedDict):
    """The response of a probe that succeeds."""

    status: Annotated[str, Field(description="`live` or `ready`.")]


class ReadinessPublic(ProbePublic):
    """The response of the readiness probe, which also succeeds while the last dataset is served without a database."""

    revision: Annotated[str, Field(description="The revision of the dataset that is served.")]
    database_problem: Annotated[
        str | None, Field(description="Why the database cannot be read; null if it can.", examples=[None])
    ]
    database_problem_since: Annotated[
        datetime | None, Field(description="Since when; null if it can be read.", examples=[None])
    ]


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
    response_model=ReadinessPublic,
    response_description="The service is ready.",
    responses=errors(Kind.UNAVAILABLE),
    summary="Is the service ready?",
)
async def get_readiness(request: Request, response: Response) -> ReadinessPublic:
    """Report whether a dataset is served; without the database, the last one still is."""
    response.headers.update(NO_STORE)
    served = state_of(request)["served"]
    if served.load is None:
        sentence = served.problem.sentence if served.problem else "The dataset has not been read yet."
        raise ProblemError(Kind.UNAVAILABLE, sentence, headers=UNAVAILABLE_HEADERS)
    return {
        "status": "ready",
        "revision": served.load.revision,
        "database_problem": served.problem and served.problem.sentence,
        "database_problem_since": served.problem_since,
    }


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
