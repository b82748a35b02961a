"""Building the rows of each table from the entries of the packs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json

from app.folding import fold_key, fold_text
from app.packs.content import ConceptSeed, ProductSeed
from app.packs.files import Pack, PackEntry
from app.packs.localized import Localized
from app.packs.references import References
from app.shapes.entries import (
    CHILD_FIELDS,
    RELATIONS,
    make_record,
    refer_to,
    refer_to_entry,
)
from app.store.collections import COLLECTIONS, Nesting
from app.store.tables import Comparison, Language, TermField

# Rows by table, each as a mapping of columns to values.
Rows = dict[str, list[dict[str, Any]]]
ONLY_SEARCHED = (TermField.CHARACTERISTIC, TermField.SUMMARY)


def url_of(template: str | None, value: str) -> str | None:
    """Return the URL of the page about an identifier; None if its scheme has no template."""
    return template and template.replace("{value}", quote(value, safe=""))


def entry_row(
    entry: PackEntry, position: int, templates: Mapping[str, str | None], references: References
) -> dict[str, Any]:
    """Make the row of an entry in the table of its collection, all but its records.

    `templates` are the URL templates of the schemes.
    """
    seed = entry.seed
    row: dict[str, Any] = {
        "id": seed.id,
        "position": position,
        "identifiers": [
            {
                "scheme": scheme,
                "value": identifier.value,
                "match": identifier.match,
                "url": url_of(templates[scheme], identifier.value) if identifier.match is Comparison.EXACT else None,
            }
            for scheme, identifier in entry.identifiers()
        ],
        "sources": [
            {
                "title": work.title,
                "section": citation.section,
                "url": work.url,
                "supports": citation.supports,
                "kind": work.kind,
                "read": work.read,
            }
            for citation, work in entry.citations()
        ],
        "languages": entry.pack.header.languages,
        "pack": entry.pack.header.id,
        "remark_kind": seed.remark_kind if seed.remark else None,
        "deprecated_since": seed.deprecated.since if seed.deprecated else None,
        "replaced_by": references.resolve_all(seed.deprecated.replaced_by if seed.deprecated else ()),
        "related": references.resolve_all(seed.related),
    }
    search = []
    for lang in Language:
        name, summary, aliases = seed.labels.text(lang), seed.summary.text(lang), entry.aliases(lang)
        row |= {f"name_{lang}": name, f"sort_{lang}": fold_text(name), f"summary_{lang}": summary}
        row |= {f"aliases_{lang}": aliases, f"remark_{lang}": seed.remark.text(lang) if seed.remark else None}
        row[f"deprecated_reason_{lang}"] = seed.deprecated.reason.text(lang) if seed.deprecated else None
        if isinstance(seed, ConceptSeed):
            row[f"characteristics_{lang}"] = seed.characteristics.texts(lang)
        search += [name, summary, *aliases]
    for field in ("broader", "concept", "type", "vendor", "license", "status", "website"):
        if field in type(seed).model_fields:
            row[field] = getattr(seed, field)
    if isinstance(seed, ProductSeed):
        row["based_on"] = references.resolve_all(seed.based_on)
    return row | {"search": fold_text("\n".join(search))}


def key_of(field: TermField, text: str) -> str | None:
    """Return the key by which look-ups find a term; None if only searches find it."""
    return None if field in ONLY_SEARCHED else fold_key(text)


def term_rows(entry: PackEntry, ordinal: int) -> list[dict[str, Any]]:
    """Make the term rows of an entry, in the order of `TermField`."""
    seed = entry.seed
    found: list[tuple[TermField, Language | None, str]] = [(TermField.ID, None, seed.id)]
    for lang in Language:
        found += [(TermField.NAME, lang, name) for name in [getattr(seed.labels, lang)] if name]
        found += [(TermField.ALIAS, lang, alias) for alias in entry.aliases(lang)]
        if isinstance(seed, ConceptSeed):
            found += [(TermField.CHARACTERISTIC, lang, text) for text in getattr(seed.characteristics, lang)]
        found += [(TermField.SUMMARY, lang, text) for text in [getattr(seed.summary, lang)] if text]
    order = list(TermField)
    texts = {"scheme": None, "match": None}
    terms = [
        {
            "field": field,
            "lang": lang,
            **texts,
            "value": value,
            "key": None if field in ONLY_SEARCHED else fold_key(value),
        }
        for field, lang, value in found
    ]
    terms += [
        {
            "field": TermField.IDENTIFIER,
            "lang": None,
            "scheme": scheme,
            "match": identifier.match,
            "value": identifier.value,
            "key": fold_key(identifier.value) if identifier.match is Comparison.EXACT else None,
        }
        for scheme, identifier in entry.identifiers()
    ]
    return [
        {
            "ordinal": ordinal,
            "resource": entry.collection.resource,
            "entry_id": seed.id,
            "name_en": seed.labels.text(Language.EN),
            "name_zh": seed.labels.text(Language.ZH),
            **term,
        }
        for term in sorted(terms, key=lambda term: order.index(TermField(str(term["field"]))))
    ]


def search_row(terms: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join the terms of an entry into the row that a search scans."""
    row = {name: terms[0][name] for name in ("ordinal", "resource", "entry_id")}
    text = "\n"
    for field in TermField:
        text += "".join(f"{fold_text(term['value'])}\n" for term in terms if term["field"] == field)
        row[f"{field}_end"] = len(text) - 1
    del row["summary_end"]
    return row | {"text": text}


