"""What is read beyond one list: references between collections, ids behind words, the tree, the dataset."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, RowMapping, Select, func, null, select
from sqlmodel import col

from app.folding import fold_key
from app.shapes.entries import entry_path, localized
from app.store.tables import (
    COLLECTIONS,
    TREE,
    Concept,
    Dataset,
    Entry,
    Language,
    Term,
    TermField,
)

# The table above each that nests, and the column that leads up.
UPPER = {lower: (upper, up) for upper, nestings in TREE.items() for _, lower, up in nestings}
# A row, its path, the path of the entry above it, and those of the entries below it.
Linked = tuple[RowMapping, str, str | None, Iterator[str]]
# How many rows a streamed answer asks the database for at once.
ROWS_AT_ONCE = 100


def streamed(
    connection: Connection, statement: Select[Any], values: Mapping[str, Any] | None = None
) -> Iterator[RowMapping]:
    """The rows of a statement, read from the database little by little."""
    with connection.execute(statement, values, execution_options={"yield_per": ROWS_AT_ONCE}) as result:
        yield from result.mappings()


def group_taker(rows: Iterator[RowMapping]) -> Callable[[str], Iterator[RowMapping]]:
    """Out of rows that come grouped by `up`, a function that gives the rows of one group.

    It must be asked for the groups in their order, and each must be taken whole; one that has no rows is empty.
    """
    groups = groupby(rows, itemgetter("up"))
    ahead = next(groups, None)

    def take(up: str) -> Iterator[RowMapping]:
        nonlocal ahead
        if ahead is not None and ahead[0] == up:
            yield from ahead[1]
            ahead = next(groups, None)

    return take


def streamed_records(connection: Connection, table: type[Entry], lang: Language) -> Iterator[str]:
    """The JSON objects of a whole collection."""
    everything = select(table.__table__.c[f"record_{lang}"].label("record")).order_by(col(table.position))
    return (row["record"] for row in streamed(connection, everything))


def streamed_links(connection: Connection, table: type[Entry]) -> Iterator[Linked]:
    """Every row of a collection with its own path, that of the entry above it, and those of the entries below it.

    One statement a nesting runs beside the first, in the same order, so that neither the rows nor what is below one
    of them is ever held. The paths below must be taken whole before the next row is.
    """
    upper, column = UPPER.get(table, (None, ""))
    takers = []
    for _, lower, up in TREE.get(table, []):
        statement = (
            select(col(lower.id), lower.__table__.c[up].label("up"))
            .join(table.__table__, lower.__table__.c[up] == col(table.id))
            .order_by(col(table.position), col(lower.position))
        )
        takers.append((lower.resource, group_taker(streamed(connection, statement))))
    for row in streamed(connection, select(table.__table__).order_by(col(table.position))):
        above = f"{upper.resource}/{row[column]}" if upper else None
        below = [map(partial(entry_path, resource), take(row["id"])) for resource, take in takers]
        yield row, entry_path(table.resource, row), above, chain.from_iterable(below)


def tree(connection: Connection, lang: Language) -> dict[str, Any]:
    """The whole taxonomy as a `TaxonomyPublic`: every entry once; one statement a collection."""

    def entries(table: type[Entry], up: str | None = None) -> dict[str | None, list[dict[str, Any]]]:
        """The entries of a table, each with all that is below it, by the id of the entry above."""
        below = {field: entries(lower, column) for field, lower, column in TREE.get(table, [])}
        columns = table.__table__.c
        statement = select(columns["id"], columns[f"record_{lang}"], (columns[up] if up else null()).label("up"))
        found = defaultdict(list)
        for id, record, above in connection.execute(statement.order_by(columns["position"])):
            found[above].append(from_json(record) | {field: by_upper[id] for field, by_upper in below.items()})
        return found

    return {"concepts": entries(Concept)[None]}


# The tiers of a look-up: the first in which a value has an entry is its answer.
TIERS = (TermField.ID, TermField.NAME, TermField.ALIAS, TermField.IDENTIFIER)

LOOKED_UP = ("ordinal", "resource", "entry_id", "field", "scheme", "value", "key")


def lookup(
    connection: Connection, values: Sequence[str], schemes: Sequence[str], resources: Sequence[str], lang: Language
) -> list[dict[str, Any]]:
    """The entries that each value denotes, as the `results` of a `LookupPublic`; one statement for all values."""
    statement = (
        select(*(Term.__table__.c[column] for column in LOOKED_UP), Term.__table__.c[f"name_{lang}"].label("name"))
        .where(col(Term.key).in_({fold_key(value) for value in values}))
        .order_by(col(Term.id))
    )
    if schemes:
        statement = statement.where(col(Term.scheme).in_(schemes))
    if resources:
        statement = statement.where(col(Term.resource).in_(resources))
    by_key = defaultdict(list)
    for row in connection.execute(statement).mappings():
        by_key[row["key"]].append(row)
    return [resolved(value, by_key[fold_key(value)]) for value in values]


def resolved(value: str, terms: Sequence[RowMapping]) -> dict[str, Any]:
    """What one value denotes, out of the terms that have its key."""
    for tier in TIERS:
        if matching := [term for term in terms if term["field"] == tier]:
            if tier is TermField.IDENTIFIER:
                matching = [term for term in matching if term["value"] == value] or matching
            items: dict[int, dict[str, Any]] = {}
            for term in matching:
                item = items.setdefault(
                    term["ordinal"],
                    {
                        "id": term["entry_id"],
                        "name": term["name"],
                        "url": f"/{term['resource']}/{term['entry_id']}",
                        "resource": term["resource"],
                        "scheme": term["scheme"],
                        "schemes": [],
                    },
                )
                if term["scheme"] and term["scheme"] not in item["schemes"]:
                    item["schemes"].append(term["scheme"])
            return {"value": value, "match": tier, "items": list(items.values())}
    return {"value": value, "match": "none", "items": []}


def ids_behind(connection: Connection, table: type[Entry], word: str) -> Sequence[str]:
    """The ids of the entries that have the word for an id, a name or an alias, folded; in document order."""
    statement = (
        select(col(table.id))
        .where(
            col(table.id).in_(
                select(col(Term.entry_id)).where(
                    col(Term.resource) == table.resource,
                    col(Term.key) == fold_key(word),
                    col(Term.field).in_(["id", "name", "alias"]),
                )
            )
        )
        .order_by(col(table.position))
    )
    return connection.scalars(statement).all()


def dataset(connection: Connection, lang: Language) -> dict[str, Any]:
    """What is loaded, as a `DatasetPublic`."""
    statement = select(
        col(Dataset.version),
        col(Dataset.revision),
        col(Dataset.packs),
        col(Dataset.schemes),
        col(Dataset.sources),
        *(
            select(func.count()).select_from(table).scalar_subquery().label(resource)
            for resource, table in COLLECTIONS.items()
        ),
    )
    row = connection.execute(statement).mappings().one()
    return {
        "version": row["version"],
        "revision": row["revision"],
        "languages": list(Language),
        "packs": [localized(pack, lang) for pack in row["packs"]],
        "counts": {resource: row[resource] for resource in COLLECTIONS},
        "schemes": [localized(scheme, lang) for scheme in row["schemes"]],
        "sources": row["sources"],
    }
