"""The engines: one that reads, for the service, and one that writes, for the loader and the migrations."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import URL

from app.settings import Settings

# The commands that write wait longer for a lock, and for a connection, than the service does.
WRITER_BUSY_SECONDS = 30
WRITER_CONNECT_SECONDS = 10


def sqlite_engine(url: URL, *, begin: str, mode: str, pragmas: Sequence[str], busy: float) -> Engine:
    """Make an engine for an SQLite file that starts each transaction with the statement `begin`.

    Python's sqlite3 module opens a transaction only before a write, so two SELECTs could see different states. A
    statement waits up to `busy` seconds for a lock. Each connection opens the file again, because SQLite goes on
    reading a file that was deleted, or that another one was moved over.
    """
    path = quote(str(Path(url.database or "").absolute()))
    engine = create_engine(
        url.set(database=f"file:{path}", query={"mode": mode, "uri": "true"}),
        connect_args={"timeout": busy},
        poolclass=NullPool,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def is_file_missing(engine: Engine) -> bool:
    """Whether an engine is for an SQLite file that does not exist."""
    name = engine.url.database or ""
    return engine.name == "sqlite" and not Path(unquote(name.removeprefix("file:"))).exists()


def reading_engine(settings: Settings) -> Engine:
    """Make a read-only engine with one connection; each transaction sees one state of the database."""
    url, seconds = settings.url, settings.database_connect_seconds
    if url.get_backend_name() == "sqlite":
        # A file that is open for reading only could not be recovered after a writer was killed.
        return sqlite_engine(url, begin="BEGIN", mode="rw", pragmas=["query_only = ON"], busy=seconds)
    given = url.query.get("options", "")
    connect = {
        "options": f"{given} -c default_transaction_read_only=on".strip(),
        "connect_timeout": seconds,
        # Without these, a read blocks for ever if the server vanishes while it sends a result.
        "tcp_user_timeout": seconds * 1000,
        "keepalives_idle": seconds,
        "keepalives_interval": seconds,
    }
    return create_engine(
        url, isolation_level="REPEATABLE READ", connect_args=connect, pool_size=1, max_overflow=0, pool_pre_ping=True
    )


def writing_engine(url: URL) -> Engine:
    """Make an engine for the loader and the migrations; it creates an SQLite file and locks it for each transaction."""
    if url.get_backend_name() == "sqlite":
        # Without cache_spill, SQLite would lock out the readers as soon as its cache is full, not only as it commits.
        pragmas = ["foreign_keys = ON", "cache_spill = OFF"]
        return sqlite_engine(url, begin="BEGIN IMMEDIATE", mode="rwc", pragmas=pragmas, busy=WRITER_BUSY_SECONDS)
    return create_engine(url, connect_args={"connect_timeout": WRITER_CONNECT_SECONDS})
