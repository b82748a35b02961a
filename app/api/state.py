"""The lifespan state: made when the service starts, available to every request."""

from threading import Semaphore
from typing import TypedDict, cast

from fastapi import Request
from sqlalchemy import Engine

from app.api.threads import RequestThreads
from app.queries.revision_cache import RevisionCache
from app.store.readiness import Readiness


class State(TypedDict):
    """The lifespan state of the API."""

    engine: Engine
    threads: RequestThreads
    # Taken by each answer that is streamed from the database, so that connections are left for other requests.
    streams: Semaphore
    revisions: RevisionCache
    readiness: Readiness
    # The schema versions that this release knows, oldest first.
    known_versions: list[str]
    base_uri: str
    # The fragment of Swagger UI's address for each path of the API.
    operations: dict[str, str]
    # Every path that a GET can have; those of entries end on `{id}`.
    paths: list[str]


def state_of(request: Request) -> State:
    """Return the lifespan state, with its type."""
    return cast("State", request.state)
