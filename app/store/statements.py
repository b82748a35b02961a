"""Statements on a snapshot: written with SQLAlchemy, compiled once, and run by the driver without SQLAlchemy.

The length of a statement does not depend on how many values a client sends: the driver caches statements by number, not
by size, so that long ones would fill the memory.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnElement, LargeBinary, Select, cast, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Mapped

DIALECT = sqlite.dialect()


@dataclass(frozen=True)
class Statement:
    """The text of a statement, and its bound parameters: their names in order, and the values that never change."""

    text: str
    order: tuple[str, ...]
    constants: Mapping[str, Any]

    @classmethod
    def compile(cls, statement: Select[Any]) -> "Statement":
        """Compile a statement; what changes from run to run is a named `bindparam`."""
        compiled = statement.compile(dialect=DIALECT)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return cls(compiled.string, tuple(compiled.positiontup or ()), constants)

    def arrange(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Arrange values for the driver; there must be one for each bound name, and there may be more."""
        given = {**self.constants, **values} if self.constants else values
        return tuple([given[name] for name in self.order])


def as_bytes(column: ColumnElement[str]) -> ColumnElement[bytes]:
    """Read a text as UTF-8: what only has to be sent need not be decoded."""
    return cast(column, LargeBinary)


def in_array(column: ColumnElement[Any] | Mapped[Any], array: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a column has one of the values in a bound JSON array."""
    return column.in_(select(func.json_each(array).table_valued("value").c.value))


def json_array(values: Collection[Any]) -> str:
    """Write values as the JSON array that `in_array` reads."""
    return to_json([*values]).decode()
