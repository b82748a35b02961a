"""One entry, by its id, its name or an alias."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import from_json
from sqlalchemy import Table, bindparam, select
from sqlmodel import col

from app.folding import fold_key
from app.queries.parameters import Omittable, TextParams
from app.shapes.entries import Record
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.statements import Statement, as_bytes
from app.store.tables import Entry, Language, Term, TermField

# No id, name or alias is longer; a longer one is not folded, which takes time.
LONGEST_NAME = 200
# A misspelled id is compared with at most this many ids of its collection.
COMPARED_IDS = 1000


class EntryParams(TextParams):
    """The parameters of an entry."""

    format: Annotated[
        Omittable[Literal["json", "jsonld"]],
        Field(
            description="The format of the response: JSON; or SKOS as JSON-LD in every language, also at this path "
            "with `.jsonld` at the end. By default, the best match for Accept, or else JSON."
        ),
    ] = None


# The id of the entry of a collection that has a name.
ID_NAMED = Statement.compile(
    select(col(Term.entry_id))
    .where(
        col(Term.resource) == bindparam("resource"),
        col(Term.key) == bindparam("key"),
        # An identifier is no name; the other terms have no key.
        col(Term.field) != TermField.IDENTIFIER,
    )
    .limit(1)
)


@cache
def record_by_id(table: Table, lang: Language) -> Statement:
    """Compile the statement that reads the record with an `id`."""
    return Statement.compile(select(as_bytes(table.c[f"record_{lang}"])).where(table.c.id == bindparam("id")))


@cache
def first_ids(table: type[Entry]) -> Statement:
    """Compile the statement that reads the first ids of a collection, `limit` at most."""
    return Statement.compile(select(col(table.id)).order_by(col(table.position)).limit(bindparam("limit")))


def read_record(reader: Reader, table: type[Entry], id: str, lang: Language) -> bytes | None:
    """Read the JSON object of an entry; None if the id does not exist."""
    records: list[bytes] = reader.column(record_by_id(table.__table__, lang), {"id": id})
    return records[0] if records else None


class Records:
    """The entries of one answer, each of which is read once."""

    def __init__(self, reader: Reader, lang: Language) -> None:
        self.reader = reader
        self.lang = lang
        self.read_before: dict[tuple[str, str], Record] = {}

    def read(self, resource: str, id: str) -> Record:
        """Read the record of an entry that exists, and add its collection."""
        if (resource, id) not in self.read_before:
            record = read_record(self.reader, COLLECTIONS[resource].table, id, self.lang)
            self.read_before[resource, id] = {"resource": resource, **from_json(record or b"{}")}
        return self.read_before[resource, id]


def read_id_named(reader: Reader, table: type[Entry], name: str) -> str | None:
    """Read the id of the entry whose folded id, name or alias equals a folded name; None if there is none.

    The loader refuses a name that two entries of a collection would share.
    """
    if len(name) > LONGEST_NAME:
        return None
    ids: list[str] = reader.column(ID_NAMED, {"resource": table.resource, "key": fold_key(name)})
    return ids[0] if ids else None


def read_ids(reader: Reader, table: type[Entry], limit: int) -> Sequence[str]:
    """Read the first ids of a collection, in document order."""
    return reader.column(first_ids(table), {"limit": limit})
