"""Reading query strings: refuses undeclared, undecodable, repeated and invalid parameters."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from pydantic import BaseModel, ValidationError

from app.api.json_body import NotJsonError, parse_json
from app.api.json_body import explain as explain_json
from app.api.negotiation import JSON
from app.queries.parameters import MOST_POSTED, order_of_use
from app.queries.refusals import (
    LISTED,
    QUOTED_CHARACTERS,
    Bilingual,
    Fault,
    Refused,
    shorten,
    suggest_value,
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
        detail = Bilingual("Not valid UTF-8.", "不是有效的 UTF-8。")
        hint = Bilingual("Percent-encode the text as UTF-8.", "请按 UTF-8 对文本做百分号编码。")
    else:
        if "\0" not in text:
            return text
        detail = Bilingual("Contains a NUL character.", "包含 NUL 字符。")
        hint = Bilingual("Remove it.", "请删除该字符。")
    raise Refused([Fault(name_of(parameter), detail, hint)])


def name_of(pair: bytes) -> str:
    """Return the name in ``name=value``, for an error."""
    return unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")[:QUOTED_CHARACTERS]


@cache
def properties_of(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each parameter of a query model, in the order of use."""
    schemas: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return {name: schemas[name] for name in sorted(schemas, key=order_of_use)}


@cache
def most_parameters(model: type[BaseModel]) -> int:
    """Count the parameters that are read: those of the longest valid request, in which every list is full, if more.

    Of a model that takes any, as many as a body may have.
    """
    if model.model_config.get("extra") == "allow":
        return MOST_POSTED
    lengths: list[int] = [schema.get("maxItems", 1) for schema in properties_of(model).values()]
    return max(READ_PARAMETERS, sum(lengths))


def explain(error: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    """Turn a Pydantic error into a fault that says how to correct the parameter."""
    name = str(error["loc"][0])
    given = str(error.get("input"))
    schema = properties_of(model).get(name)
    if schema is None:
        return unknown_parameter(name, list(properties_of(model)))
    if is_json(schema):
        return explain_json(error, model)
    if error["type"] in ("literal_error", "enum"):
        known = re.findall(r"'([^']+)'", error["ctx"]["expected"])
        hint = suggest_value(name, given, known, single=not takes_several(schema))
        return unknown_value(name, given, known, hint)
    return Fault(name, explain_value(error, schema, given))


def takes_several(schema: Mapping[str, Any]) -> bool:
    """Whether a parameter may be repeated, given its JSON Schema."""
    return schema.get("type") == "array"


def is_json(schema: Mapping[str, Any]) -> bool:
    """Whether the text of a parameter is JSON, given its JSON Schema."""
    return schema.get("contentMediaType") == JSON


def parse_parameter(name: str, text: str) -> Any:
    """Parse the JSON in a parameter. Raises `Refused` if it is none."""
    try:
        return parse_json(text.encode())
    except NotJsonError as error:
        reason = error.reason
    detail = Bilingual(f"Not valid JSON: {reason.en}.", f"不是有效的 JSON：{reason.zh}。")
    raise Refused([Fault(name, detail)])


def explain_value(error: Mapping[str, Any], schema: Mapping[str, Any], given: str) -> Bilingual:
    """Say what is wrong with the value of a parameter, given its JSON Schema."""
    match error["type"]:
        case "int_parsing" | "int_parsing_size" | "greater_than_equal" | "less_than_equal":
            quoted, least, most = shorten(given), schema["minimum"], schema["maximum"]
            return Bilingual(
                f"{quoted.en} is not a whole number from {least} to {most}.",
                f"{quoted.zh}不是 {least} 到 {most} 之间的整数。",
            )
        case "missing":
            return Bilingual("Missing, but required.", "缺少必需的参数。")
        case "string_too_short":
            return Bilingual("Empty; give a value or leave the parameter out.", "取值为空，请给出取值或去掉该参数。")
        case "string_too_long":
            most = error["ctx"]["max_length"]
            return Bilingual(f"A value is longer than {most} characters.", f"取值超过 {most} 个字符。")
        case "too_long":
            most = error["ctx"]["max_length"]
            return Bilingual(f"Given more than {most} times.", f"该参数最多给出 {most} 次。")
        case _:
            # A validator of ours raised a ValueError with a text in both languages.
            text: Bilingual = error["ctx"]["error"].args[0]
            return text


def read_query(query: bytes, model: type[Params]) -> Params:
    """Read a query string into its model. Raises `Refused` if a parameter is invalid."""
    values = read_values(read_pairs(query, model), model)
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        errors = [error for error in invalid.errors(include_url=False) if error["type"] != "none_required"]
        raise Refused([explain(error, model) for error in errors[:LISTED]]) from None


def read_pairs(query: bytes, model: type[BaseModel]) -> dict[str, list[str]]:
    """Read the values of each parameter in a query string but for those that mean nothing."""
    given: dict[str, list[str]] = {}
    pairs = [*filter(None, query.split(b"&"))]
    if len(pairs) > (most := most_parameters(model)):
        detail = Bilingual(
            f"The request has {len(pairs)} parameters; this path takes at most {most}.",
            f"请求有 {len(pairs)} 个参数，该路径最多接受 {most} 个。",
        )
        raise Refused([Fault(name_of(pairs[most]), detail, Bilingual("Send fewer.", "请减少参数。"))])
    for pair in pairs:
        parameter, _, value = pair.partition(b"=")
        given.setdefault(decode(parameter, parameter), []).append(decode(parameter, value))
    for name in getattr(model, "ignored", ()):
        given.pop(name, None)
    return given


def read_values(given: Mapping[str, list[str]], model: type[BaseModel]) -> dict[str, Any]:
    """Read one value of each parameter that has one, and the JSON in those that contain it."""
    values: dict[str, Any] = {}
    repeated = []
    properties = properties_of(model)
    takes_any = model.model_config.get("extra") == "allow"
    for name, texts in given.items():
        if takes_several(properties.get(name, {})) or (takes_any and name not in properties):
            values[name] = texts
            continue
        values[name] = texts[0]
        if len(texts) > 1 and name in properties:
            detail = Bilingual("Given more than once.", "该参数给出了多次。")
            repeated.append(Fault(name, detail, Bilingual("Give it once.", "请只给出一次。")))
    if repeated:
        raise Refused(repeated)
    for name, value in values.items():
        if is_json(properties.get(name, {})):
            values[name] = parse_parameter(name, value)
    return values
