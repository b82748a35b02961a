"""The promise that serving never writes."""

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import DBAPIError

from app.database import reading_engine
from app.models import Concept, Term

TERM = {"resource": "x", "entry_id": "x", "field": "id", "lang": None, "scheme": None, "value": "x", "key": "x"}


@pytest.mark.parametrize("statement", [delete(Concept), insert(Term).values(TERM)])
def test_a_write_through_the_serving_engine_fails(settings, statement):
    engine = reading_engine(settings.url)

    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"read-?only"):
        connection.execute(statement)
    engine.dispose()


def test_serving_does_not_create_a_database(tmp_path, empty):
    engine = reading_engine(
        empty.url.set(database=str(tmp_path / "none.db") if "sqlite" in empty.database_url else "none")
    )

    with pytest.raises(DBAPIError):
        engine.connect()
    assert list(tmp_path.iterdir()) == []
    engine.dispose()
