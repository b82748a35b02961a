"""The answer of each intent: which fields it is from, and the request that returns the same."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pydantic_core import from_json

from app.queries.ask.facts import MOST_ENTRIES, Facts
from app.queries.ask.grammar import CHINESE, Grammar
from app.queries.collections import LISTS, TypeParams
from app.queries.lists import read_page
from app.queries.lookup import resolve_values
from app.queries.refusals import list_words
from app.store.collections import COLLECTIONS
from app.store.tables import RemarkKind

# The texts leave a space beside names, most of which are not Chinese.
WITHIN_CHINESE = re.compile(f"(?<={CHINESE.pattern}) (?={CHINESE.pattern})")
# The products of a type are in the collection below it.
PRODUCTS = ("hypervisors", "examples")
COMPARED = ("type", "vendor", "license", "status", "website")
Record = Mapping[str, Any]


class Said(NamedTuple):
    """The answer to a question that was understood; without `same_as`, no source states what is asked."""

    text: str
    same_as: str | None


class NoAnswerError(Exception):
    """A reading of a question is of nothing that the dataset can have."""


class TwoListsError(Exception):
    """A question is about the entries of two collections, which are two lists."""


class Question(NamedTuple):
    """A reading of a question: its intent, what fills its slots, and the entries that it is about."""

    intent: str
    slots: Mapping[str, str]
    entries: Sequence[Record]


class Answers:
    """Answers the questions of one request."""

    def __init__(self, facts: Facts, grammar: Grammar) -> None:
        self.facts = facts
        self.grammar = grammar

    def answer(self, question: Question) -> Said:
        """Answer a question."""
        handlers: Mapping[str, Callable[[Question], Said]] = {
            "define": self.define,
            "type": self.say_type,
            "is-type": self.say_type,
            "runs-on": self.say_type,
            "is-hypervisor": self.say_type,
            "which": self.list_products,
            "which-not": self.list_products,
            "how-many": self.list_products,
            "bases": self.list_products,
            "meaning": self.say_meaning,
            "identifiers": self.say_identifiers,
            "translate": self.translate,
            "aliases": self.join_field,
            "based-on": self.join_field,
            "characteristics": self.join_field,
            "compare": self.compare,
            "disputed": self.say_disputed,
            "sources": self.say_sources,
        }
        return handlers.get(question.intent, self.say_field)(question)

    def say(self, question: Question, outcome: str, same_as: str | None, **values: Any) -> Said:
        """Fill a text of an intent."""
        text = self.grammar.answers[question.intent][outcome].format(**values)
        return Said(WITHIN_CHINESE.sub("", text).strip(), same_as)

    def join(self, texts: Sequence[str]) -> str:
        """Join names as the language does."""
        return list_words(texts).translate(self.facts.lang)

    def join_phrases(self, texts: Sequence[str]) -> str:
        """Join phrases, which may contain commas."""
        return str(self.grammar.texts["list_separator"]).join(texts)

    def url(self, path: str, **parameters: Any) -> str:
        """Make the URL of a request in the language of the answer."""
        return f"/{path}?{urlencode({**parameters, 'lang': self.facts.lang.value}, doseq=True)}"

    def entry_url(self, record: Record) -> str:
        """Make the URL of an entry in the language of the answer."""
        return self.url(record["url"].removeprefix("/"))

    def define(self, question: Question) -> Said:
        """Say what an entry is."""
        (entry,) = question.entries
        summary = self.facts.use(entry, "summary", entry["summary"])
        return self.say(question, "answer", self.entry_url(entry), name=entry["name"], summary=summary)

    def say_type(self, question: Question) -> Said:
        """Say of which type a product is, or whether it is of one."""
        (entry,) = question.entries
        name, type_name = self.facts.name(entry), self.facts.type_name(entry)
        if type_name is None:
            return self.say(question, "none", None, name=name)
        self.facts.use(entry, "type", type_name)
        if entry["remark_kind"] == RemarkKind.DISPUTED:
            self.facts.use(entry, "remark", entry["remark"])
        outcome = "answer"
        if asked := question.slots.get("type"):
            above = COLLECTIONS[entry["resource"]].above
            own = f"{above.upper.resource}/{entry['type']}" if above else ""
            outcome = "yes" if asked == own else "no"
        elif question.intent == "is-hypervisor":
            outcome = "yes" if entry["resource"] == "hypervisors" else "no"
        return self.say(question, outcome, self.entry_url(entry), name=name, type=type_name)

    def say_field(self, question: Question) -> Said:
        """Say what a field with one value contains."""
        (entry,) = question.entries
        field = question.intent
        if entry[field] is None:
            return self.say(question, "none", None, name=self.facts.name(entry))
        value = self.show(entry, field)
        self.facts.use(entry, field, value)
        return self.say(question, "answer", self.entry_url(entry), name=entry["name"], value=value)

    def join_field(self, question: Question) -> Said:
        """Say what a field with several values contains, also if it is asked whether it contains one."""
        entry = question.entries[0]
        field = question.intent.replace("-", "_")
        values = [value["name"] if isinstance(value, Mapping) else value for value in entry[field]]
        if not values:
            return self.say(question, "none", None, name=self.facts.name(entry))
        self.facts.use(entry, field, self.join(values))
        names = self.join_phrases(values) if field == "characteristics" else self.join(values)
        return self.say(question, "answer", self.entry_url(entry), name=entry["name"], names=names)

    def translate(self, question: Question) -> Said:
        """Say the name of an entry in a language."""
        (entry,) = question.entries
        lang = question.slots["language"]
        name = next((label for other, label in entry["labels"].items() if other != lang), self.facts.name(entry))
        if not (value := entry["labels"].get(lang)):
            return self.say(question, "none", None, name=name)
        self.facts.use(entry, "labels", value)
        language = self.grammar.texts["languages"][lang]
        return self.say(question, "answer", self.entry_url(entry), name=name, value=value, language=language)

    def say_meaning(self, question: Question) -> Said:
        """Say what a string means, in a scheme or anywhere. Raises `NoAnswerError` if it means nothing."""
        value, scheme = question.slots["value"], question.slots.get("scheme")
        given = {"schemes": [scheme]} if scheme else {}
        (result,) = resolve_values(self.facts.reader, [value], self.facts.lang, **given)
        records = [self.facts.records.read(item["resource"], item["id"]) for item in result["items"]]
        outcome: str = result["match"]
        if outcome not in ("not-virtualized", "unspecified"):
            outcome = "within" if scheme else "reported" if outcome == "identifier" else "answer"
            if not records:
                raise NoAnswerError
        for record in records:
            self.facts.cite(record, ["identifiers"] if scheme else ["name", "aliases", "identifiers"])
        same_as = self.url("lookup", value=value, **({"scheme": scheme} if scheme else {}))
        names = self.join(self.facts.names(records))
        return self.say(question, outcome, same_as, value=value, scheme=scheme, names=names)

    def say_identifiers(self, question: Question) -> Said:
        """Say what tools report for an entry, or what one of them does."""
        (entry,) = question.entries
        wanted = question.slots.get("scheme")
        by_scheme: dict[str, list[str]] = {}
        for identifier in entry["identifiers"]:
            if wanted in (None, identifier["scheme"]):
                by_scheme.setdefault(identifier["scheme"], []).append(identifier["value"])
        if not by_scheme:
            return self.say(question, "none", None, name=self.facts.name(entry))
        line = self.grammar.texts["identifier"]
        texts = [line.format(scheme=scheme, values=self.join(values)) for scheme, values in by_scheme.items()]
        names = self.join_phrases(texts)
        self.facts.use(entry, "identifiers", names)
        return self.say(question, "answer", self.entry_url(entry), name=entry["name"], names=names)

    def list_products(self, question: Question) -> Said:
        """List or count the entries of a collection that a condition chooses."""
        path, given = self.choose(question)
        params = LISTS[path].model_validate({**given, "limit": MOST_ENTRIES})
        page = read_page(self.facts.reader, COLLECTIONS[path].table, params, self.facts.lang)
        records = [{"resource": path, **from_json(record)} for record in page.items]
        names = self.facts.names(records)
        for record in records:
            self.facts.cite(record, [*given] or ["name"])
        same_as = self.url(path, **given, limit=MOST_ENTRIES)
        outcome = "answer" if page.total == len(names) else "more"
        values = {"count": page.total, "names": self.join(names), "more": page.total - len(names)}
        about = question.entries[0]["name"] if question.entries else ""
        return self.say(question, outcome if names else "none", same_as, name=about, **values)

    def choose(self, question: Question) -> tuple[str, dict[str, list[str]]]:
        """Return the collection that a question is about, and the filters of its list."""
        slots = question.slots
        path: str | None = slots.get("collection")
        given: dict[str, list[str]] = {}
        if type_path := slots.get("type"):
            upper, _, id = type_path.partition("/")
            (below,) = COLLECTIONS[upper].below
            if path not in (None, below.lower.resource):
                raise NoAnswerError
            path, ids = below.lower.resource, [id]
            if question.intent == "which-not":
                types = TypeParams(limit=MOST_ENTRIES)
                others = read_page(self.facts.reader, COLLECTIONS[upper].table, types, self.facts.lang)
                ids = [other["id"] for other in map(from_json, others.items) if other["id"] != id]
            given["type"] = ids
        given |= {name: [slots[name]] for name in ("vendor", "license", "status") if name in slots}
        if question.entries:
            given["based_on"] = [question.entries[0]["id"]]
        if path is None and given:
            paths = [product for product in PRODUCTS if self.is_any(product, given)] or [*PRODUCTS[:1]]
            if len(paths) > 1:
                raise TwoListsError
            path = paths[0]
        if path is None or (given and path not in PRODUCTS):
            raise NoAnswerError
        return path, given

    def is_any(self, path: str, given: Mapping[str, Sequence[str]]) -> bool:
        """Whether a list has an entry."""
        params = LISTS[path].model_validate({**given, "limit": 1})
        return bool(read_page(self.facts.reader, COLLECTIONS[path].table, params, self.facts.lang).total)

    def show(self, entry: Record, field: str) -> str | None:
        """Return the value of a field as an answer shows it."""
        if field == "type":
            return self.facts.type_name(entry)
        if field == "status" and entry[field]:
            return str(self.grammar.texts["statuses"][entry[field]])
        return entry[field]  # type: ignore[no-any-return]

    def compare(self, question: Question) -> Said:
        """Say in which fields two entries of a collection differ."""
        first, second = question.entries
        texts, lines = self.grammar.texts, []
        for field in (field for field in COMPARED if field in first):
            values = {entry["url"]: self.show(entry, field) for entry in question.entries}
            if len({*values.values()}) == 1:
                continue
            for entry in question.entries:
                if value := values[entry["url"]]:
                    self.facts.use(entry, field, value)
            shown = [value or texts["not_said"] for value in values.values()]
            named = {"name": first["name"], "other": second["name"], "value": shown[0], "second": shown[1]}
            lines.append(texts["line"].format(field=texts["fields"][field], **named))
        summaries = [self.facts.use(entry, "summary", entry["summary"]) for entry in question.entries]
        return self.say(
            question,
            "answer",
            self.url(first["resource"], id=[first["id"], second["id"]]),
            lines="\n".join([*lines, ""]),
            name=first["name"],
            summary=summaries[0],
            other=second["name"],
            second=summaries[1],
        )

    def say_disputed(self, question: Question) -> Said:
        """Say where sources disagree."""
        (entry,) = question.entries
        if entry["remark_kind"] != RemarkKind.DISPUTED:
            return self.say(question, "none", None, name=self.facts.name(entry))
        remark = self.facts.use(entry, "remark", entry["remark"])
        return self.say(question, "answer", self.entry_url(entry), name=entry["name"], remark=remark)

    def say_sources(self, question: Question) -> Said:
        """Say which works an entry is from."""
        (entry,) = question.entries
        self.facts.name(entry)
        self.facts.cite(entry)
        titles = list(dict.fromkeys(source["title"] for source in entry["sources"]))
        return self.say(question, "answer", self.entry_url(entry), name=entry["name"], names=self.join(titles))
