"""Entries as SKOS concepts."""

from collections.abc import Mapping
from typing import Any

from app.queries.export import LinkedEntry
from app.shapes.entries import Record, Row
from app.store.tables import Language


def by_language(row: Row, field: str) -> dict[str, Any]:
    """A text of a row, or its texts, by language; empty if it has none."""
    return {lang.value: text for lang in Language if (text := row[f"{field}_{lang}"])}


# Letters that a URL may hold here, and a URI may not (RFC 3986, section 2).
NOT_IN_URIS = {ord(letter): f"%{ord(letter):02X}" for letter in '<>"{}|\\^`'}


def skos_source(source: Mapping[str, str | None]) -> Record:
    """A work, or a section of one; a work that has an address is known by it."""
    work = ({"id": source["url"].translate(NOT_IN_URIS)} if source["url"] else {}) | {"title": source["title"]}
    return {"section": source["section"], "work": work} if source["section"] else work


def skos_concept(base: str, entry: LinkedEntry) -> Record:
    """An entry as a skos:Concept, without the entries below.

    An identifier is a notation whose datatype is its scheme, as SKOS has it (section 6.5.1 of the reference).
    """
    row = entry.row
    scheme = f"{base}taxonomy"
    names = by_language(row, "name")
    return {
        "id": f"{base}{entry.path}",
        "type": "Concept",
        "inScheme": scheme,
        **({"broader": f"{base}{entry.above}"} if entry.above else {"topConceptOf": scheme}),
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
