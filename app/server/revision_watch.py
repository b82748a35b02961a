"""Polling the database for a new revision of the dataset."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime

from sqlalchemy import Engine, Row

from app.store.readiness import last_load

logger = logging.getLogger("app")


class RevisionWatch:
    """Polls the database every few seconds; while it is unreachable, the cache still serves its answers.

    Polls run in a thread of `executor`. `on_change` is called with the new revision, or None if no dataset is loaded.
    """

    def __init__(
        self, engine: Engine, executor: Executor, *, seconds: float, on_change: Callable[[str | None], None]
    ) -> None:
        self.engine = engine
        self.executor = executor
        self.seconds = seconds
        self.on_change = on_change
        self.served: Row[str, datetime] | None = None
        self.failing = False

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.seconds)

    async def look(self) -> None:
        """Poll once."""
        try:
            loaded = await asyncio.get_running_loop().run_in_executor(self.executor, last_load, self.engine)
        except Exception as error:  # noqa: BLE001 (whatever fails, the next poll may succeed)
            if not self.failing:
                logger.warning("The database cannot be read; cached answers are still served: %s", error)
            self.failing = True
            return
        self.failing = False
        if loaded != self.served:
            self.served = loaded
            self.on_change(loaded.revision if loaded else None)
