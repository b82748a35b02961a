"""`/export`: the whole dataset in one file."""

from collections.abc import Callable, Generator
from itertools import chain
from typing import Annotated

from fastapi import Query, Request, Response
from sqlalchemy import Connection, select
from sqlmodel import col

from app.api.responses import JSON, answer_format, answer_language, file_answer, text_headers
from app.api.router import AS_FILES, Router
from app.formats.skos import csv_table, json_export, skos_export, zip_archive
from app.queries.collections import ExportParams
from app.queries.lookup import dataset, streamed, streamed_links, streamed_records
from app.shapes.entries import ExportPublic, entry_path
from app.store.tables import COLLECTIONS, Concept, Language

router = Router(prefix="/export", tags=["dataset"])

FORMATS = {"json": JSON, "csv": "application/zip", "jsonld": "application/ld+json"}
SUFFIXES = {"json": "json", "csv": "zip", "jsonld": "jsonld"}


def as_json(connection: Connection, lang: Language) -> Generator[bytes]:
    """One document."""
    collections = {resource: streamed_records(connection, table, lang) for resource, table in COLLECTIONS.items()}
    return json_export(dataset(connection, lang), collections)


def as_csv(connection: Connection, lang: Language) -> Generator[bytes]:
    """One table a collection."""
    return zip_archive(
        {
            f"{resource}.csv": csv_table(table, streamed_records(connection, table, lang))
            for resource, table in COLLECTIONS.items()
        }
    )


def as_skos(connection: Connection, base_uri: str) -> Generator[bytes]:
    """One concept scheme."""
    concepts = select(Concept.__table__).order_by(col(Concept.position))
    return skos_export(
        base_uri,
        dataset(connection, Language.EN),
        (entry_path(Concept.resource, row) for row in streamed(connection, concepts)),
        chain.from_iterable(streamed_links(connection, table) for table in COLLECTIONS.values()),
    )


@router.get("", response_model=ExportPublic, responses=AS_FILES)
def get_export(request: Request, params: Annotated[ExportParams, Query()]) -> Response:
    """Read the whole dataset in one file: JSON, a zip of CSV tables, or SKOS."""
    wanted = answer_format(request, params.format, FORMATS)
    lang = answer_language(request, params)
    content: dict[str, Callable[[Connection], Generator[bytes]]] = {
        "json": lambda connection: as_json(connection, lang),
        "csv": lambda connection: as_csv(connection, lang),
        "jsonld": lambda connection: as_skos(connection, request.state.base_uri),
    }
    headers = {"Content-Language": ", ".join(Language)} if wanted == "jsonld" else text_headers(lang)
    name = f"virtualization-taxonomy-{{}}.{SUFFIXES[wanted]}"
    return file_answer(request, name, content[wanted], FORMATS[wanted], headers)
