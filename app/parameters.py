"""How a query string is read: what is not declared, not readable or given twice is refused.

Every route of the API is made by the `Router` here, so that none can forget to refuse.
"""

import re
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from app.problems import ECHO, ParameterError, Problem, invalid, shorten, unknown_parameter, unknown_value

Value = TypeVar("Value")
# A single-valued parameter that may be left out. OpenAPI says so by `required: false`; a null there
# would tell clients to send one.
Optional = Annotated[
    Value | SkipJsonSchema[None], Field(json_schema_extra=lambda schema: schema.pop("default", None) and None)
]
EntryId = Annotated[str, Path(description="The entry's id, or an alias that only it has.")]


def refuse_unreadable(query: bytes) -> None:
    """Refuse a query string that is not UTF-8 or holds a NUL, naming the parameter."""
    for pair in query.split(b"&"):
        name = unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")[:ECHO]
        try:
            text = unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            detail, hint = "Not valid UTF-8.", "Percent-encode the bytes of UTF-8 text."
            raise invalid([ParameterError(parameter=name, detail=detail, hint=hint)]) from None
        if "\0" in text:
            raise invalid([ParameterError(parameter=name, detail="Contains a NUL character.", hint="Leave it out.")])


@cache
def properties(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """The JSON Schema of each parameter of a query model."""
    schemas: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return schemas


def refuse_repeated(request: Request, model: type[BaseModel]) -> None:
    """Refuse a single-valued parameter that is given twice: neither of its values is meant more."""
    names = [name for name, _ in request.query_params.multi_items()]
    if repeated := [
        ParameterError(parameter=name, detail="Given more than once.", hint="Give it once.")
        for name, schema in properties(model).items()
        if names.count(name) > 1 and schema.get("type") != "array"
    ]:
        raise invalid(repeated)


def explain(error: dict[str, Any], model: type[BaseModel]) -> ParameterError:
    """Say what Pydantic found wrong with a parameter in words that help to mend it."""
    name = str(error["loc"][1])
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


class Route(APIRoute):
    """A route that answers a query string it cannot take with a problem document.

    A route without a query model (a probe) takes no notice of the query string.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler in the refusals."""
        handler = super().get_route_handler()
        if not self.dependant.query_params:
            return handler
        model = cast(type[BaseModel], self.dependant.query_params[0].field_info.annotation)

        async def strict_handler(request: Request) -> Response:
            refuse_unreadable(request.scope["query_string"])
            refuse_repeated(request, model)
            try:
                return await handler(request)
            except RequestValidationError as refusal:
                errors = [error for error in refusal.errors() if error["type"] != "none_required"]
                raise invalid([explain(error, model) for error in errors]) from None

        return strict_handler


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
