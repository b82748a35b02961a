"""How any collection is filtered, counted, sorted, faceted and cut; knows no table.

A query parameter says in its annotation, by `Where`, how it narrows a list. Statements are built and compiled
once for each combination of parameters in use, and then only run with bound values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Select,
    Table,
    bindparam,
    func,
    select,
)
from sqlmodel import col

from app.api.problems import invalid, unknown_value
from app.api.router import Optional
from app.folding import fold_text
from app.queries.revision_cache import Kept
from app.store.tables import Dataset, Language

# Which revision a statement's transaction sees.
REVISION = select(col(Dataset.revision))
# PostgreSQL holds no NUL, so that nothing can match one.
SearchText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Vocabulary = Callable[[Connection], Sequence[str]]


@dataclass(frozen=True)
class Where:
    """How one query parameter narrows a list.

    `clause` makes the condition out of the column and the bound parameters; `column` is named like the
    parameter unless given; `prepare` turns the parameter's value into those that are bound; `vocabulary` reads
    the values that exist, for a parameter that takes no others.
    """

    clause: Callable[[ColumnElement[Any], list[BindParameter[str]]], ColumnElement[bool]]
    column: str | None = None
    prepare: Callable[[Any], list[str]] = lambda values: sorted({*values})
    vocabulary: Vocabulary | None = None


def one_of(vocabulary: Vocabulary | None = None) -> Where:
    """Narrow to the rows whose column of the parameter's name holds one of its values."""
    return Where(lambda column, values: column.in_(values), vocabulary=vocabulary)


def escaped(text: str) -> str:
    """Fold text, and escape what LIKE would read as a wildcard."""
    return fold_text(text).replace("/", "//").replace("%", "/%").replace("_", "/_")


class TextParams(BaseModel):
    """The query parameters of every answer that holds text."""

    model_config = ConfigDict(extra="forbid")

    lang: Annotated[
        Optional[Language],
        Field(description="The language of the answer's text; without it, what Accept-Language prefers, else English."),
    ] = None


class PageParams(BaseModel):
    """The query parameters of every answer that comes in pages."""

    limit: Annotated[int, Field(ge=1, le=1000, description="How many entries the page holds at most.")] = 100
    offset: Annotated[int, Field(ge=0, le=10_000_000, description="How many entries to pass over first.")] = 0


class ListParams(TextParams, PageParams):
    """The query parameters of every list."""

    q: Annotated[
        Optional[SearchText],
        Field(
            description="Only entries that contain this text in a name, alias or summary, in either language; "
            "case and compatibility forms (full width …) make no difference."
        ),
        Where(
            lambda column, texts: column.contains(texts[0], escape="/"),
            column="search",
            prepare=lambda text: [escaped(text)],
        ),
    ] = None
    facet: Annotated[Sequence[str], Field(max_length=20)] = []
    sort: Annotated[
        Optional[Literal["name", "-name", "id", "-id"]],
        Field(
            description="Order by name (case-folded, by code point, in the answer's language) or by id; "
            "`-` turns it round. Without it, the order of the source document."
        ),
    ] = None
    format: Annotated[
        Optional[Literal["json", "csv"]],
        Field(
            description="The format of the answer; without it, what Accept prefers, else JSON. "
            "CSV holds all matching entries, so that it takes no `limit`, `offset` or `facet`."
        ),
    ] = None


@cache
def narrowing(params: type[ListParams]) -> dict[str, Where]:
    """The parameters of a query model that narrow, each with how it does."""
    return {
        name: where
        for name, field in params.model_fields.items()
        for where in field.metadata
        if isinstance(where, Where)
    }


