"""What is wrong with the arguments of a tool, in a text that says what to write instead."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.api.json_body import explain
from app.api.query_string import explain_value, properties_of
from app.queries.refusals import LISTED, Bilingual, Fault, Refused, join_sentences, list_words, shorten
from app.store.tables import Language

Model = TypeVar("Model", bound=BaseModel)
WHOLE_NUMBERS = ("int_type", "int_from_float", "greater_than_equal", "less_than_equal")


def read_arguments(given: Mapping[str, Any], model: type[Model]) -> Model:
    """Read the arguments of a tool into their model. Raises `Refused` if one is unknown or invalid."""
    try:
        return model.model_validate(given)
    except ValidationError as invalid:
        errors = [error for error in invalid.errors(include_url=False) if error["type"] != "none_required"]
        raise Refused([explain_argument(error, model) for error in errors[:LISTED]]) from None


def explain_argument(error: Mapping[str, Any], model: type[BaseModel]) -> Fault:
    """Turn a Pydantic error into a fault that says how to correct the argument."""
    # What Pydantic calls a text with a pattern is no place in the arguments.
    error = {**error, "loc": [part for part in error["loc"] if part != "constrained-str"]}
    name, given = str(error["loc"][0]), error.get("input")
    if given is None and error["type"] not in ("missing", "extra_forbidden"):
        detail = Bilingual("Null is not a value.", "不能为 null。")
        return Fault(name, detail, Bilingual("Leave it out.", "请去掉该参数。"))
    match error["type"]:
        case kind if kind in WHOLE_NUMBERS:
            text = json.dumps(given, ensure_ascii=False)
            return Fault(name, explain_value({"type": "int_parsing"}, properties_of(model)[name], text))
        case "string_too_short" | "string_too_long" | "value_error":
            return Fault(name, explain_value(error, {}, str(given)))
        case "string_pattern_mismatch":
            detail = Bilingual("Contains a NUL character.", "包含 NUL 字符。")
            return Fault(name, detail, Bilingual("Remove it.", "请删除该字符。"))
        case "list_type" if isinstance(given, str):
            array = json.dumps([shorten(given).en[1:-1]], ensure_ascii=False)
            detail = Bilingual("Must be an array.", "必须是数组。")
            return Fault(name, detail, Bilingual(f"Write {array}.", f"请写 {array}。"))
    return explain(error, model)


def describe_refusal(refused: Refused, lang: Language) -> str:
    """Say what is wrong with each argument, and what to write: a suggestion, or else everything that is known."""
    sentences = []
    for fault in refused.faults:
        known = list_words(fault.allowed)
        listed = Bilingual(f"Write one of these: {known.en}.", f"可写：{known.zh}。")
        hint = fault.hint or (listed if fault.allowed else None)
        sentences.append(
            join_sentences(Bilingual(f"{fault.parameter}:", f"{fault.parameter}："), fault.detail, hint).translate(lang)
        )
    return "\n".join(sentences)
