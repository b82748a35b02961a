"""The loaded dataset: its version, packs, schemes, sources and counts."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import func, select

from app.shapes.dataset import DatasetPublic, PackPublic, SchemePublic
from app.shapes.entries import localize, translations
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.statements import Statement
from app.store.tables import Change, Dataset, Language, ListTable

# Feeds need a time even if nothing was ever released, and readers of feeds take one of 1970 for a mistake.
NEVER = "2000-01-01"
COUNTED: dict[str, ListTable] = {
    **{resource: collection.table for resource, collection in COLLECTIONS.items()},
    "changes": Change,
}
# The dataset row, which a loaded dataset has, and the number of rows of each list.
DESCRIPTION = Statement.compile(
    select(
        *(Dataset.__table__.c[name] for name in ("version", "revision", "packs", "schemes", "sources")),
        *(select(func.count()).select_from(table).scalar_subquery().label(name) for name, table in COUNTED.items()),
    )
)


def read_description(reader: Reader) -> Mapping[str, Any]:
    """Read the dataset row, and the number of rows of each list under its name."""
    (row,) = reader.rows(DESCRIPTION)
    return dict(row)


def read_dataset_version(reader: Reader) -> str:
    """Read the version, which joins the packs' ids and versions: ``docs-1.0+field-2.1``."""
    version: str = reader.derive(read_description)["version"]
    return version


def read_revision(reader: Reader) -> str:
    """Read the revision."""
    revision: str = reader.derive(read_description)["revision"]
    return revision


def read_last_release(reader: Reader) -> str:
    """Read the day of the last release of the loaded packs; a day in the past if none has a history."""
    return max((pack["released"] or NEVER for pack in reader.derive(read_description)["packs"]), default=NEVER)


def read_pack_ids(reader: Reader) -> Sequence[str]:
    """Read the ids of the loaded packs."""
    return [pack["id"] for pack in reader.derive(read_description)["packs"]]


def read_scheme_ids(reader: Reader) -> Sequence[str]:
    """Read the ids of the loaded identifier schemes."""
    return [scheme["id"] for scheme in reader.derive(read_description)["schemes"]]


def read_dataset(reader: Reader, lang: Language) -> DatasetPublic:
    """Describe the dataset."""
    row = reader.derive(read_description)
    return {
        "version": row["version"],
        "revision": row["revision"],
        "languages": list(Language),
        "packs": [
            cast("PackPublic", localize(pack, lang) | translations(pack, ("titles", "descriptions")))
            for pack in row["packs"]
        ],
        "counts": {resource: row[resource] for resource in COLLECTIONS},
        "schemes": [
            cast("SchemePublic", localize(scheme, lang) | translations(scheme, ("descriptions",)))
            for scheme in row["schemes"]
        ],
        "sources": row["sources"],
    }
