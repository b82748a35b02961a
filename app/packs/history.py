"""What differs in a pack from its last release, which `changes.yaml` records."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from app.packs.changes import ChangeSeed
from app.packs.content import EntrySeed, ExtensionSeed
from app.packs.faults import PackFault
from app.packs.files import Pack, Part, parts_of
from app.packs.references import References
from app.shapes.entries import entry_path
from app.store.collections import COLLECTIONS
from app.store.tables import ChangeKind

# More differences are not named.
NAMED = 5
# Digests of fields, by the path of what has them and the field's name.
Digests = dict[str, dict[str, str]]


def digest(value: Any) -> str:
    """Return a short digest of a value; one field in four billion has that of another."""
    return blake2b(to_json(value), digest_size=4).hexdigest()


def set_fields(model: BaseModel) -> dict[str, Any]:
    """Return the fields of a model that say something, but not its id: a new one of the schema changes no old pack."""
    return {
        name: getattr(model, name)
        for name, field in type(model).model_fields.items()
        if name != "id" and getattr(model, name) != field.get_default(call_default_factory=True)
    }


def entry_fields(part: Part) -> dict[str, Any]:
    """Return the fields of an entry, or of what extends one, as answers name them; each citation with its work."""
    fields = set_fields(part.seed)
    works = part.pack.works
    fields["sources"] = [(citation, works[citation.source]) for citation in part.seed.sources]
    return {"name" if name == "labels" else name: value for name, value in fields.items()}


def digests_of(pack: Pack) -> Digests:
    """Compute the digests of a pack: of its description, its schemes and its entries."""
    description = set_fields(pack.header)
    del description["version"]
    found: dict[str, Mapping[str, Any]] = {"pack": description}
    found |= {f"schemes/{scheme.id}": set_fields(scheme) for file in pack.files for scheme in file.content.schemes}
    for collection in COLLECTIONS.values():
        for part in parts_of([pack], collection):
            path = entry_path(collection.resource, part.id)
            found[path] = {**found.get(path, {}), **entry_fields(part)}
    return {path: {name: digest(value) for name, value in fields.items()} for path, fields in found.items()}


def differing_fields(pack: Pack) -> dict[str, list[str]]:
    """List the fields that differ from the last release, by path; those of removed entries come last."""
    before, after = pack.released, digests_of(pack)
    differing = {}
    for path in dict.fromkeys([*after, *before]):
        old, new = before.get(path, {}), after.get(path, {})
        differing[path] = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    return {path: fields for path, fields in differing.items() if fields}


def find_changes(pack: Pack, references: References) -> Iterator[ChangeSeed]:
    """Yield what the next release changes in entries."""
    seeds: dict[str, EntrySeed | ExtensionSeed] = {}
    for collection in COLLECTIONS.values():
        for part in parts_of([pack], collection):
            seeds[entry_path(collection.resource, part.id)] = part.seed
    for path, fields in differing_fields(pack).items():
        resource, _, id = path.rpartition("/")
        if resource not in COLLECTIONS:
            continue
        seed = seeds.get(path)
        made: dict[str, Any] = {"change": ChangeKind.CHANGED, "fields": fields}
        if "extends" in {**pack.released.get(path, {}), **dict.fromkeys(fields)}:
            # What this pack adds to an entry of another.
            made["fields"] = [name for name in fields if name != "extends"]
        elif seed is None:
            made = {"change": ChangeKind.REMOVED, "replaced_by": successors(pack, path)}
        elif path not in pack.released:
            made = {"change": ChangeKind.ADDED}
        elif isinstance(seed, EntrySeed) and seed.deprecated and "deprecated" in fields:
            replaced_by = [entry_path(*references.resolve(other)) for other in seed.deprecated.replaced_by]
            made |= {"change": ChangeKind.DEPRECATED, "replaced_by": replaced_by}
        yield ChangeSeed(resource=resource, id=id, **made)


def successors(pack: Pack, path: str) -> Sequence[str]:
    """Return the entries that replace a removed one: those that its deprecation named."""
    for release in pack.releases:
        for change in release.changes:
            if entry_path(change.resource, change.id) == path and change.change is ChangeKind.DEPRECATED:
                return change.replaced_by
    return ()


def history_faults(packs: Sequence[Pack], releasing: str | None = None) -> Iterator[PackFault]:
    """Find removed ids that are back, and content that differs from its last release, but not of one being released."""
    for pack in packs:
        yield from reused_ids(pack)
        if pack.releases and pack.header.id != releasing:
            yield from unreleased_content(pack)


def reused_ids(pack: Pack) -> Iterator[PackFault]:
    """Find the entries whose ids a removed entry had."""
    removed = {
        entry_path(change.resource, change.id): release.version
        for release in pack.releases
        for change in release.changes
        if change.change is ChangeKind.REMOVED
    }
    for collection in COLLECTIONS.values():
        for part in parts_of([pack], collection):
            if isinstance(part.seed, EntrySeed) and (version := removed.get(entry_path(collection.resource, part.id))):
                yield part.fault(["id"], f"'{part.id}' was removed in {version}; an id is never reused")


def unreleased_content(pack: Pack) -> Iterator[PackFault]:
    """Find a version that was not released, or content that is not that of the release."""
    file = next(file for file in pack.files if file.content.pack)
    id, version, released = pack.header.id, pack.header.version, pack.releases[0].version
    if version != released:
        reason = f"is {version}, but the last release is {released}; run `virt-taxonomy release {id} {version}`"
        yield file.fault(["pack", "version"], reason)
    elif differing := differing_fields(pack):
        named = ", ".join(f"{path} ({', '.join(fields)})" for path, fields in [*differing.items()][:NAMED])
        more = f" and {len(differing) - NAMED} more" if len(differing) > NAMED else ""
        reason = f"is {version}, but {named}{more} differ from its release; run `virt-taxonomy release {id} VERSION`"
        yield file.fault(["pack", "version"], f"{reason} with a higher version")
