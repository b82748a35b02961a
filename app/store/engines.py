"""The engines: a read-only one for the service, and one that writes for the loader and the migrations."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from app.settings import Settings

# The commands that write wait longer for a lock, and for a connection, than the service does.
WRITER_BUSY_SECONDS = 30
WRITER_CONNECT_SECONDS = 10


def sqlite_engine(url: URL, *, begin: str, mode: str, pragmas: Sequence[str], busy: float, **options: Any) -> Engine:
    """Make an engine for an SQLite file that starts each transaction with the statement `begin`.

    Python's sqlite3 module opens a transaction only before a write, so two SELECTs could see different states. A
    statement waits up to `busy` seconds for a lock.
    """
    path = quote(str(Path(url.database or "").absolute()))
    engine = create_engine(
        url.set(database=f"file:{path}", query={"mode": mode, "uri": "true"}),
        connect_args={"timeout": busy},
        **options,
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


def reopen_replaced_file(engine: Engine, path: str) -> None:
    """Let each checkout open the SQLite file again if another one stands at its path.

    SQLite goes on reading a file that was deleted, or that another one was moved over.
    """

    def identify_file() -> tuple[int, int] | None:
        try:
            status = os.stat(path)  # noqa: PTH116 (a Path takes twice the time, for every request)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    @event.listens_for(engine, "do_connect")
    def note_file(_: Any, record: ConnectionPoolEntry, *__: Any) -> None:
        # Before SQLite opens the file: if it is replaced in between, the next checkout opens it once more.
        record.info["file"] = identify_file()

    @event.listens_for(engine, "checkout")
    def compare_file(_: Any, record: ConnectionPoolEntry, __: Any) -> None:
        if record.info["file"] != identify_file():
            raise DisconnectionError


def is_file_missing(engine: Engine) -> bool:
    """Whether an engine is for an SQLite file that does not exist."""
    name = engine.url.database or ""
    return engine.name == "sqlite" and not Path(unquote(name.removeprefix("file:"))).exists()


def reading_engine(settings: Settings) -> Engine:
    """Make a read-only engine; each transaction reads from one snapshot.

    Time-outs are short, so that an unreachable database does not tie up the threads that other requests need.
    """
    url, seconds = settings.url, settings.database_connect_seconds
    pool = {"pool_size": settings.database_pool_size, "max_overflow": 0}
    if url.get_backend_name() == "sqlite":
        pragmas = ["foreign_keys = ON", "query_only = ON"]
        # A request may wait for a connection and then for the lock, for half the time each.
        half = seconds / 2
        engine = sqlite_engine(url, begin="BEGIN", mode="rw", pragmas=pragmas, busy=half, pool_timeout=half, **pool)
        reopen_replaced_file(engine, url.database or "")
        return engine
    return postgresql_engine(settings, pool_timeout=seconds, **pool)


def postgresql_engine(settings: Settings, **pool: Any) -> Engine:
    """Make the read-only engine for PostgreSQL."""
    # Imported here, because psycopg takes 10 MB of memory, which a process that serves an SQLite file saves.
    from app.store.postgresql import PunctualConnection, PunctualPool  # noqa: PLC0415

    url, seconds = settings.url, settings.database_connect_seconds
    session = {
        "default_transaction_read_only": "on",
        "statement_timeout": round(settings.database_statement_seconds * 1000),
    }
    given = url.query.get("options", "")
    connect = {
        "options": " ".join([str(given), *(f"-c {name}={value}" for name, value in session.items())]).strip(),
        # Without these, a read blocks for ever if the server vanishes while it sends a result.
        "tcp_user_timeout": seconds * 1000,
        "keepalives_idle": seconds,
        "keepalives_interval": seconds,
    }
    engine = create_engine(
        url, isolation_level="REPEATABLE READ", connect_args=connect, pool_pre_ping=True, poolclass=PunctualPool, **pool
    )

    @event.listens_for(engine, "do_connect")
    def connect_in_time(_: Any, __: Any, arguments: Sequence[Any], options: dict[str, Any]) -> PunctualConnection:
        # The server cancels a statement in time; if it says nothing even then, it is frozen or gone.
        return PunctualConnection.open(*arguments, seconds=settings.database_statement_seconds + seconds, **options)

    return engine


def writing_engine(url: URL) -> Engine:
    """Make an engine for the loader and the migrations; it creates an SQLite file and locks it for each transaction."""
    if url.get_backend_name() == "sqlite":
        # Without cache_spill, SQLite would lock out the readers as soon as its cache is full, not only as it commits.
        pragmas = ["foreign_keys = ON", "cache_spill = OFF"]
        return sqlite_engine(url, begin="BEGIN IMMEDIATE", mode="rwc", pragmas=pragmas, busy=WRITER_BUSY_SECONDS)
    return create_engine(url, connect_args={"connect_timeout": WRITER_CONNECT_SECONDS})
