"""The JSON shape of the answer to a question."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType, TypedDict

from app.shapes.entries import CitationPublic, EntryReference
from app.store.tables import Language

Reason = TypeAliasType(
    "Reason",
    Annotated[
        Literal["unknown-entry", "not-stated", "unsupported-question", "ambiguous", "several-questions"],
        Field(
            description="Why there is no answer: the question names something that is in no pack (`unknown-entry`), no "
            "source states what it asks for (`not-stated`), it is no question that can be answered "
            "(`unsupported-question`), it has several meanings with different answers (`ambiguous`), or it is several "
            "questions."
        ),
    ],
)


class ExcerptPublic(TypedDict):
    """What a field of an entry says, word for word."""

    name: Annotated[str, Field(description="The name of the entry.")]
    url: Annotated[str, Field(description="The entry's URL, without scheme and host.")]
    field: Annotated[str, Field(description="The field.")]
    text: Annotated[str, Field(description="Its text, in the language of the response.")]


class AnswerPublic(BaseModel):
    """The answer to a question, or why there is none."""

    question: str = Field(description="The question, as it was asked.")
    answered: bool = Field(description="Whether the dataset answers it.")
    intent: str | None = Field(
        description="What is asked, such as `define`, `which` or `vendor`; null if the question was not understood."
    )
    lang: Language = Field(description="The language of the answer.")
    answer: str | None = Field(
        description="The answer, in which each statement is that of a field. If no source states it, this says so; "
        "null if there is another reason why there is no answer."
    )
    reason: Reason | None = Field(description="Why there is no answer; null if there is one.")
    entries: list[EntryReference] = Field(
        description="The entries that the answer names, up to 100, or those that an ambiguous question can mean."
    )
    excerpts: list[ExcerptPublic] = Field(
        description="The fields that the answer is from; without an answer, the passages that come nearest, up to 3."
    )
    sources: list[CitationPublic] = Field(description="The works that support these fields, up to 20.")
    same_as: str | None = Field(
        description="The request that returns the same facts, without scheme and host; null if there is no answer."
    )
    nearest: list[EntryReference] = Field(description="The entries whose names are most like one that is unknown.")
    suggestions: list[str] = Field(description="Without an answer, up to three questions that have one.")
