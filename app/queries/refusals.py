"""Refusals of a question, which say how to correct it; `app.api.handlers` turns them into HTTP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from app.folding import fold_key, nearest
from app.store.tables import Language

# Errors quote at most this many characters of a client's text.
QUOTED_CHARACTERS = 60
# A refusal lists at most this many faults, which are all that is worded; its summary repeats the first few.
LISTED = 20
SUMMARIZED = 3
# A longer vocabulary is listed only in the first fault of a refusal, which would otherwise have megabytes.
REPEATED = 100
# A misspelled value is compared with at most this many known ones.
COMPARED = 1000


class Bilingual(NamedTuple):
    """A text in each `Language`, written where it is needed, so that neither is forgotten."""

    en: str
    zh: str

    def translate(self, lang: Language) -> str:
        """Return the text in a language."""
        return self.zh if lang is Language.ZH else self.en


def join_sentences(*sentences: Bilingual | None) -> Bilingual:
    """Join sentences; None stands for a sentence that is not needed."""
    needed = [sentence for sentence in sentences if sentence]
    return Bilingual(" ".join(sentence.en for sentence in needed), "".join(sentence.zh for sentence in needed))


def list_words(words: Sequence[str]) -> Bilingual:
    """List words, separated as each language does."""
    return Bilingual(", ".join(words), "、".join(words))


def list_choices(words: Sequence[str]) -> Bilingual:
    """Quote the first of some words as a choice."""
    quoted = [shorten(word) for word in words[:SUMMARIZED]]
    return Bilingual(" or ".join(word.en for word in quoted), "或".join(word.zh for word in quoted))


@dataclass
class Fault:
    """What is wrong with one parameter, and how to fix it."""

    parameter: str
    detail: Bilingual
    hint: Bilingual | None = None
    # Known names or values to use instead.
    allowed: Sequence[str] = ()


class Refused(Exception):  # noqa: N818 (the question is refused; nothing failed)
    """Ends a question whose parameters are invalid. The summary repeats the first faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.summary = join_sentences(
            *(
                join_sentences(Bilingual(f"{fault.parameter}:", f"{fault.parameter}："), fault.detail, fault.hint)
                for fault in faults[:SUMMARIZED]
            )
        )
        super().__init__(self.summary.en)
        self.faults = list(faults[:LISTED])


def shorten(text: str) -> Bilingual:
    """Quote a client's text, truncated if it is long."""
    shown = f"{text[:QUOTED_CHARACTERS]}…" if len(text) > QUOTED_CHARACTERS else text
    return Bilingual(f"'{shown}'", f"“{shown}”")


def did_you_mean(words: Sequence[str]) -> Bilingual | None:
    """Suggest one of some words; None if there are none."""
    choices = list_choices(words)
    return Bilingual(f"Did you mean {choices.en}?", f"是否应为{choices.zh}？") if words else None


def suggest_value(
    parameter: str, value: str, known: Sequence[str], *, single: bool = False, meaning: Bilingual | None = None
) -> Bilingual | None:
    """Suggest what to write instead of an unknown value; None if nothing is like it.

    `single` is whether the parameter has one value; `meaning` is what to suggest unless only the spelling differs.
    """
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 1 and {*parts} <= {*known}:
        pairs = [urlencode({parameter: part}, quote_via=quote) for part in parts]
        if single:
            choices = list_words(pairs)
            return Bilingual(f"Give one of these: {choices.en}", f"只能给出其中之一：{choices.zh}")
        query = "&".join(pairs)
        return Bilingual(f"To allow several, repeat the parameter: {query}", f"如需多个取值，请重复该参数：{query}")
    near = nearest(value, known[:COMPARED], 1)
    if meaning and not (near and fold_key(near[0]) == fold_key(value)):
        return meaning
    return did_you_mean(near)


def unknown_parameter(name: str, known: Sequence[str]) -> Fault:
    """Make the fault for a parameter that does not exist."""
    detail = Bilingual("Unknown parameter.", "未知的参数。")
    return Fault(name[:QUOTED_CHARACTERS], detail, did_you_mean(nearest(name, known, 1)), known)


def unknown_scheme(place: str, name: str, known: Sequence[str]) -> Fault:
    """Make the fault for a fact whose key, at a place in the request, is not the id of a scheme."""
    detail = Bilingual("Not the id of a scheme; /dataset lists them.", "不是标识符方案的 id，全部 id 见 /dataset。")
    return Fault(f"{place}{name[:QUOTED_CHARACTERS]}", detail, did_you_mean(nearest(name, known, 1)))


def unknown_value(parameter: str, value: str, known: Sequence[str], hint: Bilingual | None) -> Fault:
    """Make the fault for a value outside a closed vocabulary."""
    quoted = shorten(value)
    detail = Bilingual(f"{quoted.en} is not a known value.", f"{quoted.zh}不是已知的取值。")
    return Fault(parameter, detail, hint, known)


def refuse_unknown(
    parameter: str,
    given: Sequence[str],
    known: Sequence[str],
    find_ids: Callable[[Sequence[str]], Mapping[str, Sequence[str]]] | None = None,
) -> None:
    """Raise `Refused` for values outside a parameter's vocabulary.

    `find_ids` finds the known values that others denote, if the vocabulary consists of ids.
    """
    vocabulary = {*known}
    if unknown := [value for value in given if value not in vocabulary][:LISTED]:
        meant = find_ids(unknown) if find_ids else {}
        faults = []
        for value in unknown:
            hint = suggest_value(parameter, value, known, meaning=did_you_mean(meant.get(value, ())))
            faults.append(unknown_value(parameter, value, known, hint))
        if len(known) > REPEATED:
            for fault in faults[1:]:
                fault.allowed = ()
        raise Refused(faults)
