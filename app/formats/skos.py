"""What leaves besides single JSON answers: CSV, zip archives, and JSON and SKOS JSON-LD in pieces.

Everything here turns iterators into iterators, so that nothing grows with the dataset.
"""

import csv
from collections.abc import Generator, Iterable, Iterator, Mapping
from io import RawIOBase
from typing import Any
from unicodedata import category
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pydantic_core import from_json, to_json
from sqlalchemy import RowMapping

from app.shapes.entries import SHAPES
from app.store.tables import Entry, Language

Record = dict[str, Any]

LIST_SEPARATOR = "; "
# A spreadsheet runs a cell that starts with one of these as a formula; in some locales the full-width forms too.
FORMULA_STARTS = tuple("=+-@＝＋－＠")
BLOCK_BYTES = 256 * 1024


def blocks(pieces: Iterable[bytes]) -> Generator[bytes]:
    """The same bytes in few large blocks: each costs a turn of the event loop."""
    block = bytearray()
    for piece in pieces:
        block += piece
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def json_array(elements: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """A JSON array, each element in pieces."""
    separator = b"["
    for element in elements:
        yield separator
        yield from element
        separator = b","
    yield b"]" if separator == b"," else b"[]"


def json_object(content: Mapping[str, Any], last: str | None = None, items: Iterable[Any] = ()) -> Iterator[bytes]:
    """A JSON object in pieces; behind its content it may have one more field, `last`: an array of the items."""
    if last is None:
        yield to_json(content)
        return
    yield to_json(content)[:-1] + (b"," if content else b"") + to_json(last) + b":"
    yield from json_array([to_json(item)] for item in items)
    yield b"}"


def json_export(dataset: Record, collections: Mapping[str, Iterable[str]]) -> Generator[bytes]:
    """The whole dataset as an `ExportPublic`, out of the JSON objects of each collection."""
    yield b'{"dataset":' + to_json(dataset)
    for resource, records in collections.items():
        yield b"," + to_json(resource) + b":"
        yield from json_array([record.encode()] for record in records)
    yield b"}"


class Echo:
    """A file for Python's csv module that hands back what is written to it."""

    def write(self, row: str) -> str:
        """Hand back a row."""
        return row


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what would be one."""
    return f"'{text}" if text and (text.startswith(FORMULA_STARTS) or category(text[0]) == "Cc") else text


def citation(source: Mapping[str, str | None]) -> str:
    """A source as a cell shows it: the title, the section, and the address."""
    return ", ".join(part for part in (source["title"], source["section"], source["url"]) if part)


def cells(record: Record) -> Iterator[str]:
    """The cells of a record; those of references hold ids."""
    for name, value in record.items():
        match name:
            case "labels":
                yield from value.values()
            case "identifiers":
                yield LIST_SEPARATOR.join(f"{identifier['scheme']}={identifier['value']}" for identifier in value)
            case "sources":
                yield LIST_SEPARATOR.join(map(citation, value))
            case "examples" | "hypervisors":
                yield LIST_SEPARATOR.join(reference["id"] for reference in value)
            case _:
                yield LIST_SEPARATOR.join(value) if isinstance(value, list) else value or ""


def csv_header(table: type[Entry]) -> Iterator[str]:
    """The names of the columns: the fields' names, and one column a language for the labels."""
    for name in SHAPES[table.resource].model_fields:
        if name == "labels":
            yield from (f"label_{lang}" for lang in Language)
        else:
            yield name


def csv_table(table: type[Entry], records: Iterable[str]) -> Generator[bytes]:
    """A table for spreadsheets (RFC 4180) out of JSON objects: UTF-8 with a byte order mark, CRLF, and a header row."""
    writer = csv.writer(Echo())
    yield "\ufeff".encode()
    yield writer.writerow(csv_header(table)).encode()
    for record in records:
        yield writer.writerow(map(cell, cells(from_json(record)))).encode()


class Outlet(RawIOBase):
    """A file that cannot seek, from which what was written is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()

    def write(self, data: Any, /) -> int:
        """Keep bytes until they are taken."""
        self.written += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self.written)
        self.written.clear()
        return taken


def zip_archive(files: Mapping[str, Iterable[bytes]]) -> Generator[bytes]:
    """A zip archive of files that come in pieces; equal files make equal archives, whenever they are made."""
    outlet = Outlet()
    with ZipFile(outlet, "w") as archive:
        for name, pieces in files.items():
            member = ZipInfo(name)  # Its time stays 1980-01-01, the first that the format knows.
            member.compress_type = ZIP_DEFLATED
            with archive.open(member, "w") as file:
                for piece in blocks(pieces):
                    file.write(piece)
                    yield outlet.take()
    yield outlet.take()


def by_language(row: RowMapping, field: str) -> dict[str, Any]:
    """A text of a row, or its texts, by language; empty if it has none."""
    return {lang.value: text for lang in Language if (text := row[f"{field}_{lang}"])}


# Everything that a reader without internet needs to read the document.
CONTEXT = {
    "id": "@id",
    "type": "@type",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "ConceptScheme": "skos:ConceptScheme",
    "Concept": "skos:Concept",
    **{
        name: {"@id": f"skos:{name}", "@container": "@language"}
        for name in ("prefLabel", "altLabel", "definition", "note", "scopeNote")
    },
    **{
        name: {"@id": f"skos:{name}", "@type": "@id"}
        for name in ("inScheme", "hasTopConcept", "topConceptOf", "broader", "narrower")
    },
    "notation": "skos:notation",
    "version": "owl:versionInfo",
    "revision": "dct:identifier",
    "title": "dct:title",
    "titles": {"@id": "dct:title", "@container": "@language"},
    "source": "dct:source",
    "section": "dct:bibliographicCitation",
    "work": "dct:isPartOf",
}
SCHEME_TITLES = {"en": "Virtualization Taxonomy", "zh": "虚拟化分类"}


# Letters that a URL may hold here, and a URI may not (RFC 3986, section 2).
NOT_IN_URIS = {ord(letter): f"%{ord(letter):02X}" for letter in '<>"{}|\\^`'}


def skos_source(source: Mapping[str, str | None]) -> Record:
    """A work, or a section of one; a work that has an address is known by it."""
    work = ({"id": source["url"].translate(NOT_IN_URIS)} if source["url"] else {}) | {"title": source["title"]}
    return {"section": source["section"], "work": work} if source["section"] else work


def skos_concept(base: str, row: RowMapping, path: str, above: str | None) -> Record:
    """A row as a skos:Concept, what is below it aside.

    An identifier is a notation whose datatype is its scheme, as SKOS has it (section 6.5.1 of the reference).
    """
    scheme = f"{base}taxonomy"
    names = by_language(row, "name")
    return {
        "id": f"{base}{path}",
        "type": "Concept",
        "inScheme": scheme,
        **({"broader": f"{base}{above}"} if above else {"topConceptOf": scheme}),
        "prefLabel": names,
        # A label is preferred or alternative, never both (S13).
        "altLabel": {
            lang: [alias for alias in aliases if alias != names[lang]]
            for lang, aliases in by_language(row, "aliases").items()
        },
        "definition": by_language(row, "summary"),
        "note": by_language(row, "characteristics") if "characteristics_en" in row else {},
        "scopeNote": by_language(row, "remark"),
        "notation": [
            row["id"],
            *(
                {"@type": f"{base}schemes/{identifier['scheme']}", "@value": identifier["value"]}
                for identifier in row["identifiers"]
            ),
        ],
        "source": [skos_source(source) for source in row["sources"]],
    }


def skos_export(
    base: str,
    dataset: Record,
    top: Iterable[str],
    concepts: Iterable[tuple[RowMapping, str, str | None, Iterator[str]]],
) -> Generator[bytes]:
    """The whole dataset as one skos:ConceptScheme in JSON-LD; `top` are the paths of the top concepts."""
    scheme = {
        "id": f"{base}taxonomy",
        "type": "ConceptScheme",
        "titles": SCHEME_TITLES,
        "version": dataset["version"],
        "revision": dataset["revision"],
    }

    def nodes() -> Iterator[Iterator[bytes]]:
        yield json_object(scheme, "hasTopConcept", (f"{base}{path}" for path in top))
        for row, path, above, below in concepts:
            yield json_object(skos_concept(base, row, path, above), "narrower", (f"{base}{lower}" for lower in below))

    yield b'{"@context":' + to_json(CONTEXT) + b',"@graph":'
    yield from json_array(nodes())
    yield b"}"
