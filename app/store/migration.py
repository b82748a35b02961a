"""Migrating a database to the schema of this version."""

from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, String, Table, insert, text
from sqlmodel import SQLModel

from app.settings import PROJECT
from app.store.inspection import read_version, version_problem

if TYPE_CHECKING:
    from alembic.config import Config

# The advisory lock that a process takes to migrate or load; processes started at the same time wait for it.
ADVISORY_LOCK = 7_286_331_504


class MigrationError(Exception):
    """The database's schema is not one that this version knows."""


def alembic_config(connection: Connection) -> "Config":
    """Configure Alembic to run on an open connection."""
    from alembic.config import Config  # noqa: PLC0415 (as in `upgrade`)

    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.attributes["connection"] = connection
    return config


def known_versions() -> list[str]:
    """List the schema versions that this release knows, oldest first; it needs the last.

    The name of each migration's file begins with its version.
    """
    return sorted(path.name.partition("_")[0] for path in (PROJECT / "migrations/versions").glob("[0-9]*.py"))


def lock(connection: Connection) -> None:
    """Wait for other processes that migrate or load; on SQLite, the transaction already holds the write lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})


def upgrade(engine: Engine) -> str:
    """Migrate to the schema of this version in one transaction; do nothing if it is up to date.

    Return a line that says what was done. Raises `MigrationError` if the database was made by a newer version.
    """
    with engine.begin() as connection:
        lock(connection)
        before, known = read_version(connection), known_versions()
        if before == known[-1]:
            return f"The schema is up to date ({before})"
        if before is None:
            create_schema(connection, known[-1])
        elif before in known:
            # Imported here, because Alembic takes a tenth of the time in which a service starts.
            from alembic import command  # noqa: PLC0415

            command.upgrade(alembic_config(connection), "head")
        else:
            raise MigrationError(f"{version_problem(before, known)} A newer version has probably created it.")
    return f"schema {before or 'none'} -> {known[-1]}"


def create_schema(connection: Connection, version: str) -> None:
    """Create the tables that the migrations make, and note their version as Alembic does."""
    SQLModel.metadata.create_all(connection, checkfirst=False)
    key = PrimaryKeyConstraint("version_num", name="alembic_version_pkc")
    versions = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False), key)
    versions.create(connection, checkfirst=True)
    connection.execute(insert(versions).values(version_num=version))
