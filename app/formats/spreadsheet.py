"""CSV that a spreadsheet opens and cannot be harmed by."""

import csv
from collections.abc import Generator, Iterable, Iterator, Mapping
from unicodedata import category

from pydantic_core import from_json

from app.shapes.entries import REFERENCE_FIELDS, SHAPES, Record
from app.store.tables import Language, Resource

LIST_SEPARATOR = "; "
# A spreadsheet runs a cell that starts with one of these as a formula; in some locales the full-width forms too.
FORMULA_STARTS = tuple("=+-@＝＋－＠")


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
        if name == "labels":
            yield from value.values()
        elif name == "identifiers":
            yield LIST_SEPARATOR.join(f"{identifier['scheme']}={identifier['value']}" for identifier in value)
        elif name == "sources":
            yield LIST_SEPARATOR.join(map(citation, value))
        elif name in REFERENCE_FIELDS:
            yield LIST_SEPARATOR.join(reference["id"] for reference in value)
        else:
            yield LIST_SEPARATOR.join(value) if isinstance(value, list) else value or ""


def csv_header(resource: Resource) -> Iterator[str]:
    """The names of the columns: the fields' names, and one column a language for the labels."""
    for name in SHAPES[resource].model_fields:
        if name == "labels":
            yield from (f"label_{lang}" for lang in Language)
        else:
            yield name


def csv_table(resource: Resource, records: Iterable[str]) -> Generator[bytes]:
    """A table for spreadsheets (RFC 4180) out of JSON objects: UTF-8 with a byte order mark, CRLF, and a header row."""
    writer = csv.writer(Echo())
    yield "\ufeff".encode()
    yield writer.writerow(csv_header(resource)).encode()
    for record in records:
        yield writer.writerow(map(cell, cells(from_json(record)))).encode()
