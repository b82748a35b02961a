"""Running statements: compiled once and run often, or streamed.

The length of a statement does not depend on how many values a client sends. SQLAlchemy and the drivers cache statements
by number, not by size, so that long ones would fill the memory.
"""

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Integer,
    RowMapping,
    Select,
    Text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import bindparam
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

# A streamed result fetches this many rows at a time, so that memory stays constant.
ROWS_AT_ONCE = 100
# Up to this many values are bound one by one, which lets the database use an index in the order of the answer; more are
# bound as one JSON array.
FEW_VALUES = 4


class JsonElements(FunctionElement[Any]):
    """The elements of a bound JSON array, as a subquery."""

    inherit_cache = True


class JsonIntegers(JsonElements):
    """The elements of a bound JSON array of integers, as a subquery."""

    inherit_cache = True


@compiles(JsonElements, "sqlite")
def select_on_sqlite(element: JsonElements, compiler: SQLCompiler, **options: Any) -> str:
    """Write the subquery for SQLite, whose JSON elements have types."""
    array = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({array}))"  # noqa: S608 (the name of a bound parameter)


@compiles(JsonElements, "postgresql")
def select_on_postgresql(element: JsonElements, compiler: SQLCompiler, **options: Any) -> str:
    """Write the subquery for PostgreSQL."""
    array = f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"
    return f"(SELECT CAST({array} AS INTEGER))" if isinstance(element, JsonIntegers) else f"(SELECT {array})"


def in_array(column: ColumnElement[Any], array: BindParameter[str]) -> ColumnElement[bool]:
    """Whether a column has one of the values in a bound JSON array."""
    elements = JsonIntegers if isinstance(column.type, Integer) else JsonElements
    return column.op("IN", is_comparison=True)(elements(array))


def is_one_of(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of any number of values."""
    if len(values) <= FEW_VALUES:
        return column.in_(values)
    return in_array(column, bindparam(None, to_json([*values]).decode(), type_=Text()))


@dataclass(frozen=True)
class CompiledStatement:
    """A statement compiled for one SQL dialect.

    Running it takes two thirds of the time that SQLAlchemy needs for the same statement, because SQLAlchemy
    recomputes its cache key on every execution. For a driver with positional parameters, `order`
    lists their names.
    """

    text: str
    order: tuple[str, ...] | None

    @classmethod
    def compile(cls, statement: Select[Any], dialect: Dialect) -> "CompiledStatement":
        """Compile a statement whose values are all named bind parameters."""
        compiled = statement.compile(dialect=dialect)
        order = tuple(map(sys.intern, compiled.positiontup or ())) if compiled.positional else None
        return cls(compiled.string, order)

    def run(self, connection: Connection, values: Mapping[str, Any], **options: Any) -> CursorResult[Any]:
        """Run the statement; `values` must have every bound name and may have more."""
        bound = values if self.order is None else tuple(values[name] for name in self.order)
        return connection.exec_driver_sql(self.text, bound, options)

    def stream(self, connection: Connection, values: Mapping[str, Any]) -> Iterator[RowMapping]:
        """Yield the rows of the statement, fetched in small batches."""
        with self.run(connection, values, yield_per=ROWS_AT_ONCE) as result:
            yield from result.mappings()


def stream_rows(connection: Connection, statement: Select[Any]) -> Iterator[RowMapping]:
    """Yield the rows of a statement, fetched in small batches."""
    with connection.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}) as result:
        yield from result.mappings()
