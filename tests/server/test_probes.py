"""`/livez` and `/readyz`: what an orchestrator asks."""

import httpx
import pytest
from alembic import command
from sqlalchemy import text

from app.main import create_app
from app.packs.prepare import prepare
from app.store.engines import writing_engine
from app.store.migration import alembic_config, known_versions, upgrade
from tests.support.databases import both_databases
from tests.support.http import problem
from tests.support.servers import serving


@pytest.mark.parametrize("query", ["", "?probe=1"])
def test_probes_answer_and_take_no_notice_of_the_query(client, query):
    live, ready = (client.get(f"{path}{query}") for path in ("/livez", "/readyz"))

    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (
        200,
        {
            "status": "ready",
            "revision": client.get("/dataset").json()["revision"],
            "database_problem": None,
            "database_problem_since": None,
        },
    )


ASKING = (
    "/hypervisors",
    "/hypervisors?q=vm&offset=1",
    "/hypervisors?format=csv",
    "/hypervisors/kvm",
    "/hypervisors/nope",
    "/dataset",
    "/export",
    "/export?format=csv",
    "/export.jsonld",
    "/lookup?value=kvm",
    "/lookup?value=nope",
    "/search?q=kvm",
    "/taxonomy",
    "/openapi.json",
    "/",
)


def missing(settings):
    """What `/readyz` says is missing, which requests say as well."""
    with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
        details = {path: problem(client.get(path))["detail"] for path in ["/readyz", *ASKING]}
    said = details.pop("/readyz")
    assert details == dict.fromkeys(ASKING, said)
    return said


@both_databases
def test_readiness_and_requests_say_what_is_missing(empty):
    engine = writing_engine(empty.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE other (id INTEGER)"))
    assert missing(empty) == "The database has no schema yet: run `virt-taxonomy migrate`."

    upgrade(engine)
    assert missing(empty) == "No dataset is loaded: run `virt-taxonomy seed`."

    prepare(empty)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0001")
    assert missing(empty) == (
        f"The database has schema 0001, but this version of the service needs {known_versions()[-1]}: "
        "run `virt-taxonomy migrate`."
    )

    # The rows are there, but without what the migrations have added.
    upgrade(engine)
    assert missing(empty) == "No dataset is loaded: run `virt-taxonomy seed`."
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
