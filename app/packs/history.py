"""What differs in a pack from its last release, which `changes.yaml` records."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from app.packs.changes import ChangeSeed, ReleaseSeed
from app.packs.content import EntrySeed
from app.packs.faults import PackFault
from app.packs.files import Pack, ReadFile, parts_of
from app.packs.references import References
from app.shapes.entries import CHILD_FIELDS, entry_path
from app.store.collections import COLLECTIONS
from app.store.tables import ChangeKind

# The file of the history, and what it has.
HISTORY_FILE = "changes.yaml"
HISTORY_KEYS = {"releases", "released"}
# More differences are not named.
NAMED = 5
# Digests of fields, by the path of what has them and the field's name.
Digests = dict[str, dict[str, str]]


# Hexadecimal digits without 0 to 9: YAML reads `12345678`, and YAML 1.2 `12e34567`, as a number.
LETTERS = str.maketrans("0123456789", "ghijklmnop")


def digest(value: Any) -> str:
    """Return a short digest of a value; one field in four billion has that of another."""
    return blake2b(to_json(value), digest_size=4).hexdigest().translate(LETTERS)


def set_fields(model: BaseModel, *ids: str) -> dict[str, Any]:
    """Return the fields of a model that say something, but its ids: a new one of the schema changes no old pack."""
    return {
        name: getattr(model, name)
        for name, field in type(model).model_fields.items()
        if name not in ("id", *ids) and getattr(model, name) != field.get_default(call_default_factory=True)
    }


def statements(pack: Pack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield all that a pack says, each with the path of what it is said of.

    What other packs say makes no difference. Of an entry of another pack, it says what it adds, and which of its own
    entries are below that one.
    """
    yield "pack", set_fields(pack.header, "version")
    for file in pack.files:
        yield from ((entry_path("schemes", scheme.id), set_fields(scheme)) for scheme in file.content.schemes)
        yield from (("pack", {"sources": set_fields(work)}) for work in file.content.sources)
    for collection in COLLECTIONS.values():
        for part in parts_of([pack], collection):
            fields = set_fields(part.seed, "extends", "sources")
            yield part.path, {"name" if name == "labels" else name: value for name, value in fields.items()}
            for citation in part.seed.sources:
                yield part.path, {"sources": (set_fields(citation, "source"), set_fields(pack.works[citation.source]))}
            if isinstance(part.seed, EntrySeed):
                yield "pack", {"order": part.path}
                if (nesting := collection.above) and collection.field in CHILD_FIELDS:
                    parent = entry_path(nesting.upper.resource, getattr(part.seed, nesting.column))
                    yield parent, {collection.field: part.id}


def digests_of(pack: Pack) -> Digests:
    """Compute the digests of a pack: of itself, its schemes and its entries, and of what it adds to those of others."""
    said: dict[str, dict[str, list[Any]]] = {}
    for path, fields in statements(pack):
        for name, value in fields.items():
            said.setdefault(path, {}).setdefault(name, []).append(value)
    return {path: {name: digest(values) for name, values in fields.items()} for path, fields in said.items()}


def differing_fields(pack: Pack) -> dict[str, list[str]]:
    """List the fields that differ from the last release, by path; those of removed entries come last."""
    before, after = pack.released, digests_of(pack)
    differing = {}
    for path in dict.fromkeys([*after, *before]):
        old, new = before.get(path, {}), after.get(path, {})
        differing[path] = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    return {path: fields for path, fields in differing.items() if fields}


def find_changes(pack: Pack, differing: Mapping[str, Sequence[str]], references: References) -> Iterator[ChangeSeed]:
    """Yield what the next release changes in entries, of other packs as well, given the fields that differ."""
    seeds = {
        part.path: part.seed
        for collection in COLLECTIONS.values()
        for part in parts_of([pack], collection)
        if isinstance(part.seed, EntrySeed)
    }
    for path, fields in differing.items():
        resource, _, id = path.rpartition("/")
        if resource not in COLLECTIONS:
            continue
        # Only of an entry of its own does a pack say the name.
        seed, existed = seeds.get(path), "name" in pack.released.get(path, {})
        made: dict[str, Any] = {"change": ChangeKind.CHANGED, "fields": fields}
        if existed and seed is None:
            made = {"change": ChangeKind.REMOVED, "replaced_by": successors(pack, path)}
        elif seed and not existed:
            made = {"change": ChangeKind.ADDED}
        elif seed and seed.deprecated and "deprecated" in fields:
            made["change"] = ChangeKind.DEPRECATED
        if seed and seed.deprecated and made["change"] is not ChangeKind.CHANGED:
            made["replaced_by"] = [entry_path(*references.resolve(other)) for other in seed.deprecated.replaced_by]
        yield ChangeSeed(resource=resource, id=id, **made)


