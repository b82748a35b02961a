"""The engines: one that cannot write for the service, one that can for the loader and the migrations."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Row, column, create_engine, event, inspect, select, table
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from app.settings import Settings
from app.store.tables import Dataset

BUSY_SECONDS = 30
# How long the commands that write wait for PostgreSQL to answer at all.
PREPARING_SECONDS = 10


def sqlite_engine(url: URL, *, begin: str, mode: str, read_only: bool, **options: Any) -> Engine:
    """An engine for an SQLite file, in which each transaction starts with `begin`.

    Python's sqlite3 module starts transactions only before writes, so that two SELECTs could see two
    states; here the engine starts every one itself.
    """
    path = quote(str(Path(url.database or "").absolute()))
    engine = create_engine(
        url.set(database=f"file:{path}", query={"mode": mode, "uri": "true"}),
        connect_args={"timeout": BUSY_SECONDS},
        **options,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def reading_engine(settings: Settings) -> Engine:
    """An engine whose every transaction sees one state of the database and cannot write.

    What waits for a database that is away gives up soon, so that it holds no thread from what can be answered.
    """
    url, seconds = settings.url, settings.database_connect_seconds
    pool = {"pool_size": settings.database_pool_size, "max_overflow": 0, "pool_timeout": seconds}
    if url.get_backend_name() == "sqlite":
        return sqlite_engine(url, begin="BEGIN", mode="rw", read_only=True, **pool)
    session = {
        "default_transaction_read_only": "on",
        "statement_timeout": round(settings.database_statement_seconds * 1000),
    }
    given = url.query.get("options", "")
    connect = {
        "options": " ".join([str(given), *(f"-c {name}={value}" for name, value in session.items())]).strip(),
        "connect_timeout": seconds,
        # A server that vanished in the middle of an answer sends nothing that would end the wait for the rest.
        "tcp_user_timeout": seconds * 1000,
        "keepalives_idle": seconds,
        "keepalives_interval": seconds,
    }
    return create_engine(url, isolation_level="REPEATABLE READ", connect_args=connect, pool_pre_ping=True, **pool)


def writing_engine(url: URL) -> Engine:
    """An engine for the loader and the migrations; an SQLite file is created, and locked as a transaction starts."""
    if url.get_backend_name() == "sqlite":
        return sqlite_engine(url, begin="BEGIN IMMEDIATE", mode="rwc", read_only=False)
    return create_engine(url, connect_args={"connect_timeout": PREPARING_SECONDS})


def last_load(engine: Engine) -> Row[str, datetime] | None:
    """The revision that the database holds, and when it was loaded; None if it holds none.

    The revision by itself would not tell a dataset that was replaced and has come back from one that stayed.
    """
    with engine.connect() as connection:
        return connection.execute(select(col(Dataset.revision), col(Dataset.loaded_at))).one_or_none()


def schema_version(connection: Connection) -> str | None:
    """The id of the database's schema; None if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def schema_fault(version: str | None, schemas: Sequence[str]) -> str | None:
    """What keeps a schema from being used, in a sentence; None if nothing does.

    `schemas` are those that this version knows; the last is the one that it needs.
    """
    if version is None:
        return "The database has no schema yet: run `virt-taxonomy migrate`."
    if version != schemas[-1]:
        return f"The database's schema is {version}, and this version of the service needs {schemas[-1]}."
    return None


def fault(engine: Engine, schemas: Sequence[str]) -> str | None:
    """What keeps the database from being served, in a sentence; None if nothing does.

    A schema that a newer version made can be served, since migrations only add. They may also empty the revision,
    for the newer version to load what it needs; this one needs it not.
    """
    try:
        with engine.connect() as connection:
            version = schema_version(connection)
            newer = version is not None and version not in schemas
            if not newer and (reason := schema_fault(version, schemas)):
                return reason
            revision = connection.scalar(select(col(Dataset.revision)))
            if revision is None or not (revision or newer):
                return "No dataset is loaded: run `virt-taxonomy seed`."
    except DBAPIError:
        return "The database cannot be reached."
    return None
