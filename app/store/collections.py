"""The five collections and which belongs to which, stated once: by their tables and the foreign keys of these."""

from dataclasses import dataclass
from functools import cached_property

from app.store.tables import Concept, Entry, Example, Hypervisor, HypervisorType, Resource, VirtualizationType


@dataclass(frozen=True)
class Nesting:
    """Each entry of `lower` belongs to the entry of `upper` whose id its `column` holds."""

    upper: "Collection"
    lower: "Collection"
    column: str


@dataclass(frozen=True)
class Collection:
    """A collection of entries."""

    table: type[Entry]

    @property
    def resource(self) -> Resource:
        """The collection's name in URLs, packs and answers: ``virtualization-types``."""
        return self.table.resource

    @property
    def field(self) -> str:
        """The collection's name as a field: ``virtualization_types``."""
        return self.resource.replace("-", "_")

    @cached_property
    def above(self) -> Nesting | None:
        """What its entries belong to; None at the top of the tree."""
        for key in self.table.__table__.foreign_keys:
            upper = next(other for other in COLLECTIONS.values() if other.table.__table__ is key.column.table)
            return Nesting(upper, self, key.parent.name)
        return None

    @cached_property
    def below(self) -> tuple[Nesting, ...]:
        """What belongs to its entries, in the document's order."""
        return tuple(other.above for other in COLLECTIONS.values() if other.above and other.above.upper is self)


# In the document's order, in which the foreign keys also allow rows to be written.
COLLECTIONS: dict[str, Collection] = {
    table.resource: Collection(table) for table in (Concept, VirtualizationType, Example, HypervisorType, Hypervisor)
}
