"""Lists: filtering, counting, sorting and paging, for any collection.

Statements are built and compiled once per combination of parameters; each request only binds values and runs them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field
from pydantic_core import to_json
from sqlalchemy import ColumnElement, Connection, Dialect, Select, Table, Text, bindparam, func, null, select
from typing_extensions import TypeAliasType

from app.folding import fold_text
from app.queries.lookup import find_meanings
from app.queries.parameters import Omittable, PageParams, QueryText, TextParams, Where
from app.queries.refusals import Bilingual, refuse_unknown
from app.queries.revision_cache import REVISION, RevisionCache, RevisionValues
from app.queries.statements import FEW_VALUES, CompiledStatement, in_array
from app.queries.vocabularies import vocabularies_of
from app.shapes.results import Facets
from app.store.tables import Entry, Language

# The filters that a request uses, each with its number of bound parameters; 0 stands for a JSON array of all values.
Combination = tuple[tuple[str, int], ...]
BoundValues = dict[str, Any]
Order = TypeAliasType(
    "Order",
    Annotated[Literal["name", "-name", "id", "-id"], Field(description="A field to sort by; `-` reverses the order.")],
)


def escape_like(text: str) -> str:
    """Fold text, and escape the wildcards of LIKE with a slash."""
    return fold_text(text).replace("/", "//").replace("%", "/%").replace("_", "/_")


class Filters(TextParams):
    """The parameters that choose and sort the entries of a list or a CSV file."""

    q: Annotated[
        Omittable[QueryText],
        Field(
            description="Only entries that contain this text in a name, alias or summary, in either "
            "language. Case and compatibility forms (such as full width) are ignored."
        ),
        Where(
            lambda column, texts: column.contains(texts[0], escape="/"),
            column="search",
            prepare=lambda text: [escape_like(text)],
        ),
    ] = None
    sort: Annotated[
        Omittable[Order],
        Field(
            description="Sort by name (case-folded, by code point, in the language of the response) "
            "or by id; `-` reverses the order. By default, the order of the source "
            "document."
        ),
    ] = None


class ListParams(Filters, PageParams):
    """The parameters of every list."""

    facet: Annotated[Sequence[str], Field(max_length=20)] = []
    format: Annotated[
        Omittable[Literal["json", "csv"]],
        Field(
            description="The format of the response. By default, the best match for Accept, or else "
            "JSON. CSV contains all matching entries, so `limit`, `offset` and `facet` must have their "
            "defaults; it also has its own address, this path with `.csv` at the end."
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
        """Yield the condition of each filter, with a bound parameter for each value."""
        for name, number in self.filters:
            where = filters_of(self.model)[name]
            column = self.table.c[where.column or name]
            if not number:
                yield in_array(column, bindparam(bound_name(name, 0), type_=Text()))
                continue
            yield where.clause(
                column, [bindparam(bound_name(name, index), type_=column.type) for index in range(number)]
            )

    def records(self) -> Select[Any]:
        """Select the records of the matching rows, in the order of `sort`."""
        key = self.table.c[{"name": f"sort_{self.lang}", "id": "id", "": "position"}[self.sort.removeprefix("-")]]
        order = key.desc() if self.sort.startswith("-") else key
        record = self.table.c[f"record_{self.lang}"].label("record")
        return select(record).where(*self.conditions()).order_by(order, self.table.c.position)

    def facet(self, name: str) -> Select[Any]:
        """Select each value of a column with its number of matching rows, most frequent first."""
        column = self.table.c[name]
        return (
            select(column.label("value"), func.count().label("count"))
            .where(*self.conditions(), column.is_not(None))
            .group_by(column)
            .order_by(func.count().desc(), column)
        )

    def total(self) -> Select[Any]:
        """Select the number of matching rows, in the shape of a facet without values."""
        columns: list[ColumnElement[Any]] = [null().label("value"), func.count().label("count")]
        return select(*columns).select_from(self.table).where(*self.conditions())


@dataclass(frozen=True)
class ListStatements:
    """The compiled statements of a question."""

    page: CompiledStatement
    total: CompiledStatement
    facets: dict[str, CompiledStatement]


@lru_cache(maxsize=256)
def compile_list(question: ListQuestion, dialect: Dialect) -> ListStatements:
    """Compile the statements of a question."""
    page = question.records().add_columns(REVISION.scalar_subquery().label("revision"))
    return ListStatements(
        page=CompiledStatement.compile(page.limit(bindparam("limit")).offset(bindparam("offset")), dialect),
        total=CompiledStatement.compile(question.total(), dialect),
        facets={name: CompiledStatement.compile(question.facet(name), dialect) for name in question.facets},
    )


@lru_cache(maxsize=64)
def compile_records(question: ListQuestion, dialect: Dialect) -> CompiledStatement:
    """Compile the statement that reads all records of a question."""
    return CompiledStatement.compile(question.records(), dialect)


def bound_name(parameter: str, index: int) -> str:
    """Name the bound parameter for one of a filter's values."""
    return f"{parameter}_{index}"


