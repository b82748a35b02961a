"""The promise that serving never writes, and needs no right to."""

import httpx
import psycopg
import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import DBAPIError

from app.main import create_app
from app.packs.prepare import prepare
from app.store.engines import reading_engine
from app.store.tables import Concept, Term
from tests.support.databases import both_databases, psql_url
from tests.support.servers import serving
from tests.support.urls import ALL_OPERATIONS, example_request

TERM = {"resource": "x", "entry_id": "x", "field": "id", "lang": None, "scheme": None, "value": "x", "key": "x"}


@both_databases
@pytest.mark.parametrize("statement", [delete(Concept), insert(Term).values(TERM)])
def test_a_write_through_the_serving_engine_fails(empty, statement):
    prepare(empty)
    engine = reading_engine(empty)

    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(statement)
    engine.dispose()


@both_databases
def test_serving_does_not_create_a_database(tmp_path, empty):
    url = empty.url.set(database=str(tmp_path / "none.db") if "sqlite" in empty.database_url else "none")
    engine = reading_engine(empty.model_copy(update={"database_url": url.render_as_string(hide_password=False)}))

    with pytest.raises(DBAPIError):
        engine.connect()
    assert list(tmp_path.iterdir()) == []
    engine.dispose()


@pytest.mark.postgresql
def test_a_role_that_may_only_select_serves_every_route(new_database):
    owner = new_database("postgresql")
    prepare(owner)
    role = f"reader_{owner.url.database}"
    with psycopg.connect(psql_url(owner), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    reader = owner.model_copy(update={"database_url": owner.url.set(username=role).render_as_string()})
    urls = [example_request(*operation) for operation in ALL_OPERATIONS]

    with serving(create_app(reader)) as base_url:
        assert [url for url in urls if httpx.get(f"{base_url}{url}").status_code != 200] == []
