"""Reading bodies, and the JSON in them: refuses what is no JSON, too long, undeclared, repeated or of another type."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from app.api.negotiation import FORM, JSON
from app.api.problems import Kind, ProblemError, unavailable
from app.folding import nearest
from app.queries.lookup import printable
from app.queries.refusals import (
    LISTED,
    QUOTED_CHARACTERS,
    Bilingual,
    Fault,
    Refused,
    did_you_mean,
    join_sentences,
    shorten,
    suggest_value,
    unknown_value,
)

Body = TypeVar("Body", bound=BaseModel)
LARGEST_BODY = 2**20
# All bodies that are received or read at a time may have this many bytes together.
LARGEST_BODIES = 64 * LARGEST_BODY
# A body must arrive within this time.
BODY_SECONDS = 10.0
# What a body of each media type is.
MEDIA_TYPES = {JSON: Bilingual("JSON", " JSON"), FORM: Bilingual("a form", "表单")}
# What each type of Pydantic's errors says of a value of another type.
WRONG_TYPES = {
    "string_type": Bilingual("Must be a string.", "必须是字符串。"),
    "list_type": Bilingual("Must be an array.", "必须是数组。"),
    "dict_type": Bilingual("Must be an object.", "必须是对象。"),
    "model_type": Bilingual("Must be an object.", "必须是对象。"),
    "model_attributes_type": Bilingual("Must be an object.", "必须是对象。"),
    "int_type": Bilingual("Must be a whole number.", "必须是整数。"),
    "fact_type": Bilingual("Must be a string or an array of strings.", "必须是字符串或字符串数组。"),
    "property_value_type": Bilingual(
        "Must be a string, a number, a boolean, an object with an id, or an array of these.",
        "必须是字符串、数字、布尔值、带 id 的对象，或由它们组成的数组。",
    ),
    "no_question": Bilingual(
        "Has neither query nor properties; give one.", "既没有 query 也没有 properties，请给出其一。"
    ),
}


class BodyMemory:
    """Counts the bytes of all bodies, so that clients cannot fill the memory."""

    def __init__(self) -> None:
        self.bytes = 0

    @contextmanager
    def counting(self) -> Iterator[Callable[[int], None]]:
        """Return the function that counts the bytes of one body; it raises `ProblemError` if there is no room."""
        own = 0

        def count(number: int) -> None:
            nonlocal own
            if self.bytes + number > LARGEST_BODIES:
                raise unavailable(Bilingual("Too many request bodies arrive at once.", "同时到达的请求体过多。"))
            own += number
            self.bytes += number

        try:
            yield count
        finally:
            self.bytes -= own


async def receive_body(request: Request, media_type: str, count: Callable[[int], None]) -> bytes:
    """Receive a body of a media type; `count` is called with the number of bytes that arrive.

    Raises `ProblemError` if it is of another type, too long or too slow; the stream raises `ClientDisconnect`.
    """
    check_type(request, media_type)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST_BODY:
        raise too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                count(len(part))
                body += part
                if len(body) > LARGEST_BODY:
                    raise too_large()
    except TimeoutError:
        detail = Bilingual(
            f"The body did not arrive within {BODY_SECONDS:g} seconds.", f"请求体未在 {BODY_SECONDS:g} 秒内到达。"
        )
        raise ProblemError(Kind.REQUEST_TIMEOUT, detail, headers={"Connection": "close"}) from None
    return bytes(body)


def check_type(request: Request, wanted: str) -> None:
    """Raise `ProblemError` for a body that does not say that it is of a media type, or that is compressed."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if media_type == wanted and coding == "identity":
        return
    kind = MEDIA_TYPES[wanted]
    detail = Bilingual(
        f"The body must be {kind.en}, with Content-Type: {wanted}.",
        f"请求体必须是{kind.zh}，并带有 Content-Type: {wanted}。",
    )
    if media_type == wanted:
        detail = Bilingual("The body is compressed; send it as it is.", "请求体经过压缩，请直接发送。")
    elif media_type:
        given = shorten(media_type)
        detail = join_sentences(detail, Bilingual(f"This request has {given.en}.", f"该请求的类型为{given.zh}。"))
    raise ProblemError(Kind.UNSUPPORTED_MEDIA_TYPE, detail, headers={"Accept-Post": wanted})


def too_large() -> ProblemError:
    """Make the refusal of a body that is too long."""
    detail = Bilingual(
        "The body is longer than 1 MiB; send several requests.", "请求体超过 1 MiB，请分成多个请求发送。"
    )
    return ProblemError(Kind.CONTENT_TOO_LARGE, detail)


class DuplicateKeyError(ValueError):
    """Ends the parsing of an object that has a key twice, of which other parsers drop one in silence."""