def bind(
    table: type[Entry], params: Filters, lang: Language, facets: Sequence[str] = ()
) -> tuple[ListQuestion, BoundValues]:
    """Split the parameters of a request into a question and the values to bind."""
    filters = filters_of(type(params))
    given = {
        name: where.prepare(value)
        for name, where in filters.items()
        if (value := getattr(params, name)) not in (None, [])
    }
    values: BoundValues = {}
    combination = []
    for name, texts in given.items():
        few = len(texts) <= FEW_VALUES
        combination.append((name, len(texts) if few else 0))
        bound = texts if few else [to_json(texts).decode()]
        values.update((bound_name(name, index), text) for index, text in enumerate(bound))
    counted = tuple(dict.fromkeys(facets))
    return ListQuestion(table.__table__, type(params), tuple(combination), counted, params.sort or "", lang), values


def refuse_unknown_values(connection: Connection, derived: RevisionValues, params: Filters) -> None:
    """Raise `Refused` for a value outside a parameter's vocabulary."""
    for name, vocabulary in vocabularies_of(type(params)).items():
        if given := getattr(params, name):
            known = derived.derive(vocabulary.read, connection)
            find = partial(find_ids, connection, vocabulary.entries) if vocabulary.entries else None
            refuse_unknown(name, given, known, find)


def find_ids(connection: Connection, table: type[Entry], values: Sequence[str]) -> dict[str, list[str]]:
    """Find the ids of the entries of a collection that each value denotes; values that denote none are left out."""
    results = find_meanings(connection, values, Language.EN, resources=[table.resource])
    return {result["value"]: [item["id"] for item in result["items"]] for result in results if result["items"]}


class ListPage(NamedTuple):
    """One page of a list: its items as JSON text, the number of matches on all pages, and the facets.

    `hint` says what to ask for instead if there are no matches.
    """

    items: Sequence[str]
    total: int
    facets: Facets
    hint: Bilingual | None = None


def read_page(
    connection: Connection, revisions: RevisionCache, table: type[Entry], params: ListParams, lang: Language
) -> ListPage:
    """Read one page of a list, with one statement and one more for each count that is not cached.

    A facet counts all matching rows except those without a value. Raises `Refused` for a value outside a parameter's
    vocabulary.
    """
    question, values = bind(table, params, lang, params.facet)
    statements = compile_list(question, connection.dialect)
    rows = statements.page.run(connection, values | {"limit": params.limit, "offset": params.offset}).all()
    derived = revisions.get(rows[0].revision) if rows else revisions.current(connection)
    refuse_unknown_values(connection, derived, params)
    reaches_end = len(rows) < params.limit and (rows or not params.offset)
    return ListPage(
        items=[row.record for row in rows],
        total=params.offset + len(rows)
        if reaches_end
        else derived.count(statements.total, values, connection)[0]["count"],
        facets={name: derived.count(statement, values, connection) for name, statement in statements.facets.items()},
    )


def stream_matching(
    connection: Connection, revisions: RevisionCache, table: type[Entry], params: Filters, lang: Language
) -> Iterator[str]:
    """Stream the JSON objects of all matching entries. Raises `Refused` like `read_page`, before the first."""
    refuse_unknown_values(connection, revisions.current(connection), params)
    question, values = bind(table, params, lang)
    return (row["record"] for row in compile_records(question, connection.dialect).stream(connection, values))
