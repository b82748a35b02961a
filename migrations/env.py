"""Runs the migrations on the connection that the application passes, or else on the database of the settings."""

from alembic import context
from sqlmodel import SQLModel

import app.store.tables  # noqa: F401 (registers the tables)
from app.settings import Settings
from app.store.engines import writing_engine


def run(connection):
    """Run the migrations inside the connection's transaction."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    context.run_migrations()


if (connection := context.config.attributes.get("connection")) is not None:
    run(connection)
else:
    with writing_engine(Settings().url).begin() as connection:
        run(connection)
