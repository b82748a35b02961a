"""Polling the database for a new revision of the dataset."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import Any, TypeVar

from sqlalchemy import Engine

from app.store.served import Look, Problem, Served, look_at
from app.store.snapshot import Reader

Value = TypeVar("Value")


class RevisionWatch:
    """Looks at the database every few seconds, and lets `served` know what is there.

    `known` lists the schema versions that this release knows. A database that says nothing for `patience` seconds is
    noted as unreachable. `make_ready` reads a new snapshot before it is served; `on_change` is called when it is.
    """

    def __init__(
        self,
        engine: Engine,
        known: Sequence[str],
        served: Served,
        *,
        seconds: float,
        patience: float,
        count_bytes: int,
        make_ready: Callable[[Reader], None],
        on_change: Callable[[], None],
    ) -> None:
        self.engine = engine
        self.served = served
        self.seconds = seconds
        self.patience = patience
        self.on_change = on_change
        self.look_at = partial(look_at, engine, known, make_ready=make_ready, count_bytes=count_bytes)
        self.looking = self.stopped = False
        # Set when the first look has ended, or takes longer than a service that starts should wait for it.
        self.looked = asyncio.Event()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.seconds)

    async def look(self) -> None:
        """Poll once."""
        answered = Event()
        self.looking = True
        look = run_in_daemon(partial(self.look_and_close, before=self.served.load, on_answer=answered.set))
        ended, _ = await asyncio.wait([look], timeout=self.patience)
        if not ended and not answered.is_set():
            sentence = f"The database has not answered within {self.patience:g} seconds."
            self.note(Look(problem=Problem(sentence, temporary=True)))
        self.looked.set()
        self.note(await look)

    def look_and_close(self, **options: Any) -> Look:
        """Look in a thread, and close the connection if the service has stopped meanwhile."""
        pool = self.engine.pool
        found = self.look_at(**options)
        self.looking = False
        if self.stopped:
            pool.dispose()
        return found

    def stop(self) -> None:
        """Close the connection, unless a look still uses it, which then does."""
        self.stopped = True
        if not self.looking:
            self.engine.dispose()

    def note(self, look: Look) -> None:
        """Serve what a look has found."""
        before = self.served.snapshot
        self.served.note(look)
        if self.served.snapshot is not before:
            self.on_change()


def run_in_daemon(work: Callable[[], Value]) -> "asyncio.Future[Value]":
    """Run work in a thread that nothing waits for as the process ends: a database may be silent for ever."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Value] = loop.create_future()

    def run() -> None:
        result = work()
        # A process that ends neither waits for the result nor wants it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(set_result, result)

    def set_result(result: Value) -> None:
        if not future.cancelled():
            future.set_result(result)

    Thread(target=run, daemon=True).start()
    return future
