"""What is read beyond one list: references between collections, ids behind words, the tree, the dataset."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select
from sqlmodel import col

from app.folding import fold_key
from app.models import (
    COLLECTIONS,
    Concept,
    Dataset,
    Entry,
    Example,
    Hypervisor,
    HypervisorType,
    Language,
    Term,
    TermField,
    VirtualizationType,
)
from app.schemas import entry_path, localized, record, reference

# What nests: the field of the upper entry that holds the lower ones, the lower table, and its column that leads up.
Nesting = tuple[str, type[Entry], Any]
REFERENCES: dict[type[Entry], Nesting] = {
    VirtualizationType: ("examples", Example, col(Example.type)),
    HypervisorType: ("hypervisors", Hypervisor, col(Hypervisor.type)),
}
TREE: dict[type[Entry], list[Nesting]] = {
    Concept: [
        ("virtualization_types", VirtualizationType, col(VirtualizationType.concept)),
        ("hypervisor_types", HypervisorType, col(HypervisorType.concept)),
    ],
    **{table: [nesting] for table, nesting in REFERENCES.items()},
}
# The table above each that nests, and the column that leads up.
UPPER = {lower: (upper, up.key) for upper, nestings in TREE.items() for _, lower, up in nestings}
# A row, its path, the path of the entry above it, and those of the entries below it.
Linked = tuple[RowMapping, str, str | None, Iterator[str]]
# How many rows a streamed answer asks the database for at once.
ROWS_AT_ONCE = 100


def records(
    connection: Connection, table: type[Entry], rows: Sequence[RowMapping], lang: Language
) -> list[dict[str, Any]]:
    """Rows of a collection as JSON objects with their references; one more statement at the most."""
    if table not in REFERENCES:
        return [record(table, row, lang) for row in rows]
    field, lower, up = REFERENCES[table]
    statement = (
        select(col(lower.id), col(lower.name_en), col(lower.name_zh), up.label("up"))
        .where(up.in_([row["id"] for row in rows]))
        .order_by(col(lower.position))
    )
    references = defaultdict(list)
    for row in connection.execute(statement).mappings():
        references[row["up"]].append(reference(lower.resource, row, lang))
    return [record(table, row, lang, {field: references[row["id"]]}) for row in rows]


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


def streamed_with_lower(
    connection: Connection,
    table: type[Entry],
    nestings: Sequence[Nesting],
    chosen: Select[Any],
    values: Mapping[str, Any] | None = None,
) -> Iterator[tuple[RowMapping, dict[str, Iterator[RowMapping]]]]:
    """The rows of a table that a statement chooses, each with the rows below it: id and names.

    One statement a nesting runs beside the first, in the same order, so that neither the rows nor what is below one
    of them is ever held; each row's lower rows must be taken whole before the next row is.
    """
    takers = {}
    for field, lower, up in nestings:
        statement = (
            chosen.with_only_columns(col(lower.id), col(lower.name_en), col(lower.name_zh), up.label("up"))
            .select_from(table.__table__)
            .join(lower.__table__, up == table.__table__.c.id)
            .order_by(col(lower.position))
        )
        takers[field] = group_taker(streamed(connection, statement, values))
    for row in streamed(connection, chosen, values):
        yield row, {field: take(row["id"]) for field, take in takers.items()}


def streamed_records(
    connection: Connection,
    table: type[Entry],
    lang: Language,
    chosen: Select[Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Like `records`, of the rows that a statement chooses or of all, without holding them.

    The last field of a record that has references is an iterator of them; it must be taken whole.
    """
    if chosen is None:
        chosen = select(table.__table__).order_by(col(table.position))
    nestings = [REFERENCES[table]] if table in REFERENCES else []
    for row, below in streamed_with_lower(connection, table, nestings, chosen, values):
        references = {
            field: map(partial(reference, lower.resource, lang=lang), below[field]) for field, lower, _ in nestings
        }
        yield record(table, row, lang, references)


def streamed_links(connection: Connection, table: type[Entry]) -> Iterator[Linked]:
    """Every row of a collection with its own path, that of the entry above it, and those of the entries below it.

    The paths below must be taken whole before the next row is.
    """
    nestings = TREE.get(table, [])
    upper, column = UPPER.get(table, (None, ""))
    everything = select(table.__table__).order_by(col(table.position))
    for row, below in streamed_with_lower(connection, table, nestings, everything):
        above = f"{upper.resource}/{row[column]}" if upper else None
        paths = [map(partial(entry_path, lower.resource), below[field]) for field, lower, _ in nestings]
        yield row, entry_path(table.resource, row), above, chain.from_iterable(paths)


def tree(connection: Connection, lang: Language) -> dict[str, Any]:
    """The whole taxonomy as a `TaxonomyPublic`: every entry once; one statement a collection."""

    def entries(table: type[Entry], up: str | None = None) -> dict[str | None, list[dict[str, Any]]]:
        """The entries of a table, each with all that is below it, by the id of the entry above."""
        below = {field: entries(lower, column.key) for field, lower, column in TREE.get(table, [])}
        found = defaultdict(list)
        for row in connection.execute(select(table.__table__).order_by(col(table.position))).mappings():
            related = {field: by_upper[row["id"]] for field, by_upper in below.items()}
            found[row[up] if up else None].append(record(table, row, lang, related) | related)
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
                        "resource": term["resource"],
                        "id": term["entry_id"],
                        "name": term["name"],
                        "url": f"/{term['resource']}/{term['entry_id']}",
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
