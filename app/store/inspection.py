"""Which dataset the database contains, and why it cannot be served."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app.store.tables import Dataset

NO_FILE = "There is no database file: run `virt-taxonomy migrate`."
NOT_LOADED = "No dataset is loaded: run `virt-taxonomy seed`."


class Load(NamedTuple):
    """The loaded dataset. The time distinguishes it from one that was replaced and then restored."""

    revision: str
    loaded_at: datetime
    packs: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """The packs and their versions: ``docs 1.0.0, acme 7``."""
        return ", ".join(f"{pack['id']} {pack['version']}" for pack in self.packs)


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


def inspect_database(connection: Connection, known: Sequence[str]) -> Load | str:
    """Read which dataset is loaded, or explain in a sentence why there is none that this release can serve.

    `known` lists the schema versions that this release knows, oldest first. A migration clears the revision where the
    rows must be loaded again. Migrations only add, so a newer schema can be served, and rows that its migration wants
    loaded again can be served as they are.
    """
    version = read_version(connection)
    if version is None or version in known[:-1]:
        return version_problem(version, known) or ""
    row = connection.execute(select(col(Dataset.revision), col(Dataset.loaded_at), col(Dataset.packs))).one_or_none()
    if row is None or (not row.revision and version in known):
        return NOT_LOADED
    # SQLite returns a time without its zone, which is UTC.
    return Load(row.revision, row.loaded_at.replace(tzinfo=row.loaded_at.tzinfo or UTC), row.packs)


def describe_error(error: BaseException) -> str:
    """Show an error in one line: what the driver said, without the statement."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
