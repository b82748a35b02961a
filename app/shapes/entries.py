"""The JSON shape of an entry of each collection, and how a row becomes one.

Every field is always present; lists are never null.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping
from typing_extensions import TypeAliasType, TypedDict

from app.store.collections import COLLECTIONS, Collection
from app.store.tables import Comparison, Language, Reading, RemarkKind, Resource, Status, WorkKind

# A JSON object whose fields depend on the collection.
Record = dict[str, Any]
Row = Mapping[str, Any] | RowMapping


Texts = TypeAliasType(
    "Texts", Annotated[dict[Language, str], Field(description="A text in every language that its pack has.")]
)
TextLists = TypeAliasType(
    "TextLists", Annotated[dict[Language, list[str]], Field(description="A list of texts in every language.")]
)


class Reference(TypedDict):
    """A short reference to an entry."""

    id: Annotated[str, Field(description="The entry's id within its collection.")]
    name: Annotated[str, Field(description="The entry's name in the language of the response.")]
    url: Annotated[str, Field(description="The entry's URL, without scheme and host.")]


class EntryReference(Reference):
    """A short reference to an entry of any collection."""

    resource: Annotated[str, Field(description="The collection that the entry belongs to.")]


class DeprecationPublic(TypedDict):
    """Why an entry is no longer to be used."""

    since: Annotated[str | None, Field(description="Since when: a year, a month or a day; null if no source says.")]
    reason: Annotated[str, Field(description="The reason, in the language of the response.")]
    replaced_by: Annotated[list[EntryReference], Field(description="The entries to use instead.")]


class IdentifierPublic(BaseModel):
    """A string that a tool reports for the entry."""

    scheme: str = Field(description="The tool and field that the value comes from; `/dataset` describes each scheme.")
    value: str = Field(description="The exact string, including leading and trailing spaces.")
    match: Comparison = Field(
        description="How the tool compares it: with the whole of what a machine shows, with its beginning (`prefix`) "
        "or with any part of it (`substring`). The last two count only where the scheme is named."
    )
    url: str | None = Field(description="The page about the value; null if the scheme has none for each value.")


class CitationPublic(BaseModel):
    """A source of an entry's facts."""

    title: str = Field(description="The title of the work.")
    section: str | None = Field(description="The section of the work, as a path of headings; null for the whole work.")
    url: str | None = Field(description="The URL of the work; null if it has no public one.")
    supports: list[str] = Field(description="The fields of the entry that the work supports.")
    kind: WorkKind | None = Field(
        description="What the work is: by the maker of what it describes (`primary`), a `standard`, or `secondary`; "
        "null if the pack does not say."
    )
    read: Reading = Field(description="Whether the URL leads to the work itself, or to a copy of it, which was read.")


class EntryPublic(BaseModel):
    """The fields of every entry."""

    id: str = Field(description="Stable id within the collection, never reused.")
    url: str = Field(description="The entry's URL, without scheme and host.")
    name: str = Field(description="The name in the language of the response.")
    labels: Texts = Field(description="The name in every language.")
    aliases: list[str] = Field(description="Other names and spellings, in any language.")
    summary: str = Field(description="A short description, in the language of the response.")
    remark: str | None = Field(
        description="A note on the entry's class or name, where industry usage differs from the source document or "
        "sources disagree."
    )
    remark_kind: RemarkKind | None = Field(
        description="Whether the remark is about sources that contradict each other (`disputed`) or not (`note`); null "
        "if there is no remark."
    )
    related: list[EntryReference] = Field(
        description="Entries that are related to it, but neither above nor below it: a successor, another edition."
    )
    deprecated: DeprecationPublic | None = Field(
        description="Why the entry is no longer to be used; null if it is in use. A product that is no longer made "
        "has the `status` `discontinued` instead."
    )
    identifiers: list[IdentifierPublic] = Field(description="The strings that tools report for it.")
    pack: str = Field(description="The pack that the entry comes from.")
    sources: list[CitationPublic] = Field(description="The works that support the entry's facts.")


class ProductPublic(EntryPublic):
    """The fields of every product."""

    vendor: str | None = Field(description="The vendor; null if no source names one.")
    license: str | None = Field(description="An SPDX id, or `proprietary`; null if no source states it.")
    status: Status | None = Field(description="Whether its vendor still supports it; null if no source says.")
    website: str | None = Field(description="The vendor's page about it; null if no source gives one.")
    based_on: list[EntryReference] = Field(
        description="The hypervisors and examples that it uses to do its work: Proxmox VE is based on KVM."
    )


class TypePublic(EntryPublic):
    """The fields of every type, without the references to its entries."""

    concept: str = Field(description="The id of the concept that it belongs to.")


