"""The query parameters of each collection.

A parameter has the name of the field and the column that it narrows by, and takes the values that the field shows.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from sqlalchemy import Connection, select
from sqlmodel import col

from app.api.router import Optional
from app.queries.lists import ListParams, PageParams, SearchText, TextParams, Vocabulary, one_of
from app.store.tables import Concept, Dataset, Entry, HypervisorType, Status, VirtualizationType

Values = Annotated[list[SearchText], Field(max_length=100)]
Resource = Literal["concepts", "virtualization-types", "examples", "hypervisor-types", "hypervisors"]
FACETS = "Count the matching entries by the values of this field; repeat to count by several."


def ids_of(table: type[Entry]) -> Vocabulary:
    """The ids of a collection as a vocabulary."""
    statement = select(col(table.id)).order_by(col(table.position))
    return lambda connection: connection.scalars(statement).all()


def loaded_packs(connection: Connection) -> Sequence[str]:
    """The ids of the loaded packs as a vocabulary."""
    return [pack["id"] for pack in connection.scalars(select(col(Dataset.packs))).one()]


class LookupParams(TextParams):
    """What `/lookup` takes."""

    value: Annotated[
        list[SearchText],
        Field(
            min_length=1,
            max_length=100,
            description="The string to resolve: an id, a name, an alias or an identifier; repeat for up to 100, "
            "as far as the URL stays under 64 kB.",
        ),
    ]
    scheme: Annotated[
        Values,
        Field(
            description="Take the values for identifiers of this scheme, and nothing else; repeat to allow several. "
            "`/dataset` describes the schemes."
        ),
    ] = []
    resource: Annotated[
        list[Resource], Field(max_length=20, description="Only entries of this collection; repeat to allow several.")
    ] = []


WORDS = r"^\s*[^\s\x00-\x1f\x7f-\x9f]+(\s+[^\s\x00-\x1f\x7f-\x9f]+){0,9}\s*$"


def refuse_unless_words(text: str) -> str:
    """Raise `ValueError` for what is not one to ten words."""
    if not re.match(WORDS, text):
        raise ValueError("Give one to ten words, without control characters.")
    return text


class SearchParams(TextParams, PageParams):
    """What `/search` takes."""

    q: Annotated[
        SearchText,
        AfterValidator(refuse_unless_words),
        Field(
            description="One to ten words separated by space, each of which must occur in the entry, in whichever "
            "language; case and compatibility forms (full width and the like) make no difference.",
            json_schema_extra={"pattern": WORDS},
        ),
    ]
    resource: Annotated[
        list[Resource], Field(max_length=20, description="Only entries of this collection; repeat to allow several.")
    ] = []
    facet: Annotated[list[Literal["resource"]], Field(max_length=20, description=FACETS)] = []


def loaded_schemes(connection: Connection) -> Sequence[str]:
    """The ids of the identifier schemes as a vocabulary."""
    return [scheme["id"] for scheme in connection.scalars(select(col(Dataset.schemes))).one()]


class EntryListParams(ListParams):
    """What narrows every collection."""

    pack: Annotated[
        Values,
        Field(description="Only entries of this pack; repeat to allow several. `/dataset` lists the packs."),
        one_of(loaded_packs),
    ] = []


class ConceptParams(EntryListParams):
    """What narrows the glossary."""

    facet: Annotated[Sequence[Literal["pack"]], Field(max_length=20, description=FACETS)] = []


class TypeParams(EntryListParams):
    """What narrows the virtualization types and the hypervisor types."""

    concept: Annotated[
        Values,
        Field(description="Only types of this concept; repeat to allow several."),
        one_of(ids_of(Concept)),
    ] = []
    facet: Annotated[Sequence[Literal["concept", "pack"]], Field(max_length=20, description=FACETS)] = []


class ProductParams(EntryListParams):
    """What narrows collections of things that somebody makes."""

    vendor: Annotated[
        Values,
        Field(description="Only entries by this vendor, written as the field shows it; repeat to allow several."),
        one_of(),
    ] = []
    license: Annotated[
        Values,
        Field(description="Only entries under this licence: an SPDX id or `proprietary`; repeat to allow several."),
        one_of(),
    ] = []


class ExampleParams(ProductParams):
    """What narrows the examples."""

    type: Annotated[
        Values,
        Field(description="Only examples of this virtualization type; repeat to allow several."),
        one_of(ids_of(VirtualizationType)),
    ] = []
    facet: Annotated[
        Sequence[Literal["type", "vendor", "license", "pack"]], Field(max_length=20, description=FACETS)
    ] = []


class HypervisorParams(ProductParams):
    """What narrows the hypervisors."""

    type: Annotated[
        Values,
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


class ExportParams(TextParams):
    """How the whole dataset is exported."""

    format: Annotated[
        Optional[Literal["json", "csv", "jsonld"]],
        Field(
            description="One JSON document, CSV tables in a zip archive, or SKOS as JSON-LD, which holds every "
            "language whatever `lang` says; without it, what Accept prefers, else JSON."
        ),
    ] = None
