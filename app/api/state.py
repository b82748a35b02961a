"""The lifespan state: made when the service starts, available to every request."""

from contextlib import AbstractContextManager
from typing import TypedDict, cast

from fastapi import Request

from app.api.json_body import BodyMemory
from app.api.threads import RequestThreads
from app.store.served import Served
from app.store.snapshot import Reader


class State(TypedDict):
    """The lifespan state of the API."""

    served: Served
    threads: RequestThreads
    bodies: BodyMemory
    base_uri: str
    # Whether the explorer is that of a static copy.
    static: bool
    # The fragment of Swagger UI's address for each path of the API.
    operations: dict[str, str]
    # Every path that a GET can have; those of entries end on `{id}`.
    paths: list[str]
    # The paths that a POST can have.
    posted: frozenset[str]


def state_of(request: Request) -> State:
    """Return the lifespan state, with its type."""
    return cast("State", request.state)


def open_dataset(request: Request) -> AbstractContextManager[Reader]:
    """Return a reader of the dataset that is served. Raises `NothingServedError` if there is none."""
    return state_of(request)["served"].get().reader()
