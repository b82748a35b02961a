"""From `seed/` to the database: reads the packs, refuses faulty ones, and writes all rows in one transaction."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlmodel import SQLModel, col

from app.packs.change_rows import change_rows
from app.packs.checks import find_faults
from app.packs.difference import describe_load
from app.packs.faults import PackError, PackFault
from app.packs.files import Pack, entries_of, read_pack
from app.packs.history import history_faults
from app.packs.references import References
from app.packs.rows import Rows, add_records, dataset_row, entry_row, search_row, term_rows
from app.store.collections import COLLECTIONS
from app.store.migration import lock
from app.store.tables import Change, Dataset, SearchText, Term


def read_packs(seed_dir: Path, names: Sequence[str], *, releasing: bool = False) -> list[Pack]:
    """Read packs and check them together. Raises `PackError` with every fault.

    While one is released, their content may differ from their last releases.
    """
    packs: list[Pack] = []
    faults: list[PackFault] = []
    for name in names:
        try:
            packs.append(read_pack(seed_dir / name))
        except PackError as error:
            faults += error.faults
    faults = faults or [*find_faults(packs)] or [*history_faults(packs, releasing=releasing)]
    if faults:
        raise PackError(faults)
    return packs


class Content(NamedTuple):
    """What packs put into the database: all rows, and their hash as the revision."""

    rows: Rows
    dataset: dict[str, Any]
    revision: str

    def describe_load(self, connection: Connection) -> str:
        """Say in one line what loading this changes."""
        return describe_load(connection, self.rows, self.dataset["packs"], self.revision)


class Loaded(NamedTuple):
    """The revision in the database after a load, and a line that says what the load changed."""

    revision: str
    changes: str


def build_content(packs: Sequence[Pack]) -> Content:
    """Build all rows. The revision is a hash of them, so equal content has the same revision in every database."""
    rows: Rows = defaultdict(list)
    schemes = [scheme for pack in packs for file in pack.files for scheme in file.content.schemes]
    templates = {scheme.id: scheme.url_template for scheme in schemes}
    entries = [*entries_of(packs)]
    references = References.to(entries)
    for ordinal, entry in enumerate(entries):
        own = rows[entry.collection.resource]
        own.append(entry_row(entry, len(own), templates, references))
        terms = term_rows(entry, ordinal)
        rows["term"] += terms
        rows["search_text"].append(search_row(terms))
    add_records(rows)
    rows["change"] = change_rows(packs, rows)
    dataset = dataset_row(packs)
    content = json.dumps([rows, dataset], ensure_ascii=False, sort_keys=True)
    return Content(rows, dataset, hashlib.sha256(content.encode()).hexdigest()[:16])


def compare(engine: Engine, packs: Sequence[Pack]) -> str:
    """Say in one line what `load` would change, and write nothing."""
    content = build_content(packs)
    with engine.connect() as connection:
        return content.describe_load(connection)


def load(engine: Engine, packs: Sequence[Pack], sources: str | None = None) -> Loaded:
    """Replace the dataset in the database with the packs, in one transaction.

    Replaces nothing if the database already has their revision. `sources` is the hash of what they were read from.
    """
    content = build_content(packs)
    with engine.begin() as connection:
        lock(connection)
        changes = content.describe_load(connection)
        if connection.scalar(select(col(Dataset.revision))) != content.revision:
            replace_rows(connection, content)
        connection.execute(update(Dataset).values(loaded_from=sources))
    return Loaded(content.revision, changes)


def replace_rows(connection: Connection, content: Content) -> None:
    """Delete all rows and insert others."""
    tables: dict[str, type[SQLModel]] = {
        **{resource: collection.table for resource, collection in COLLECTIONS.items()},
        "term": Term,
        "search_text": SearchText,
        "change": Change,
    }
    for table in reversed(tables.values()):
        connection.execute(delete(table))
    connection.execute(delete(Dataset))
    for name, table in tables.items():
        if content.rows[name]:
            connection.execute(insert(table), content.rows[name])
    columns = {"id": 1, "revision": content.revision, "loaded_at": datetime.now(UTC)}
    connection.execute(insert(Dataset), content.dataset | columns)
