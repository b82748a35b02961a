"""The JSON shapes of pages, facets, search hits and look-up results."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType, TypedDict

from app.shapes.changes import ChangePublic
from app.shapes.entries import (
    ConceptPublic,
    EntryReference,
    ExamplePublic,
    HypervisorPublic,
    HypervisorTypePublic,
    VirtualizationTypePublic,
)
from app.store.tables import Comparison, Language, TermField


class FacetPublic(TypedDict):
    """The number of matching entries with one value."""

    value: Annotated[str, Field(description="The value, in the form that the filter of the same name takes.")]
    count: Annotated[int, Field(description="The number of matching entries that have it.")]


Facets = TypeAliasType(
    "Facets",
    Annotated[dict[str, list[FacetPublic]], Field(description="The numbers of matching entries by value, by field.")],
)
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description="The entries on this page.")
    total: int = Field(description="The number of matching entries on all pages.")
    limit: int = Field(description="The maximum number of entries on the page.")
    offset: int = Field(description="The number of entries before this page.")
    facets: Facets = Field(
        description="For each requested facet, the number of matching entries by value, most frequent first."
    )
    hint: str | None = Field(
        description="What to ask for instead if nothing matches; null if there are matches or no suggestion."
    )


class HypervisorPage(Page[HypervisorPublic]):
    """One page of hypervisors."""


class HypervisorTypePage(Page[HypervisorTypePublic]):
    """One page of hypervisor types."""


class VirtualizationTypePage(Page[VirtualizationTypePublic]):
    """One page of virtualization types."""


class ExamplePage(Page[ExamplePublic]):
    """One page of examples."""


class ConceptPage(Page[ConceptPublic]):
    """One page of concepts."""


class ChangePage(Page[ChangePublic]):
    """One page of changes."""


Tier = Literal["id", "name", "alias", "identifier"]
Match = Literal["id", "name", "alias", "identifier", "not-virtualized", "unspecified", "part", "none"]


class LookupItem(EntryReference):
    """An entry that a value denotes."""

    match: Annotated[Tier, Field(description="How it matched: the first of these that did.")]
    matched: Annotated[str, Field(description="The id, name, alias, identifier or rule of the entry that it matched.")]
    scheme: Annotated[
        str | None, Field(description="The first scheme in which the value identifies it; null if none does.")
    ]
    schemes: Annotated[list[str], Field(description="Every scheme in which the value identifies it; may be empty.")]


class LookupResult(TypedDict):
    """What one value means: every meaning, whether an entry or not."""

    value: Annotated[str, Field(description="The value from the request.")]
    match: Annotated[
        Match,
        Field(description="How it matched: the first of these by which anything matches."),
    ]
    rest: Annotated[
        str | None,
        Field(description="What was cut off to find a `part`, such as a version; null if nothing was cut off."),
    ]
    items: Annotated[list[LookupItem], Field(description="Every entry that it denotes, the best match first.")]
    not_virtualized: Annotated[
        list[str],
        Field(description="The schemes in which the value means that a machine is not virtualized."),
    ]
    hosts: Annotated[
        list[str], Field(description="The schemes in which only the host of a hypervisor reports the value.")
    ]
    unspecified: Annotated[
        list[str],
        Field(description="The schemes in which the value means a virtualized machine, but names no product."),
    ]
    nearest: Annotated[
        list[str],
        Field(
            description="If nothing matches, up to three names that are spelled like it; they may mean another thing."
        ),
    ]
    reason: Annotated[
        str | None, Field(description="Why the value was not looked up, in the language of the response; else null.")
    ]


class LookupPublic(TypedDict):
    """The results of a lookup."""

    results: Annotated[list[LookupResult], Field(description="One result for each value, in the order of the request.")]


FactVerdict = Literal["virtual", "physical", "unknown"]
Verdict = Literal["virtual", "physical", "unknown", "conflict"]


class SourceOfScheme(TypedDict):
    """The work from which the values of a scheme were taken."""

    title: Annotated[str, Field(description="The tool or field that reports the values.")]
    url: Annotated[str | None, Field(description="The page from which the values were taken.")]


class StatedFact(TypedDict):
    """A fact from the request."""

    scheme: Annotated[str, Field(description="The scheme.")]
    value: Annotated[str, Field(description="The value.")]


class FactResult(StatedFact):
    """What one fact says alone."""

    match: Annotated[Comparison, Field(description="How the value matches.")]
    matched: Annotated[str, Field(description="The string or the rule of the dataset that it matches.")]
    verdict: Annotated[
        FactVerdict,
        Field(description="What the fact says alone; `unknown` if machines of both kinds report the value."),
    ]
    items: Annotated[list[EntryReference], Field(description="The entries that report the value.")]
    source: Annotated[SourceOfScheme, Field(description="The source of the values of the scheme.")]


class HostResult(TypedDict):
    """What the facts of one host say together."""

    verdict: Annotated[
        Verdict,
        Field(
            description="`virtual`: a virtual machine or a container. `physical`: not virtualized; the host of a "
            "hypervisor is. `unknown`: the facts do not say, which is no proof of hardware. `conflict`: no machine can "
            "report all of them."
        ),
    ]
    items: Annotated[
        list[EntryReference],
        Field(
            description="The entries that all facts allow: what it runs on, or of a physical machine, what it hosts."
        ),
    ]
    because: Annotated[list[FactResult], Field(description="The facts that say something, each with what it says.")]
    unrecognized: Annotated[list[StatedFact], Field(description="The facts whose values the dataset does not know.")]


class IdentifyPublic(TypedDict):
    """The results of an identification."""

    results: Annotated[list[HostResult], Field(description="One result for each host, in the order of the request.")]


class MatchPublic(TypedDict):
    """Where a search word occurs in an entry."""

    field: Annotated[TermField, Field(description="The field that contains the word.")]
    lang: Annotated[Language | None, Field(description="The language of the text; null for ids and identifiers.")]
    scheme: Annotated[str | None, Field(description="The scheme of an identifier; null for other fields.")]
    value: Annotated[str, Field(description="The whole text that contains the word.")]
    start: Annotated[int, Field(description="The position of the word's first character in `value`, counted from 0.")]
    end: Annotated[int, Field(description="The position after the word's last character.")]


class HitPublic(EntryReference):
    """An entry that a search found, and where it matched."""

    matched: Annotated[list[MatchPublic], Field(description="The best match for each word of the search.")]


class HitPage(Page[HitPublic]):
    """One page of the hits of a search."""
