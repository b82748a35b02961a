"""From `seed/` to the database: reads the packs, refuses faulty ones, and writes all rows in one transaction."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select, text
from sqlmodel import SQLModel, col

from app.packs.checks import find_faults
from app.packs.faults import PackError, PackFault
from app.packs.files import Pack, entries_of, read_pack
from app.packs.rows import Rows, add_records, dataset_row, entry_row, search_row, term_rows
from app.settings import Settings
from app.store.collections import COLLECTIONS
from app.store.engines import writing_engine
from app.store.migration import lock, upgrade
from app.store.tables import Dataset, SearchText, Term


def read_packs(seed_dir: Path, names: Sequence[str]) -> list[Pack]:
    """Read packs and check them together. Raises `PackError` with every fault."""
    packs: list[Pack] = []
    faults: list[PackFault] = []
    for name in names:
        try:
            packs.append(read_pack(seed_dir / name))
        except PackError as error:
            faults += error.faults
    faults = faults or list(find_faults(packs))
    if faults:
        raise PackError(faults)
    return packs


def load(engine: Engine, packs: Sequence[Pack]) -> str:
    """Replace the dataset in the database with the packs, in one transaction; return the revision.

    The revision is a hash of all rows, so equal content has the same revision in every database. Does nothing if the
    database already has that revision.
    """
    rows: Rows = defaultdict(list)
    for ordinal, entry in enumerate(entries_of(packs)):
        own = rows[entry.collection.resource]
        own.append(entry_row(entry, len(own)))
        terms = term_rows(entry, ordinal)
        rows["term"] += terms
        rows["search_text"].append(search_row(terms))
    add_records(rows)
    dataset = dataset_row(packs)
    content = json.dumps([rows, dataset], ensure_ascii=False, sort_keys=True)
    revision = hashlib.sha256(content.encode()).hexdigest()[:16]

    with engine.begin() as connection:
        lock(connection)
        if connection.scalar(select(col(Dataset.revision))) == revision:
            return revision
        tables: dict[str, type[SQLModel]] = {
            **{resource: collection.table for resource, collection in COLLECTIONS.items()},
            "term": Term,
            "search_text": SearchText,
        }
        for table in reversed(tables.values()):
            connection.execute(delete(table))
        connection.execute(delete(Dataset))
        for name, table in tables.items():
            if rows[name]:
                connection.execute(insert(table), rows[name])
        connection.execute(insert(Dataset), dataset | {"id": 1, "revision": revision, "loaded_at": datetime.now(UTC)})
        # Without statistics SQLite uses the index of the filter and sorts every matching row, however small the page.
        connection.execute(text("ANALYZE"))
    return revision


def prepare(settings: Settings) -> str:
    """Migrate the database and load the packs of the settings; return the revision."""
    packs = read_packs(settings.seed_dir, settings.packs)
    engine = writing_engine(settings.url)
    try:
        upgrade(engine)
        return load(engine, packs)
    finally:
        engine.dispose()
