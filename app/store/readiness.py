"""Which dataset the database contains, and why it cannot be served."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, column, inspect, select, table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import col

from app.store.tables import Dataset


class NotLoadedError(Exception):
    """The database contains no dataset."""

    def __init__(self) -> None:
        super().__init__("No dataset is loaded: run `virt-taxonomy seed`.")


def last_load(engine: Engine) -> Row[str, datetime] | None:
    """Read the revision in the database and when it was loaded; None if no dataset is loaded.

    The revision alone would miss a dataset that was replaced and then restored between two reads.
    """
    with engine.connect() as connection:
        return connection.execute(select(col(Dataset.revision), col(Dataset.loaded_at))).one_or_none()


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
    if version != known[-1]:
        return f"The database has schema {version}, but this version of the service needs {known[-1]}."
    return None


def why_not_ready(engine: Engine, known: Sequence[str]) -> str | None:
    """Explain in a sentence why the database cannot be served; None if it can.

    Migrations only add, so this release can serve the schema of a newer one. A newer migration may also clear the
    revision to force a reload; the rows can be served regardless.
    """
    try:
        with engine.connect() as connection:
            version = read_version(connection)
            newer = version is not None and version not in known
            if not newer and (problem := version_problem(version, known)):
                return problem
            revision = connection.scalar(select(col(Dataset.revision)))
            if revision is None or not (revision or newer):
                return str(NotLoadedError())
    except DBAPIError:
        return "The database cannot be reached."
    except PoolTimeoutError:
        return "All connections to the database are in use."
    return None
