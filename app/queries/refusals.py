"""Refusals of a question, which say how to correct it; `app.api.handlers` turns them into HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.folding import nearest

# Errors quote at most this many characters of a client's text.
QUOTED_CHARACTERS = 60
# A refusal lists at most this many faults, which are all that is worded; its summary repeats the first few.
LISTED = 20
SUMMARIZED = 3
# A longer vocabulary is listed only in the first fault of a refusal, which would otherwise have megabytes.
REPEATED = 100


class Bilingual(NamedTuple):
    """A text in each `Language`, written where it is needed, so that neither is forgotten."""

    en: str
    zh: str


def join_sentences(*sentences: Bilingual | None) -> Bilingual:
    """Join sentences; None stands for a sentence that is not needed."""
    needed = [sentence for sentence in sentences if sentence]
    return Bilingual(" ".join(sentence.en for sentence in needed), "".join(sentence.zh for sentence in needed))


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


def suggest(word: str, words: Sequence[str]) -> Bilingual | None:
    """Suggest the most similar of some words; None if none is similar."""
    near = nearest(word, words, 1)
    return Bilingual(f"Did you mean '{near[0]}'?", f"是否应为“{near[0]}”？") if near else None


def unknown_parameter(name: str, known: Sequence[str]) -> Fault:
    """Make the fault for a parameter that does not exist."""
    detail = Bilingual("Unknown parameter.", "未知的参数。")
    return Fault(name[:QUOTED_CHARACTERS], detail, suggest(name, known), known)


def unknown_value(parameter: str, value: str, known: Sequence[str]) -> Fault:
    """Make the fault for a value outside a closed vocabulary."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 1 and all(part in known for part in parts):
        query = "&".join(f"{parameter}={part}" for part in parts)
        hint: Bilingual | None = Bilingual(
            f"To allow several, repeat the parameter: {query}", f"如需多个取值，请重复该参数：{query}"
        )
    else:
        hint = suggest(value, known)
    quoted = shorten(value)
    detail = Bilingual(f"{quoted.en} is not a known value.", f"{quoted.zh}不是已知的取值。")
    return Fault(parameter, detail, hint, known)


def refuse_unknown(parameter: str, given: Sequence[str], known: Sequence[str]) -> None:
    """Raise `Refused` for values outside a parameter's vocabulary."""
    vocabulary = {*known}
    if unknown := [value for value in given if value not in vocabulary]:
        faults = [unknown_value(parameter, value, known) for value in unknown[:LISTED]]
        if len(known) > REPEATED:
            for fault in faults[1:]:
                fault.allowed = ()
        raise Refused(faults)
