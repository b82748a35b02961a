"""Reading query strings: refuses undeclared, undecodable, repeated and invalid parameters."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from pydantic import BaseModel, ValidationError

from app.queries.refusals import (
    LISTED,
    QUOTED_CHARACTERS,
    ParameterFault,
    Refused,
    shorten,
    unknown_parameter,
    unknown_value,
)

Params = TypeVar("Params", bound=BaseModel)
# A request with more parameters is refused before they are decoded, except where a valid request may have more.
READ_PARAMETERS = 100


def decode(parameter: bytes, part: bytes) -> str:
    """Decode the name or the value of a parameter. Raises `Refused` if it is not UTF-8 or has a NUL."""
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        detail, hint = "Not valid UTF-8.", "Percent-encode the text as UTF-8."
    else:
        if "\0" not in text:
            return text
        detail, hint = "Contains a NUL character.", "Remove it."
    raise Refused([ParameterFault(parameter=name_of(parameter), detail=detail, hint=hint)])


def name_of(pair: bytes) -> str:
    """Return the name in ``name=value``, for an error."""
    return unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")[:QUOTED_CHARACTERS]


@cache
def properties_of(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each parameter of a query model."""
    schemas: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return schemas


@cache
def most_parameters(model: type[BaseModel]) -> int:
    """Count the parameters that are read: those of the longest valid request, in which every list is full, if more."""
    lengths: list[int] = [schema.get("maxItems", 1) for schema in properties_of(model).values()]
    return max(READ_PARAMETERS, sum(lengths))


def explain(error: Mapping[str, Any], model: type[BaseModel]) -> ParameterFault:
    """Turn a Pydantic error into a fault that says how to correct the parameter."""
    name = str(error["loc"][0])
    given = str(error.get("input"))
    if error["type"] == "extra_forbidden":
        return unknown_parameter(name, list(properties_of(model)))
    if error["type"] in ("literal_error", "enum"):
        return unknown_value(name, given, re.findall(r"'([^']+)'", error["ctx"]["expected"]))
    schema = properties_of(model)[name]
    match error["type"]:
        case "int_parsing" | "int_parsing_size" | "greater_than_equal" | "less_than_equal":
            detail = f"{shorten(given)} is not a whole number from {schema['minimum']} to {schema['maximum']}."
        case "missing":
            detail = "Missing; give it at least once."
        case "string_too_short":
            detail = "Empty; give a value or leave the parameter out."
        case "string_too_long":
            detail = f"A value is longer than {error['ctx']['max_length']} characters."
        case "too_long":
            detail = f"Given more than {error['ctx']['max_length']} times."
        case _:
            detail = error["msg"].removeprefix("Value error, ")
    return ParameterFault(parameter=name, detail=detail)


def read_query(query: bytes, model: type[Params]) -> Params:
    """Read a query string into its model. Raises `Refused` if a parameter is invalid."""
    given: dict[str, list[str]] = {}
    pairs = [*filter(None, query.split(b"&"))]
    if len(pairs) > (most := most_parameters(model)):
        detail = f"The request has {len(pairs)} parameters; this path takes at most {most}."
        raise Refused([ParameterFault(parameter=name_of(pairs[most]), detail=detail, hint="Send several requests.")])
    for pair in pairs:
        parameter, _, value = pair.partition(b"=")
        given.setdefault(decode(parameter, parameter), []).append(decode(parameter, value))
    values: dict[str, str | list[str]] = {}
    repeated = []
    properties = properties_of(model)
    for name, texts in given.items():
        if properties.get(name, {}).get("type") == "array":
            values[name] = texts
            continue
        values[name] = texts[0]
        if len(texts) > 1 and name in properties:
            repeated.append(ParameterFault(parameter=name, detail="Given more than once.", hint="Give it once."))
    if repeated:
        raise Refused(repeated)
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        errors = [error for error in invalid.errors(include_url=False) if error["type"] != "none_required"]
        raise Refused([explain(error, model) for error in errors[:LISTED]]) from None
