"""The JSON shape of an entry of each collection, and how a row becomes one.

Every field is always present; lists are never null.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping
from typing_extensions import TypedDict

from app.store.collections import COLLECTIONS, Collection
from app.store.tables import Language, Resource, Status

# A JSON object whose fields depend on the collection.
Record = dict[str, Any]
Row = Mapping[str, Any] | RowMapping


class Reference(TypedDict):
    """A short reference to an entry."""

    id: Annotated[str, Field(description="The entry's id within its collection.")]
    name: Annotated[str, Field(description="The entry's name in the answer's language.")]
    url: Annotated[str, Field(description="The entry's path in this API.")]


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


class TypePublic(EntryPublic):
    """What types show, references to what belongs to them aside."""

    concept: str = Field(description="The id of the concept that it is a kind of.")


class ConceptPublic(EntryPublic):
    """A term of the glossary."""

    characteristics: list[str] = Field(description="What marks it, in the answer's language.")


class VirtualizationTypePublic(TypePublic):
    """What is virtualized, with references to its examples."""

    examples: list[Reference] = Field(description="The examples of this type.")


class ExamplePublic(ProductPublic):
    """A product or technology that stands as an example of a virtualization type."""

    type: str = Field(description="The id of its virtualization type.")


class HypervisorTypePublic(TypePublic):
    """A class of hypervisors, with references to them."""

    hypervisors: list[Reference] = Field(description="The hypervisors of this type.")


class HypervisorPublic(ProductPublic):
    """A product that creates and runs virtual machines."""

    type: str = Field(description="The id of its hypervisor type, as the document classes it.")
    status: Status | None = Field(description="Whether its maker still supports it; null if no source tells.")


SHAPES: dict[Resource, type[EntryPublic]] = {
    "concepts": ConceptPublic,
    "virtualization-types": VirtualizationTypePublic,
    "examples": ExamplePublic,
    "hypervisor-types": HypervisorTypePublic,
    "hypervisors": HypervisorPublic,
}
# The fields of any shape that hold references to the entries below.
REFERENCE_FIELDS = {
    nesting.lower.field
    for collection in COLLECTIONS.values()
    for nesting in collection.below
    if nesting.lower.field in SHAPES[collection.resource].model_fields
}


def localize(row: Row, lang: Language) -> Record:
    """Replace each group of columns in all languages (``name_en``, ``name_zh``) by the one asked for (``name``)."""
    return {
        name.removesuffix(f"_{lang}"): value
        for name, value in row.items()
        if name.endswith(f"_{lang}") or not name.endswith(tuple(f"_{other}" for other in Language))
    }


def entry_path(resource: str, id: str) -> str:
    """The path of an entry in this API, without the slash at its start."""
    return f"{resource}/{id}"


def refer_to(resource: str, row: Row, lang: Language) -> Reference:
    """Make the reference to a row."""
    return {"id": row["id"], "name": row[f"name_{lang}"], "url": f"/{entry_path(resource, row['id'])}"}


def make_record(
    collection: Collection, row: Row, lang: Language, references: Mapping[str, Sequence[Reference]]
) -> Record:
    """Make the JSON object of a row; `references` holds those to the entries below, by field."""
    values = {
        **localize(row, lang),
        "url": f"/{entry_path(collection.resource, row['id'])}",
        "labels": {language.value: row[f"name_{language}"] for language in Language},
        "aliases": [alias for language in Language for alias in row[f"aliases_{language}"]],
        **references,
    }
    return {name: values[name] for name in SHAPES[collection.resource].model_fields}
