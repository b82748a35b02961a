"""Refusals of a question, which say how to correct it; `app.api.handlers` turns them into HTTP."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from app.folding import nearest

# Errors quote at most this many characters of a client's text.
QUOTED_CHARACTERS = 60
# A refusal lists at most this many faults, which are all that is worded; its summary repeats the first few.
LISTED = 20
SUMMARIZED = 3
# A longer vocabulary is listed only in the first fault of a refusal, which would otherwise have megabytes.
REPEATED = 100


class ParameterFault(BaseModel):
    """What is wrong with one parameter, and how to fix it."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    parameter: str = Field(description="The parameter's name.")
    detail: str = Field(description="What is wrong with it.")
    hint: str | None = Field(default=None, description="What to write instead; null if there is no suggestion.")
    allowed: list[str] = Field(default=[], description="Known names or values to use instead; may be empty.")


class Refused(Exception):  # noqa: N818 (the question is refused; nothing failed)
    """Ends a question whose parameters are invalid. The message summarizes the first faults."""

    def __init__(self, faults: Sequence[ParameterFault]) -> None:
        summary = [f"{fault.parameter}: {fault.detail} {fault.hint or ''}".strip() for fault in faults[:SUMMARIZED]]
        super().__init__(" ".join(summary))
        self.faults = list(faults[:LISTED])


def shorten(text: str) -> str:
    """Quote a client's text, truncated if it is long."""
    return f"'{text[:QUOTED_CHARACTERS]}…'" if len(text) > QUOTED_CHARACTERS else f"'{text}'"


def suggest(word: str, words: Sequence[str]) -> str | None:
    """Suggest the most similar of some words; None if none is similar."""
    near = nearest(word, words, 1)
    return f"Did you mean '{near[0]}'?" if near else None


def unknown_parameter(name: str, known: Sequence[str]) -> ParameterFault:
    """Make the fault for a parameter that does not exist."""
    return ParameterFault(
        parameter=name[:QUOTED_CHARACTERS], detail="Unknown parameter.", hint=suggest(name, known), allowed=list(known)
    )


def unknown_value(parameter: str, value: str, known: Sequence[str]) -> ParameterFault:
    """Make the fault for a value outside a closed vocabulary."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 1 and all(part in known for part in parts):
        hint: str | None = "To allow several, repeat the parameter: " + "&".join(
            f"{parameter}={part}" for part in parts
        )
    else:
        hint = suggest(value, known)
    return ParameterFault(
        parameter=parameter, detail=f"{shorten(value)} is not a known value.", hint=hint, allowed=list(known)
    )


def refuse_unknown(parameter: str, given: Sequence[str], known: Sequence[str]) -> None:
    """Raise `Refused` for values outside a parameter's vocabulary."""
    vocabulary = {*known}
    if unknown := [value for value in given if value not in vocabulary]:
        faults = [unknown_value(parameter, value, known) for value in unknown[:LISTED]]
        if len(known) > REPEATED:
            for fault in faults[1:]:
                fault.allowed = []
        raise Refused(faults)
