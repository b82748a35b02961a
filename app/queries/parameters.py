"""What the parameters of all questions share.

A filter says in its annotation, by `Where`, how it narrows a list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import BindParameter, ColumnElement, Connection

from app.store.tables import Language, Resource

Value = TypeVar("Value")


def drop_default(schema: dict[str, Any]) -> None:
    """Leave the default out of a JSON Schema."""
    schema.pop("default", None)


# A single-valued parameter that may be left out. OpenAPI says so by `required: false`; a null there would tell
# clients to send one.
Omittable = Annotated[Value | SkipJsonSchema[None], Field(json_schema_extra=drop_default)]
# PostgreSQL stores no NUL, so that nothing can match one.
QueryText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
QueryTexts = Annotated[list[QueryText], Field(max_length=100)]
Resources = Annotated[
    list[Resource], Field(max_length=20, description="Only entries of this collection; repeat to allow several.")
]
# Reads the values that a parameter may take.
Vocabulary = Callable[[Connection], Sequence[str]]
FACETS = "Count the matching entries by value of this field; repeat for several fields."


@dataclass(frozen=True)
class Where:
    """How a filter narrows a list.

    `clause` makes the condition from the column and the bound parameters; `column` is the parameter's own name unless
    given; `prepare` turns the parameter's value into the values that are bound; `vocabulary` reads the values that
    exist, for a parameter that takes no others.
    """

    clause: Callable[[ColumnElement[Any], list[BindParameter[str]]], ColumnElement[bool]]
    column: str | None = None
    prepare: Callable[[Any], list[str]] = lambda values: sorted({*values})
    vocabulary: Vocabulary | None = None


def one_of(vocabulary: Vocabulary | None = None) -> Where:
    """Narrow to the rows whose column of the parameter's name has one of its values."""
    return Where(lambda column, values: column.in_(values), vocabulary=vocabulary)


class TextParams(BaseModel):
    """The parameters of every answer that has text."""

    model_config = ConfigDict(extra="forbid")

    lang: Annotated[
        Omittable[Language],
        Field(
            description="The language of the response. By default, the best match for Accept-Language, or else English."
        ),
    ] = None


class PageParams(BaseModel):
    """The parameters of every answer that comes in pages."""

    limit: Annotated[int, Field(ge=1, le=1000, description="The maximum number of entries on the page.")] = 100
    offset: Annotated[int, Field(ge=0, le=10_000_000, description="The number of entries to skip.")] = 0
