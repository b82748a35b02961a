"""Candidates: the entities that a string may denote, by the tiers of look-ups. A score says by which, and no more."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.folding import fold_key
from app.queries.entities import Entities, Property, describe_type, resource_of
from app.queries.lexicon import Words
from app.queries.lookup import read_words, why_unreadable
from app.queries.meanings import Narrowing, find_meanings
from app.queries.reconcile import QueryBody
from app.shapes.entries import EntryReference, entry_path
from app.shapes.reconciliation import CandidatePublic, CandidatesPublic
from app.shapes.results import LookupResult
from app.store.snapshot import Reader
from app.store.tables import Language

SCORES = {"id": 100, "name": 90, "alias": 80, "identifier": 70, "part": 50, "properties": 30, "nearest": 10}

# What each string means that is narrowed in some way.
Meanings = Mapping[tuple[Narrowing, str], LookupResult]


def find_candidates(reader: Reader, queries: Mapping[str, QueryBody], lang: Language) -> dict[str, CandidatesPublic]:
    """Find the candidates for each query, under its key."""
    entities, words = Entities(reader, lang), read_words(reader, lang)
    asked = [(narrowing_of(query), query.query) for query in queries.values() if query.query is not None]
    meanings = find_all(words, ((narrowing, value) for narrowing, value in asked if not why_unreadable(value)))
    nearest = find_all(
        words, ((narrowing, name) for (narrowing, _), result in meanings.items() for name in result["nearest"])
    )
    return {
        key: {"result": answer_query(entities, query, meanings, nearest)[: query.limit]}
        for key, query in queries.items()
    }


def narrowing_of(query: QueryBody) -> Narrowing:
    """Return what narrows the meanings of the string of a query."""
    schemes = (value for condition in query.properties if condition.pid is Property.SCHEME for value in condition.v)
    return Narrowing(tuple(schemes), tuple(query.type))


def find_all(words: Words, asked: Iterable[tuple[Narrowing, str]]) -> Meanings:
    """Find what strings mean, each narrowed in its way."""
    groups: dict[Narrowing, dict[str, None]] = defaultdict(dict)
    for narrowing, value in asked:
        groups[narrowing][value] = None
    return {
        (narrowing, result["value"]): result
        for narrowing, values in groups.items()
        for result in find_meanings(words, [*values], narrowing)
    }


def answer_query(entities: Entities, query: QueryBody, meanings: Meanings, nearest: Meanings) -> list[CandidatePublic]:
    """Answer a query; every property must fit."""
    if query.type_strict == "all" and len({*query.type}) > 1:
        return []
    if query.query is None:
        return [describe(entities, id, SCORES["properties"]) for id in find_having(entities, query)]
    narrowing = narrowing_of(query)
    result = meanings.get((narrowing, query.query))
    if result is None:
        return []
    scores = {
        id_of(item): SCORES["nearest"] for name in result["nearest"] for item in nearest[narrowing, name]["items"]
    }
    for item in result["items"]:
        id = id_of(item)
        # Its own id is the path of an entry, which a look-up takes for a part.
        tier = "id" if id == query.query.strip() else "part" if result["match"] == "part" else item["match"]
        scores[id] = SCORES[tier]
    fitting = {id: score for id, score in scores.items() if has_properties(entities, id, query)}
    certain = len(fitting) == 1 and not result["not_virtualized"] and not result["unspecified"]
    return [describe(entities, id, score, match=certain and score > SCORES["part"]) for id, score in fitting.items()]


def id_of(item: EntryReference) -> str:
    """Return the id of an entry as an entity."""
    return entry_path(item["resource"], item["id"])


def has_properties(entities: Entities, id: str, query: QueryBody) -> bool:
    """Whether an entity has each property of a query; a scheme is one of the string."""
    return all(
        condition.pid is Property.SCHEME or not fold_all(condition.v).isdisjoint(entities.keys_of(id, condition.pid))
        for condition in query.properties
    )


def find_having(entities: Entities, query: QueryBody) -> list[str]:
    """Find the entities of the types of a query that have each of its properties."""
    having = [entities.find(condition.pid, fold_all(condition.v)) for condition in query.properties]
    found = set.intersection(*having)
    return [id for id in entities.ids if id in found and (not query.type or resource_of(id) in query.type)]


def fold_all(texts: Iterable[str]) -> set[str]:
    """Fold texts as names are folded to compare them."""
    return {*map(fold_key, texts)}


def describe(entities: Entities, id: str, score: int, *, match: bool = False) -> CandidatePublic:
    """Describe an entity as a candidate."""
    record = entities.read(id) or {}
    return {
        "id": id,
        "name": record["name"],
        "description": record["summary"],
        "type": [describe_type(resource_of(id), entities.lang)],
        "score": score,
        "match": match,
    }
