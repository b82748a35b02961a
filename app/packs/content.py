"""The schema of a pack's files; `make contract` generates `seed/pack.schema.json` from it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Discriminator, Field, GetJsonSchemaHandler, Tag, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.packs.changes import ReleaseSeed
from app.packs.localized import Localized, LocalizedName, LocalizedNames, PackModel
from app.packs.texts import (
    IDENTIFIER,
    LONGEST_NAME,
    EntryId,
    Identifier,
    Name,
    PartialDate,
    Slug,
    Text,
    Url,
    UrlTemplate,
    Version,
)
from app.packs.works import CitationSeed, WorkSeed
from app.store.collections import Collection
from app.store.tables import Comparison, Language, RemarkKind, Status


class IdentifierSeed(PackModel):
    """A string that a tool reports, or a rule by which it compares one: ``KVMKVMKVM``, ``{prefix: VMware}``."""

    exact: Identifier | None = Field(default=None, description="The whole string; may be written without this key.")
    prefix: Identifier | None = Field(default=None, description="How the string begins.")
    substring: Identifier | None = Field(default=None, description="What the string contains.")

    @model_validator(mode="before")
    @classmethod
    def read_text(cls, value: Any) -> Any:
        """Read a text as the whole string."""
        return {"exact": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def have_one(self) -> "IdentifierSeed":
        """Refuse a rule that says nothing, or several things."""
        if len(self.model_fields_set) != 1 or None in (getattr(self, name) for name in self.model_fields_set):
            raise ValueError("must be a text, or have one of the keys exact, prefix and substring")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe both forms, as editors check them."""
        mapping = handler.resolve_ref_schema(handler(schema))
        title, description = mapping.pop("title"), mapping.pop("description")
        text = {"type": "string", "pattern": IDENTIFIER, "maxLength": LONGEST_NAME}
        rule = mapping | {"minProperties": 1, "maxProperties": 1}
        return {"title": title, "description": description, "anyOf": [text, rule]}

    @property
    def match(self) -> Comparison:
        """How the tool compares the string."""
        return Comparison(*self.model_fields_set)

    @property
    def value(self) -> str:
        """The string."""
        text: str = getattr(self, self.match)
        return text


class DeprecationSeed(PackModel):
    """Why an entry is no longer to be used."""

    since: PartialDate | None = Field(default=None, description="Since when: a year, a month or a day.")
    reason: Localized = Field(description="The reason, in one sentence.")
    replaced_by: list[EntryId] = Field(default=[], description="The entries to use instead, as under `related`.")


class ExtensionSeed(PackModel):
    """What a pack adds to an entry of another pack."""

    extends: Slug = Field(description="The id of the entry.")
    aliases: LocalizedNames = Field(default=LocalizedNames(), description="More names; needs a source.")
    identifiers: dict[Slug, list[IdentifierSeed]] = Field(
        default={}, description="More strings that tools report for it, by scheme; needs a source."
    )
    sources: list[CitationSeed] = Field(min_length=1, description="The works that support what is added.")


class EntrySeed(PackModel):
    """The fields of every entry."""

    id: Slug = Field(description="Stable id, never reused.")
    labels: LocalizedName = Field(description="The name, spelled as its vendor spells it.")
    aliases: LocalizedNames = Field(default=LocalizedNames(), description="Other names and spellings.")
    summary: Localized = Field(description="What it is, in one to three sentences.")
    remark: Localized | None = Field(
        default=None,
        description="A note on the entry's class or name, where industry usage differs from the source document or "
        "sources disagree; needs a source.",
    )
    remark_kind: RemarkKind = Field(
        default=RemarkKind.NOTE, description="Whether sources contradict each other (`disputed`) or not (`note`)."
    )
    related: list[EntryId] = Field(
        default=[],
        description="The entries that are related to it, but neither above nor below it: ids, or paths such as "
        "`examples/docker` where several collections have the id; needs a source.",
    )
    deprecated: DeprecationSeed | None = Field(
        default=None, description="Why the entry is no longer to be used; needs a source."
    )
    identifiers: dict[Slug, list[IdentifierSeed]] = Field(
        default={}, description="The strings that tools report for it, by scheme; needs a source."
    )
    sources: list[CitationSeed] = Field(min_length=1, description="The works that support the entry's facts.")


class ProductSeed(EntrySeed):
    """The fields of every product; a field that no source supports is null."""

    vendor: Name | None = Field(default=None, description="The vendor.")
    license: Name | None = Field(default=None, description="An SPDX id, or `proprietary`.")
    status: Status | None = Field(default=None, description="Whether its vendor still supports it.")
    website: Url | None = Field(default=None, description="The vendor's page about it.")
    based_on: list[EntryId] = Field(
        default=[],
        description="The hypervisors and examples that it uses to do its work, as under `related`; needs a source.",
    )


