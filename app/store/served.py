"""What this process serves: the snapshot of the last revision that could be read, whatever became of the database."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Engine

from app.store.engines import is_file_missing
from app.store.inspection import NO_FILE, Load, describe_error, inspect_database
from app.store.snapshot import Reader, Snapshot

logger = logging.getLogger("app")

UNREACHABLE = "The database cannot be reached."
UNREADABLE = "The dataset in the database cannot be read."


class Problem(NamedTuple):
    """Why the database has nothing to serve, in a sentence, and the error from which that follows.

    A problem that is not `temporary` needs an operator.
    """

    sentence: str
    error: str = ""
    temporary: bool = False

    def __str__(self) -> str:
        return f"{self.sentence} ({self.error})" if self.error else self.sentence


class Look(NamedTuple):
    """What a look at the database found: a dataset, with its snapshot if it is another than before; or a problem."""

    load: Load | None = None
    snapshot: Snapshot | None = None
    problem: Problem | None = None


def look_at(
    engine: Engine,
    known: Sequence[str],
    before: Load | None,
    make_ready: Callable[[Reader], None],
    count_bytes: int,
    on_copy: Callable[[], None],
) -> Look:
    """Look at the database in one transaction, and copy its dataset unless it is the one from `before`.

    `known` lists the schema versions that this release knows. `make_ready` reads what the first requests would wait
    for; `on_copy` is called before the dataset is copied, which may take seconds.
    """
    found: Load | str | None = None
    try:
        with engine.connect() as connection:
            found = inspect_database(connection, known)
            if isinstance(found, str):
                return Look(problem=Problem(found))
            if found == before:
                return Look(found)
            on_copy()
            snapshot = Snapshot.copy(connection, count_bytes)
        with snapshot.reader() as reader:
            make_ready(reader)
    except Exception as error:  # noqa: BLE001 (whatever fails, the next look may succeed)
        if is_file_missing(engine):
            return Look(problem=Problem(NO_FILE))
        sentence = UNREADABLE if isinstance(found, Load) else UNREACHABLE
        return Look(problem=Problem(sentence, describe_error(error), temporary=True))
    return Look(found, snapshot)


class NothingServedError(Exception):
    """No dataset could be read from the database since the process started."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Served:
    """The dataset that this process serves, and what is the matter with the database."""

    def __init__(self) -> None:
        self.load: Load | None = None
        self.snapshot: Snapshot | None = None
        self.problem: Problem | None = None
        self.problem_since: datetime | None = None

    def get(self) -> Snapshot:
        """Return the snapshot. Raises `NothingServedError` if there is none."""
        if self.snapshot is None:
            raise NothingServedError(self.problem)
        return self.snapshot

    def note(self, look: Look) -> None:
        """Serve what a look found; log once when the database becomes unusable, and once when it is usable again."""
        if look.problem:
            self.note_problem(look.problem)
            return
        if self.problem_since:
            seconds = (datetime.now(UTC) - self.problem_since).total_seconds()
            logger.info("The database can be read again after %.1f seconds", seconds)
            self.problem = self.problem_since = None
        if look.snapshot and look.load:
            previous = f" (was {self.load.revision})" if self.load else ""
            logger.info("Serving revision %s%s, %s", look.load.revision, previous, look.load.title)
            self.load, self.snapshot = look.load, look.snapshot

    def note_problem(self, problem: Problem) -> None:
        """Note why the database cannot be read; what is served stays."""
        if self.problem is None or self.problem.sentence != problem.sentence:
            served = f"Still serving revision {self.load.revision}." if self.load else "Serving nothing yet."
            logger.warning("%s %s", problem, served)
        self.problem = problem
        self.problem_since = self.problem_since or datetime.now(UTC)
