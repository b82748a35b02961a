"""Polling the database for a new revision of the dataset."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Thread, Timer

from sqlalchemy import Engine

from app.store.served import Look, Problem, Served, look_at
from app.store.snapshot import Reader


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
        self.loop = asyncio.get_running_loop()
        self.stopping = Event()
        # Set when the first look has ended, or takes longer than a service that starts should wait for it.
        self.looked = asyncio.Event()

    def start(self) -> None:
        """Poll in a thread that nothing waits for as the process ends: a database may be silent for ever."""
        Thread(target=self.poll, daemon=True).start()

    def poll(self) -> None:
        """Poll until stopped, then close the connection."""
        while not self.stopping.is_set():
            self.look()
            self.stopping.wait(self.seconds)
        self.engine.dispose()

    def look(self) -> None:
        """Poll once."""
        answered = Event()
        silence = Timer(self.patience, self.tell, [self.note_silence, answered])
        silence.daemon = True
        silence.start()
        look = self.look_at(before=self.served.load, on_copy=answered.set)
        answered.set()
        silence.cancel()
        self.tell(self.note, look)

    def tell(self, note: Callable[..., None], *arguments: object) -> None:
        """Note something in the event loop, unless that has ended."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(note, *arguments)

    def note_silence(self, answered: Event) -> None:
        """Note that the database does not answer, if it still has not."""
        if not answered.is_set():
            sentence = f"The database has not answered within {self.patience:g} seconds."
            self.note(Look(problem=Problem(sentence, temporary=True)))
        self.looked.set()

    def note(self, look: Look) -> None:
        """Serve what a look has found."""
        before = self.served.snapshot
        self.served.note(look)
        if self.served.snapshot is not before:
            self.on_change()
        self.looked.set()
