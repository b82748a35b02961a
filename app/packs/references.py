"""References from one entry to another: an id, or a path where several collections have the id."""

from collections.abc import Iterable

from app.folding import nearest
from app.packs.files import PackEntry


class References:
    """The entries of all packs, as references find them."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        """Take the collection and the id of each entry."""
        self.resources: dict[str, list[str]] = {}
        for resource, id in entries:
            self.resources.setdefault(id, []).append(resource)

    @classmethod
    def to(cls, entries: Iterable[PackEntry]) -> "References":
        """Take entries of packs."""
        return cls((entry.collection.resource, entry.seed.id) for entry in entries)

    def resolve(self, reference: str) -> tuple[str, str]:
        """Return the collection and the id that a reference names. Raises `ValueError` that says what is wrong."""
        resource, _, id = reference.rpartition("/")
        found = [each for each in self.resources.get(id, ()) if resource in ("", each)]
        if len(found) == 1:
            return found[0], id
        if found:
            raise ValueError(
                f"'{id}' is in {' and '.join(found)}; write {' or '.join(f'{each}/{id}' for each in found)}"
            )
        near = nearest(id, self.resources, 1)
        raise ValueError(
            f"there is no '{id}' in {resource or 'any collection'}" + (f"; did you mean '{near[0]}'?" if near else "")
        )

    def resolve_all(self, references: Iterable[str]) -> list[dict[str, str]]:
        """Return what references that are known to be right name, as the tables store it."""
        return [{"resource": resource, "id": id} for resource, id in map(self.resolve, references)]
