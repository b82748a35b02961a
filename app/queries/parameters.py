"""The types and models that the parameters of several questions share.

A filter's annotation contains a `Where`, which turns its value into SQL.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from app.queries.lexicon import LONGEST_VALUE
from app.queries.refusals import Bilingual
from app.store.tables import Language, Resource

Value = TypeVar("Value")


def drop_default(schema: dict[str, Any]) -> None:
    """Remove the default from a JSON Schema."""
    schema.pop("default", None)


# An optional parameter with a single value. OpenAPI documents it as `required: false`; a null in the type or as
# the default would tell clients that they may send one.
Omittable = Annotated[Value | SkipJsonSchema[None], Field(json_schema_extra=drop_default)]


def refuse_unless_digits(value: Any) -> Any:
    """Refuse the other texts that Pydantic takes for a whole number, such as ``+10``, ``1_0`` and ``10.0``."""
    if isinstance(value, str) and not re.fullmatch("[0-9]+", value):
        raise PydanticCustomError("int_parsing", "Not a whole number.")
    return value


ONLY_DIGITS = BeforeValidator(refuse_unless_digits)
# PostgreSQL cannot store a NUL character, so no text can match one.
NO_NUL = r"^[^\x00]*$"
QueryText = Annotated[str, Field(min_length=1, max_length=LONGEST_VALUE, pattern=NO_NUL)]
# The JSON Schema of an empty text.
EMPTY = {"type": "string", "const": ""}
# The default of a parameter that may be repeated. Pydantic would copy a list for each request.
UNGIVEN: Any = ()
# How often a parameter can be repeated.
MOST_VALUES = 100
# The values of a look-up, and the hosts of an identification, that are sent in a body.
MOST_POSTED = 1000


def read_text(value: Any) -> Any:
    """Take any text, also one that UTF-8 cannot have: a text that cannot be looked up is told apart at its place."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Not a text.")
    return value


BodyText = Annotated[str, PlainValidator(read_text), WithJsonSchema({"type": "string"})]
ResourceName = TypeAliasType(
    "ResourceName", Annotated[Resource, Field(description="The name of a collection, as in its URL.")]
)
Resources = Annotated[
    list[ResourceName], Field(max_length=20, description="Only entries of this collection; repeat to allow several.")
]
Flag = TypeAliasType("Flag", Annotated[Literal["true", "false"], Field(description="Whether something is so.")])
FACETS = "Count the matching entries by value of this field; repeat for several fields."


@dataclass(frozen=True)
class Where:
    """How a filter becomes a condition in SQL.

    Its column has one of the values, or `contains` a text, or `refers` to entries one of which has the id, or is at
    `least` the value, or is `given`: not null if the value is ``true``. `column` defaults to the parameter's name. A
    value of an `open` vocabulary may match nothing; the empty page then has a hint.
    """

    column: str | None = None
    contains: bool = False
    refers: bool = False
    least: bool = False
    given: bool = False
    open: bool = False

    @property
    def indexed(self) -> bool:
        """Whether an index has the matching rows in the order of the table."""
        return not (self.contains or self.refers or self.least or self.given)


# The parameters that follow those that choose entries, in the order in which people need them.
LATER = ("id", "remark_kind", "deprecated", "pack", "q", "sort", "facet", "limit", "offset", "format", "lang")
FIRST = ("value", "type", "status")


def order_of_use(name: str) -> int:
    """Return where a parameter stands among those of its operation; filters that are not listed are in the middle."""
    return FIRST.index(name) - len(FIRST) if name in FIRST else LATER.index(name) + 1 if name in LATER else 0


class NoParams(BaseModel):
    """The parameters of what takes none."""

    model_config = ConfigDict(extra="forbid")


def read_language(value: Any) -> Any:
    """Read a language tag; any other value stays as it is, and is refused as unknown, also the null of a body."""
    return "null" if value is None else (isinstance(value, str) and Language.of(value)) or value


class TextParams(BaseModel):
    """The parameters of every answer that contains translated text."""

    model_config = ConfigDict(extra="forbid")

    lang: Annotated[
        Omittable[Language],
        Field(
            description="The language of the response; a language tag such as `zh-CN`, `zh-Hans` or `en-US` also works "
            "and means its language. By default, the best match for Accept-Language, or else English."
        ),
        BeforeValidator(read_language),
    ] = None


def as_json_text(schema: dict[str, Any]) -> None:
    """Turn the JSON Schema of a parameter into that of a text which contains it as JSON."""
    schema.pop("default", None)
    content = {name: schema.pop(name) for name in [*schema] if name not in ("description", "title")}
    schema |= {"type": "string", "contentMediaType": "application/json", "contentSchema": content}


class FormBody(TextParams):
    """A body that is sent as a form: its fields are written like parameters."""


def refuse_unless_identifier(name: str) -> str:
    """Raise `ValueError` unless a text is the name of a function."""
    if not re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]{0,99}", name):
        raise ValueError(
            Bilingual(
                "Not the name of a function: up to 100 letters, digits, _ and $, no digit first.",
                "不是函数名：请用字母、数字、_ 或 $，最多 100 个，且不以数字开头。",
            )
        )
    return name


class ScriptParams(TextParams):
    """The parameters of what a page of any origin may also load as a script, which calls a function of it (JSONP).

    `ignored` are the parameters that a client sends although they mean nothing.
    """

    # jQuery adds it, so that no cache answers.
    ignored: ClassVar[frozenset[str]] = frozenset({"_"})

    callback: Annotated[
        Omittable[str],
        Field(description="The function to call with the answer, which is a script then."),
        AfterValidator(refuse_unless_identifier),
    ] = None


class PageParams(BaseModel):
    """The parameters of every answer that is paged."""

    limit: Annotated[
        int, Field(ge=1, le=1000, description="The maximum number of entries on the page."), ONLY_DIGITS
    ] = 100
    offset: Annotated[int, Field(ge=0, le=10_000_000, description="The number of entries to skip."), ONLY_DIGITS] = 0