def add_records(rows: Rows) -> None:
    """Add each entry's JSON object in every language to its row."""
    by_path = {(resource, row["id"]): row for resource in COLLECTIONS for row in rows[resource]}
    for collection in COLLECTIONS.values():
        referenced = [nesting for nesting in collection.below if nesting.lower.field in CHILD_FIELDS]
        groups = {nesting.lower: rows_by_parent(nesting, rows) for nesting in referenced}
        for row, lang in product(rows[collection.resource], Language):
            references = {
                lower.field: [refer_to(lower.resource, other, lang) for other in group[row["id"]]]
                for lower, group in groups.items()
            }
            references |= {
                field: [
                    refer_to_entry(target["resource"], by_path[target["resource"], target["id"]], lang)
                    for target in row[field]
                ]
                for field in RELATIONS
                if field in row
            }
            row[f"record_{lang}"] = to_json(make_record(collection, row, lang, references)).decode()


def rows_by_parent(nesting: Nesting, rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """Group the rows of a child collection by the parent's id."""
    groups = defaultdict(list)
    for row in rows[nesting.lower.resource]:
        groups[row[nesting.column]].append(row)
    return groups


def localized_columns(field: str, text: Localized) -> dict[str, str]:
    """Spread a text over its columns: ``title_en``, ``title_zh``."""
    return {f"{field}_{lang}": text.text(lang) for lang in Language}


def dataset_row(packs: Sequence[Pack]) -> dict[str, Any]:
    """Make the dataset row, all but its revision and the time of loading."""
    return {
        "version": "+".join(f"{pack.header.id}-{pack.header.version}" for pack in packs),
        "packs": [
            {
                "id": pack.header.id,
                "version": pack.header.version,
                "released": pack.releases[0].date if pack.releases else None,
                "languages": pack.header.languages,
            }
            | localized_columns("title", pack.header.title)
            | localized_columns("description", pack.header.description)
            for pack in packs
        ],
        "schemes": [
            {"id": scheme.id, "title": scheme.title}
            | localized_columns("description", scheme.description)
            | {
                name: getattr(scheme, name)
                for name in (
                    "url",
                    "url_template",
                    "not_virtualized",
                    "also_physical",
                    "shared",
                    "hosts",
                    "unspecified",
                )
            }
            for pack in packs
            for file in pack.files
            for scheme in file.content.schemes
        ],
        "sources": [
            {"title": work.title, "url": work.url, "kind": work.kind, "read": work.read}
            for pack in packs
            for file in pack.files
            for work in file.content.sources
        ],
    }
