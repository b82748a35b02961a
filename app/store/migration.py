"""Migrating a database to the schema of this version."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from app.settings import PROJECT
from app.store.readiness import read_version

# The advisory lock that a process takes to migrate or load; processes started at the same time wait for it.
ADVISORY_LOCK = 7_286_331_504


class MigrationError(Exception):
    """The database's schema is not one that this version knows."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Configure Alembic, optionally to run on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.attributes["connection"] = connection
    return config


def known_versions() -> list[str]:
    """List the schema versions that this release knows, oldest first; it needs the last."""
    return [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]


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
        before = read_version(connection)
        try:
            command.upgrade(alembic_config(connection), "head")
        except CommandError as error:
            raise MigrationError(
                f"This version does not know the database's schema, which a newer version probably created: {error}"
            ) from error
        after = read_version(connection)
    return f"The schema is up to date ({after})" if before == after else f"schema {before or 'none'} -> {after}"
