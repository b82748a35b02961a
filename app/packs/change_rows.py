"""Building the rows of the table of changes: what the histories of the packs say, and what follows from it.

Here, entries and schemes have paths: ``hypervisors/kvm``, ``schemes/cpuid``.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from app.packs.changes import ChangeSeed, ReleaseSeed
from app.packs.files import Pack
from app.packs.rows import Rows
from app.shapes.changes import ChangePublic
from app.shapes.entries import CHILD_FIELDS, RELATIONS, entry_path, refer_to_entry
from app.store.collections import COLLECTIONS
from app.store.tables import ChangeKind, Comparison, Language

# The path of an entry, and a field; the empty field is the whole entry.
Place = tuple[str, str]


def change_rows(packs: Sequence[Pack], rows: Rows) -> list[dict[str, Any]]:
    """Make the row of each change, the newest first; `rows` are those of the entries."""
    entries = {entry_path(resource, row["id"]): row for resource in COLLECTIONS for row in rows[resource]}
    shown = find_shown(rows)
    released = [(release, pack, changes) for pack in packs for release, changes in changes_of(pack, shown)]
    removed = {
        change.path: change.replaced_by
        for _, _, changes in reversed(released)
        for change in changes
        if change.change is ChangeKind.REMOVED
    }
    released.sort(key=lambda each: each[0].date, reverse=True)
    found: list[dict[str, Any]] = []
    for release, pack, changes in released:
        for change in changes:
            path = change.path
            own = {
                "pack": pack.header.id,
                "date": release.date,
                **change.model_dump(include={"resource", "id", "change"}),
            }
            row = {"position": len(found), **own}
            replaced_by = existing(change.replaced_by, entries, removed)
            for lang in Language:
                record = {
                    **own,
                    "version": release.version,
                    "fields": change.fields,
                    "url": f"/{path}",
                    "name": entries.get(path, {}).get(f"name_{lang}"),
                    "replaced_by": [
                        refer_to_entry(path.partition("/")[0], entries[path], lang) for path in replaced_by
                    ],
                }
                row[f"record_{lang}"] = to_json({name: record[name] for name in ChangePublic.model_fields}).decode()
            found.append(row)
    return found


def existing(paths: Sequence[str], entries: Mapping[str, Any], removed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the paths of entries that exist: instead of one that was removed, those that replaced it."""
    found, queue, seen = [], [*paths], set()
    while queue:
        path = queue.pop(0)
        if path in entries and path not in found:
            found.append(path)
        elif path not in entries and path not in seen:
            seen.add(path)
            queue += removed.get(path, ())
    return found


def changes_of(pack: Pack, shown: Mapping[Place, Sequence[Place]]) -> Iterator[tuple[ReleaseSeed, list[ChangeSeed]]]:
    """Yield each release of a pack, the newest first, with its changes and with those that follow from them.

    An entry changes as well if it shows a name or an address that did, in whatever pack it is. That is left out where a
    later release of the same pack changed the entry there: whether it showed the old one is not known, and who follows
    the changes reads the entry again in any case.
    """
    later: set[Place] = set()
    for release in pack.releases:
        fields = {change.path: [*change.fields] for change in release.changes}
        later |= {(path, field) for path, changed in fields.items() for field in changed or [""]}
        causes = [(path, field) for path, changed in fields.items() for field in changed]
        causes += [(entry_path("schemes", scheme), "url_template") for scheme in release.url_templates]
        for path, field in (place for cause in causes for place in shown.get(cause, ())):
            if later.isdisjoint([(path, ""), (path, field)]) and field not in fields.setdefault(path, []):
                fields[path].append(field)
        changes = []
        for change in release.changes:
            changed = fields.pop(change.path)
            changes.append(change.model_copy(update={"fields": changed}))
        for path, changed in fields.items():
            resource, _, id = path.partition("/")
            if changed:
                changes.append(ChangeSeed(resource=resource, id=id, change=ChangeKind.CHANGED, fields=changed))
        yield release, changes


def find_shown(rows: Rows) -> Mapping[Place, Sequence[Place]]:
    """Find where each name of an entry, and each URL template of a scheme, is shown in other entries."""
    shown: defaultdict[Place, list[Place]] = defaultdict(list)
    for resource, collection in COLLECTIONS.items():
        nesting = collection.above if collection.field in CHILD_FIELDS else None
        for row in rows[resource]:
            own = entry_path(resource, row["id"])
            if nesting:
                parent = entry_path(nesting.upper.resource, row[nesting.column])
                shown[own, "name"].append((parent, collection.field))
            for relation in RELATIONS:
                field = "deprecated" if relation == "replaced_by" else relation
                for target in row.get(relation, ()):
                    shown[entry_path(**target), "name"].append((own, field))
            exact = (each["scheme"] for each in row["identifiers"] if each["match"] is Comparison.EXACT)
            for scheme in dict.fromkeys(exact):
                shown[entry_path("schemes", scheme), "url_template"].append((own, "identifiers"))
    return shown
