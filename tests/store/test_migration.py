"""The promise that the migrations make the models' tables, from nothing and back."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from app.packs.prepare import prepare
from app.store.engines import writing_engine
from app.store.inspection import NOT_LOADED, inspect_database
from app.store.migration import MigrationError, alembic_config, known_versions, upgrade
from tests.support.databases import both_databases

pytestmark = both_databases


@pytest.fixture
def engine(empty):
    """An engine that writes to an empty database."""
    engine = writing_engine(empty.url)
    yield engine
    engine.dispose()


def tables(engine):
    return sorted(inspect(engine).get_table_names())


def migrate_step_by_step(engine):
    """Create the schema with Alembic alone."""
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def schema(engine):
    """All that the database says of its tables, but for the order of their columns."""
    found = inspect(engine)
    return {
        table: {
            "columns": {column["name"]: str(column) for column in found.get_columns(table)},
            "key": found.get_pk_constraint(table),
            "parents": found.get_foreign_keys(table),
            "unique": found.get_unique_constraints(table),
            "indexes": sorted(found.get_indexes(table), key=str),
        }
        for table in tables(engine)
    }


@pytest.mark.parametrize("create", [upgrade, migrate_step_by_step])
def test_the_schema_is_what_the_models_say(engine, create):
    create(engine)

    with engine.begin() as connection:
        command.check(alembic_config(connection))


def test_a_new_schema_is_what_the_migrations_make(engine, new_database, database):
    upgrade(engine)
    other = writing_engine(new_database(database).url)
    migrate_step_by_step(other)

    assert schema(engine) == schema(other)
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions()
    assert known_versions() == [script.revision for script in scripts][::-1]
    other.dispose()


def test_a_table_of_somebody_else_is_not_taken_for_ours(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE example (id INTEGER)"))

    with pytest.raises(DBAPIError, match="example"):
        upgrade(engine)
    assert tables(engine) == ["example"]


def test_the_migrations_go_down_and_up_again(engine):
    upgrade(engine)
    made = schema(engine)

    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert tables(engine) == ["alembic_version"]

    upgrade(engine)
    assert schema(engine) == made


def test_a_dataset_of_an_older_schema_is_not_served_before_it_is_loaded_anew(empty):
    revision = prepare(empty)
    engine = writing_engine(empty.url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
    upgrade(engine)
    with engine.connect() as connection:
        assert inspect_database(connection, known_versions()) == NOT_LOADED

    assert prepare(empty) == revision
    with engine.connect() as connection:
        assert inspect_database(connection, known_versions()).revision == revision
    engine.dispose()


def test_migrating_twice_changes_nothing(engine):
    upgrade(engine)
    upgrade(engine)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [
            known_versions()[-1]
        ]


def test_a_database_of_a_newer_version_is_left_alone(engine):
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(MigrationError, match="newer"):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
