"""`/livez`, `/readyz` and `/metrics`: what an orchestrator asks. They take no notice of the query string."""

import asyncio

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse

from app.api.problems import Problem, ProblemError
from app.api.router import Router
from app.server.metrics import Metrics
from app.shapes.entries import ProbePublic
from app.store.engines import fault

# What a probe says is true now, and not for any cache.
NOW = {"Cache-Control": "no-store"}

router = Router(tags=["operations"])


@router.get("/livez", response_model=ProbePublic)
async def get_liveness(response: Response) -> dict[str, str]:
    """Tell whether the process serves; asks nothing of the database."""
    response.headers.update(NOW)
    return {"status": "live"}


@router.get("/readyz", response_model=ProbePublic, responses={503: {"model": Problem, "description": "Not ready."}})
async def get_readiness(request: Request, response: Response) -> dict[str, str]:
    """Tell whether requests can be answered: the database is reachable, of this version, and loaded."""
    response.headers.update(NOW)
    # Not in the threads of the requests, which may all wait for the database.
    if reason := await asyncio.to_thread(fault, request.state.engine, request.state.schemas):
        raise ProblemError("unavailable", reason)
    return {"status": "ready"}


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The metrics."}},
)
async def get_metrics(request: Request) -> Response:
    """Read what is counted, in Prometheus' text format; what other processes of the same server count is a second old.

    What the cache answers is counted, and not timed.
    """
    metrics: Metrics = request.state.metrics
    metrics.publish()
    return Response(await asyncio.to_thread(metrics.text), headers=NOW, media_type=CONTENT_TYPE_LATEST)
