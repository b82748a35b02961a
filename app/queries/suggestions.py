"""Suggestions for what people type where they choose an entity, a type or a property of `/reconcile`."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, Field

from app.folding import fold_text
from app.queries.entities import TYPES, Entities, Property, describe_property, describe_type
from app.queries.lexicon import LONGEST_VALUE
from app.queries.parameters import EMPTY, NO_NUL, ONLY_DIGITS, Omittable, ResourceName, ScriptParams
from app.queries.search import ALIAS, Index, read_index
from app.shapes.entries import entry_path
from app.shapes.reconciliation import NamedPublic, ProposalPublic, SuggestionPublic
from app.store.snapshot import Reader
from app.store.tables import Language, Resource

# The suggestions of one answer.
MOST_SUGGESTED = 20
# Parameters of the search of Freebase, which is gone; OpenRefine still sends them.
FREEBASE = ("exact", "filter", "format", "key", "mql_output", "output", "prefixed", "scoring", "spell", "stemmed")


def or_empty(schema: dict[str, Any]) -> None:
    """Let a JSON Schema also allow an empty text."""
    schema.pop("default", None)
    schema["anyOf"] = [{"$ref": schema.pop("$ref")}, EMPTY]


# OpenRefine sends an empty type where it has none.
TypeGiven = Annotated[
    Omittable[ResourceName],
    Field(description="Only those of this type; by default or empty, of every type.", json_schema_extra=or_empty),
    BeforeValidator(lambda given: given or None),
]


class SuggestParams(ScriptParams):
    """The parameters of the suggestions of types."""

    ignored: ClassVar[frozenset[str]] = frozenset({*ScriptParams.ignored, *FREEBASE})

    prefix: Annotated[
        str,
        Field(max_length=LONGEST_VALUE, pattern=NO_NUL, description="What the name or the id begins with."),
    ]
    cursor: Annotated[
        int, Field(ge=0, le=10_000_000, description="The number of suggestions to skip."), ONLY_DIGITS
    ] = 0


class NarrowedParams(SuggestParams):
    """The parameters of the suggestions of entities and properties."""

    type: TypeGiven = None


class ProposalParams(ScriptParams):
    """The parameters of `/reconcile/extend/propose`."""

    type: TypeGiven = None
    limit: Annotated[int, Field(ge=1, le=1000, description="The maximum number of properties."), ONLY_DIGITS] = 100


def suggest_entities(reader: Reader, params: NarrowedParams, lang: Language) -> list[SuggestionPublic]:
    """Suggest entities, those whose names are what was typed first."""
    entities, index = Entities(reader, lang), reader.derive(read_index)
    rows = find_rows(index, fold_text(params.prefix), [params.type] if params.type else [])
    suggestions: list[SuggestionPublic] = []
    for row in islice(rows, params.cursor, params.cursor + MOST_SUGGESTED):
        resource = index.resources[row]
        id = entry_path(resource, index.ids[row])
        if record := entities.read(id):
            suggestion = {"id": id, "name": record["name"], "description": record["summary"], "notable": [resource]}
            suggestions.append(cast("SuggestionPublic", suggestion))
    return suggestions


def find_rows(index: Index, prefix: str, resources: Sequence[str]) -> Iterator[int]:
    """Find the rows of the entries whose id as an entity, id, name or alias begins with a folded text."""
    whole = index.find([], resources)
    beginning = f"\n{prefix}"
    named = [
        row for row in index.containing(whole, beginning) if index.texts[row].find(beginning) < index.ends[row][ALIAS]
    ]
    paths = (
        row for row in whole if "/" in prefix and entry_path(index.resources[row], index.ids[row]).startswith(prefix)
    )
    return chain(paths, index.rank_words([prefix], named))


def suggest_types(params: SuggestParams, lang: Language) -> list[NamedPublic]:
    """Suggest types."""
    return choose([describe_type(resource, lang) for resource in TYPES], params)


def suggest_properties(params: NarrowedParams, lang: Language) -> list[NamedPublic]:
    """Suggest properties."""
    return choose(list_properties(params.type, lang), params)


def choose(terms: Sequence[NamedPublic], params: SuggestParams) -> list[NamedPublic]:
    """Choose the terms of which the id or the name begins with what was typed."""
    prefix = fold_text(params.prefix)
    found = [
        term for term in terms if fold_text(term["id"]).startswith(prefix) or fold_text(term["name"]).startswith(prefix)
    ]
    return found[params.cursor : params.cursor + MOST_SUGGESTED]


def list_properties(resource: Resource | None, lang: Language) -> list[NamedPublic]:
    """List the properties of a type, or all."""
    return [describe_property(each, lang) for each in Property if resource is None or each.is_of(resource)]


def propose_properties(params: ProposalParams, lang: Language) -> ProposalPublic:
    """Propose the properties of which the entities of a type can have values."""
    return {
        "properties": list_properties(params.type, lang)[: params.limit],
        "type": params.type or "",
        "limit": params.limit,
    }
