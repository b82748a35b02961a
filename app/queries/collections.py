"""The parameters of each collection: `…Filters` of its JSON-LD, `…TableParams` of its CSV, `…Params` of its list.

A filter has the name of a field and a column, and takes the values that the field shows.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from app.queries.lists import Filters, ListParams, TableParams
from app.queries.parameters import FACETS, MOST_VALUES, UNGIVEN, Flag, Omittable, QueryText, Where
from app.queries.vocabularies import ConceptId, HypervisorTypeId, PackId, ProductId, VirtualizationTypeId
from app.store.tables import RemarkKind, Status

Order = TypeAliasType(
    "Order",
    Annotated[Literal["name", "-name", "id", "-id"], Field(description="A field to sort by; `-` reverses the order.")],
)
# The fields whose values a list can count, by collection.
ConceptFacet = TypeAliasType(
    "ConceptFacet",
    Annotated[Literal["broader", "remark_kind", "pack"], Field(description="A field of concepts that can be counted.")],
)
TypeFacet = TypeAliasType(
    "TypeFacet",
    Annotated[Literal["concept", "remark_kind", "pack"], Field(description="A field of types that can be counted.")],
)
ProductFacet = TypeAliasType(
    "ProductFacet",
    Annotated[
        Literal["type", "vendor", "license", "status", "based_on", "remark_kind", "pack"],
        Field(description="A field of products that can be counted."),
    ],
)
ProductOrder = TypeAliasType(
    "ProductOrder",
    Annotated[
        Literal[
            "name",
            "-name",
            "id",
            "-id",
            "type",
            "-type",
            "vendor",
            "-vendor",
            "license",
            "-license",
            "status",
            "-status",
        ],
        Field(description="A field of products to sort by; `-` reverses the order."),
    ],
)
Vendor = Annotated[QueryText, Field(examples=["Microsoft"])]
License = Annotated[QueryText, Field(examples=["proprietary"])]


class EntryFilters(Filters):
    """The filters of every collection."""

    q: Annotated[
        Omittable[QueryText],
        Field(
            description="Only entries that contain this text in a name, alias or summary, in either "
            "language. Case, compatibility forms (such as full width), `®` and `™` are ignored, and "
            "Traditional Chinese is taken for Simplified."
        ),
        Where("search", contains=True),
    ] = None
    id: Annotated[
        list[Annotated[QueryText, Field(examples=["kvm"])]],
        Field(max_length=MOST_VALUES, description="Only the entry with this id; repeat to allow several."),
        Where(open=True),
    ] = UNGIVEN
    remark_kind: Annotated[
        list[RemarkKind],
        Field(
            max_length=MOST_VALUES,
            description="Only entries that have a remark of this kind: on sources that contradict each other "
            "(`disputed`), or another (`note`); repeat to allow both.",
        ),
        Where(),
    ] = UNGIVEN
    pack: Annotated[
        list[PackId],
        Field(
            max_length=MOST_VALUES,
            description="Only entries of this pack; repeat to allow several. `/dataset` describes the packs.",
        ),
        Where(),
    ] = UNGIVEN
    deprecated: Annotated[
        Omittable[Flag],
        Field(description="Only entries that are no longer to be used (`true`), or only those in use (`false`)."),
        Where("deprecated_reason_en", given=True),
    ] = None


class EntryTableParams(TableParams):
    """The parameters of a CSV file of entries, beside the filters."""

    sort: Annotated[
        Omittable[Order],
        Field(
            description="Sort by name (case-folded, by code point, in the language of the response) "
            "or by id; `-` reverses the order. By default, the order of the source "
            "document."
        ),
    ] = None


class ConceptFilters(EntryFilters):
    """The filters of concepts."""

    broader: Annotated[
        list[ConceptId],
        Field(
            max_length=MOST_VALUES,
            description="Only concepts that are directly below this one; repeat to allow several.",
        ),
        Where(),
    ] = UNGIVEN


class ConceptTableParams(ConceptFilters, EntryTableParams):
    """The parameters of a CSV file of concepts."""


class ConceptParams(ConceptTableParams, ListParams):
    """The parameters of `/concepts`."""

    facet: Annotated[Sequence[ConceptFacet], Field(max_length=20, description=FACETS)] = UNGIVEN


class TypeFilters(EntryFilters):
    """The filters of types."""

    concept: Annotated[
        list[ConceptId],
        Field(max_length=MOST_VALUES, description="Only types of this concept; repeat to allow several."),
        Where(),
    ] = UNGIVEN


class TypeTableParams(TypeFilters, EntryTableParams):
    """The parameters of a CSV file of types."""


class TypeParams(TypeTableParams, ListParams):
    """The parameters of `/virtualization-types` and `/hypervisor-types`."""

    facet: Annotated[Sequence[TypeFacet], Field(max_length=20, description=FACETS)] = UNGIVEN


class ProductFilters(EntryFilters):
    """The filters of collections whose entries have a vendor."""

    vendor: Annotated[
        list[Vendor],
        Field(
            max_length=MOST_VALUES,
            description="Only entries by this vendor, spelled as in the field `vendor`; repeat to allow several.",
        ),
        Where(open=True),
    ] = UNGIVEN
    license: Annotated[
        list[License],
        Field(
            max_length=MOST_VALUES,
            description="Only entries under this licence: an SPDX id or `proprietary`; repeat to allow several.",
        ),
        Where(open=True),
    ] = UNGIVEN
    status: Annotated[
        list[Status],
        Field(max_length=MOST_VALUES, description="Only entries with this status; repeat to allow several."),
        Where(),
    ] = UNGIVEN
    based_on: Annotated[
        list[ProductId],
        Field(
            max_length=MOST_VALUES,
            description="Only entries that are directly based on the hypervisor or example with this id; repeat to "
            "allow several.",
        ),
        Where(refers=True),
    ] = UNGIVEN


class ProductTableParams(EntryTableParams):
    """The parameters of a CSV file of entries that have a vendor, beside the filters."""

    sort: Annotated[
        Omittable[ProductOrder],
        Field(
            description="Sort by name (in the language of the response), id, type, vendor, licence or status; `-` "
            "reverses the order. Entries without the field come last. By default, the order of the source document."
        ),
    ] = None  # type: ignore[assignment]  # More than the lists of concepts and types can be sorted by.


class ExampleFilters(ProductFilters):
    """The filters of examples."""

    type: Annotated[
        list[VirtualizationTypeId],
        Field(
            max_length=MOST_VALUES, description="Only examples of this virtualization type; repeat to allow several."
        ),
        Where(),
    ] = UNGIVEN


class ExampleTableParams(ExampleFilters, ProductTableParams):
    """The parameters of a CSV file of examples."""


class ExampleParams(ExampleTableParams, ListParams):
    """The parameters of `/examples`."""

    facet: Annotated[Sequence[ProductFacet], Field(max_length=20, description=FACETS)] = UNGIVEN


class HypervisorFilters(ProductFilters):
    """The filters of hypervisors."""

    type: Annotated[
        list[HypervisorTypeId],
        Field(max_length=MOST_VALUES, description="Only hypervisors of this type; repeat to allow several."),
        Where(),
    ] = UNGIVEN


class HypervisorTableParams(HypervisorFilters, ProductTableParams):
    """The parameters of a CSV file of hypervisors."""


class HypervisorParams(HypervisorTableParams, ListParams):
    """The parameters of `/hypervisors`."""

    facet: Annotated[Sequence[ProductFacet], Field(max_length=20, description=FACETS)] = UNGIVEN


# The parameters of the list of each collection.
LISTS: Mapping[str, type[ListParams]] = {
    "concepts": ConceptParams,
    "virtualization-types": TypeParams,
    "examples": ExampleParams,
    "hypervisor-types": TypeParams,
    "hypervisors": HypervisorParams,
}
