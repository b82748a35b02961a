"""The promise that deploy/roles.sql lets the replicas read, and nothing else, in each database of an owner."""

import re
import subprocess

import psycopg
import pytest

from app.packs.prepare import prepare
from app.settings import PROJECT, Settings
from tests.support.databases import PSQL, postgresql_server, psql_url

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]


@pytest.fixture
def owned():
    """The settings for two databases of one owner, who may create roles but is no superuser."""
    with postgresql_server() as server:
        superuser = server.get_uri()
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("CREATE ROLE owner LOGIN CREATEROLE")
            for name in ("first", "second"):
                connection.execute(f"CREATE DATABASE {name} OWNER owner")
        yield [
            Settings(database_url=superuser.replace("postgres:@/postgres", f"owner:@/{name}"))
            for name in ("first", "second")
        ]


def run_roles(url, **environment):
    """What psql makes of roles.sql: its exit code, what it prints, and its errors without the place in the file."""
    done = subprocess.run(  # noqa: S603 (our own command)
        [PSQL, "--no-psqlrc", "--quiet", "--file", PROJECT / "deploy" / "roles.sql", url],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, re.sub(r"psql:.*?: ", "", done.stderr)


def test_the_serving_role_may_only_read_each_database_of_the_owner(owned):
    prepare(owned[1])
    first, second = map(psql_url, owned)
    kept = "The role taxonomy_serving exists already; its password is left as it is.\n"

    assert run_roles(first, SERVING_PASSWORD="it's") == (0, "", "")  # noqa: S106 (of a test)
    assert [run_roles(url) for url in (first, second)] == [(0, kept, "")] * 2
    prepare(owned[0])
    for url in (first, second):
        with psycopg.connect(url.replace("//owner:", "//taxonomy_serving:it%27s"), autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM hypervisor").fetchone() == (9,)
            for statement in ("DELETE FROM hypervisor", "CREATE TABLE own (id int)", "CREATE TEMP TABLE own (id int)"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_roles_that_cannot_be_made_are_refused_with_what_to_do(owned):
    url = psql_url(owned[0])
    missing = "ERROR:  Set SERVING_PASSWORD in the environment: the password of the new role.\n"
    stranger = "ERROR:  Run this as the owner of the database first, and not as postgres.\n"

    assert [run_roles(url), run_roles(url, SERVING_PASSWORD="")] == [(3, "", missing)] * 2
    assert run_roles(url.replace("//owner:", "//postgres:"), SERVING_PASSWORD="x") == (3, "", stranger)  # noqa: S106
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT FROM pg_roles WHERE rolname = 'taxonomy_serving'").fetchall() == []
