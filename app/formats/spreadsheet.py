"""CSV that is safe to open in a spreadsheet: no cell is run as a formula."""

import csv
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from unicodedata import category

from pydantic_core import from_json

from app.shapes.entries import REFERENCE_FIELDS, SHAPES, Record
from app.store.tables import Language, Resource

LIST_SEPARATOR = "; "
# Spreadsheets run a cell that starts with one of these as a formula; in some locales, also with the full-width forms.
# The hyphen is the last, so that the characters can stand in a regular expression.
FORMULA_STARTS = tuple("=+@＝＋－＠-")
# Where a semicolon or a tab separates cells, commas and quotation marks do not: a formula can start within a text.
BEFORE_FORMULA = re.compile(f'([;\\t\\r\\n])(?="*[{"".join(FORMULA_STARTS)}])')


class Echo:
    """A file for Python's csv module, which returns each row instead of storing it."""

    def write(self, row: str) -> str:
        """Return the row."""
        return row


def cell(text: str) -> str:
    """Escape a text with an apostrophe wherever a spreadsheet would run it as a formula."""
    text = BEFORE_FORMULA.sub(r"\1'", text)
    return f"'{text}" if text and (text.startswith(FORMULA_STARTS) or category(text[0]) == "Cc") else text


def citation(source: Mapping[str, str | None]) -> str:
    """Format a source for a cell: its title, section and URL."""
    return ", ".join(part for part in (source["title"], source["section"], source["url"]) if part)


def cells(record: Record) -> Iterator[str]:
    """Yield the cells of a record; references are written as ids."""
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
    """Yield the names of the columns: those of the fields, except that labels have one column per language."""
    for name in SHAPES[resource].model_fields:
        if name == "labels":
            yield from (f"label_{lang}" for lang in Language)
        else:
            yield name


def csv_table(resource: Resource, records: Iterable[str]) -> Generator[bytes]:
    """Yield JSON objects as CSV (RFC 4180): UTF-8 with a byte order mark, CRLF line ends and a header row."""
    writer = csv.writer(Echo())
    yield "\ufeff".encode()
    yield writer.writerow(csv_header(resource)).encode()
    for record in records:
        yield writer.writerow(map(cell, cells(from_json(record)))).encode()
