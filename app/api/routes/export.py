"""`/export`: the whole dataset in one file."""

from collections.abc import Callable, Generator, Iterator
from itertools import chain
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic_core import from_json

from app.api.downloads import answer_file
from app.api.negotiation import JSON, JSON_LD, ZIP
from app.api.openapi_responses import EXPORT_RESPONSE, JSON_LD_EXPORT_RESPONSE, ZIP_RESPONSE
from app.api.responses import EVERY_LANGUAGE, answer_format, answer_language
from app.api.router import Router
from app.api.state import state_of
from app.formats.archive import zip_archive
from app.formats.json_pieces import json_export
from app.formats.jsonld import skos_export
from app.formats.spreadsheet import csv_table
from app.path_prefix import prefix_each, prefix_of
from app.queries.dataset import read_dataset
from app.queries.export import ExportParams, stream_details, stream_exported, stream_linked, stream_top_paths
from app.queries.parameters import NoParams, TextParams
from app.shapes.dataset import EXPORTED_SHAPES, ExportPublic, PackPublic, SchemePublic
from app.shapes.entries import CitationPublic, IdentifierPublic
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import Language

router = Router(prefix="/export", tags=["dataset"])

FORMATS = {"json": JSON, "csv": ZIP, "jsonld": JSON_LD}
SUFFIXES = {"json": "json", "csv": "zip", "jsonld": "jsonld"}
# The columns that say to which entry a row of the other tables in the zip archive belongs.
ENTRY_COLUMNS = ("resource", "id")


def stream_collections(reader: Reader, lang: Language, prefix: str) -> dict[str, Iterator[bytes]]:
    """Stream the JSON objects of each collection; a path prefix precedes their URLs."""
    return {
        name: prefix_each(stream_exported(reader, collection, lang), prefix) for name, collection in COLLECTIONS.items()
    }


def stream_json(reader: Reader, lang: Language, prefix: str) -> Generator[bytes]:
    """Stream one JSON document."""
    return json_export(read_dataset(reader, lang), stream_collections(reader, lang, prefix))


def stream_csv(reader: Reader, lang: Language, prefix: str) -> Generator[bytes]:
    """Stream a zip archive of CSV tables: the collections, the identifiers and sources of entries, packs, schemes."""
    dataset = read_dataset(reader, lang)
    tables = {
        name: csv_table(EXPORTED_SHAPES[COLLECTIONS[name].resource].model_fields, map(from_json, records))
        for name, records in stream_collections(reader, lang, prefix).items()
    }
    tables |= {
        "identifiers": csv_table(
            [*ENTRY_COLUMNS, *IdentifierPublic.model_fields], stream_details(reader, "identifiers")
        ),
        "sources": csv_table([*ENTRY_COLUMNS, *CitationPublic.model_fields], stream_details(reader, "sources")),
        "packs": csv_table(PackPublic.__annotations__, dataset["packs"]),
        "schemes": csv_table(SchemePublic.__annotations__, dataset["schemes"]),
    }
    return zip_archive({f"{name}.csv": table for name, table in tables.items()})


def stream_skos(reader: Reader, base_uri: str) -> Generator[bytes]:
    """Stream one SKOS concept scheme."""
    return skos_export(
        base_uri,
        read_dataset(reader, Language.EN),
        stream_top_paths(reader),
        chain.from_iterable(stream_linked(reader, collection) for collection in COLLECTIONS.values()),
    )


def answer_export(request: Request, wanted: str, lang: Language) -> Response:
    """Answer with the whole dataset in a format."""
    content: dict[str, Callable[[Reader], Generator[bytes]]] = {
        "json": lambda reader: stream_json(reader, lang, prefix_of(request.scope)),
        "csv": lambda reader: stream_csv(reader, lang, prefix_of(request.scope)),
        "jsonld": lambda reader: stream_skos(reader, state_of(request)["base_uri"]),
    }
    languages = EVERY_LANGUAGE if wanted == "jsonld" else lang
    name = f"virtualization-taxonomy-{{version}}-{{revision}}.{SUFFIXES[wanted]}"
    return answer_file(request, name, content[wanted], FORMATS[wanted], {"Content-Language": languages})


@router.get("", response_model=ExportPublic, responses=EXPORT_RESPONSE, summary="Export the dataset")
def get_export(request: Request, params: Annotated[ExportParams, Query()]) -> Response:
    """Get the whole dataset in one JSON document, with every text in every language."""
    return answer_export(request, answer_format(request, params.format, FORMATS), answer_language(request, params.lang))


@router.get(".zip", response_class=Response, responses=ZIP_RESPONSE, summary="Export the dataset as CSV")
def get_export_zip(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Get the whole dataset as CSV tables in a zip archive, with every text in every language."""
    return answer_export(request, "csv", answer_language(request, params.lang))


@router.get(".jsonld", response_class=Response, responses=JSON_LD_EXPORT_RESPONSE, summary="Export the dataset as SKOS")
def get_export_jsonld(request: Request, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Get the whole dataset as SKOS in JSON-LD, in every language."""
    return answer_export(request, "jsonld", Language.EN)
