"""Which dataset the database contains, and why it cannot be served."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, column, inspect, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import col

from app.store.engines import is_file_missing
from app.store.tables import Dataset

# PostgreSQL's codes for a table and a column that do not exist, and how SQLite says the same.
UNDEFINED_CODES = ("42P01", "42703")
UNDEFINED_TEXTS = ("no such table", "no such column")
NO_FILE = "There is no database file: run `virt-taxonomy migrate`."

logger = logging.getLogger("app")


class NotLoadedError(Exception):
    """The database contains no dataset that can be served."""

    def __init__(self) -> None:
        super().__init__("No dataset is loaded: run `virt-taxonomy seed`.")


class Load(NamedTuple):
    """The loaded dataset. The time distinguishes it from one that was replaced and then restored."""

    revision: str
    loaded_at: datetime
    packs: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """The packs and their versions: ``docs 1.0.0, acme 7``."""
        return ", ".join(f"{pack['id']} {pack['version']}" for pack in self.packs)


class Inspection(NamedTuple):
    """What the database contains.

    `problem` says in a sentence why it cannot be served, and is None if it can; `error` is what prevented reading it.
    """

    load: Load | None
    problem: str | None
    error: Exception | None = None


def read_version(connection: Connection) -> str | None:
    """Read the version of the database's schema; None if it has no schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def version_problem(version: str | None, known: Sequence[str]) -> str | None:
    """Explain in a sentence why this release cannot write to a schema; None if it can.

    `known` lists the versions that this release knows, oldest first; it writes to the last.
    """
    if version is None:
        return "The database has no schema yet: run `virt-taxonomy migrate`."
    if version == known[-1]:
        return None
    problem = f"The database has schema {version}, but this version of the service needs {known[-1]}"
    return f"{problem}: run `virt-taxonomy migrate`." if version in known else f"{problem}."


def read_load(connection: Connection, known: Sequence[str]) -> Load | None:
    """Read which dataset is loaded, for a release that knows some schema versions; None if there is none.

    A migration clears the revision where the rows must be loaded again. Migrations only add, so rows that a migration
    of a newer release wants loaded again can be served as they are.
    """
    row = connection.execute(select(col(Dataset.revision), col(Dataset.loaded_at), col(Dataset.packs))).one_or_none()
    if row is None or (not row.revision and read_version(connection) in known):
        return None
    # SQLite returns a time without its zone, which is UTC.
    return Load(row.revision, row.loaded_at.replace(tzinfo=row.loaded_at.tzinfo or UTC), row.packs)


def inspect_database(engine: Engine, known: Sequence[str]) -> Inspection:
    """Read what the database contains, for a release that knows some schema versions; it can serve a newer one too."""
    try:
        with engine.connect() as connection:
            version = read_version(connection)
            load = read_load(connection, known) if version is not None else None
    except Exception as error:  # noqa: BLE001 (whatever fails, the next look may succeed)
        return Inspection(None, explain_failure(engine, error), error)
    newer = version is not None and version not in known
    problem = None if newer else version_problem(version, known)
    if problem is None and load is None:
        problem = str(NotLoadedError())
    return Inspection(load, problem)


def explain_failure(engine: Engine, error: Exception) -> str:
    """Explain in a sentence why the database could not be read."""
    if isinstance(error, PoolTimeoutError):
        return "All connections to the database are in use."
    if is_file_missing(engine):
        return NO_FILE
    return "The database cannot be reached."


def what_is_missing(engine: Engine, known: Sequence[str], error: Exception) -> str | None:
    """Explain in a sentence what an operator must do before a read that failed can succeed; None if it is temporary."""
    if is_file_missing(engine):
        return NO_FILE
    # The database has answered, so that asking once more takes no long.
    return inspect_database(engine, known).problem if isinstance(error, NotLoadedError) or is_undefined(error) else None


def is_undefined(error: Exception) -> bool:
    """Whether a statement failed because a table or a column does not exist."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) in UNDEFINED_CODES or str(cause).startswith(UNDEFINED_TEXTS)


def describe_error(error: Exception) -> str:
    """Show an error in one line: what the driver said, without the statement."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())


class Readiness:
    """Whether the last look found a dataset that can be served; the log says once when that ends and begins again."""

    def __init__(self) -> None:
        # None until the first look.
        self.ready: bool | None = None
        self.changed_at = monotonic()

    def note(self, problem: str | None, error: Exception | None = None) -> None:
        """Note what a poll or a probe found: why nothing can be served, and the error from which that follows."""
        ready = problem is None
        if ready == self.ready:
            return
        now = monotonic()
        if problem is not None:
            cause = f" ({describe_error(error)})" if error else ""
            logger.warning("Not ready: %s%s", problem, cause)
        elif self.ready is not None:
            logger.info("Ready again after %.1f seconds", now - self.changed_at)
        self.ready, self.changed_at = ready, now
