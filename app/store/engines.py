"""The engines: one that cannot write for the service, one that can for the loader and the migrations."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from app.settings import Settings

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