@dataclass(frozen=True)
class Prepared:
    """A statement compiled for one kind of database.

    To run it takes two thirds of the time of a statement of SQLAlchemy's, which it takes apart each time to find what
    it compiled of it before. `order` names the values for a driver that numbers them.
    """

    text: str
    order: tuple[str, ...] | None

    @classmethod
    def of(cls, statement: Select[Any], dialect: Dialect) -> "Prepared":
        """Compile a statement whose values are all bound by name."""
        compiled = statement.compile(dialect=dialect)
        return cls(compiled.string, tuple(compiled.positiontup or ()) if compiled.positional else None)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Run it; every name that it binds is in `values`, which may hold more."""
        given = values if self.order is None else tuple(values[name] for name in self.order)
        return connection.exec_driver_sql(self.text, given)


@lru_cache(maxsize=64)
def one_record(dialect: Dialect, table: Table, lang: Language) -> Prepared:
    """What reads the record whose id is `id`."""
    return Prepared.of(select(table.c[f"record_{lang}"]).where(table.c.id == bindparam("id")), dialect)


@dataclass(frozen=True)
class Statements:
    """What a list runs for one combination of parameters in use."""

    page: Prepared
    count: Prepared
    facets: dict[str, Prepared]


# The parameters in use, each with how many values it has.
Used = tuple[tuple[str, int], ...]


def bound(name: str, number: int) -> str:
    """The name by which a value of a parameter is bound."""
    return f"{name}_{number}"


def conditions(table: Table, params: type[ListParams], used: Used) -> Iterator[ColumnElement[bool]]:
    """How the parameters in use narrow a table."""
    for name, length in used:
        where = narrowing(params)[name]
        column = table.c[where.column or name]
        yield where.clause(column, [bindparam(bound(name, number), type_=column.type) for number in range(length)])


def matching(table: Table, params: type[ListParams], used: Used, sort: str, lang: Language) -> Select[Any]:
    """The records of all rows that match, in order."""
    key = table.c[{"name": f"sort_{lang}", "id": "id", "": "position"}[sort.removeprefix("-")]]
    order = key.desc() if sort.startswith("-") else key
    record = table.c[f"record_{lang}"].label("record")
    return select(record).where(*conditions(table, params, used)).order_by(order, table.c.position)


@lru_cache(maxsize=256)
def statements(
    dialect: Dialect,
    table: Table,
    params: type[ListParams],
    used: Used,
    facets: tuple[str, ...],
    sort: str,
    lang: Language,
) -> Statements:
    """Prepare the statements for one combination of parameters in use."""
    narrow = [*conditions(table, params, used)]
    page = matching(table, params, used, sort, lang).add_columns(REVISION.scalar_subquery().label("revision"))
    counts = {
        name: select(table.c[name].label("value"), func.count().label("count"))
        .where(*narrow, table.c[name].is_not(None))
        .group_by(table.c[name])
        .order_by(func.count().desc(), table.c[name])
        for name in facets
    }
    return Statements(
        page=Prepared.of(page.limit(bindparam("limit")).offset(bindparam("offset")), dialect),
        count=Prepared.of(select(func.count().label("count")).select_from(table).where(*narrow), dialect),
        facets={name: Prepared.of(statement, dialect) for name, statement in counts.items()},
    )


@dataclass(frozen=True)
class Cut:
    """One page of a list: its records, how many match in all, and how many have which value."""

    records: Sequence[str]
    total: int
    facets: dict[str, list[dict[str, Any]]]


def refuse_unknown(parameter: str, given: Sequence[str], known: Sequence[str]) -> None:
    """Raise `ProblemError` for a value outside a parameter's vocabulary."""
    if unknown := [unknown_value(parameter, value, known) for value in given if value not in known]:
        raise invalid(unknown)


Values = dict[str, Any]


def refuse_unknown_values(connection: Connection, kept: Kept, revision: str | None, params: ListParams) -> None:
    """Raise `ProblemError` for a value outside a parameter's vocabulary."""
    for name, where in narrowing(type(params)).items():
        if (given := getattr(params, name)) and (vocabulary := where.vocabulary) is not None:
            refuse_unknown(name, given, kept.of(revision, vocabulary, partial(vocabulary, connection)))


def narrowed(params: ListParams) -> tuple[Used, Values]:
    """The parameters in use, and the values to bind."""
    where = narrowing(type(params))
    given = {name: where[name].prepare(value) for name in where if (value := getattr(params, name)) not in (None, [])}
    values = {bound(name, number): text for name, texts in given.items() for number, text in enumerate(texts)}
    return tuple((name, len(texts)) for name, texts in given.items()), values


def cut(connection: Connection, kept: Kept, table: Table, params: ListParams, lang: Language) -> Cut:
    """Read one page of a table, as the parameters say; one statement, and one more for what was not kept.

    A facet counts over all rows that match, the most frequent value first, and leaves out rows without a value.
    Raises `ProblemError` for a value outside a parameter's vocabulary.
    """
    used, values = narrowed(params)
    facets = tuple(dict.fromkeys(params.facet))
    run = statements(connection.dialect, table, type(params), used, facets, params.sort or "", lang)
    rows = run.page.run(connection, values | {"limit": params.limit, "offset": params.offset}).all()
    revision = rows[0].revision if rows else connection.scalar(REVISION)
    refuse_unknown_values(connection, kept, revision, params)

    def counted(statement: Prepared) -> list[dict[str, Any]]:
        """What a statement counts of all rows that match."""
        key = (statement, repr(values))
        return kept.of(revision, key, lambda: [dict(row) for row in statement.run(connection, values).mappings()])

    whole = len(rows) < params.limit and (rows or not params.offset)
    return Cut(
        records=[row.record for row in rows],
        total=params.offset + len(rows) if whole else counted(run.count)[0]["count"],
        facets={name: counted(statement) for name, statement in run.facets.items()},
    )
