"""The JSON Schemas of the tools: without references, which not every client resolves, and with the dataset's values."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

Schema = dict[str, Any]
# Vocabularies whose values are not listed, because a product is found by a look-up or a search.
UNLISTED = {"ProductId"}


def input_schema(model: type[BaseModel], vocabularies: Mapping[str, Sequence[str]]) -> Schema:
    """Make the schema of arguments; `vocabularies` has the values of each vocabulary that is data, by its type."""
    types = {"TypeId": [*vocabularies["HypervisorTypeId"], *vocabularies["VirtualizationTypeId"]]}
    listed = {name: values for name, values in vocabularies.items() if name not in UNLISTED}
    schema = model.model_json_schema()
    inlined = inline(schema, schema.get("$defs", {}), listed | types)
    inlined.pop("description")
    # First what the tool is about.
    inlined["properties"]["lang"] = inlined["properties"].pop("lang")
    return inlined


def output_schema(type_: Any) -> Schema:
    """Make the schema of an answer."""
    schema = TypeAdapter(type_).json_schema(mode="serialization")
    return inline(schema, schema.get("$defs", {}), {})


def inline(schema: Schema, definitions: Mapping[str, Schema], listed: Mapping[str, Sequence[str]]) -> Schema:
    """Put definitions in the place of references, and the values of a vocabulary in that of its type; drop titles."""
    made: Schema = {}
    for key, value in schema.items():
        if key == "properties":
            made[key] = {name: inline(each, definitions, listed) for name, each in value.items()}
        elif key == "anyOf":
            made[key] = [inline(each, definitions, listed) for each in value]
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            made[key] = inline(value, definitions, listed)
        elif key not in ("$ref", "$defs", "title", "propertyNames"):
            made[key] = value
    if "$ref" not in schema:
        return made
    name = schema["$ref"].rsplit("/", 1)[1]
    if name in listed:
        return {"type": "string", "enum": [*listed[name]]} | made
    return inline(definitions[name], definitions, listed) | made
