"""From a question to its answer, or to the reason why there is none.

Every reading of a question counts: if two of them have different answers, it is ambiguous, and none is given.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from pydantic_core import from_json

from app.folding import ENDS, fold_text
from app.queries.ask.answers import Answers, NoAnswerError, Question, Said, TwoListsError
from app.queries.ask.facts import Facts, refer
from app.queries.ask.grammar import OPEN_SLOTS, Reading, languages_of, read_file, read_grammar, read_question
from app.queries.ask.linking import Linked, link
from app.queries.entries import Records
from app.queries.lexicon import Term
from app.queries.lookup import read_words
from app.queries.meanings import find_meanings
from app.queries.parts import number_kinds
from app.queries.search import SearchParams, read_hits
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import Language, WorkKind

# What ends a question; what follows it is another.
QUESTION_ENDS = re.compile(r"[?？!！。；;\n]+|(?<=\w\w)\.(?:\s+|$)")
MOST_PASSAGES = 3
# The words of a name.
MOST_WORDS = 6
# What may follow a name without another meaning: `7.0 U3`, `7.0.3 build-20328353`, `虚拟化`.
WITHOUT_MEANING = re.compile(
    r"((v|version|build|update|release|patch)?[ .:-]?[a-z]?\d[\w.+-]*[ ,]*)+|虚拟化(技术)?", re.ASCII | re.IGNORECASE
)
# The intents of which the entry must be a product.
OF_PRODUCTS = frozenset(
    (
        "type",
        "is-type",
        "runs-on",
        "is-hypervisor",
        "vendor",
        "license",
        "status",
        "website",
        "based-on",
        "bases",
        "which",
    )
)
Answer = dict[str, Any]
Record = Mapping[str, Any]


def ask(reader: Reader, question: str, lang: Language | None) -> Answer:
    """Answer a question, in its own language unless one is given."""
    folded = fold_text(question)
    languages, text = languages_of(folded), number_kinds(folded)
    parts = [part.strip(f" {ENDS},，") for part in QUESTION_ENDS.split(text)]
    # `Hello!` asks nothing.
    parts = [part for part in parts if part and not any(part in read_file(one)["skip"] for one in Language)]
    linked = link(reader, parts[0]) if len(parts) == 1 else Linked({}, {})
    asked, readings = languages[0], []
    for language in languages if len(parts) == 1 else ():
        if readings := read_question(parts[0], language, linked.lists()):
            asked = language
            break
    if not readings and len(parts) == 1 and parts[0] in linked.entries:
        readings = [Reading("define", {"entry": parts[0]})]
    facts = Facts(Records(reader, lang or asked))
    answering = Answering(question, facts)
    if len(parts) != 1:
        return answering.refuse("several-questions" if parts else "unsupported-question")
    found = {}
    for one in understand(facts, readings, linked, question):
        own = Facts(facts.records)
        try:
            said = Answers(own, read_grammar(facts.lang)).answer(one)
        except NoAnswerError:
            continue
        except TwoListsError:
            suggested = "about_bases" if one.entries else None
            return answering.refuse("ambiguous", one.entries, suggested=suggested, intent=one.intent)
        found[one.intent, said] = (one, own)
    if len(found) == 1:
        (((_, said), (one, own)),) = found.items()
        return answering.answer(one, said, own)
    if found:
        records = [record for one, _ in found.values() for record in one.entries]
        facts.names(records)
        return answering.refuse("ambiguous", records[:1])
    return refuse_unknown(answering, parts[0], asked, linked)


def understand(facts: Facts, readings: Sequence[Reading], linked: Linked, question: str) -> Iterator[Question]:
    """Yield every question that the readings of a question can be."""
    for reading in prefer_long(readings):
        slots = {name: linked.values.get(name, {}).get(value, value) for name, value in reading.slots.items()}
        maker = linked.values.get("vendor", {}).get(slots.pop("maker", ""))
        names = [slots.pop(name) for name in ("entry", "other") if name in slots]
        if "value" in slots:
            slots["value"] = spelled(question, slots["value"])
        candidates = [linked.entries[name] for name in names]
        # An identifier means what it means where a tool reports it, but is no name of its entries.
        if any(terms[0]["field"] == "identifier" for terms in candidates):
            if reading.intent == "define" and names[0] not in linked.values.get("vendor", {}):
                yield Question("meaning", {"value": spelled(question, names[0])}, [])
            continue
        for terms in product(*map(by_entry, candidates)):
            entries = [facts.records.read(term["resource"], term["entry_id"]) for term in terms]
            if is_about(reading.intent, entries) and (maker is None or maker == entries[0].get("vendor")):
                yield Question(reading.intent, slots, entries)


def spelled(question: str, folded: str) -> str:
    """Return a folded text as the question spells it, if it is there."""
    found = re.search(re.escape(folded), question, re.IGNORECASE)
    return (found[0] if found else folded).strip(ENDS)


def prefer_long(readings: Sequence[Reading]) -> Iterator[Reading]:
    """Of the readings of one intent, yield those whose names are the longest, and whose other texts the shortest."""
    longest: dict[str, int] = {}
    for reading in readings:
        longest[reading.intent] = max(longest.get(reading.intent, length_of(reading)), length_of(reading))
    return (reading for reading in readings if length_of(reading) == longest[reading.intent])


def length_of(reading: Reading) -> int:
    """Count the characters of the names in a reading, less those of texts that may be anything."""
    return sum(-len(text) if name in OPEN_SLOTS else len(text) for name, text in reading.slots.items())


def by_entry(terms: Sequence[Term]) -> Iterable[Term]:
    """Return one term of each entry."""
    return {term["ordinal"]: term for term in reversed(terms)}.values()


def is_about(intent: str, entries: Sequence[Record]) -> bool:
    """Whether entries have what an intent asks for."""
    if intent == "compare":
        first, second = entries
        return bool(first["resource"] == second["resource"] and first["id"] != second["id"])
    if intent == "characteristics":
        return all("characteristics" in entry for entry in entries)
    if intent == "runs-on":
        return all(entry["resource"] == "hypervisors" for entry in entries)
    return intent not in OF_PRODUCTS or all("vendor" in entry for entry in entries)


def refuse_unknown(answering: "Answering", text: str, asked: Language, linked: Linked) -> Answer:
    """Say why a question is not understood: it names something unknown, or it asks what cannot be asked."""
    facts = answering.facts
    readings = read_question(text, asked, linked.lists(), open_slots=("entry",))
    unknown: list[tuple[str, str]] = []
    for reading in readings:
        names = [reading.slots[slot] for slot in ("entry", "other") if slot in reading.slots]
        others = [name for name in names if not is_named(linked, name)]
        if names and not others:
            # All names are known.
            unknown = []
            break
        if len(others) == 1 and "maker" not in reading.slots:
            unknown.append((reading.intent, others[0]))
    words = read_words(facts.reader, facts.lang)
    known = [span for span in linked.entries if is_named(linked, span, {*COLLECTIONS} - {"concepts"})]
    for intent, name in sorted([*unknown, ("define", text)], key=lambda one: len(one[1])):
        (result,) = find_meanings(words, [name])
        if intent == "define" and result["match"] == "part" and WITHOUT_MEANING.fullmatch(result["rest"] or ""):
            meaning = Question("meaning", {"value": spelled(answering.question, name)}, [])
            return answering.answer(meaning, Answers(facts, answering.grammar).answer(meaning), facts)
        # What is left over beside a known name may ask for anything; beside a concept's it makes another one.
        is_whole = (intent, name) in unknown and not any(span in name for span in known)
        if is_whole and is_name(name, read_grammar(asked).texts["no_names"]):
            near = [item for other in find_meanings(words, result["nearest"]) for item in other["items"][:1]]
            return answering.refuse("unknown-entry", nearest=near)
    longest = max(linked.entries, key=len, default="")
    about = [facts.records.read(term["resource"], term["entry_id"]) for term in linked.entries.get(longest, ())[:1]]
    return answering.refuse("unsupported-question", about)


def is_named(linked: Linked, text: str, resources: Container[str] = COLLECTIONS) -> bool:
    """Whether a text is a name of an entry, not only an identifier."""
    terms = linked.entries.get(text, ())
    return any(term["field"] != "identifier" and term["resource"] in resources for term in terms)


def is_name(text: str, no_names: Sequence[str]) -> bool:
    """Whether a text may be the name of something unknown: it is short, and has no word that names do not have."""
    padded = text if languages_of(text)[0] is Language.ZH else f" {text} "
    return len(text.split()) <= MOST_WORDS and not any(word in padded for word in no_names)


class Answering:
    """Makes the response to a question."""

    def __init__(self, question: str, facts: Facts) -> None:
        self.question = question
        self.facts = facts
        self.grammar = read_grammar(facts.lang)

    def answer(self, question: Question, said: Said, facts: Facts) -> Answer:
        """Respond with an answer; one without a request that returns the same says that no source states it."""
        if said.same_as is None:
            return self.refuse("not-stated", question.entries[:1], intent=question.intent, answer=said.text)
        return self.respond(facts, answered=True, intent=question.intent, answer=said.text, same_as=said.same_as)

    def refuse(
        self,
        reason: str,
        about: Sequence[Record] = (),
        nearest: Sequence[Record] = (),
        suggested: str | None = None,
        **said: str,
    ) -> Answer:
        """Respond without an answer: with the passages that come nearest, and with questions that have an answer."""
        self.facts.names(about)
        passages = Facts(self.facts.records)
        name = about[0]["name"] if about else ""
        for record in [*about, *find_passages(passages, name)] if about else ():
            if len(passages.excerpts) < MOST_PASSAGES and record["url"] not in passages.entries:
                passages.use(record, "summary", record["summary"])
        kind = "about_none" if not about else "about_product" if "vendor" in about[0] else "about_other"
        suggestions = [text.format(name=name) for text in self.grammar.texts[suggested or kind]]
        passages.entries = self.facts.entries
        return self.respond(
            passages, reason=reason, nearest=[refer(item) for item in nearest], suggestions=suggestions, **said
        )

    def respond(self, facts: Facts, **values: Any) -> Answer:
        """Fill in what the values leave out."""
        return {
            "question": self.question,
            "answered": False,
            "intent": None,
            "lang": facts.lang,
            "answer": None,
            "reason": None,
            "entries": [*facts.entries.values()],
            "excerpts": facts.excerpts,
            "sources": sorted(facts.sources.values(), key=lambda source: source["kind"] == WorkKind.SECONDARY),
            "same_as": None,
            "nearest": [],
            "suggestions": [],
            **values,
        }


def find_passages(facts: Facts, name: str) -> list[Record]:
    """Find the entries in which a name occurs, the best first."""
    params = SearchParams.model_validate({"q": " ".join(name.split()[:10]), "limit": MOST_PASSAGES + 1})
    hits = map(from_json, read_hits(facts.reader, params, facts.lang).items)
    return [facts.records.read(hit["resource"], hit["id"]) for hit in hits]
