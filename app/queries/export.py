"""The whole dataset, streamed row by row, so that memory stays constant."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field
from pydantic_core import to_json
from sqlalchemy import bindparam, select
from sqlmodel import col

from app.queries.parameters import Omittable, TextParams
from app.shapes.dataset import EXPORTED_SHAPES
from app.shapes.entries import BY_LANGUAGE, SHAPES, Record, entry_path, translations
from app.store.collections import COLLECTIONS, Collection
from app.store.snapshot import Reader
from app.store.statements import Statement, as_bytes
from app.store.tables import Concept, Entry, Language


class ExportParams(TextParams):
    """The parameters of `/export`."""

    format: Annotated[
        Omittable[Literal["json", "csv", "jsonld"]],
        Field(
            description="The format of the response: one JSON document; CSV tables in a zip archive, also at "
            "`/export.zip`; or SKOS as JSON-LD in every language, also at `/export.jsonld`. By default, the best "
            "match for Accept, or else JSON."
        ),
    ] = None


class LinkedEntry(NamedTuple):
    """A row, with the paths of its entry, of the parent and of the children."""

    row: Mapping[str, Any]
    path: str
    above: str | None
    below: Iterator[str]


def stream_exported(reader: Reader, collection: Collection, lang: Language) -> Iterator[bytes]:
    """Stream the entries of a collection as JSON objects of their `EXPORTED_SHAPES`."""
    columns = collection.table.__table__.c
    listed = SHAPES[collection.resource].model_fields
    fields = [field for field in EXPORTED_SHAPES[collection.resource].model_fields if field not in listed]
    texts = [columns[f"{BY_LANGUAGE[field]}_{other}"] for field in fields for other in Language]
    record = as_bytes(columns[f"record_{lang}"]).label("record")
    everything = select(record, columns["languages"], *texts).order_by(columns["position"])
    for row in reader.stream(Statement.compile(everything)):
        yield row["record"][:-1] + b"," + to_json(translations(dict(row), fields))[1:]


def stream_details(reader: Reader, column: Literal["identifiers", "sources"]) -> Iterator[Record]:
    """Stream the identifiers or the sources of all entries, each with the collection and the id of its entry."""
    for collection in COLLECTIONS.values():
        columns = collection.table.__table__.c
        entries = select(columns["id"], columns[column].label("details")).order_by(columns["position"])
        for row in reader.stream(Statement.compile(entries)):
            for detail in row["details"]:
                yield {"resource": collection.resource, "id": row["id"], **detail}


def stream_top_paths(reader: Reader) -> Iterator[str]:
    """Stream the paths of the concepts that are below no other."""
    ids = select(col(Concept.id)).where(col(Concept.broader).is_(None)).order_by(col(Concept.position))
    return (entry_path(Concept.resource, row["id"]) for row in reader.stream(Statement.compile(ids)))


def stream_linked(reader: Reader, collection: Collection) -> Iterator[LinkedEntry]:
    """Stream the rows of a collection, each with the paths of its parent and children."""
    table = collection.table
    rows = reader.stream(Statement.compile(select(table.__table__).order_by(col(table.position))))
    return link_rows(reader, collection, rows)


def read_linked(reader: Reader, collection: Collection, id: str) -> LinkedEntry | None:
    """Read the row of an entry, with the paths of its parent and children; None if the id does not exist."""
    return next(link_rows(reader, collection, reader.rows(row_by_id(collection.table), {"id": id})), None)


@cache
def row_by_id(table: type[Entry]) -> Statement:
    """Compile the statement that reads the row with an `id`."""
    return Statement.compile(select(table.__table__).where(col(table.id) == bindparam("id")))


def link_rows(reader: Reader, collection: Collection, rows: Iterable[Any]) -> Iterator[LinkedEntry]:
    """Add the paths of its parent and children to each row.

    Exhaust each row's `below` before asking for the next row, so that memory stays constant.
    """
    table, nesting = collection.table, collection.above
    children = [(each.lower.resource, children_of(each.lower, each.column)) for each in collection.below]
    if nesting is None:
        children.append((table.resource, children_of(collection, "broader")))
    for row in rows:
        parent = row[nesting.column] if nesting else row["broader"]
        above = entry_path(nesting.upper.resource if nesting else table.resource, parent) if parent else None
        below = (
            entry_path(resource, child["id"])
            for resource, statement in children
            for child in reader.stream(statement, {"parent": row["id"]})
        )
        yield LinkedEntry(dict(row), entry_path(collection.resource, row["id"]), above, below)


@cache
def children_of(lower: Collection, column: str) -> Statement:
    """Compile the statement that reads the ids of the entries with a `parent`."""
    columns = lower.table.__table__.c
    children = select(columns["id"]).where(columns[column] == bindparam("parent"))
    return Statement.compile(children.order_by(columns["position"]))
