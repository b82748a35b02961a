"""The taxonomy as a tree."""

from collections import defaultdict
from functools import cache
from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import from_json
from sqlalchemy import null, select

from app.queries.parameters import Omittable, TextParams
from app.shapes.entries import Record
from app.store.collections import COLLECTIONS, Collection
from app.store.snapshot import Reader
from app.store.statements import Statement, as_bytes
from app.store.tables import Language


class TaxonomyParams(TextParams):
    """The parameters of `/taxonomy`."""

    format: Annotated[
        Omittable[Literal["json", "jsonld"]],
        Field(
            description="The format of the response: a tree in JSON; or SKOS as JSON-LD in every language, also at "
            "`/export.jsonld`. By default, the best match for Accept, or else JSON."
        ),
    ] = None


def read_tree(reader: Reader, lang: Language) -> list[Record]:
    """Read the whole taxonomy as `ConceptTree`s, with one statement per collection."""

    def read_level(collection: Collection) -> dict[str | None, list[Record]]:
        """Read the entries of a collection with their descendants, grouped by the parent's id."""
        below = {nesting.lower.field: read_level(nesting.lower) for nesting in collection.below}
        entries = defaultdict(list)
        for id, record, parent in reader.stream(level(collection, lang)):
            entries[parent].append(from_json(record) | {field: by_parent[id] for field, by_parent in below.items()})
        return entries

    return read_level(COLLECTIONS["concepts"])[None]


@cache
def level(collection: Collection, lang: Language) -> Statement:
    """Compile the statement that reads each entry of a collection: its id, its record, and the id of its parent."""
    columns = collection.table.__table__.c
    above = columns[collection.above.column] if collection.above else null()
    statement = select(columns["id"], as_bytes(columns[f"record_{lang}"]), above.label("above"))
    return Statement.compile(statement.order_by(columns["position"]))
