"""Reconciliation: what `/reconcile` is asked, and what entities have in properties."""

from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from app.queries.entities import Entities, Property, describe_property
from app.queries.lookup import printable
from app.queries.parameters import (
    EMPTY,
    MOST_POSTED,
    MOST_VALUES,
    BodyText,
    FormBody,
    ResourceName,
    ScriptParams,
    as_json_text,
    drop_default,
)
from app.shapes.reconciliation import ExtensionPublic
from app.store.snapshot import Reader
from app.store.tables import Language

MOST_CANDIDATES = 1000
# The queries in a URL, which is for looking at answers in a browser; and more properties than there are.
MOST_IN_URL = 10
MOST_PROPERTIES = 30


def read_property_values(given: Any) -> list[str]:
    """Read one value or several as texts, of an entity its id."""
    return [read_property_value(value) for value in (given if isinstance(given, list) else [given])]


def read_property_value(value: Any) -> str:
    """Read a value as a text."""
    if isinstance(value, dict) and {*value} <= {"id", "name"}:
        value = value.get("id")
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("property_value_type", "Not a value.")
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_types(given: Any) -> Any:
    """Read one type as a list of one; OpenRefine sends an empty one where it has none."""
    return ([given] if given else []) if isinstance(given, str) else given


def or_one(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of an array also allow one of its items alone."""
    several = {name: schema.pop(name) for name in ("type", "items", "maxItems")}
    schema["anyOf"] = [several["items"], several]


def or_none(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of an array also allow one of its items alone, or an empty text for none."""
    or_one(schema)
    schema["anyOf"].append(EMPTY)


ENTITY = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
    "required": ["id"],
    "additionalProperties": False,
}
VALUES = {"type": "array", "items": {"anyOf": [{"type": ["string", "number", "boolean"]}, ENTITY]}, "maxItems": 100}


class PropertyBody(BaseModel):
    """A property of the entity, or the scheme that the string comes from."""

    model_config = ConfigDict(extra="forbid")

    pid: Annotated[Property, Field(description="The id of the property.")]
    v: Annotated[
        list[str],
        BeforeValidator(read_property_values),
        WithJsonSchema(VALUES),
        Field(
            max_length=MOST_VALUES,
            description="Its value, or several of which the entity has one: texts, numbers, or entities.",
            json_schema_extra=or_one,
        ),
    ]


class QueryBody(BaseModel):
    """A string, and what is known of the entity that it denotes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "anyOf": [
                {"required": ["query"]},
                {"required": ["properties"], "properties": {"properties": {"minItems": 1}}},
            ]
        },
    )

    query: Annotated[
        BodyText,
        Field(
            description="The string; without it, each entity that has the properties is a candidate.",
            json_schema_extra=drop_default,
        ),
    ] = None  # type: ignore[assignment]  # It may be missing, but not null.
    type: Annotated[
        list[ResourceName],
        BeforeValidator(read_types),
        Field(
            max_length=MOST_VALUES,
            description="Only entities of this type, or of one of these; by default or empty, of every type.",
            json_schema_extra=or_none,
        ),
    ] = []
    limit: Annotated[
        int, Field(strict=True, ge=1, le=MOST_CANDIDATES, description="The maximum number of candidates.")
    ] = MOST_CANDIDATES
    properties: Annotated[
        list[PropertyBody],
        Field(max_length=MOST_PROPERTIES, description="Only entities that have all of these properties."),
    ] = []
    type_strict: Annotated[
        Literal["any", "should", "all"],
        Field(description="Whether an entity must have all of several types (`all`), which none has, or one of them."),
    ] = "any"

    @model_validator(mode="after")
    def refuse_without_question(self) -> "QueryBody":
        """Refuse a query that asks for nothing."""
        if self.query is None and not self.properties:
            raise PydanticCustomError("no_question", "Neither query nor properties.")
        return self


class ExtendedBody(BaseModel):
    """A property of which the values are wanted."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[Property, Field(description="The id of the property.")]
    settings: Annotated[dict[str, Any], Field(max_length=0, description="Properties have no settings.")] = {}


class ExtensionBody(BaseModel):
    """The entities and the properties of which the values are wanted."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[BodyText], Field(max_length=MOST_POSTED, description="The ids of up to 1,000 entities.")]
    properties: Annotated[list[ExtendedBody], Field(max_length=MOST_PROPERTIES, description="The properties.")]


class ReconcileBody(FormBody):
    """The form of `POST /reconcile`, which has one of both fields."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["queries"]}, {"required": ["extend"]}]})

    queries: Annotated[
        dict[str, QueryBody],
        Field(
            max_length=MOST_POSTED,
            description="Up to 1,000 queries, each under a key of your choice.",
            json_schema_extra=as_json_text,
        ),
    ] = None  # type: ignore[assignment]  # It may be missing, but not null.
    extend: Annotated[
        ExtensionBody,
        Field(
            description="The entities and the properties of which to return the values.", json_schema_extra=as_json_text
        ),
    ] = None  # type: ignore[assignment]  # Likewise.


class ReconcileParams(ReconcileBody, ScriptParams):
    """The parameters of `GET /reconcile`."""

    queries: Annotated[
        dict[str, QueryBody],
        Field(
            max_length=MOST_IN_URL,
            description="Up to 10 queries, each under a key of your choice, in a URL of up to 64 kB; without "
            "them, the response is the manifest.",
            json_schema_extra=as_json_text,
        ),
    ] = None  # type: ignore[assignment]  # Likewise.


def extend_entities(reader: Reader, body: ExtensionBody, lang: Language) -> ExtensionPublic:
    """Return what entities have in properties; an id that no entity has has nothing."""
    entities = Entities(reader, lang)
    properties = [*dict.fromkeys(each.id for each in body.properties)]
    rows = {
        printable(id): {property.value: entities.values_of(id, property) for property in properties} for id in body.ids
    }
    meta = [describe_property(property, lang) for property in properties]
    return cast("ExtensionPublic", {"meta": meta, "rows": rows})
