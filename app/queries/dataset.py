"""The loaded dataset: its version, packs, schemes, sources and counts."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from app.shapes.dataset import DatasetPublic, PackPublic, SchemePublic
from app.shapes.entries import localize, translations
from app.store.collections import COLLECTIONS
from app.store.tables import Dataset, Language


def read_row(connection: Connection, *columns: ColumnElement[Any] | Mapped[Any]) -> RowMapping:
    """Read columns of the dataset row, which a loaded dataset has."""
    return connection.execute(select(*columns).select_from(Dataset)).mappings().one()


def read_dataset_version(connection: Connection) -> str:
    """Read the version, which joins the packs' ids and versions: ``docs-1.0+field-2.1``."""
    version: str = read_row(connection, col(Dataset.version))["version"]
    return version


def read_pack_ids(connection: Connection) -> Sequence[str]:
    """Read the ids of the loaded packs."""
    return [pack["id"] for pack in read_row(connection, col(Dataset.packs))["packs"]]


def read_scheme_ids(connection: Connection) -> Sequence[str]:
    """Read the ids of the loaded identifier schemes."""
    return [scheme["id"] for scheme in read_row(connection, col(Dataset.schemes))["schemes"]]


def read_dataset(connection: Connection, lang: Language) -> DatasetPublic:
    """Describe the dataset, with one statement."""
    counts = (
        select(func.count()).select_from(collection.table).scalar_subquery().label(resource)
        for resource, collection in COLLECTIONS.items()
    )
    columns = (Dataset.version, Dataset.revision, Dataset.packs, Dataset.schemes, Dataset.sources)
    row = read_row(connection, *map(col, columns), *counts)
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
