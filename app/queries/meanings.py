"""What strings mean: every exact meaning, or else what their parts mean; and the nearest names of those without any."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from app.folding import fold_key, fold_text, nearest
from app.queries.lexicon import AMONG_OTHERS, Lexicon, Mark, Term, Words, longest_rules, read_terms, spaced
from app.queries.machine_lines import find_of_machine
from app.queries.parts import Reading, readings

if TYPE_CHECKING:
    from app.shapes.entries import EntryReference
    from app.shapes.results import LookupItem, LookupResult, Match

# Ways to match, the best first.
TIERS = ("id", "name", "alias", "identifier")
PRODUCTS = ("hypervisors", "examples")
# Schemes whose values are names, such as that of a system, which versions may follow.
NAMES = ("os-release", "program", "vsphere-license", "vsphere-product-name")
# The nearest names of a value that means nothing.
MOST_NEAREST = 3


class Narrowing(NamedTuple):
    """The schemes and the collections to which meanings are narrowed; empty for all."""

    schemes: Sequence[str] = ()
    resources: Sequence[str] = ()

    def allows(self, term: Term) -> bool:
        """Whether a term counts."""
        return (not self.schemes or term["scheme"] in self.schemes) and (
            not self.resources or term["resource"] in self.resources
        )


def find_meanings(words: Words, values: Sequence[str], narrowing: Narrowing = Narrowing()) -> "list[LookupResult]":  # noqa: B008 (immutable)
    """Find what each value means; a part counts only if nothing exact does, narrowed or not."""
    keys = {value: fold_key(value) for value in values}
    terms = read_terms(words.connection, keys.values())
    results: dict[str, LookupResult] = {}
    unknown = []
    for value, key in keys.items():
        own = spaced(value)
        exact = [term for term in terms.get(key, ()) if term["field"] != "identifier" or spaced(term["value"]) == own]
        marks = [
            mark for mark in words.lexicon.marks.get(key, ()) if mark[2] not in AMONG_OTHERS and spaced(mark[1]) == own
        ]
        result = results[value] = resolve_exactly(words, value, exact, marks, narrowing)
        if not exact and not marks and result["match"] == "none":
            unknown.append(value)
    results |= find_parts(words, unknown, narrowing)
    for value in unknown:
        if results[value]["match"] == "none":
            found = [term for term in find_of_machine(words, " ".join(value.split())) if narrowing.allows(term)]
            if found:
                results[value] = make_result(value, "part", make_items(found, words.lang))
    for value, result in results.items():
        if result["match"] == "none":
            result["nearest"] = find_nearest(words.lexicon, keys[value])
    return [results[value] for value in values]


def resolve_exactly(
    words: Words,
    value: str,
    terms: Sequence[Term],
    marks: Sequence[tuple[str, str, Mark]],
    narrowing: Narrowing,
) -> "LookupResult":
    """Resolve a value, given the terms and the marks that it equals; the rules of a scheme count if it is named."""
    found = [term for term in terms if narrowing.allows(term)]
    of_schemes = [mark for mark in marks if not narrowing.schemes or mark[0] in narrowing.schemes]
    if not found and not of_schemes:
        folded = fold_text(value)
        meant = {term["ordinal"] for term in terms}
        found = [
            rule.term
            for scheme in narrowing.schemes
            for rule in longest_rules(words.lexicon.rules.get(scheme, ()), folded)
            # A value that means something exactly means no more under a scheme.
            if narrowing.allows(rule.term) and (rule.term["ordinal"] in meant or not (terms or marks))
        ]
    items = make_items(found, words.lang)
    said: dict[Mark, list[str]] = {}
    for scheme, _, mark in of_schemes:
        said.setdefault(mark, []).append(scheme)
    if items:
        match: Match = items[0]["match"]
    else:
        match = (
            "unspecified" if said.get("unspecified") else "not-virtualized" if said.get("not_virtualized") else "none"
        )
    return make_result(value, match, items, said)


def make_result(
    value: str,
    match: "Match",
    items: "list[LookupItem]",
    said: Mapping[Mark, list[str]] = {},
    *,
    rest: str | None = None,
    reason: str | None = None,
) -> "LookupResult":
    """Make the result of a value; `said` maps the marks that it has to schemes."""
    return {
        "value": value,
        "match": match,
        "rest": rest,
        "items": items,
        "not_virtualized": said.get("not_virtualized", []),
        "hosts": said.get("hosts", []),
        "unspecified": said.get("unspecified", []),
        "nearest": [],
        "reason": reason,
    }


def refer_to_entry(term: Term, lang: str) -> "EntryReference":
    """Refer to the entry of a term."""
    resource, id = term["resource"], term["entry_id"]
    return {"id": id, "name": term[f"name_{lang}"], "url": f"/{resource}/{id}", "resource": resource}


def make_items(terms: Iterable[Term], lang: str) -> "list[LookupItem]":
    """Make one item per entry, the best match first, with every scheme in which the value identifies it."""
    items: dict[int, LookupItem] = {}
    for term in sorted(terms, key=lambda term: TIERS.index(term["field"])):
        item = items.get(term["ordinal"])
        if item is None:
            item = items[term["ordinal"]] = {
                **refer_to_entry(term, lang),
                "match": term["field"],
                "matched": term["value"],
                "scheme": None,
                "schemes": [],
            }
        if scheme := term["scheme"]:
            item["scheme"] = item["scheme"] or scheme
            if scheme not in item["schemes"]:
                item["schemes"].append(scheme)
    return list(items.values())


def find_parts(words: Words, values: Iterable[str], narrowing: Narrowing) -> "dict[str, LookupResult]":
    """Find what parts of values mean, by value; values of which no reading is known are left out.

    The schemes and the collections only choose from what a value means without them, so that narrowing never widens.
    """
    read = {value: readings(" ".join(value.split())) for value in values}
    spelled = {spelling for found in read.values() for reading in found for part in reading.parts for spelling in part}
    spellings = {spelling: fold_key(spelling) for spelling in spelled}
    terms = read_terms(words.connection, spellings.values()) if spellings else {}
    results = {}
    for value, found in read.items():
        matches = (match_reading(words, value, reading, spellings, terms) for reading in found)
        if result := next(filter(None, matches), None):
            result["items"] = [
                item
                for item in result["items"]
                if (not narrowing.resources or item["resource"] in narrowing.resources)
                and (not narrowing.schemes or item["scheme"] in narrowing.schemes)
            ]
            if result["items"]:
                results[value] = result
    return results


def find_called(words: Words, terms: Sequence[Term], reading: Reading) -> list[Term]:
    """Find the terms of entries that several tools call so, if a reading does not ask for more."""
    if not terms or reading.scheme or reading.resource:
        return []
    called = words.lexicon.called.get(terms[0]["key"], frozenset())
    return [term for term in terms if term["ordinal"] in called]


def find_in_parts(
    words: Words, reading: Reading, keys: Mapping[str, str], terms: Mapping[str, Sequence[Term]]
) -> tuple[dict[str, list[Term]], bool]:
    """Find the terms of each part of a reading under the spelling that is known; and whether all parts are."""
    found: dict[str, list[Term]] = {}
    others: list[tuple[str, ...]] = []
    for part in reading.parts:
        for spelling in part:
            of_key = terms.get(keys[spelling], [])
            if fitting := [term for term in of_key if fits(term, reading)] or find_called(words, of_key, reading):
                found[spelling] = fitting
                break
        else:
            others.append(part)
    named = {term["ordinal"] for fitting in found.values() for term in fitting}
    if reading.glosses:
        named.intersection_update(*({term["ordinal"] for term in fitting} for fitting in found.values()))
        found = {spelling: [term for term in of if term["ordinal"] in named] for spelling, of in found.items()}
        return found, bool(named) and not others
    agree = all(
        any(term["ordinal"] in named for spelling in part for term in terms.get(keys[spelling], [])) for part in others
    )
    return found, bool(found) and agree


def match_reading(
    words: Words, value: str, reading: Reading, keys: Mapping[str, str], terms: Mapping[str, Sequence[Term]]
) -> "LookupResult | None":
    """Match each part of a reading; None unless all are known."""
    found, complete = find_in_parts(words, reading, keys, terms)
    if not complete:
        return None
    items: dict[str, LookupItem] = {}
    for fitting in found.values():
        items |= {item["url"]: item for item in make_items(fitting, words.lang)}
    text, rest = " ".join(value.split()), reading.rest
    (spelling, *others) = found
    if spelling in text and not (others or rest or reading.scheme or reading.resource) and len(reading.parts) == 1:
        rest = " ".join(text.replace(spelling, " ", 1).split())
    return make_result(value, "part", list(items.values()), rest=rest or None)


def fits(term: Term, reading: Reading) -> bool:
    """Whether a term may stand for a part of a reading."""
    if reading.scheme:
        return bool(term["scheme"] == reading.scheme)
    if reading.resource:
        return (term["field"], term["resource"]) == ("id", reading.resource)
    if term["scheme"] in NAMES:
        return True
    if term["field"] == "identifier":
        return False
    if term["resource"] in PRODUCTS or reading.glosses:
        return True
    return not (reading.products or term["resource"] == "concepts" or is_common_word(term["value"]))


def is_common_word(name: str) -> bool:
    """Whether a name is one English word, such as that of a type, which in other company means anything."""
    return name.isascii() and name.isalpha() and not name.isupper()


def find_nearest(lexicon: Lexicon, key: str) -> list[str]:
    """Find the names that are spelled most like a value, one of each entry; they may mean another thing."""
    near = [lexicon.names[found] for found in nearest(key, lexicon.name_keys, 3 * MOST_NEAREST, fold=None)]
    by_entry = {ordinal: name for name, ordinal in reversed(near)}
    return [*reversed(by_entry.values())][:MOST_NEAREST]
