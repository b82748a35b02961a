"""The promise that the migrations make the models' tables, from nothing and back."""

import pytest
from alembic import command
from sqlalchemy import inspect, text

from app.packs.load import prepare
from app.store.engines import writing_engine
from app.store.migration import MigrationError, alembic_config, known_versions, upgrade
from app.store.readiness import inspect_database
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


def test_the_migrations_make_what_the_models_say(engine):
    upgrade(engine)

    with engine.begin() as connection:
        command.check(alembic_config(connection))


def test_the_migrations_go_down_and_up_again(engine):
    upgrade(engine)
    made = tables(engine)

    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert tables(engine) == ["alembic_version"]

    upgrade(engine)
    assert tables(engine) == made


def test_a_dataset_of_an_older_schema_is_not_served_before_it_is_loaded_anew(empty):
    revision = prepare(empty)
    engine = writing_engine(empty.url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0002")
    upgrade(engine)
    assert inspect_database(engine, known_versions()).problem == "No dataset is loaded: run `virt-taxonomy seed`."

    assert prepare(empty) == revision
    assert inspect_database(engine, known_versions()).problem is None
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
