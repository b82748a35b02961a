"""`/livez` and `/readyz`: what an orchestrator asks."""

import httpx
import pytest
from sqlalchemy import text

from app.main import create_app
from app.packs.load import prepare
from app.store.engines import writing_engine
from app.store.migration import known_versions, upgrade
from tests.support.databases import both_databases
from tests.support.servers import serving


@pytest.mark.parametrize(("path", "status"), [("/livez", "live"), ("/readyz", "ready"), ("/readyz?probe=1", "ready")])
def test_probes_answer_and_take_no_notice_of_the_query(client, path, status):
    response = client.get(path)

    assert (response.status_code, response.json()) == (200, {"status": status})


def readiness(settings):
    with serving(create_app(settings)) as base_url:
        response = httpx.get(f"{base_url}/readyz")
    assert response.status_code == 503
    return response.json()["detail"]


@both_databases
def test_readiness_says_what_is_not_ready(empty):
    engine = writing_engine(empty.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE other (id INTEGER)"))
    assert readiness(empty) == "The database has no schema yet: run `virt-taxonomy migrate`."

    upgrade(engine)
    assert readiness(empty) == "No dataset is loaded: run `virt-taxonomy seed`."
    with serving(create_app(empty)) as base_url:
        statuses = [
            httpx.get(f"{base_url}{path}").status_code for path in ("/dataset", "/export", "/hypervisors?format=csv")
        ]
    assert statuses == [503, 503, 503]

    prepare(empty)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert (
        readiness(empty)
        == f"The database has schema 0001, but this version of the service needs {known_versions()[-1]}."
    )
    engine.dispose()


@both_databases
def test_what_a_newer_version_has_migrated_is_served_until_it_has_replaced_this_one(empty):
    prepare(empty)
    engine = writing_engine(empty.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE dataset SET revision = ''"))
    engine.dispose()

    with serving(create_app(empty)) as base_url:
        statuses = [httpx.get(f"{base_url}{path}").status_code for path in ("/readyz", "/hypervisors", "/search?q=vm")]
    assert statuses == [200, 200, 200]
