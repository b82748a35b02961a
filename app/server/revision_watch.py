"""Polling the database for a new revision of the dataset."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from sqlalchemy import Engine

from app.store.readiness import Load, Readiness, inspect_database

logger = logging.getLogger("app")


class RevisionWatch:
    """Polls the database every few seconds; while it is unreachable, the cache still serves its answers.

    `known` lists the schema versions that this release knows. Polls run in a thread of `executor` and are noted in
    `readiness`. `on_change` is called with the new dataset, or None if no dataset is loaded.
    """

    def __init__(
        self,
        engine: Engine,
        known: Sequence[str],
        executor: Executor,
        readiness: Readiness,
        *,
        seconds: float,
        on_change: Callable[[Load | None], None],
    ) -> None:
        self.engine = engine
        self.known = known
        self.executor = executor
        self.readiness = readiness
        self.seconds = seconds
        self.on_change = on_change
        self.served: Load | None = None

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.seconds)

    async def look(self) -> None:
        """Poll once."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self.executor, inspect_database, self.engine, self.known)
        self.readiness.note(found.problem, found.error)
        if found.error is not None:
            return
        if found.load != self.served:
            previous = f" (was {self.served.revision})" if self.served else ""
            if found.load:
                logger.info("Serving revision %s%s, %s", found.load.revision, previous, found.load.title)
            else:
                logger.warning("Serving no dataset%s", previous)
            self.served = found.load
            self.on_change(found.load)
