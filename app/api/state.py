"""The lifespan state: made when the service starts, available to every request."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore
from typing import TypedDict, cast

from fastapi import Request
from sqlalchemy import Connection, Engine

from app.api.threads import RequestThreads
from app.queries.revision_cache import RevisionCache
from app.store.readiness import NotLoadedError, Readiness, read_load


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


@contextmanager
def open_dataset(request: Request) -> Iterator[Connection]:
    """Connect to the database for one transaction. Raises `NotLoadedError` if no dataset is loaded."""
    state = state_of(request)
    with state["engine"].connect() as connection:
        if read_load(connection, state["known_versions"]) is None:
            raise NotLoadedError
        yield connection
