"""Look-up: the entries that given strings denote."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import bindparam, select
from sqlmodel import col

from app.folding import fold_key
from app.queries.dataset import read_scheme_ids
from app.queries.parameters import MOST_VALUES, UNGIVEN, QueryText, Resources, TextParams
from app.queries.refusals import refuse_unknown
from app.queries.vocabularies import SchemeId
from app.shapes.entries import entry_path
from app.shapes.results import LookupItem, LookupResult, Tier
from app.store.snapshot import Reader
from app.store.statements import Statement, in_array, json_array
from app.store.tables import Language, Term, TermField

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


def resolve_values(reader: Reader, params: LookupParams, lang: Language) -> list[LookupResult]:
    """Resolve the values, in the order given. Raises `Refused` for a scheme that no loaded pack declares."""
    if params.scheme:
        refuse_unknown("scheme", params.scheme, reader.derive(read_scheme_ids))
    return find_meanings(reader, params.value, lang, schemes=params.scheme, resources=params.resource)


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
    wanted = {"key": dict.fromkeys(keys), "scheme": schemes, "resource": resources}
    given = {column: json_array(texts) for column, texts in wanted.items() if texts}
    by_key = defaultdict(list)
    for row in reader.stream(terms_having(tuple(given), lang), given):
        by_key[row["key"]].append(row)
    return [resolve(value, by_key[key]) for value, key in zip(values, keys, strict=True)]


@cache
def terms_having(columns: tuple[str, ...], lang: Language) -> Statement:
    """Compile the statement that reads the terms which have, in each column, one of the values in a JSON array."""
    terms = Term.__table__.c
    statement = select(*(terms[column] for column in COLUMNS), terms[f"name_{lang}"].label("name"))
    conditions = [in_array(terms[column], bindparam(column)) for column in columns]
    return Statement.compile(statement.where(*conditions).order_by(col(Term.id)))


def resolve(value: str, terms: Sequence[Mapping[str, Any]]) -> LookupResult:
    """Resolve one value, given the terms that have its key.

    An identifier that matches character for character beats one that does not.
    """
    for tier in TIERS:
        matching = [term for term in terms if term["field"] == tier]
        if tier is TermField.IDENTIFIER:
            matching = [term for term in matching if term["value"] == value] or matching
        if matching:
            return {"value": value, "match": tier, "items": make_items(matching)}
    return {"value": value, "match": "none", "items": []}


def make_items(terms: Sequence[Mapping[str, Any]]) -> list[LookupItem]:
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
