"""CSV that is safe to open in a spreadsheet: no cell is run as a formula."""

import csv
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any
from unicodedata import category

from app.shapes.entries import (
    BY_LANGUAGE,
    CHILD_FIELDS,
    RELATIONS,
    DeprecationPublic,
    write_citation,
    write_identifier,
)
from app.store.tables import Language

LIST_SEPARATOR = "; "
# The fields of `deprecated`, each of which is a column.
DEPRECATION = tuple(DeprecationPublic.__annotations__)
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


def text_of(value: str | list[str] | None) -> str:
    """Write a value that is a text, a list of texts or missing."""
    return LIST_SEPARATOR.join(value) if isinstance(value, list) else value or ""


def cells(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the cells of a record; references are written as ids."""
    for name, value in record.items():
        if name in BY_LANGUAGE:
            yield from (text_of(value and value.get(lang)) for lang in Language)
        elif name == "identifiers":
            yield LIST_SEPARATOR.join(map(write_identifier, value))
        elif name == "sources":
            yield LIST_SEPARATOR.join(map(write_citation, value))
        elif name in CHILD_FIELDS or name in RELATIONS:
            yield LIST_SEPARATOR.join(reference["id"] for reference in value)
        elif name == "deprecated":
            yield from cells(value or dict.fromkeys(DEPRECATION, ""))
        else:
            yield text_of(value)


def csv_header(fields: Iterable[str]) -> Iterator[str]:
    """Yield the names of the columns: those of the fields, except that a text in every language has one for each."""
    for name in fields:
        if name in BY_LANGUAGE:
            column = "label" if name == "labels" else BY_LANGUAGE[name]
            yield from (f"{column}_{lang}" for lang in Language)
        elif name == "deprecated":
            yield from (f"deprecated_{field}" for field in DEPRECATION)
        else:
            yield name


def csv_table(fields: Iterable[str], records: Iterable[Mapping[str, Any]]) -> Generator[bytes]:
    """Yield records with these fields as CSV (RFC 4180): UTF-8 with a byte order mark, CRLF line ends, a header row."""
    writer = csv.writer(Echo())
    yield "\ufeff".encode()
    yield writer.writerow(csv_header(fields)).encode()
    for record in records:
        yield writer.writerow(map(cell, cells(record))).encode()
