"""How a query string is read: what is not declared, not readable or given twice is refused.

Every route of the API is made by the `Router` here, so that none can forget to refuse.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import cache, partial
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Path, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError
from pydantic.json_schema import SkipJsonSchema
from starlette.types import Receive, Scope, Send

from app.api.problems import ECHO, ParameterError, Problem, invalid, shorten, unknown_parameter, unknown_value

Value = TypeVar("Value")
Params = TypeVar("Params", bound=BaseModel)
# A single-valued parameter that may be left out. OpenAPI says so by `required: false`; a null there
# would tell clients to send one.
Optional = Annotated[
    Value | SkipJsonSchema[None], Field(json_schema_extra=lambda schema: schema.pop("default", None) and None)
]
EntryId = Annotated[str, Path(description="The entry's id, or an alias that only it has.")]


def readable(parameter: bytes, part: bytes) -> str:
    """Decode a part of a parameter, named by its first; raises `ProblemError` if it is not UTF-8 or holds a NUL."""
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        detail, hint = "Not valid UTF-8.", "Percent-encode the bytes of UTF-8 text."
    else:
        if "\0" not in text:
            return text
        detail, hint = "Contains a NUL character.", "Leave it out."
    name = unquote_to_bytes(parameter).decode(errors="replace")[:ECHO]
    raise invalid([ParameterError(parameter=name, detail=detail, hint=hint)])


@cache
def properties(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """The JSON Schema of each parameter of a query model."""
    schemas: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return schemas


def explain(error: Mapping[str, Any], model: type[BaseModel]) -> ParameterError:
    """Say what Pydantic found wrong with a parameter in words that help to mend it."""
    name = str(error["loc"][0])
    given = str(error.get("input"))
    if error["type"] == "extra_forbidden":
        return unknown_parameter(name, list(properties(model)))
    if error["type"] in ("literal_error", "enum"):
        return unknown_value(name, given, re.findall(r"'([^']+)'", error["ctx"]["expected"]))
    schema = properties(model)[name]
    match error["type"]:
        case "int_parsing" | "greater_than_equal" | "less_than_equal":
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
    return ParameterError(parameter=name, detail=detail)


def read_query(query: bytes, model: type[Params]) -> Params:
    """What a query string says; raises `ProblemError` for what it must not say."""
    given: dict[str, list[str]] = {}
    for pair in filter(None, query.split(b"&")):
        parameter, _, value = pair.partition(b"=")
        given.setdefault(readable(parameter, parameter), []).append(readable(parameter, value))
    values: dict[str, str | list[str]] = {}
    repeated = []
    for name, texts in given.items():
        if properties(model).get(name, {}).get("type") == "array":
            values[name] = texts
            continue
        values[name] = texts[0]
        if len(texts) > 1 and name in properties(model):
            repeated.append(ParameterError(parameter=name, detail="Given more than once.", hint="Give it once."))
    if repeated:
        raise invalid(repeated)
    try:
        return model.model_validate(values)
    except ValidationError as refusal:
        errors = [error for error in refusal.errors() if error["type"] != "none_required"]
        raise invalid([explain(error, model) for error in errors]) from None


class Route(APIRoute):
    """A route that answers a query string it cannot take with a problem document.

    Its endpoint takes the request, what the query string says as `params`, and what the path says. FastAPI documents
    these; they are read here and only once, since its own way takes a third of the time of an answer. A route without
    a query model (a probe) is FastAPI's, and takes no notice of the query string.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the query string, call the endpoint in a thread and send its answer."""
        if not self.dependant.query_params or scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        model = cast(type[BaseModel], self.dependant.query_params[0].field_info.annotation)
        params = read_query(scope["query_string"], model)
        request = Request(scope, receive)
        answer = partial(self.endpoint, request, params=params, **scope["path_params"])
        response = await asyncio.get_running_loop().run_in_executor(request.state.threads, answer)
        await response(scope, receive, send)


REFUSALS: dict[int | str, dict[str, Any]] = {
    406: {"model": Problem, "description": "No media type that Accept allows."},
    422: {"model": Problem, "description": "A parameter that is unknown, repeated or out of its range."},
    500: {"model": Problem, "description": "A fault of the service."},
    503: {"model": Problem, "description": "The dataset cannot be read at the moment."},
}
NOT_THERE: dict[int | str, dict[str, Any]] = {
    301: {"description": "An alias was given; `Location` is the entry's own URL."},
    404: {"model": Problem, "description": "No such entry; the nearest ids are named."},
}
# The media types of a successful answer beside JSON.
AS_TABLE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The entries that match."}
}
AS_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "application/ld+json": {"schema": {"type": "object"}},
        },
        "description": "The whole dataset.",
    }
}


class Router(APIRouter):
    """A router whose routes are all strict, and documented as such."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, responses=REFUSALS, **options)
