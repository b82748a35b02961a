"""The five collections and the parent of each, read from the foreign keys of their tables."""

from dataclasses import dataclass
from functools import cached_property

from app.store.tables import Concept, Entry, Example, Hypervisor, HypervisorType, Resource, VirtualizationType


@dataclass(frozen=True)
class Nesting:
    """The relation of a parent collection, `upper`, to a child, `lower`, whose `column` contains the parent's id."""

    upper: "Collection"
    lower: "Collection"
    column: str


@dataclass(frozen=True)
class Collection:
    """A collection of entries."""

    table: type[Entry]

    @property
    def resource(self) -> Resource:
        """The collection's name as data, in URLs, packs, file names and answers: ``virtualization-types``."""
        return self.table.resource

    @property
    def field(self) -> str:
        """The collection's name as the field of an entry that contains others: ``virtualization_types``."""
        return self.resource.replace("-", "_")

    @cached_property
    def above(self) -> Nesting | None:
        """The nesting in which this is the child; None for the root of the tree."""
        for key in self.table.__table__.foreign_keys:
            upper = next(other for other in COLLECTIONS.values() if other.table.__table__ is key.column.table)
            return Nesting(upper, self, key.parent.name)
        return None

    @cached_property
    def below(self) -> tuple[Nesting, ...]:
        """The nestings in which this is the parent, in the order of the source document."""
        return tuple(other.above for other in COLLECTIONS.values() if other.above and other.above.upper is self)


# In the order of the source document, which also puts every parent before its children, as foreign keys require.
COLLECTIONS: dict[str, Collection] = {
    table.resource: Collection(table) for table in (Concept, VirtualizationType, Example, HypervisorType, Hypervisor)
}
