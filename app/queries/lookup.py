"""Look-up: the entries that given strings denote."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import bindparam, select
from sqlmodel import col

from app.folding import fold_key
from app.queries.dataset import read_scheme_ids
from app.queries.parameters import MOST_VALUES, UNGIVEN, QueryText, Resources, TextParams
from app.queries.parts import Reading, readings
from app.queries.refusals import refuse_unknown
from app.queries.vocabularies import SchemeId
from app.shapes.entries import entry_path
from app.shapes.results import LookupItem, LookupResult, Tier
from app.store.snapshot import Reader
from app.store.statements import Statement, in_array, json_array
from app.store.tables import Concept, Language, Term, TermField

Terms = Sequence[Mapping[str, Any]]
SHORT_CHARACTERS = 4000
# An answer contains only entries of the first tier in which the value denotes any.
TIERS: tuple[Tier, ...] = (TermField.ID, TermField.NAME, TermField.ALIAS, TermField.IDENTIFIER)
COLUMNS = ("ordinal", "resource", "entry_id", "field", "scheme", "value", "key")


class LookupParams(TextParams):
    """The parameters of `/lookup`."""

    value: Annotated[
        list[Annotated[QueryText, Field(examples=["vmware"])]],
        Field(
            min_length=1,
            max_length=MOST_VALUES,
            description="The string to resolve: an id, a name, an alias or an identifier; repeat for "
            "up to 100 strings, in a URL of up to 64 kB.",
        ),
    ]
    scheme: Annotated[
        list[SchemeId],
        Field(
            max_length=MOST_VALUES,
            description="Match the values only against identifiers of this scheme; repeat to allow "
            "several. `/dataset` describes the schemes.",
        ),
    ] = UNGIVEN
    resource: Resources = UNGIVEN


def is_short_lookup(params: LookupParams) -> bool:
    """Whether values are resolved in a few milliseconds; folding takes longer the more characters they have."""
    return sum(map(len, params.value)) <= SHORT_CHARACTERS


def resolve_values(reader: Reader, params: LookupParams, lang: Language) -> list[LookupResult]:
    """Resolve the values, in the order given. Raises `Refused` for a scheme that no loaded pack declares."""
    if params.scheme:
        refuse_unknown("scheme", params.scheme, reader.derive(read_scheme_ids))
    results = find_meanings(reader, params.value, lang, schemes=params.scheme, resources=params.resource)
    missing = dict.fromkeys(result["value"] for result in results if result["match"] == "none")
    parts = find_parts(reader, missing, lang, schemes=params.scheme, resources=params.resource)
    return [parts.get(result["value"], result) for result in results]


def find_meanings(
    reader: Reader,
    values: Sequence[str],
    lang: Language,
    *,
    schemes: Sequence[str] = (),
    resources: Sequence[str] = (),
) -> list[LookupResult]:
    """Find the entries that each value denotes, with one statement; those of given collections only, or of all."""
    keys = [fold_key(value) for value in values]
    terms = read_terms(reader, keys, lang, schemes, resources)
    return [resolve(value, terms.get(key, [])) for value, key in zip(values, keys, strict=True)]


def read_terms(
    reader: Reader, keys: Iterable[str], lang: Language, schemes: Sequence[str] = (), resources: Sequence[str] = ()
) -> Mapping[str, Terms]:
    """Read the terms that have the keys, by key, with one statement."""
    wanted = {"key": dict.fromkeys(keys), "scheme": schemes, "resource": resources}
    given = {column: json_array(texts) for column, texts in wanted.items() if texts}
    by_key: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in reader.stream(terms_having(tuple(given), lang), given):
        by_key[row["key"]].append(row)
    return by_key


def find_parts(
    reader: Reader, values: Iterable[str], lang: Language, *, schemes: Sequence[str], resources: Sequence[str]
) -> dict[str, LookupResult]:
    """Find the entries that parts of values denote, by value; values of which no reading is known are left out.

    Narrowing never gives more: a value that means something elsewhere is not read in parts, and the schemes and
    collections only choose from what it denotes without them.
    """
    if schemes or resources:
        values = [result["value"] for result in find_meanings(reader, [*values], lang) if result["match"] == "none"]
    read = {value: readings(" ".join(value.split())) for value in values}
    spellings = {
        spelling: fold_key(spelling)
        for found in read.values()
        for reading in found
        for part in reading.parts
        for spelling in part
    }
    terms = read_terms(reader, spellings.values(), lang) if spellings else {}
    results = {}
    for value, found in read.items():
        matches = (match_reading(value, reading, spellings, terms) for reading in found)
        if result := next(filter(None, matches), None):
            result["items"] = [
                item
                for item in result["items"]
                if (not resources or item["resource"] in resources) and (not schemes or item["scheme"] in schemes)
            ]
            if result["items"]:
                results[value] = result
    return results


def match_reading(
    value: str, reading: Reading, keys: Mapping[str, str], terms: Mapping[str, Terms]
) -> LookupResult | None:
    """Match each part of a reading; None unless all are known."""
    items: dict[str, LookupItem] = {}
    for part in reading.parts:
        for spelling in part:
            fitting = [term for term in terms.get(keys[spelling], []) if fits(term, reading)]
            if fitting:
                break
        else:
            return None
        items |= {item["url"]: item for item in resolve(spelling, fitting)["items"]}
    text, rest = " ".join(value.split()), reading.rest
    if len(reading.parts) == 1 and text.startswith(spelling) and not reading.scheme:
        rest = text[len(spelling) :].strip()
    return {"value": value, "match": "part", "rest": rest or None, "items": list(items.values())}


def fits(term: Mapping[str, Any], reading: Reading) -> bool:
    """Whether a term may stand for a part of a reading."""
    if reading.scheme:
        return bool(term["scheme"] == reading.scheme)
    if reading.resource:
        return (term["field"], term["resource"]) == (TermField.ID, reading.resource)
    return bool(term["field"] != TermField.IDENTIFIER and term["resource"] != Concept.resource)


@cache
def terms_having(columns: tuple[str, ...], lang: Language) -> Statement:
    """Compile the statement that reads the terms which have, in each column, one of the values in a JSON array."""
    terms = Term.__table__.c
    statement = select(*(terms[column] for column in COLUMNS), terms[f"name_{lang}"].label("name"))
    conditions = [in_array(terms[column], bindparam(column)) for column in columns]
    return Statement.compile(statement.where(*conditions).order_by(col(Term.id)))


def resolve(value: str, terms: Terms) -> LookupResult:
    """Resolve one value, given the terms that have its key.

    An identifier that matches character for character beats one that does not.
    """
    for tier in TIERS:
        matching = [term for term in terms if term["field"] == tier]
        if tier is TermField.IDENTIFIER:
            matching = [term for term in matching if term["value"] == value] or matching
        if matching:
            return {"value": value, "match": tier, "rest": None, "items": make_items(matching)}
    return {"value": value, "match": "none", "rest": None, "items": []}


def make_items(terms: Terms) -> list[LookupItem]:
    """Make one item per entry, with the schemes of all its matching terms."""
    items: dict[int, LookupItem] = {}
    for term in terms:
        resource, id, scheme = term["resource"], term["entry_id"], term["scheme"]
        item = items.setdefault(
            term["ordinal"],
            {
                "id": id,
                "name": term["name"],
                "url": f"/{entry_path(resource, id)}",
                "resource": resource,
                "scheme": scheme,
                "schemes": [],
            },
        )
        if scheme and scheme not in item["schemes"]:
            item["schemes"].append(scheme)
    return list(items.values())
