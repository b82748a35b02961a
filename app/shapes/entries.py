"""The JSON shapes that leave, and how a row becomes one.

Every field is always present; lists are never null.
"""

from collections.abc import Mapping
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from app.store.tables import Entry, Language, Status, TermField


class Reference(BaseModel):
    """A short reference to an entry."""

    id: str = Field(description="The entry's id within its collection.")
    name: str = Field(description="The entry's name in the answer's language.")
    url: str = Field(description="The entry's path in this API.")


class IdentifierPublic(BaseModel):
    """A string by which a tool denotes the entry."""

    scheme: str = Field(description="The tool's field that holds the value; `/dataset` describes each scheme.")
    value: str = Field(description="The exact string, spaces at its ends included.")


class CitationPublic(BaseModel):
    """Where something that an entry says comes from."""

    title: str = Field(description="The title of the work.")
    section: str | None = Field(description="Where in the work, as a path of headings; null for the work as a whole.")
    url: str | None = Field(description="The address of the work; null if it has no public one.")
    supports: list[str] = Field(description="The fields of the entry that the work supports.")


class EntryPublic(BaseModel):
    """What every entry shows."""

    id: str = Field(description="Stable id within the collection; never used for something else later.")
    url: str = Field(description="The entry's path in this API.")
    name: str = Field(description="The name in the answer's language.")
    labels: dict[Language, str] = Field(description="The name in every language.")
    aliases: list[str] = Field(description="Other names and spellings, in any language.")
    summary: str = Field(description="What it is, in the answer's language.")
    remark: str | None = Field(description="What to know about the entry's class or name, where the field disagrees.")
    identifiers: list[IdentifierPublic] = Field(description="The strings by which tools denote it.")
    pack: str = Field(description="The pack that the entry comes from.")
    sources: list[CitationPublic] = Field(description="The works that support what the entry says.")


class ProductPublic(EntryPublic):
    """What entries show that somebody makes."""

    vendor: str | None = Field(description="Who makes it; null if no source tells.")
    license: str | None = Field(description="An SPDX id, or `proprietary`; null if no source tells.")
    website: str | None = Field(description="The maker's page about it; null if no source tells.")


class ConceptPublic(EntryPublic):
    """A term of the glossary."""

    characteristics: list[str] = Field(description="What marks it, in the answer's language.")


class VirtualizationTypePublic(EntryPublic):
    """What is virtualized, with references to its examples."""

    concept: str = Field(description="The id of the concept that it is a kind of.")
    examples: list[Reference] = Field(description="The examples of this type.")


class ExamplePublic(ProductPublic):
    """A product or technology that stands as an example of a virtualization type."""

    type: str = Field(description="The id of its virtualization type.")


class HypervisorTypePublic(EntryPublic):
    """A class of hypervisors, with references to them."""

    concept: str = Field(description="The id of the concept that it is a kind of.")
    hypervisors: list[Reference] = Field(description="The hypervisors of this type.")


class HypervisorPublic(ProductPublic):
    """A product that creates and runs virtual machines."""

    type: str = Field(description="The id of its hypervisor type, as the document classes it.")
    status: Status | None = Field(description="Whether its maker still supports it; null if no source tells.")


SHAPES: dict[str, type[EntryPublic]] = {
    "concepts": ConceptPublic,
    "virtualization-types": VirtualizationTypePublic,
    "examples": ExamplePublic,
    "hypervisor-types": HypervisorTypePublic,
    "hypervisors": HypervisorPublic,
}


class FacetPublic(BaseModel):
    """How many matching entries have a value."""

    value: str = Field(description="The value, as the filter of the same name takes it.")
    count: int = Field(description="The number of matching entries that have it.")


Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item] = Field(description="The entries of this page.")
    total: int = Field(description="How many entries match, on all pages.")
    limit: int = Field(description="How many entries the page holds at most.")
    offset: int = Field(description="How many entries stand before this page.")
    facets: dict[str, list[FacetPublic]] = Field(
        description="For each facet asked for, how many matching entries have which value, the most frequent first."
    )


class LookupItem(Reference):
    """An entry that a value denotes."""

    resource: str = Field(description="The collection that the entry belongs to.")
    scheme: str | None = Field(description="The first scheme in which the value denotes it; null for other matches.")
    schemes: list[str] = Field(description="Every scheme in which the value denotes it; empty for other matches.")


class LookupResult(BaseModel):
    """What one value denotes."""

    value: str = Field(description="The value as it was given.")
    match: Literal["id", "name", "alias", "identifier", "none"] = Field(
        description="How it matched: the first of these in which any entry has it."
    )
    items: list[LookupItem] = Field(description="Every entry that it denotes; several are equals.")


class LookupPublic(BaseModel):
    """What values denote."""

    results: list[LookupResult] = Field(description="A result for each value, in the order in which they were given.")


