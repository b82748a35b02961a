"""The JSON shapes of the tree, the dataset's description and the export."""

from types import GenericAlias
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model
from typing_extensions import TypedDict

from app.shapes.entries import (
    SHAPES,
    ConceptPublic,
    EntryPublic,
    ExamplePublic,
    HypervisorPublic,
    TextLists,
    Texts,
    TypePublic,
)
from app.store.collections import COLLECTIONS
from app.store.tables import Language, Reading, WorkKind


class VirtualizationTypeTree(TypePublic):
    """A virtualization type with its examples in full."""

    examples: list[ExamplePublic] = Field(description="The examples of this type, in full.")


class HypervisorTypeTree(TypePublic):
    """A hypervisor type with its hypervisors in full."""

    hypervisors: list[HypervisorPublic] = Field(description="The hypervisors of this type, in full.")


class ConceptTree(ConceptPublic):
    """A concept with its types in full."""

    virtualization_types: list[VirtualizationTypeTree] = Field(description="The virtualization types of this concept.")
    hypervisor_types: list[HypervisorTypeTree] = Field(description="The hypervisor types of this concept.")


class TaxonomyPublic(BaseModel):
    """The whole taxonomy, every entry once and in full."""

    concepts: list[ConceptTree] = Field(description="The concepts, with their types, examples and hypervisors nested.")


class PackPublic(TypedDict):
    """A pack: a reviewed part of the dataset."""

    id: Annotated[str, Field(description="The pack's id, as the `pack` filter takes it.")]
    version: Annotated[str, Field(description="The version of the pack's content.")]
    released: Annotated[
        str | None, Field(description="The day on which this version was released; null if the pack has no history.")
    ]
    languages: Annotated[list[Language], Field(description="The languages in which the pack has every text.")]
    title: Annotated[str, Field(description="The pack's title in the language of the response.")]
    description: Annotated[str, Field(description="What the pack contains, in the language of the response.")]
    titles: Annotated[Texts, Field(description="The title in every language.")]
    descriptions: Annotated[Texts, Field(description="The description in every language.")]


class SchemePublic(TypedDict):
    """An identifier scheme."""

    id: Annotated[str, Field(description="The scheme's id, as identifiers refer to it.")]
    title: Annotated[str, Field(description="The tool or field that reports the values.")]
    description: Annotated[
        str, Field(description="What the values are and which tool prints them, in the language of the response.")
    ]
    url: Annotated[str | None, Field(description="The page from which the values were taken.")]
    url_template: Annotated[
        str | None,
        Field(description="The URL of the page about one value, with `{value}` in its place; null if there is none."),
    ]
    not_virtualized: Annotated[
        list[str],
        Field(description="The values that mean that a machine is not virtualized."),
    ]
    also_physical: Annotated[
        list[str],
        Field(
            description="The identifiers that machines which are not virtualized also report, such as hosts of the "
            "product."
        ),
    ]
    shared: Annotated[
        list[str],
        Field(
            description="The identifiers that machines of other products show as well, beside those that name them: "
            "a guest of KVM can have the CPUID signature of Hyper-V."
        ),
    ]
    hosts: Annotated[
        list[str],
        Field(
            description="The identifiers that only the host of a hypervisor reports, not its guests. Those that are "
            "`shared` too, such as the modules of KVM, say what a machine can host, be it virtual or not."
        ),
    ]
    unspecified: Annotated[
        list[str],
        Field(description="The values that say that a machine is virtualized, but not by which product."),
    ]
    descriptions: Annotated[Texts, Field(description="The description in every language.")]


class WorkPublic(TypedDict):
    """A work that the dataset cites."""

    title: Annotated[str, Field(description="The title of the work.")]
    url: Annotated[str | None, Field(description="The URL of the work; null if it has no public one.")]
    kind: Annotated[
        WorkKind | None,
        Field(
            description="By the maker of what it describes (`primary`), a `standard`, or `secondary`; null if the pack "
            "does not say."
        ),
    ]
    read: Annotated[Reading, Field(description="Whether the URL leads to the work itself, or to a copy of it.")]


class DatasetPublic(TypedDict):
    """The dataset that is being served."""

    version: Annotated[str, Field(description="The loaded packs with their versions.")]
    revision: Annotated[str, Field(description="A hash of the content: the same content always has the same revision.")]
    languages: Annotated[list[Language], Field(description="The languages in which every text is available.")]
    packs: Annotated[list[PackPublic], Field(description="The loaded packs.")]
    counts: Annotated[dict[str, int], Field(description="The number of entries in each collection.")]
    schemes: Annotated[list[SchemePublic], Field(description="The identifier schemes.")]
    sources: Annotated[list[WorkPublic], Field(description="The works that the dataset cites.")]


class TranslatedEntry(EntryPublic):
    """An entry with its texts in every language."""

    summaries: Texts = Field(description="The summary in every language.")
    remarks: Texts | None = Field(description="The remark in every language; null if there is none.")
    aliases_by_language: TextLists = Field(description="The aliases in each language.")
    deprecated_reasons: Texts | None = Field(
        description="Why the entry is no longer to be used, in every language; null if it is in use."
    )


class TranslatedConcept(TranslatedEntry):
    """A concept with its texts in every language."""

    characteristics_by_language: TextLists = Field(description="The characteristics in every language.")


def exported_shape(shape: type[EntryPublic]) -> type[EntryPublic]:
    """Add the texts in every language to the shape of an entry."""
    texts = TranslatedConcept if issubclass(shape, ConceptPublic) else TranslatedEntry
    return create_model(f"Exported{shape.__name__}", __doc__=shape.__doc__, __base__=(texts, shape))


EXPORTED_SHAPES = {resource: exported_shape(shape) for resource, shape in SHAPES.items()}
# One field per collection.
EXPORTED: dict[str, Any] = {
    collection.field: (
        GenericAlias(list, EXPORTED_SHAPES[collection.resource]),
        Field(alias=resource, description=f"All {resource.replace('-', ' ')}, with their texts in every language."),
    )
    for resource, collection in COLLECTIONS.items()
}
ExportPublic = create_model(
    "ExportPublic",
    __doc__="The whole dataset, in one document.",
    dataset=(DatasetPublic, Field(description="The response of `/dataset`.")),
    **EXPORTED,
)
