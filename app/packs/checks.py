"""The checks beyond the schema: across the fields of an entry, across entries, across packs."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.folding import fold_key, nearest
from app.packs.content import ConceptSeed, EntrySeed, ExtensionSeed, ProductSeed
from app.packs.faults import PackFault
from app.packs.file_checks import file_faults
from app.packs.files import Pack, PackEntry, Part, entries_of, parts_of
from app.packs.localized import LocalizedNames
from app.packs.references import References
from app.packs.works import FACTS
from app.store.collections import COLLECTIONS

# The collections on whose entries others are based.
PRODUCTS = ("examples", "hypervisors")


def find_faults(packs: Sequence[Pack]) -> Iterator[PackFault]:
    """Find entries that contradict each other, refer to something missing, or lack a source or a translation."""
    yield from file_faults(packs)
    entries = [*entries_of(packs)]
    schemes = {scheme.id for pack in packs for file in pack.files for scheme in file.content.schemes}
    by_id: dict[str, dict[str, PackEntry]] = {resource: {} for resource in COLLECTIONS}
    for entry in entries:
        other = by_id[entry.collection.resource].setdefault(entry.seed.id, entry)
        if other is not entry:
            yield entry.fault(["id"], f"'{entry.seed.id}' is already in {other.file.path}")
    references = References((resource, id) for resource, found in by_id.items() for id in found)
    owners: dict[tuple[str, str], PackEntry] = {}
    for entry in entries:
        yield from word_faults(entry, entry, owners)
        yield from parent_faults(entry, by_id)
        yield from reference_faults(entry, references)
        for part in entry.parts:
            for scheme in sorted({*part.seed.identifiers} - schemes):
                yield part.fault(["identifiers", scheme], "is not a scheme; declare it under schemes")
            yield from citation_faults(part)
    for entry in entries:
        for part in entry.extensions:
            yield from word_faults(part, entry, owners)
    yield from extension_faults(packs, by_id)


def extension_faults(packs: Sequence[Pack], by_id: dict[str, dict[str, PackEntry]]) -> Iterator[PackFault]:
    """Find what extends an entry that is in none of the packs."""
    for collection in COLLECTIONS.values():
        for part in parts_of(packs, collection):
            if isinstance(part.seed, ExtensionSeed) and part.seed.extends not in by_id[collection.resource]:
                reason = f"there is no '{part.seed.extends}' in {collection.resource}; load the pack that has it"
                yield part.fault(["extends"], reason)


def parent_faults(entry: PackEntry, by_id: dict[str, dict[str, PackEntry]]) -> Iterator[PackFault]:
    """Find a parent, or a broader concept, that is in none of the packs; and concepts that are broader in a circle."""
    wanted = {}
    if (nesting := entry.collection.above) is not None:
        wanted[nesting.column] = nesting.upper.resource
    if isinstance(entry.seed, ConceptSeed) and entry.seed.broader:
        wanted["broader"] = entry.collection.resource
    for column, resource in wanted.items():
        id = getattr(entry.seed, column)
        if id not in by_id[resource]:
            near = nearest(id, by_id[resource], 1)
            suggestion = f"; did you mean '{near[0]}'?" if near else ""
            yield entry.fault([column], f"there is no '{id}' in {resource}{suggestion}")
    above, seen = entry, {entry.seed.id}
    while isinstance(above.seed, ConceptSeed) and (found := by_id["concepts"].get(above.seed.broader or "")):
        if found.seed.id in seen:
            if found is entry:
                yield entry.fault(["broader"], f"'{entry.seed.id}' is broader than itself")
            break
        seen.add(found.seed.id)
        above = found


def reference_faults(entry: PackEntry, references: References) -> Iterator[PackFault]:
    """Find references to entries that are missing, ambiguous or no product, and to the entry itself."""
    seed = entry.seed
    given: list[tuple[tuple[str, ...], list[str]]] = [(("related",), seed.related)]
    if isinstance(seed, ProductSeed):
        given.append((("based_on",), seed.based_on))
    if seed.deprecated:
        given.append((("deprecated", "replaced_by"), seed.deprecated.replaced_by))
    for path, names in given:
        for number, name in enumerate(names):
            try:
                target = references.resolve(name)
            except ValueError as error:
                yield entry.fault([*path, number], str(error))
                continue
            if target == (entry.collection.resource, seed.id):
                yield entry.fault([*path, number], f"'{name}' is the entry itself")
            elif path == ("based_on",) and target[0] not in PRODUCTS:
                yield entry.fault([*path, number], f"'{name}' is in {target[0]}, not in {' or '.join(PRODUCTS)}")


def word_faults(part: Part, entry: PackEntry, owners: dict[tuple[str, str], PackEntry]) -> Iterator[PackFault]:
    """Find names that are empty when folded, duplicates, or names of another entry in the same collection.

    `owners` maps each folded name of a collection to its entry; this function adds the names of the entry.
    """
    seen = {word for path, word in entry.words() if path[0] == "aliases"} if part is not entry else set()
    for path, word in part.words():
        if path[0] == "aliases":
            if word in seen:
                yield part.fault(path, f"'{word}' is a duplicate in this entry")
            seen.add(word)
        key = fold_key(word)
        if not key:
            yield part.fault(path, f"'{word}' contains nothing to look up")
            continue
        other = owners.setdefault((entry.collection.resource, key), entry)
        if other.seed.id != entry.seed.id:
            yield part.fault(path, f"'{word}' already resolves to '{other.seed.id}' ({other.file.path})")


def citation_faults(part: Part) -> Iterator[PackFault]:
    """Find citations of undeclared works or empty fields, and facts without a citation."""
    seed = part.seed
    filled = {"name"} if isinstance(seed, EntrySeed) else set()
    filled |= {field for field in type(seed).model_fields if has_content(getattr(seed, field))}
    supported: set[str] = set()
    for index, citation in enumerate(seed.sources):
        if citation.source not in part.pack.works:
            yield part.fault(["sources", index, "source"], f"'{citation.source}' is not declared under sources")
        for number, field in enumerate(citation.supports):
            if field not in filled:
                yield part.fault(["sources", index, "supports", number], f"the entry has no {field}")
        supported |= {*citation.supports}
    for fact in FACTS:
        if fact in filled and fact not in supported:
            yield part.fault([fact], "no source supports it; add one that lists it under `supports`")
    if isinstance(seed, ConceptSeed):
        numbers = {len(getattr(seed.characteristics, lang)) for lang in part.pack.header.languages}
        if len(numbers) > 1:
            yield part.fault(["characteristics"], "every language must have the same number of characteristics")


def has_content(value: Any) -> bool:
    """Whether a field has a value in any language."""
    return any(value.model_dump().values()) if isinstance(value, LocalizedNames) else bool(value)