class MatchPublic(BaseModel):
    """Where a word of a search stands in an entry."""

    field: TermField = Field(description="The field that the word stands in.")
    lang: Language | None = Field(description="The language of the text; null for ids and identifiers.")
    scheme: str | None = Field(description="The scheme of an identifier; null for other fields.")
    value: str = Field(description="The whole text in which the word stands.")
    start: int = Field(description="The position of the word's first character in it, counted from 0.")
    end: int = Field(description="The position after the word's last character.")


class HitPublic(Reference):
    """An entry that a search found, and why."""

    resource: str = Field(description="The collection that the entry belongs to.")
    matched: list[MatchPublic] = Field(description="For each word of the search, where it stands best.")


class VirtualizationTypeTree(VirtualizationTypePublic):
    """A virtualization type with its examples in full."""

    examples: list[ExamplePublic] = Field(description="The examples of this type, in full.")  # type: ignore[assignment]


class HypervisorTypeTree(HypervisorTypePublic):
    """A hypervisor type with its hypervisors in full."""

    hypervisors: list[HypervisorPublic] = Field(  # type: ignore[assignment]
        description="The hypervisors of this type, in full."
    )


class ConceptTree(ConceptPublic):
    """A concept with all that belongs to it."""

    virtualization_types: list[VirtualizationTypeTree] = Field(description="The virtualization types of this concept.")
    hypervisor_types: list[HypervisorTypeTree] = Field(description="The hypervisor types of this concept.")


class TaxonomyPublic(BaseModel):
    """The whole taxonomy, every entry once and in full."""

    concepts: list[ConceptTree] = Field(description="The concepts, each with what belongs to it nested.")


class PackPublic(BaseModel):
    """A pack: a reviewed part of the dataset."""

    id: str = Field(description="The pack's id, as the filter `pack` takes it.")
    version: str = Field(description="The version of the pack's content.")
    title: str = Field(description="The pack's title in the answer's language.")
    description: str = Field(description="What the pack holds, in the answer's language.")


class SchemePublic(BaseModel):
    """An identifier scheme."""

    id: str = Field(description="The scheme's id, as identifiers show it.")
    title: str = Field(description="The tool or field that the scheme stands for.")
    description: str = Field(description="What the values are and who prints them, in the answer's language.")
    url: str | None = Field(description="Where the values were read.")


class WorkPublic(BaseModel):
    """A work that the dataset cites."""

    title: str = Field(description="The title of the work.")
    url: str | None = Field(description="The address of the work; null if it has no public one.")


class DatasetPublic(BaseModel):
    """What is being served."""

    version: str = Field(description="The loaded packs with their versions.")
    revision: str = Field(description="A hash of the content: equal content has an equal revision.")
    languages: list[Language] = Field(description="The languages in which every text is held.")
    packs: list[PackPublic] = Field(description="The loaded packs.")
    counts: dict[str, int] = Field(description="The number of entries of each collection.")
    schemes: list[SchemePublic] = Field(description="The identifier schemes.")
    sources: list[WorkPublic] = Field(description="The works that the dataset cites.")


class ExportPublic(BaseModel):
    """The whole dataset, in one document."""

    dataset: DatasetPublic = Field(description="What `/dataset` says.")
    concepts: list[ConceptPublic] = Field(
        description="All concepts, as their list shows them; so too the other collections."
    )
    virtualization_types: list[VirtualizationTypePublic] = Field(
        alias="virtualization-types", description="All virtualization types."
    )
    examples: list[ExamplePublic] = Field(description="All examples.")
    hypervisor_types: list[HypervisorTypePublic] = Field(alias="hypervisor-types", description="All hypervisor types.")
    hypervisors: list[HypervisorPublic] = Field(description="All hypervisors.")


class ProbePublic(BaseModel):
    """The answer of a probe that is well."""

    status: str = Field(description="`live` or `ready`.")


def localized(values: Mapping[str, Any] | RowMapping, lang: Language) -> dict[str, Any]:
    """Replace each group of columns in all languages (``name_en``, ``name_zh``) by the one asked for (``name``)."""
    return {
        name.removesuffix(f"_{lang}"): value
        for name, value in values.items()
        if name.endswith(f"_{lang}") or not name.endswith(tuple(f"_{other}" for other in Language))
    }


def entry_path(resource: str, row: Mapping[str, Any] | RowMapping) -> str:
    """The path of an entry in this API, without the slash at its start."""
    return f"{resource}/{row['id']}"


def reference(resource: str, row: Mapping[str, Any], lang: Language) -> dict[str, str]:
    """A row as a `Reference`."""
    return {"id": row["id"], "name": row[f"name_{lang}"], "url": f"/{entry_path(resource, row)}"}


def record(table: type[Entry], row: Mapping[str, Any], lang: Language, related: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the JSON object of its collection; `related` holds the fields that other tables give."""
    values = {
        **localized(row, lang),
        "url": f"/{entry_path(table.resource, row)}",
        "labels": {language.value: row[f"name_{language}"] for language in Language},
        "aliases": [alias for language in Language for alias in row[f"aliases_{language}"]],
        **related,
    }
    return {name: values[name] for name in SHAPES[table.resource].model_fields}