class ConceptSeed(EntrySeed):
    """A term of the glossary."""

    broader: Slug | None = Field(default=None, description="The id of the concept of which this is a kind or a part.")
    characteristics: LocalizedNames = Field(default=LocalizedNames(), description="Its characteristics.")


class TypeSeed(EntrySeed):
    """A virtualization type or a hypervisor type."""

    concept: Slug = Field(description="The id of the concept that it belongs to.")


class ExampleSeed(ProductSeed):
    """An example of a virtualization type."""

    type: Slug = Field(description="The id of its virtualization type.")


class HypervisorSeed(ProductSeed):
    """A hypervisor."""

    type: Slug = Field(description="The id of its hypervisor type.")


class SchemeSeed(PackModel):
    """An identifier scheme."""

    id: Slug = Field(description="The id that identifiers use.")
    title: Text = Field(description="The tool or field that reports the values.")
    description: Localized = Field(description="What the values are and which tool prints them.")
    url: Url | None = Field(description="The page from which the values were taken.")
    url_template: UrlTemplate | None = Field(
        default=None, description="The URL of the page about one value, with `{value}` in the place of the value."
    )
    not_virtualized: list[Identifier] = Field(
        default=[],
        description="The values that mean that a machine is not virtualized.",
    )
    also_physical: list[Identifier] = Field(
        default=[],
        description="The identifiers that machines which are not virtualized, such as hosts, also report.",
    )
    shared: list[Identifier] = Field(
        default=[],
        description="The identifiers that machines of other products show as well, beside those that name them.",
    )
    hosts: list[Identifier] = Field(
        default=[],
        description="The identifiers that only the host of a hypervisor reports, not its guests; those that are shared "
        "too say only what a machine can host.",
    )
    unspecified: list[Identifier] = Field(
        default=[], description="The values that say that a machine is virtualized, but not by which product."
    )


class PackSeed(PackModel):
    """The description of a pack."""

    id: Slug = Field(description="The name of the pack's folder.")
    version: Version = Field(description="The version of its content.")
    languages: list[Language] = Field(
        default=[*Language], min_length=1, description="The languages in which it has every text."
    )
    title: Localized = Field(description="Its title.")
    description: Localized = Field(description="What it contains.")


SeedKind = Literal["entry", "extension"]


def kind_of(value: Any) -> SeedKind:
    """Tell an extension from an entry, as it is read or built."""
    return (
        "extension" if isinstance(value, ExtensionSeed) or (isinstance(value, dict) and "extends" in value) else "entry"
    )


Seed = TypeVar("Seed")
# An entry of the pack, or what it adds to one of another pack.
OrExtension = Annotated[
    Annotated[Seed, Tag("entry")] | Annotated[ExtensionSeed, Tag("extension")], Discriminator(kind_of)
]


class PackFile(PackModel):
    """One file of a pack. Lists under the same key are joined in the order of the file names."""

    model_config = ConfigDict(title="A file of a pack of the Virtualization Taxonomy")

    pack: PackSeed | None = Field(
        default=None, description="The pack's id, version, title and description; in one file only."
    )
    sources: list[WorkSeed] = Field(default=[], description="The works that the pack cites.")
    schemes: list[SchemeSeed] = Field(default=[], description="The identifier schemes that the pack adds.")
    concepts: list[OrExtension[ConceptSeed]] = Field(default=[], description="Terms of the glossary.")
    virtualization_types: list[OrExtension[TypeSeed]] = Field(
        default=[], alias="virtualization-types", description="What is virtualized."
    )
    examples: list[OrExtension[ExampleSeed]] = Field(default=[], description="Examples of virtualization types.")
    hypervisor_types: list[OrExtension[TypeSeed]] = Field(
        default=[], alias="hypervisor-types", description="Classes of hypervisors."
    )
    hypervisors: list[OrExtension[HypervisorSeed]] = Field(default=[], description="Hypervisors.")
    releases: list[ReleaseSeed] = Field(
        default=[], description="What each release changed, the newest first; `virt-taxonomy release` writes it."
    )
    released: dict[str, dict[str, str]] = Field(
        default={}, description="A digest of each field as last released; `virt-taxonomy release` writes it."
    )

    def entries(self, collection: Collection) -> Sequence[EntrySeed | ExtensionSeed]:
        """Return the entries of a collection, and what the pack adds to those of others."""
        entries: Sequence[EntrySeed | ExtensionSeed] = getattr(self, collection.field)
        return entries


def pack_schema() -> dict[str, Any]:
    """Return the JSON Schema of a pack's file; editors validate packs against the published copy."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PackFile.model_json_schema()}
