"""The JSON shapes of what is found: pages of a list, hits of a search, results of a look-up."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from app.shapes.entries import Reference
from app.store.tables import Language, TermField


class FacetPublic(TypedDict):
    """How many matching entries have a value."""

    value: Annotated[str, Field(description="The value, as the filter of the same name takes it.")]
    count: Annotated[int, Field(description="The number of matching entries that have it.")]


Facets = dict[str, list[FacetPublic]]
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description="The entries of this page.")
    total: int = Field(description="How many entries match, on all pages.")
    limit: int = Field(description="How many entries the page holds at most.")
    offset: int = Field(description="How many entries stand before this page.")
    facets: Facets = Field(
        description="For each facet asked for, how many matching entries have which value, the most frequent first."
    )


Tier = Literal[TermField.ID, TermField.NAME, TermField.ALIAS, TermField.IDENTIFIER]


class LookupItem(Reference):
    """An entry that a value denotes."""

    resource: Annotated[str, Field(description="The collection that the entry belongs to.")]
    scheme: Annotated[
        str | None, Field(description="The first scheme in which the value denotes it; null for other matches.")
    ]
    schemes: Annotated[
        list[str], Field(description="Every scheme in which the value denotes it; empty for other matches.")
    ]


class LookupResult(TypedDict):
    """What one value denotes."""

    value: Annotated[str, Field(description="The value as it was given.")]
    match: Annotated[
        Literal[TermField.ID, TermField.NAME, TermField.ALIAS, TermField.IDENTIFIER, "none"],
        Field(description="How it matched: the first of these in which any entry has it."),
    ]
    items: Annotated[list[LookupItem], Field(description="Every entry that it denotes; several are equals.")]


class LookupPublic(TypedDict):
    """What values denote."""

    results: Annotated[
        list[LookupResult], Field(description="A result for each value, in the order in which they were given.")
    ]


class MatchPublic(TypedDict):
    """Where a word of a search stands in an entry."""

    field: Annotated[TermField, Field(description="The field that the word stands in.")]
    lang: Annotated[Language | None, Field(description="The language of the text; null for ids and identifiers.")]
    scheme: Annotated[str | None, Field(description="The scheme of an identifier; null for other fields.")]
    value: Annotated[str, Field(description="The whole text in which the word stands.")]
    start: Annotated[int, Field(description="The position of the word's first character in it, counted from 0.")]
    end: Annotated[int, Field(description="The position after the word's last character.")]


class HitPublic(Reference):
    """An entry that a search found, and why."""

    resource: Annotated[str, Field(description="The collection that the entry belongs to.")]
    matched: Annotated[list[MatchPublic], Field(description="For each word of the search, where it stands best.")]
