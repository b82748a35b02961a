"""The answers of the tools; what would be empty is left out where the shape says so, since the model reads it all."""

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from app.mcp.entries import BriefEntry
from app.shapes.answers import Reason
from app.shapes.results import FacetPublic, FactVerdict, Match, SourceOfScheme, StatedFact, Tier, Verdict
from app.store.tables import Comparison, TermField


class Because(TypedDict):
    """What one fact says alone."""

    scheme: str
    value: str
    match: Comparison
    matched: Annotated[str, Field(description="The string or the rule of the dataset.")]
    verdict: FactVerdict
    refs: Annotated[list[str], Field(description="The entries that report the value.")]
    source: SourceOfScheme


class IdentifiedHost(TypedDict):
    """The answer of `identify_host`."""

    verdict: Annotated[Verdict, Field(description="`unknown` is no proof of hardware.")]
    entries: Annotated[list[BriefEntry], Field(description="What all facts allow.")]
    because: list[Because]
    unrecognized: Annotated[list[StatedFact], Field(description="Facts that the dataset does not know.")]


class Asked(TypedDict):
    """The answer of `ask_taxonomy`."""

    answered: bool
    answer: Annotated[str | None, Field(description="What the dataset says, or that no source says it.")]
    reason: NotRequired[Annotated[Reason, Field(description="Why there is no answer.")]]
    entries: Annotated[list[BriefEntry], Field(description="The entries that it is about.")]
    sources: Annotated[list[str], Field(description="The works that say it.")]
    suggestions: NotRequired[Annotated[list[str], Field(description="Questions that have an answer.")]]


class DenotedEntry(BriefEntry):
    """An entry that a value denotes."""

    match: Tier
    matched: Annotated[str, Field(description="The id, name, alias, identifier or rule.")]
    scheme: NotRequired[Annotated[str, Field(description="The first scheme in which it identifies the entry.")]]


class ResolvedValue(TypedDict):
    """What one value means; what would be empty is left out, but for `entries`."""

    value: str
    match: Annotated[Match, Field(description="How it matched; `none`: the dataset does not know it.")]
    entries: list[DenotedEntry]
    rest: NotRequired[Annotated[str, Field(description="What was cut off, such as a version.")]]
    not_virtualized: NotRequired[Annotated[list[str], Field(description="Schemes where it means hardware.")]]
    hosts: NotRequired[Annotated[list[str], Field(description="Schemes where only a hypervisor's host reports it.")]]
    unspecified: NotRequired[Annotated[list[str], Field(description="Schemes where it means some virtual machine.")]]
    nearest: NotRequired[Annotated[list[str], Field(description="Names spelled like it; suggestions, no match.")]]
    reason: NotRequired[Annotated[str, Field(description="Why it was not looked up.")]]


class ResolvedValues(TypedDict):
    """The answer of `resolve_identifiers`."""

    results: list[ResolvedValue]


class HitMatch(TypedDict):
    """Where a word of a search occurs."""

    field: TermField
    value: str


class Hit(BriefEntry):
    """An entry that a search found."""

    summary: str
    matched: list[HitMatch]


class Hits(TypedDict):
    """The answer of `search_taxonomy`."""

    total: int
    hits: Annotated[list[Hit], Field(description="The best first.")]
    hint: NotRequired[str]


class Listed(TypedDict):
    """The answer of `list_entries`."""

    total: Annotated[int, Field(description="All that match, also those that are not listed.")]
    entries: list[BriefEntry]
    facets: NotRequired[dict[str, list[FacetPublic]]]
    hint: NotRequired[str]


class MissingRef(TypedDict):
    """A reference that no entry has."""

    ref: str
    hint: Annotated[str, Field(description="What to write instead.")]


class Got(TypedDict):
    """The answer of `get_entries`."""

    entries: Annotated[list[dict[str, Any]], Field(description="Every field of each entry, with its sources.")]
    missing: NotRequired[list[MissingRef]]
