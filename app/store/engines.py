"""The engines: a read-only one for the service, and one that writes for the loader and the migrations."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from app.settings import Settings

BUSY_SECONDS = 30
# The commands that write give PostgreSQL longer to accept a connection than the service does.
WRITER_CONNECT_SECONDS = 10


def sqlite_engine(url: URL, *, begin: str, mode: str, read_only: bool, **options: Any) -> Engine:
    """Make an engine for an SQLite file that starts each transaction with the statement `begin`.

    Python's sqlite3 module opens a transaction only before a write, so two SELECTs could see different states.
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
    """Make a read-only engine; each transaction reads from one snapshot.

    Time-outs are short, so that an unreachable database does not tie up the threads that other requests need.
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
        # Without these, a read blocks for ever if the server vanishes while it sends a result.
        "tcp_user_timeout": seconds * 1000,
        "keepalives_idle": seconds,
        "keepalives_interval": seconds,
    }
    return create_engine(url, isolation_level="REPEATABLE READ", connect_args=connect, pool_pre_ping=True, **pool)


def writing_engine(url: URL) -> Engine:
    """Make an engine for the loader and the migrations; it creates an SQLite file and locks it for each transaction."""
    if url.get_backend_name() == "sqlite":
        return sqlite_engine(url, begin="BEGIN IMMEDIATE", mode="rwc", read_only=False)
    return create_engine(url, connect_args={"connect_timeout": WRITER_CONNECT_SECONDS})
