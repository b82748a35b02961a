"""Lists: filtering, counting, sorting and paging, for any collection.

Statements are built and compiled once per combination of parameters; each request only binds values and runs them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, ColumnElement, Select, Table, Text, bindparam, exists, func, literal_column, select

from app.folding import fold_text
from app.queries.dataset import read_description
from app.queries.lookup import read_words
from app.queries.meanings import Narrowing, find_meanings
from app.queries.parameters import UNGIVEN, Omittable, PageParams, TextParams, Where
from app.queries.refusals import Bilingual, refuse_unknown
from app.queries.vocabularies import vocabularies_of
from app.shapes.results import Facets
from app.store.snapshot import Reader
from app.store.statements import Statement, as_bytes, in_array, json_array
from app.store.tables import Change, Entry, Language, ListTable

# In a millisecond a collection of this many entries is scanned, and this many entries of any are read.
SHORT_COLLECTION = 500
SHORT_PAGE = 500
# The filters that a request uses, each with whether it has several values, which are bound as one JSON array.
Combination = tuple[tuple[str, bool], ...]


def referred_id(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the id of each entry to which a column refers; a statement joins it to the column's table by itself."""
    references = func.json_each(column).table_valued("value", joins_implicitly=True)
    return func.json_extract(references.c.value, "$.id")


def escape_like(text: str) -> str:
    """Fold text, and escape the wildcards of LIKE with a slash."""
    return (fold_text(text) or text).replace("/", "//").replace("%", "/%").replace("_", "/_")


# Fields of products by which a list can be sorted, the case of whose values does not matter.
CASED = ("vendor", "license")


class Filters(BaseModel):
    """The parameters that choose the rows of a list or a file."""

    model_config = ConfigDict(extra="forbid")

    def filters(self) -> dict[str, Any]:
        """Return the filters that are given, by parameter name."""
        return {name: value for name in filters_of(type(self)) if (value := getattr(self, name))}


class TableParams(Filters, TextParams):
    """The parameters of a CSV file."""


class ListParams(TableParams, PageParams):
    """The parameters of every list."""

    facet: Annotated[Sequence[str], Field(max_length=20)] = UNGIVEN
    format: Annotated[
        Omittable[Literal["json", "csv", "jsonld"]],
        Field(
            description="The format of the response. By default, the best match for Accept, or else "
            "JSON. CSV and JSON-LD contain all matching entries, so `limit`, `offset` and `facet` must have their "
            "defaults; they also have addresses of their own, this path with `.csv` or `.jsonld` at the end."
        ),
    ] = None


@cache
def filters_of(model: type[Filters]) -> dict[str, Where]:
    """Collect the filters of a query model, by parameter name."""
    return {
        name: where
        for name, field in model.model_fields.items()
        for where in field.metadata
        if isinstance(where, Where)
    }


@dataclass(frozen=True)
class ListQuestion:
    """The question that a request asks of a list, without its values: the key of the compiled statements."""

    table: Table
    model: type[Filters]
    filters: Combination
    facets: tuple[str, ...]
    sort: str
    lang: Language

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the condition of each filter."""
        for name, several in self.filters:
            where, value = filters_of(self.model)[name], bindparam(name, type_=Text())
            column = self.table.c[where.column or name]
            if where.contains:
                yield column.contains(value, escape="/")
            elif where.least:
                yield column >= value
            elif where.given:
                yield column.is_not(None) == (value == "true")
            elif where.refers:
                id = referred_id(column)
                yield exists(select(id).where(in_array(id, value) if several else id == value))
            else:
                yield in_array(column, value) if several else column == value

    def records(self) -> Select[Any]:
        """Select the records of the matching rows, in the order of `sort`."""
        columns = self.table.c
        name = self.sort.removeprefix("-")
        column = columns[{"name": f"sort_{self.lang}", "": "position"}.get(name, name)]
        key = func.lower(column) if name in CASED else column
        # Ids and positions are unique. Given a second key without need, SQLite would not use the index of a filter.
        ties = [] if name in ("", "id") else [columns.position]
        order: list[ColumnElement[Any]] = [key.desc() if self.sort.startswith("-") else key, *ties]
        if column.nullable:
            order.insert(0, column.is_(None))
        record = as_bytes(columns[f"record_{self.lang}"]).label("record")
        return select(record).where(*self.conditions()).order_by(*order)

    def facet(self, name: str) -> Select[Any]:
        """Select each value of a column with its number of matching rows, most frequent first."""
        column: ColumnElement[Any] = self.table.c[name]
        if filters_of(self.model).get(name, Where()).refers:
            column = referred_id(column)
        return (
            select(column.label("value"), func.count().label("count"))
            .select_from(self.table)
            .where(*self.conditions(), column.is_not(None))
            .group_by(column)
            .order_by(func.count().desc(), column)
        )

    def total(self) -> Select[Any]:
        """Select the number of matching rows, in the shape of a facet without values."""
        columns: list[ColumnElement[Any]] = [literal_column("''").label("value"), func.count().label("count")]
        return select(*columns).select_from(self.table).where(*self.conditions())


@dataclass(frozen=True)
class ListStatements:
    """The compiled statements of a question."""

    page: Statement
    total: Statement
    facets: dict[str, Statement]


@lru_cache(maxsize=256)
def compile_list(question: ListQuestion) -> ListStatements:
    """Compile the statements of a question."""
    return ListStatements(
        page=Statement.compile(question.records().limit(bindparam("limit")).offset(bindparam("offset"))),
        total=Statement.compile(question.total()),
        facets={name: Statement.compile(question.facet(name)) for name in question.facets},
    )


def bind(
    table: ListTable, params: Filters, lang: Language, facets: Sequence[str] = ()
) -> tuple[ListQuestion, dict[str, Any]]:
    """Split the parameters of a request into a question and the values to bind."""
    given, values = params.filters(), {}
    for name, value in given.items():
        if isinstance(value, str):
            values[name] = escape_like(value) if filters_of(type(params))[name].contains else value
        else:
            values[name] = json_array(sorted({*value})) if len(value) > 1 else value[0]
    filters = tuple((name, not isinstance(value, str) and len(value) > 1) for name, value in given.items())
    counted = tuple(dict.fromkeys(facets))
    return ListQuestion(table.__table__, type(params), filters, counted, sort_of(params), lang), values


def sort_of(params: Filters) -> str:
    """Return the field by which a list is sorted, with `-` for the reverse order; empty for that of the table."""
    return getattr(params, "sort", None) or ""


def refuse_unknown_values(reader: Reader, params: Filters) -> None:
    """Raise `Refused` for a value outside a parameter's vocabulary."""
    for name, vocabulary in vocabularies_of(type(params)).items():
        if given := getattr(params, name):
            known = reader.derive(vocabulary.read)
            find = partial(find_ids, reader, vocabulary.entries) if vocabulary.entries else None
            refuse_unknown(name, given, known, find)


