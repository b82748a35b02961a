"""The sentences that are understood: a question is one of them from the first word to the last, or is none."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from hassil import Intents, recognize_all
from hassil.expression import TextChunk
from hassil.intents import SlotList, TextSlotList, TextSlotValue, WildcardSlotList

from app.store.tables import Language

CHINESE = re.compile(r"[\u3400-\u9fff]")
# Between Chinese and other words, writers leave a space or not.
BESIDE_CHINESE = re.compile(rf"(?<={CHINESE.pattern})\s+|\s+(?={CHINESE.pattern})")
# The slots that any text fills.
OPEN_SLOTS = {"value"}


class Reading(NamedTuple):
    """One way to read a question: its intent, and the text or the value in each slot."""

    intent: str
    slots: Mapping[str, str]


class Grammar(NamedTuple):
    """The sentences and the texts of one language."""

    intents: Intents
    # By intent, and by outcome.
    answers: Mapping[str, Mapping[str, str]]
    # By name: the texts that all answers share.
    texts: Mapping[str, Any]


def languages_of(text: str) -> Sequence[Language]:
    """Return the languages in which a question may be written; one in English can ask for a Chinese word."""
    return (Language.ZH, Language.EN) if CHINESE.search(text) else (Language.EN,)


@cache
def read_grammar(lang: Language) -> Grammar:
    """Read the sentences of a language, from the file named after it."""
    content = read_file(lang)
    intents = Intents.from_dict(
        {
            "language": lang.value,
            "settings": {"ignore_whitespace": lang is Language.ZH},
            "skip_words": content["skip"],
            "expansion_rules": content["rules"],
            "lists": {
                name: {"values": [{"in": text, "out": value} for value, texts in values.items() for text in texts]}
                for name, values in content["lists"].items()
            },
            "intents": {
                name: {"data": [{"sentences": [*sentences_of(intent, content["properties"])]}]}
                for name, intent in content["intents"].items()
            },
        }
    )
    answers = {name: intent["answers"] for name, intent in content["intents"].items()}
    return Grammar(intents, answers, content["texts"])


def sentences_of(intent: Mapping[str, Any], patterns: Sequence[str]) -> Iterator[str]:
    """Yield the sentences of an intent: its own, and those in which all properties are asked for, with its words."""
    yield from intent.get("sentences", ())
    if words := intent.get("words"):
        yield from (pattern.replace("{words}", words) for pattern in patterns)


@cache
def read_file(lang: Language) -> Mapping[str, Any]:
    """Read the file of a language."""
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(f"{lang}.yaml").read_text(encoding="utf-8"))
    return content


def read_question(
    text: str, lang: Language, lists: Mapping[str, Iterable[str]], open_slots: Sequence[str] = ()
) -> list[Reading]:
    """Return every way to read a folded question, given the texts that each slot takes; open ones take any."""

    def space(words: str) -> str:
        return BESIDE_CHINESE.sub("", words) if lang is Language.ZH else words

    slots: dict[str, SlotList] = {name: WildcardSlotList(name=name) for name in {*OPEN_SLOTS, *open_slots}}
    for name, values in lists.items():
        if name not in slots:
            texts = [TextSlotValue(text_in=TextChunk(space(value)), value_out=value) for value in values]
            slots[name] = TextSlotList(name=name, values=texts)
    spaced = space(text)
    found: dict[Any, Reading] = {}
    for result in recognize_all(spaced, read_grammar(lang).intents, slot_lists=slots):
        # A slot that is filled twice would keep its last text only.
        if len(result.entities_list) > len(result.entities):
            continue
        filled = {
            name: spaced[slice(*entity.text_span)].strip() if entity.is_wildcard and entity.text_span else entity.value
            for name, entity in result.entities.items()
        }
        found.setdefault((result.intent.name, *sorted(filled.items())), Reading(result.intent.name, filled))
    return [*found.values()]
