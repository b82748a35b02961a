"""The parameters of each collection: `…Filters` of its CSV file, `…Params` of its list, which has pages and facets.

A filter has the name of a field and a column, and takes the values that the field shows.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from app.queries.dataset import read_pack_ids
from app.queries.lists import Filters, ListParams
from app.queries.parameters import FACETS, QueryTexts, Where, one_of
from app.store.tables import Concept, Entry, HypervisorType, Status, VirtualizationType


def one_id_of(table: type[Entry]) -> Where:
    """Match the rows whose column has one of the parameter's values, which are ids of a collection."""
    statement = select(col(table.id)).order_by(col(table.position))
    return one_of(lambda connection: connection.scalars(statement).all(), entries=table)


class EntryFilters(Filters):
    """The filters of every collection."""

    pack: Annotated[
        QueryTexts,
        Field(description="Only entries of this pack; repeat to allow several. `/dataset` lists the packs."),
        one_of(read_pack_ids),
    ] = []


class ConceptParams(EntryFilters, ListParams):
    """The parameters of `/concepts`."""

    facet: Annotated[Sequence[Literal["pack"]], Field(max_length=20, description=FACETS)] = []


class TypeFilters(EntryFilters):
    """The filters of types."""

    concept: Annotated[
        QueryTexts,
        Field(description="Only types of this concept; repeat to allow several."),
        one_id_of(Concept),
    ] = []


class TypeParams(TypeFilters, ListParams):
    """The parameters of `/virtualization-types` and `/hypervisor-types`."""

    facet: Annotated[Sequence[Literal["concept", "pack"]], Field(max_length=20, description=FACETS)] = []


class ProductFilters(EntryFilters):
    """The filters of collections whose entries have a vendor."""

    vendor: Annotated[
        QueryTexts,
        Field(description="Only entries by this vendor, spelled as in the field `vendor`; repeat to allow several."),
        one_of(open=True),
    ] = []
    license: Annotated[
        QueryTexts,
        Field(description="Only entries under this licence: an SPDX id or `proprietary`; repeat to allow several."),
        one_of(open=True),
    ] = []


class ExampleFilters(ProductFilters):
    """The filters of examples."""

    type: Annotated[
        QueryTexts,
        Field(description="Only examples of this virtualization type; repeat to allow several."),
        one_id_of(VirtualizationType),
    ] = []


class ExampleParams(ExampleFilters, ListParams):
    """The parameters of `/examples`."""

    facet: Annotated[
        Sequence[Literal["type", "vendor", "license", "pack"]], Field(max_length=20, description=FACETS)
    ] = []


class HypervisorFilters(ProductFilters):
    """The filters of hypervisors."""

    type: Annotated[
        QueryTexts,
        Field(description="Only hypervisors of this type; repeat to allow several."),
        one_id_of(HypervisorType),
    ] = []
    status: Annotated[
        list[Status],
        Field(max_length=100, description="Only hypervisors with this status; repeat to allow several."),
        one_of(),
    ] = []


class HypervisorParams(HypervisorFilters, ListParams):
    """The parameters of `/hypervisors`."""

    facet: Annotated[
        Sequence[Literal["type", "vendor", "license", "status", "pack"]], Field(max_length=20, description=FACETS)
    ] = []