class ConceptPublic(EntryPublic):
    """A term of the glossary."""

    broader: str | None = Field(description="The id of the concept of which it is a kind or a part; null if of none.")
    characteristics: list[str] = Field(description="Its characteristics, in the language of the response.")


class VirtualizationTypePublic(TypePublic):
    """A type of virtualization, with references to its examples."""

    examples: list[Reference] = Field(description="The examples of this type.")


class ExamplePublic(ProductPublic):
    """A product or technology that exemplifies a virtualization type."""

    type: str = Field(description="The id of its virtualization type.")


class HypervisorTypePublic(TypePublic):
    """A class of hypervisors, with references to them."""

    hypervisors: list[Reference] = Field(description="The hypervisors of this type.")


class HypervisorPublic(ProductPublic):
    """A product that creates and runs virtual machines."""

    type: str = Field(description="The id of its hypervisor type, as the source document classifies it.")


SHAPES: dict[Resource, type[EntryPublic]] = {
    "concepts": ConceptPublic,
    "virtualization-types": VirtualizationTypePublic,
    "examples": ExamplePublic,
    "hypervisor-types": HypervisorTypePublic,
    "hypervisors": HypervisorPublic,
}
# The columns that contain references to other entries.
RELATIONS = ("based_on", "related", "replaced_by")
# The fields that contain references to child entries, in any shape.
CHILD_FIELDS = {
    nesting.lower.field
    for collection in COLLECTIONS.values()
    for nesting in collection.below
    if nesting.lower.field in SHAPES[collection.resource].model_fields
}


# The fields that contain a text in every language, each with the columns that it is made from, without their suffix.
BY_LANGUAGE = {
    "labels": "name",
    "summaries": "summary",
    "remarks": "remark",
    "aliases_by_language": "aliases",
    "characteristics_by_language": "characteristics",
    "deprecated_reasons": "deprecated_reason",
    "titles": "title",
    "descriptions": "description",
}


def by_language(row: Row, column: str) -> Record:
    """Collect a translated column by language: ``{"en": …, "zh": …}``.

    A language that the row does not have is left out, except of aliases, which other packs may add in any.
    """
    languages = Language if column == "aliases" else row.get("languages", Language)
    return {str(lang): row[f"{column}_{lang}"] for lang in languages}


def translations(row: Row, fields: Iterable[str]) -> Record:
    """Make fields of `BY_LANGUAGE`; one is null if the row has no such text."""
    texts = {field: by_language(row, BY_LANGUAGE[field]) for field in fields}
    return {field: None if None in text.values() else text for field, text in texts.items()}


def localize(row: Row, lang: Language) -> Record:
    """Keep one language of each translated column and drop its suffix: ``name_en``, ``name_zh`` become ``name``."""
    return {
        name.removesuffix(f"_{lang}"): value
        for name, value in row.items()
        if name.endswith(f"_{lang}") or not name.endswith(tuple(f"_{other}" for other in Language))
    }


# How an identifier is compared, in the signs of CSS attribute selectors.
OPERATORS = {"exact": "=", "prefix": "^=", "substring": "*="}


def write_identifier(identifier: Mapping[str, Any]) -> str:
    """Write an identifier as one text: ``cpuid=KVMKVMKVM``."""
    return f"{identifier['scheme']}{OPERATORS[identifier['match']]}{identifier['value']}"


def write_citation(source: Mapping[str, str | None]) -> str:
    """Write a source as one text: its title, section and URL."""
    return ", ".join(part for part in (source["title"], source["section"], source["url"]) if part)


def entry_path(resource: str, id: str) -> str:
    """Return the path of an entry in this API, without the leading slash."""
    return f"{resource}/{id}"


def refer_to(resource: str, row: Row, lang: Language) -> Reference:
    """Make a reference to the entry of a row."""
    return {"id": row["id"], "name": row[f"name_{lang}"], "url": f"/{entry_path(resource, row['id'])}"}


def refer_to_entry(resource: str, row: Row, lang: Language) -> EntryReference:
    """Make a reference to the entry of a row, which may be of another collection."""
    return {**refer_to(resource, row, lang), "resource": resource}


def make_record(
    collection: Collection, row: Row, lang: Language, references: Mapping[str, Sequence[Reference]]
) -> Record:
    """Make the JSON object of a row; `references` are those to the child entries and those of `RELATIONS`, by field."""
    values = {
        **localize(row, lang),
        "url": f"/{entry_path(collection.resource, row['id'])}",
        "labels": by_language(row, "name"),
        "aliases": [alias for language in Language for alias in row[f"aliases_{language}"]],
        "deprecated": None,
        **references,
    }
    if reason := row[f"deprecated_reason_{lang}"]:
        replaced_by = references["replaced_by"]
        values["deprecated"] = {"since": row["deprecated_since"], "reason": reason, "replaced_by": replaced_by}
    return {name: values[name] for name in SHAPES[collection.resource].model_fields}