def read_object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its keys and values. Raises `DuplicateKeyError`."""
    read = {printable(key): value for key, value in pairs}
    if len(read) < len(pairs):
        keys = [printable(key) for key, _ in pairs]
        raise DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return read


def refuse_constant(name: str) -> None:
    """Refuse the numbers that Python reads, but JSON does not have."""
    raise ValueError(f"{name} is not JSON")


class NotJsonError(ValueError):
    """Ends the parsing of what is no JSON; `reason` says where and why, after a colon."""

    def __init__(self, place: Bilingual, reason: str) -> None:
        super().__init__(reason)
        self.reason = Bilingual(f"{place.en}: {reason}", f"{place.zh}（{reason}）")


def parse_json(data: bytes) -> Any:
    """Parse JSON. Raises `NotJsonError`, and `Refused` for a duplicate key."""
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=read_object, parse_constant=refuse_constant)
    except DuplicateKeyError as error:
        detail = Bilingual("The same key twice in one object.", "同一对象中该键出现了两次。")
        raise Refused(
            [Fault(str(error)[:QUOTED_CHARACTERS], detail, Bilingual("Give it once.", "请只给出一次。"))]
        ) from None
    except json.JSONDecodeError as error:
        place = Bilingual(f"line {error.lineno}, column {error.colno}", f"第 {error.lineno} 行第 {error.colno} 列")
        reason = error.msg[0].lower() + error.msg[1:]
    except RecursionError:
        place, reason = Bilingual("an inner array or object", "某个内层数组或对象"), "nested too deep"
    except ValueError as error:
        place, reason = Bilingual("a character or number", "某个字符或数字"), str(error)
    raise NotJsonError(place, reason)


def parse_body(data: bytes) -> Any:
    """Parse a body. Raises `ProblemError` if it is not JSON."""
    try:
        return parse_json(data)
    except NotJsonError as error:
        reason = error.reason
    detail = Bilingual(f"The body is not valid JSON: {reason.en}.", f"请求体不是有效的 JSON：{reason.zh}。")
    raise ProblemError(Kind.BAD_REQUEST, detail)


def read_body(data: bytes, model: type[Body]) -> Body:
    """Read a body into its model. Raises `Refused` if a value is invalid, and `ProblemError` if it is not JSON."""
    content = parse_body(data)
    try:
        return model.model_validate(content)
    except ValidationError as invalid:
        errors = [error for error in invalid.errors(include_url=False) if error["type"] != "none_required"]
        raise Refused([explain(error, model) for error in errors[:LISTED]]) from None


def place_of(path: Sequence[str | int]) -> str:
    """Write the path of a value: ``hosts[3].cpuid[0]``; an empty path is the body."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "body"


def explain(error: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    """Turn a Pydantic error into a fault that says how to correct the value."""
    # What Pydantic calls the parts of a type, such as `str-enum[Language]`, is no place in the body.
    path = [part for part in error["loc"] if not str(part).endswith("]")]
    place, given = place_of(path), str(error.get("input"))
    hint: Bilingual | None = None
    known: list[str] = []
    match error["type"]:
        case "extra_forbidden":
            known = keys_at(model, path[:-1])
            hint = did_you_mean(nearest(str(path[-1]), known, 1))
            detail = Bilingual("Unknown key.", "未知的键。")
        case "missing":
            detail = Bilingual("Missing, but required.", "缺少必需的键。")
        case "literal_error" | "enum":
            known = re.findall(r"'([^']+)'", error["ctx"]["expected"])
            return unknown_value(place, given, known, suggest_value(place, given, known, single=True))
        case "too_long":
            most = error["ctx"]["max_length"]
            detail = Bilingual(f"Has more than {most} items.", f"超过 {most} 项。")
        case "greater_than_equal":
            least = error["ctx"]["ge"]
            detail = Bilingual(f"Must be at least {least}.", f"不得小于 {least}。")
        case "less_than_equal":
            most = error["ctx"]["le"]
            detail = Bilingual(f"Must be at most {most}.", f"不得大于 {most}。")
        case "too_short":
            detail = Bilingual("Empty; give at least one item.", "为空，请至少给出一项。")
        case kind:
            detail = WRONG_TYPES.get(kind, Bilingual("Not a valid value.", "取值无效。"))
    return Fault(place, detail, hint, known)


def keys_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Return the keys that an object at a path may have."""
    whole = model.model_json_schema()
    schema = whole
    for part in path:
        schema = schema.get("properties", {}).get(part) or schema.get("items") or schema["additionalProperties"]
        schema = schema.get("contentSchema", schema)
        if "$ref" in schema:
            schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    return [*schema["properties"]]