def find_ids(reader: Reader, tables: Sequence[type[Entry]], values: Sequence[str]) -> dict[str, list[str]]:
    """Find the ids of the entries of collections that each value denotes; values that denote none are left out."""
    resources = [table.resource for table in tables]
    results = find_meanings(read_words(reader, Language.EN), values, Narrowing(resources=resources))
    return {result["value"]: [item["id"] for item in result["items"]] for result in results if result["items"]}


@cache
def values_of(column: Column[Any]) -> Callable[[Reader], Sequence[str]]:
    """Return the function that reads the values of a column, most frequent first."""
    values = select(column).where(column.is_not(None)).group_by(column).order_by(func.count().desc(), column)
    statement = Statement.compile(values)
    return lambda reader: reader.column(statement)


def name_of(table: ListTable) -> str:
    """Return the name of a list, as in its URL."""
    return "changes" if issubclass(table, Change) else table.resource


def is_short(reader: Reader, table: ListTable, params: ListParams) -> bool:
    """Whether a page is read in a millisecond or two, however large the collection is.

    In a large one these are the first entries of all, or of those with one value of one field in the order of the
    source document: indexes have them in that order. Others scan or sort every matching row.
    """
    if reader.derive(read_description)[name_of(table)] <= SHORT_COLLECTION:
        return True
    filters = params.filters()
    indexed = all(filters_of(type(params))[name].indexed for name in filters)
    at_most_one_value = sum(map(len, filters.values())) <= 1 and not (filters and sort_of(params))
    return at_most_one_value and indexed and not params.facet and params.offset + params.limit <= SHORT_PAGE


class ListPage(NamedTuple):
    """One page of a list: its items as JSON, the number of matches on all pages, and the facets.

    `hint` says what to ask for instead if there are no matches.
    """

    items: Sequence[bytes]
    total: int
    facets: Facets
    hint: Bilingual | None = None


def read_page(reader: Reader, table: ListTable, params: ListParams, lang: Language) -> ListPage:
    """Read one page of a list, with one statement and one more for each count that is not cached.

    A facet counts all matching rows except those without a value. Raises `Refused` for a value outside a parameter's
    vocabulary.
    """
    refuse_unknown_values(reader, params)
    question, values = bind(table, params, lang, params.facet)
    statements = compile_list(question)
    records = reader.column(statements.page, values | {"limit": params.limit, "offset": params.offset})
    reaches_end = len(records) < params.limit and (records or not params.offset)
    return ListPage(
        items=records,
        total=params.offset + len(records) if reaches_end else reader.count(statements.total, values)[0]["count"],
        facets={name: reader.count(statement, values) for name, statement in statements.facets.items()},
    )


def stream_matching(reader: Reader, table: ListTable, params: Filters, lang: Language) -> Iterator[bytes]:
    """Stream the JSON objects of all matching entries. Raises `Refused` like `read_page`, before the first."""
    refuse_unknown_values(reader, params)
    question, values = bind(table, params, lang)
    # SQLite takes a negative limit for none.
    everything = values | {"limit": -1, "offset": 0}
    return (row["record"] for row in reader.stream(compile_list(question).page, everything))
