"""What the service makes as it starts and every request can reach."""

from concurrent.futures import Executor
from typing import TypedDict, cast

from fastapi import Request
from sqlalchemy import Engine

from app.queries.revision_cache import RevisionCache


class State(TypedDict):
    """What the service makes as it starts."""

    engine: Engine
    threads: Executor
    revisions: RevisionCache
    # The schema versions that this release knows, the oldest first.
    known_versions: list[str]
    base_uri: str
    # Where Swagger UI shows each path of the API.
    operations: dict[str, str]


def state_of(request: Request) -> State:
    """What the service made as it started."""
    return cast("State", request.state)
