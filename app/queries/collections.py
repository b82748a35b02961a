"""The parameters of the lists of the five collections.

A filter has the name of the field and the column that it narrows by, and takes the values that the field shows.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from app.queries.dataset import read_pack_ids
from app.queries.lists import ListParams
from app.queries.parameters import FACETS, QueryTexts, Vocabulary, one_of
from app.store.tables import Concept, Entry, HypervisorType, Status, VirtualizationType


def ids_of(table: type[Entry]) -> Vocabulary:
    """The ids of a collection as a vocabulary."""
    statement = select(col(table.id)).order_by(col(table.position))
    return lambda connection: connection.scalars(statement).all()


class EntryListParams(ListParams):
    """What narrows every collection."""

    pack: Annotated[
        QueryTexts,
        Field(description="Only entries of this pack; repeat to allow several. `/dataset` lists the packs."),
        one_of(read_pack_ids),
    ] = []


class ConceptParams(EntryListParams):
    """What narrows the glossary."""

    facet: Annotated[Sequence[Literal["pack"]], Field(max_length=20, description=FACETS)] = []


class TypeParams(EntryListParams):
    """What narrows the virtualization types and the hypervisor types."""

    concept: Annotated[
        QueryTexts,
        Field(description="Only types of this concept; repeat to allow several."),
        one_of(ids_of(Concept)),
    ] = []
    facet: Annotated[Sequence[Literal["concept", "pack"]], Field(max_length=20, description=FACETS)] = []


class ProductParams(EntryListParams):
    """What narrows collections of things that somebody makes."""

    vendor: Annotated[
        QueryTexts,
        Field(description="Only entries by this vendor, spelled as in the field `vendor`; repeat to allow several."),
        one_of(),
    ] = []
    license: Annotated[
        QueryTexts,
        Field(description="Only entries under this licence: an SPDX id or `proprietary`; repeat to allow several."),
        one_of(),
    ] = []


class ExampleParams(ProductParams):
    """What narrows the examples."""

    type: Annotated[
        QueryTexts,
        Field(description="Only examples of this virtualization type; repeat to allow several."),
        one_of(ids_of(VirtualizationType)),
    ] = []
    facet: Annotated[
        Sequence[Literal["type", "vendor", "license", "pack"]], Field(max_length=20, description=FACETS)
    ] = []


class HypervisorParams(ProductParams):
    """What narrows the hypervisors."""

    type: Annotated[
        QueryTexts,
        Field(description="Only hypervisors of this type; repeat to allow several."),
        one_of(ids_of(HypervisorType)),
    ] = []
    status: Annotated[
        list[Status],
        Field(max_length=100, description="Only hypervisors with this status; repeat to allow several."),
        one_of(),
    ] = []
    facet: Annotated[
        Sequence[Literal["type", "vendor", "license", "status", "pack"]], Field(max_length=20, description=FACETS)
    ] = []
