"""The closed vocabularies that are data: a parameter takes only values that the loaded dataset has.

Each is a type. Its name is that of the component of the OpenAPI document, where `app.api.openapi` writes the values.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col
from typing_extensions import TypeAliasType

from app.queries.dataset import read_pack_ids, read_scheme_ids
from app.queries.parameters import QueryText
from app.store.snapshot import Reader
from app.store.statements import Statement
from app.store.tables import Concept, Entry, Example, Hypervisor, HypervisorType, VirtualizationType


class Vocabulary(NamedTuple):
    """How the values are read; `entries` are the collections if they are ids."""

    read: Callable[[Reader], Sequence[str]]
    entries: tuple[type[Entry], ...] = ()


def ids_of(*tables: type[Entry]) -> Vocabulary:
    """Return the vocabulary that consists of the ids of collections."""
    statements = [Statement.compile(select(col(table.id)).order_by(col(table.position))) for table in tables]

    def read(reader: Reader) -> Sequence[str]:
        return [*dict.fromkeys(id for statement in statements for id in reader.column(statement))]

    return Vocabulary(read, tables)


ConceptId = TypeAliasType("ConceptId", Annotated[QueryText, Field(description="The id of a concept.")])
HypervisorTypeId = TypeAliasType(
    "HypervisorTypeId", Annotated[QueryText, Field(description="The id of a hypervisor type.")]
)
VirtualizationTypeId = TypeAliasType(
    "VirtualizationTypeId", Annotated[QueryText, Field(description="The id of a virtualization type.")]
)
ProductId = TypeAliasType("ProductId", Annotated[QueryText, Field(description="The id of a hypervisor or an example.")])
PackId = TypeAliasType("PackId", Annotated[QueryText, Field(description="The id of a pack.")])
SchemeId = TypeAliasType("SchemeId", Annotated[QueryText, Field(description="The id of an identifier scheme.")])

VOCABULARIES: dict[str, Vocabulary] = {
    ConceptId.__name__: ids_of(Concept),
    HypervisorTypeId.__name__: ids_of(HypervisorType),
    VirtualizationTypeId.__name__: ids_of(VirtualizationType),
    ProductId.__name__: ids_of(Hypervisor, Example),
    PackId.__name__: Vocabulary(read_pack_ids),
    SchemeId.__name__: Vocabulary(read_scheme_ids),
}


@cache
def vocabularies_of(model: type[BaseModel]) -> Mapping[str, Vocabulary]:
    """Return the vocabulary of each parameter that has one."""
    types: dict[str, Any] = {name: get_args(field.annotation)[:1] for name, field in model.model_fields.items()}
    return {
        name: VOCABULARIES[item.__name__]
        for name, items in types.items()
        for item in items
        if isinstance(item, TypeAliasType) and item.__name__ in VOCABULARIES
    }


def read_vocabularies(reader: Reader) -> dict[str, Sequence[str]]:
    """Read the values of every vocabulary, by the name of its type."""
    return {name: reader.derive(vocabulary.read) for name, vocabulary in VOCABULARIES.items()}
