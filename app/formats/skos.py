"""Entries as SKOS concepts."""

from collections.abc import Mapping

from app.queries.export import LinkedEntry
from app.shapes.entries import Record, Row, by_language, entry_path
from app.store.tables import Comparison


def texts_of(row: Row, column: str) -> Record:
    """Return a translated column of a row by language, without the languages in which it is empty."""
    return {lang: text for lang, text in by_language(row, column).items() if text}


# Characters that a pack accepts in a URL, but that a URI must escape (RFC 3986, section 2).
NOT_IN_URIS = {ord(letter): f"%{ord(letter):02X}" for letter in '<>"{}|\\^`'}


def skos_source(source: Mapping[str, str | None]) -> Record:
    """Describe a work, or a section of one; the work's URL, if it has one, is its id."""
    work = ({"id": source["url"].translate(NOT_IN_URIS)} if source["url"] else {}) | {"title": source["title"]}
    return {"section": source["section"], "work": work} if source["section"] else work


def skos_concept(base: str, entry: LinkedEntry) -> Record:
    """Describe an entry as a skos:Concept, without `narrower`.

    An identifier becomes a notation whose datatype is its scheme (SKOS Reference, section 6.5.1), unless it is a rule
    that several strings may match.
    """
    row = entry.row
    scheme = f"{base}taxonomy"
    names = texts_of(row, "name")
    return {
        "id": f"{base}{entry.path}",
        "type": "Concept",
        "inScheme": scheme,
        **({"broader": f"{base}{entry.above}"} if entry.above else {"topConceptOf": scheme}),
        "prefLabel": names,
        # SKOS forbids a label that is both preferred and alternative (S13).
        "altLabel": {
            lang: [alias for alias in aliases if alias != names[lang]]
            for lang, aliases in texts_of(row, "aliases").items()
        },
        "definition": texts_of(row, "summary"),
        "note": texts_of(row, "characteristics") if "characteristics_en" in row else {},
        "scopeNote": texts_of(row, "remark"),
        "notation": [
            row["id"],
            *(
                {"@type": f"{base}schemes/{identifier['scheme']}", "@value": identifier["value"]}
                for identifier in row["identifiers"]
                if identifier["match"] == Comparison.EXACT
            ),
        ],
        "related": [f"{base}{path}" for path in related_paths(row)],
        **({"deprecated": True} if row["deprecated_reason_en"] else {}),
        "isReplacedBy": [f"{base}{entry_path(**target)}" for target in row["replaced_by"]],
        "source": [skos_source(source) for source in row["sources"]],
    }


def related_paths(row: Row) -> list[str]:
    """List the paths of the entries that an entry is related to or based on; SKOS does not tell these apart."""
    return [*dict.fromkeys(entry_path(**target) for name in ("based_on", "related") for target in row.get(name, ()))]
