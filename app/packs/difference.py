"""What a load changes: the entries of each pack that it adds, changes or removes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from app.packs.rows import Rows
from app.store.collections import COLLECTIONS
from app.store.tables import Dataset

# A longer list of ids is shortened to this many and a number.
MOST_IDS = 10
# These follow from an entry's place and from other entries, and are no change of the entry itself.
DERIVED = ("position", "record_en", "record_zh")

# What distinguishes the entries of all packs: pack, collection and id.
EntryKey = tuple[str, str, str]


def describe_load(connection: Connection, rows: Rows, packs: Sequence[Mapping[str, str]], revision: str) -> str:
    """Say in one line what replacing the dataset changes: ``docs 1.0.0: 1 changed (kvm); revision A -> B``.

    `rows`, `packs` and `revision` are those of the new dataset; the present one is read from the connection.
    """
    present = connection.execute(select(col(Dataset.revision), col(Dataset.packs))).one_or_none()
    new = {pack["id"]: pack["version"] for pack in packs}
    if present and present.revision == revision:
        return f"{', '.join(f'{pack} {version}' for pack, version in new.items())}: unchanged; revision {revision}"
    old = {pack["id"]: pack["version"] for pack in present.packs} if present else {}
    entries, old_entries = new_entries(rows), read_entries(connection)
    changes = [
        f"{describe_version(pack, old.get(pack), new.get(pack))}: {describe_changes(pack, old_entries, entries)}"
        for pack in dict.fromkeys([*new, *old])
    ]
    return f"{'; '.join(changes)}; revision {(present and present.revision) or 'none'} -> {revision}"


def own_columns(resource: str) -> list[str]:
    """List the columns of a collection that an entry's author determines."""
    return [name for name in COLLECTIONS[resource].table.__table__.columns.keys() if name not in DERIVED]  # noqa: SIM118 (a collection of columns)


def new_entries(rows: Rows) -> dict[EntryKey, dict[str, Any]]:
    """Collect the entries of the new rows."""
    return {
        (row["pack"], resource, row["id"]): {name: row[name] for name in own_columns(resource)}
        for resource in COLLECTIONS
        for row in rows[resource]
    }


def read_entries(connection: Connection) -> dict[EntryKey, dict[str, Any]]:
    """Read the entries in the database, in their order."""
    return {
        (row["pack"], resource, row["id"]): dict(row)
        for resource, collection in COLLECTIONS.items()
        for row in connection.execute(
            select(*(collection.table.__table__.c[name] for name in own_columns(resource))).order_by(
                col(collection.table.position)
            )
        ).mappings()
    }


def describe_version(pack: str, old: str | None, new: str | None) -> str:
    """Name a pack and its version, or both versions if they differ."""
    return f"{pack} {old} -> {new}" if old and new and old != new else f"{pack} {new or old}"


def describe_changes(pack: str, old: Mapping[EntryKey, dict[str, Any]], new: Mapping[EntryKey, dict[str, Any]]) -> str:
    """Say how many entries of a pack differ, and which."""
    changes = {
        "added": [key for key in new if key not in old],
        "changed": [key for key in new if key in old and new[key] != old[key]],
        "removed": [key for key in old if key not in new],
    }
    ids = {change: [key[2] for key in keys if key[0] == pack] for change, keys in changes.items()}
    said = [f"{len(found)} {change} ({shorten_list(found)})" for change, found in ids.items() if found]
    return ", ".join(said) or "no entry changed"


def shorten_list(ids: Sequence[str]) -> str:
    """Join ids, the first ten of a longer list."""
    more = [f"and {len(ids) - MOST_IDS} more"] if len(ids) > MOST_IDS else []
    return ", ".join([*ids[:MOST_IDS], *more])
