"""One entry, by its id, its name or an alias."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, Table, bindparam, select
from sqlmodel import col

from app.folding import fold_key
from app.queries.statements import CompiledStatement
from app.store.tables import Entry, Language, Term, TermField

# No id, name or alias is longer; a longer one is not folded, which takes time.
LONGEST_NAME = 200


@lru_cache(maxsize=64)
def record_by_id(table: Table, lang: Language, dialect: Dialect) -> CompiledStatement:
    """Compile the statement that reads the record with an `id`."""
    return CompiledStatement.compile(select(table.c[f"record_{lang}"]).where(table.c.id == bindparam("id")), dialect)


def read_record(connection: Connection, table: type[Entry], id: str, lang: Language) -> str | None:
    """Read the JSON object of an entry; None if the id does not exist."""
    record: str | None = record_by_id(table.__table__, lang, connection.dialect).run(connection, {"id": id}).scalar()
    return record


def read_id_named(connection: Connection, table: type[Entry], name: str) -> str | None:
    """Read the id of the entry whose folded id, name or alias equals a folded name; None if there is none.

    The loader refuses a name that two entries of a collection would share.
    """
    if len(name) > LONGEST_NAME:
        return None
    named = select(col(Term.entry_id)).where(
        col(Term.resource) == table.resource,
        col(Term.key) == fold_key(name),
        col(Term.field).in_([TermField.ID, TermField.NAME, TermField.ALIAS]),
    )
    id: str | None = connection.scalar(named.limit(1))
    return id


def read_ids(connection: Connection, table: type[Entry], limit: int) -> Sequence[str]:
    """Read the first ids of a collection, in document order."""
    return connection.scalars(select(col(table.id)).order_by(col(table.position)).limit(limit)).all()