def find_moved_schemes(differing: Mapping[str, Sequence[str]]) -> list[str]:
    """List the schemes whose values have pages at other addresses, given the fields that differ."""
    paths = (path.partition("/") for path, fields in differing.items() if "url_template" in fields)
    return [id for _, _, id in paths]


def successors(pack: Pack, path: str) -> Sequence[str]:
    """Return the entries that replace a removed one: those that its deprecation named, if it was deprecated."""
    if "deprecated" in pack.released[path]:
        for release in pack.releases:
            for change in release.changes:
                if change.path == path and change.change is not ChangeKind.CHANGED:
                    return change.replaced_by
    return ()


def history_faults(packs: Sequence[Pack], *, releasing: bool) -> Iterator[PackFault]:
    """Find what is wrong with the histories of packs.

    While one is released, any may differ from its newest release: where two change together, one is the first.
    """
    for pack in packs:
        for file in pack.files:
            yield from misplaced_history(file)
            yield from releases_out_of_order(file)
        yield from reused_ids(pack)
        if pack.releases and not releasing:
            yield from unreleased_content(pack)


def misplaced_history(file: ReadFile) -> Iterator[PackFault]:
    """Find a history in another file than its own, which the next release replaces."""
    keys = file.content.model_fields_set
    if file.path.name == HISTORY_FILE and keys != HISTORY_KEYS:
        yield file.fault(
            [], f"must have the keys {' and '.join(sorted(HISTORY_KEYS))}, which a release writes, and no other"
        )
    elif file.path.name != HISTORY_FILE:
        yield from (file.fault([key], f"must be in {HISTORY_FILE}") for key in sorted(HISTORY_KEYS & keys))


def releases_out_of_order(file: ReadFile) -> Iterator[PackFault]:
    """Find releases that could not follow the one before."""
    for number, (newer, older) in enumerate(pairwise(file.content.releases)):
        if problem := order_problem(newer, older):
            yield file.fault(["releases", number], problem)


def numbers_of(version: str) -> list[int]:
    """Return what versions are compared by: 1.10 is higher than 1.9, and 1.0 is 1."""
    return [int(number) for number in re.sub(r"(\.0+)+$", "", version).split(".")]


def order_problem(newer: ReleaseSeed, older: ReleaseSeed) -> str | None:
    """Say why a release cannot follow another one; None if it can."""
    if numbers_of(newer.version) <= numbers_of(older.version):
        return f"{newer.version} is not higher than {older.version}, the last release"
    if newer.date < older.date:
        return f"{newer.date} is before {older.date}, the day of the last release"
    return None


def reused_ids(pack: Pack) -> Iterator[PackFault]:
    """Find the entries whose ids a removed entry had."""
    removed = {
        change.path: release.version
        for release in pack.releases
        for change in release.changes
        if change.change is ChangeKind.REMOVED
    }
    for collection in COLLECTIONS.values():
        for part in parts_of([pack], collection):
            if isinstance(part.seed, EntrySeed) and (version := removed.get(part.path)):
                yield part.fault(["id"], f"'{part.id}' was removed in {version}; an id is never reused")


def unreleased_content(pack: Pack) -> Iterator[PackFault]:
    """Find a version that was not released, or content that is not that of the release."""
    file = pack.header_file
    id, version, released = pack.header.id, pack.header.version, pack.releases[0].version
    if version != released:
        reason = f"is {version}, but the last release is {released}; run `virt-taxonomy release {id} {version}`"
        yield file.fault(["pack", "version"], reason)
    elif differing := differing_fields(pack):
        named = ", ".join(f"{path} ({', '.join(fields)})" for path, fields in [*differing.items()][:NAMED])
        more = f" and {len(differing) - NAMED} more" if len(differing) > NAMED else ""
        reason = f"is {version}, but {named}{more} differ from its release; run `virt-taxonomy release {id} VERSION`"
        yield file.fault(["pack", "version"], f"{reason} with a higher version")
