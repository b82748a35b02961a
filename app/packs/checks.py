"""The checks beyond the schema: across the fields of an entry, across entries, across packs."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from app.folding import fold_key, nearest
from app.packs.content import FACTS, ConceptSeed, LocalizedNames
from app.packs.faults import PackFault
from app.packs.files import Pack, PackEntry, ReadFile, entries_of
from app.store.collections import COLLECTIONS


def find_faults(packs: Sequence[Pack]) -> Iterator[PackFault]:
    """Find entries that contradict each other, refer to something missing, or lack a source."""
    entries = list(entries_of(packs))
    files = [file for pack in packs for file in pack.files]
    yield from repeated_ids("schemes", files)
    yield from scheme_faults(files)
    for pack in packs:
        yield from repeated_ids("sources", pack.files)
    schemes = {scheme.id for file in files for scheme in file.content.schemes}
    by_id: dict[str, dict[str, PackEntry]] = {resource: {} for resource in COLLECTIONS}
    for entry in entries:
        other = by_id[entry.collection.resource].setdefault(entry.seed.id, entry)
        if other is not entry:
            yield entry.fault(["id"], f"'{entry.seed.id}' is already in {other.file.path}")
    owners: dict[tuple[str, str], PackEntry] = {}
    for entry in entries:
        yield from word_faults(entry, owners)
        yield from parent_faults(entry, by_id)
        for scheme in sorted({*entry.seed.identifiers} - schemes):
            yield entry.fault(["identifiers", scheme], "is not a scheme; declare it under schemes")
        yield from citation_faults(entry)


def repeated_ids(key: Literal["sources", "schemes"], files: Sequence[ReadFile]) -> Iterator[PackFault]:
    """Find ids that occur twice in the lists under one key."""
    seen: set[str] = set()
    for file in files:
        for index, item in enumerate(getattr(file.content, key)):
            if item.id in seen:
                yield file.fault([key, index, "id"], f"'{item.id}' is a duplicate")
            seen.add(item.id)


def scheme_faults(files: Sequence[ReadFile]) -> Iterator[PackFault]:
    """Find values of a scheme that are said both to name no product and to mean that there is none."""
    for file in files:
        for index, scheme in enumerate(file.content.schemes):
            for number, value in enumerate(scheme.unspecified):
                if value in (*scheme.not_virtualized, *scheme.also_physical, *scheme.hosts):
                    reason = f"'{value}' is also under not_virtualized, also_physical or hosts; it cannot mean both"
                    yield file.fault(["schemes", index, "unspecified", number], reason)


def parent_faults(entry: PackEntry, by_id: dict[str, dict[str, PackEntry]]) -> Iterator[PackFault]:
    """Find a parent that is in none of the packs."""
    if (nesting := entry.collection.above) is None:
        return
    above = nesting.upper.resource
    if (wanted := getattr(entry.seed, nesting.column)) not in by_id[above]:
        near = nearest(wanted, by_id[above], 1)
        yield entry.fault(
            [nesting.column], f"there is no '{wanted}' in {above}" + (f"; did you mean '{near[0]}'?" if near else "")
        )


def word_faults(entry: PackEntry, owners: dict[tuple[str, str], PackEntry]) -> Iterator[PackFault]:
    """Find names that are empty when folded, duplicates, or names of another entry in the same collection.

    `owners` maps each folded name of a collection to its entry; this function adds the names of the entry.
    """
    seen = set()
    for path, word in entry.words():
        if path[0] == "aliases":
            if word in seen:
                yield entry.fault(path, f"'{word}' is a duplicate in this entry")
            seen.add(word)
        key = fold_key(word)
        if not key:
            yield entry.fault(path, f"'{word}' contains nothing to look up")
            continue
        other = owners.setdefault((entry.collection.resource, key), entry)
        if other.seed.id != entry.seed.id:
            yield entry.fault(path, f"'{word}' already resolves to '{other.seed.id}' ({other.file.path})")


def citation_faults(entry: PackEntry) -> Iterator[PackFault]:
    """Find citations of undeclared works or empty fields, facts without a citation, and missing translations."""
    seed = entry.seed
    filled = {"name"} | {field for field in type(seed).model_fields if has_content(getattr(seed, field))}
    supported: set[str] = set()
    for index, citation in enumerate(seed.sources):
        if citation.source not in entry.pack.works:
            yield entry.fault(["sources", index, "source"], f"'{citation.source}' is not declared under sources")
        for number, field in enumerate(citation.supports):
            if field not in filled:
                yield entry.fault(["sources", index, "supports", number], f"the entry has no {field}")
        supported |= {*citation.supports}
    for fact in FACTS:
        if fact in filled and fact not in supported:
            yield entry.fault([fact], "no source supports it; add one that lists it under `supports`")
    if isinstance(seed, ConceptSeed) and len(seed.characteristics.en) != len(seed.characteristics.zh):
        yield entry.fault(["characteristics"], "every language must have the same number of characteristics")


def has_content(value: Any) -> bool:
    """Whether a field has a value in any language."""
    return any(value.model_dump().values()) if isinstance(value, LocalizedNames) else bool(value)
