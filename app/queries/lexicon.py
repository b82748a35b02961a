"""What a look-up reads: the terms of a dataset, how schemes compare values, and the names to suggest.

It needs no more than SQLite's driver, so that the command line answers without waiting for SQLAlchemy.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from app.folding import ENDS, fold_key, fold_text

# A row of the table `term`.
Term = Mapping[str, Any]
# What a scheme says of a value, beside the entries that it identifies.
Mark = Literal["not_virtualized", "also_physical", "shared", "hosts", "unspecified"]
MARKS: tuple[Mark, ...] = ("not_virtualized", "also_physical", "shared", "hosts", "unspecified")
# Marks of identifiers, which alone mean what they identify.
AMONG_OTHERS = ("also_physical", "shared")
# A value is compared with at most this many names, the first of the dataset.
COMPARED_NAMES = 1500
# A longer value is not compared.
LONGEST_VALUE = 200

COLUMNS = 'ordinal, resource, entry_id, field, scheme, "match", value, "key", name_en, name_zh'
TERMS = f'SELECT {COLUMNS} FROM term WHERE "key" IN (SELECT value FROM json_each(?)) ORDER BY id'  # noqa: S608 (our own)
RULES = f"""SELECT {COLUMNS} FROM term WHERE "match" IN ('prefix', 'substring') ORDER BY id"""  # noqa: S608 (our own)
NAMES = "SELECT ordinal, value FROM term WHERE field IN ('id', 'name', 'alias') ORDER BY id LIMIT ?"
# What several tools call an entry whose name begins so, as `VMware`: by key, the entry.
CALLED = """
SELECT word."key", word.ordinal, name.value
FROM term AS word JOIN term AS name ON name.ordinal = word.ordinal AND name.field = 'name'
WHERE word.field = 'identifier' AND word."match" = 'exact'
GROUP BY word."key", word.ordinal, name.value HAVING COUNT(DISTINCT word.scheme) >= 3
"""
BEGINNINGS = """
SELECT DISTINCT scheme, "key" FROM term
WHERE scheme IN ('dmi-sys-vendor', 'dmi-product-name') AND "match" = 'exact' ORDER BY id
"""
# The ordinals of entries, each with those of what it is based on, directly or by way of others.
BASES = """
WITH RECURSIVE
  entry AS (SELECT DISTINCT ordinal, resource, entry_id FROM term WHERE field = 'id'),
  edge AS (
    SELECT entry.ordinal AS upper, base.ordinal AS lower
    FROM (
      SELECT 'examples' AS resource, id, based_on FROM example WHERE based_on != '[]'
      UNION ALL SELECT 'hypervisors', id, based_on FROM hypervisor WHERE based_on != '[]'
    ) AS product
    JOIN json_each(product.based_on) AS target
    JOIN entry ON entry.resource = product.resource AND entry.entry_id = product.id
    JOIN entry AS base ON base.resource = target.value ->> 'resource' AND base.entry_id = target.value ->> 'id'
  ),
  path AS (
    SELECT upper, lower FROM edge UNION SELECT path.upper, edge.lower FROM path JOIN edge ON edge.upper = path.lower
  )
SELECT upper, lower FROM path
"""
# Without a declared type, the column is read as text.
SCHEMES = "SELECT CAST(schemes AS TEXT) FROM dataset"


class Rule(NamedTuple):
    """A rule by which a tool compares what a machine shows: with its beginning, or with any part of it."""

    # Folded, like the value.
    text: str
    is_prefix: bool
    term: Term

    def fits(self, value: str) -> bool:
        """Whether a folded value matches."""
        return value.startswith(self.text) if self.is_prefix else self.text in value


class Lexicon(NamedTuple):
    """What look-ups read once per revision."""

    # By id.
    schemes: Mapping[str, Mapping[str, Any]]
    # By scheme, the longest text first.
    rules: Mapping[str, Sequence[Rule]]
    # By key: the scheme, the value and the mark of each value that has one.
    marks: Mapping[str, Sequence[tuple[str, str, Mark]]]
    # By key: the ordinals of the entries that several tools call so, and whose name begins so.
    called: Mapping[str, frozenset[int]]
    # By scheme: the keys of the vendors and of the products of firmware.
    beginnings: Mapping[str, tuple[str, ...]]
    # By key: the name, and the ordinal of its entry.
    names: Mapping[str, tuple[str, int]]
    name_keys: list[str]
    # By the ordinal of an entry: those of what it is based on, directly or by way of others.
    bases: Mapping[int, frozenset[int]]


def read_lexicon(connection: sqlite3.Connection) -> Lexicon:
    """Read the lexicon of a dataset; a database that has none has an empty one."""
    row = connection.execute(SCHEMES).fetchone()
    schemes = {scheme["id"]: scheme for scheme in json.loads(row[0])} if row else {}
    marks = defaultdict(list)
    for id, scheme in schemes.items():
        for mark in MARKS:
            for value in scheme[mark]:
                marks[fold_key(value)].append((id, value, mark))
    rules = defaultdict(list)
    for term in connection.execute(RULES):
        rules[term["scheme"]].append(Rule(fold_text(term["value"]), term["match"] == "prefix", term))
    for found in rules.values():
        found.sort(key=lambda rule: -len(rule.text))
    names: dict[str, tuple[str, int]] = {}
    for ordinal, name in connection.execute(NAMES, (COMPARED_NAMES,)):
        names.setdefault(fold_key(name), (name, ordinal))
    bases: dict[int, frozenset[int]] = {}
    for upper, lower in connection.execute(BASES):
        bases[upper] = bases.get(upper, frozenset()) | {lower}
    return Lexicon(schemes, rules, marks, read_called(connection), read_beginnings(connection), names, [*names], bases)


def read_called(connection: sqlite3.Connection) -> dict[str, frozenset[int]]:
    """Read, by key, the entries that several tools call so, and whose name begins so."""
    called: dict[str, frozenset[int]] = {}
    for key, ordinal, name in connection.execute(CALLED):
        if fold_key(name).startswith(key):
            called[key] = called.get(key, frozenset()) | {ordinal}
    return called


def read_beginnings(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """Read the keys of the vendors and of the products of firmware, by scheme."""
    beginnings: dict[str, tuple[str, ...]] = {"dmi-sys-vendor": (), "dmi-product-name": ()}
    for scheme, key in connection.execute(BEGINNINGS):
        beginnings[scheme] += (key,)
    return beginnings


def read_terms(connection: sqlite3.Connection, keys: Iterable[str]) -> Mapping[str, Sequence[Term]]:
    """Read the terms that have the keys, by key, with one statement."""
    found = defaultdict(list)
    for term in connection.execute(TERMS, (json.dumps([*dict.fromkeys(keys)]),)):
        found[term["key"]].append(term)
    return found


class Words(NamedTuple):
    """The words of a dataset, and the language of the names in answers."""

    connection: sqlite3.Connection
    lexicon: Lexicon
    lang: str


def spaced(text: str) -> str:
    """Fold a text but keep the places of white space, which distinguish what tools print: `VirtualPC`, `Virtual PC`."""
    return " ".join(fold_text(text).replace("-", "").replace("_", "").strip(ENDS).split())


def longest_rules(rules: Sequence[Rule], folded: str) -> Iterable[Rule]:
    """Return the rules of a scheme that a folded value matches; of several lengths, only the longest."""
    fitting = [rule for rule in rules if rule.fits(folded)]
    return (rule for rule in fitting if len(rule.text) == len(fitting[0].text))


class Fact(NamedTuple):
    """What a scheme says of a value: the terms that identify entries, and the marks."""

    scheme: str
    value: str
    terms: Sequence[Term]
    marks: frozenset[Mark]

    @property
    def may_be_guest(self) -> bool:
        """Whether a virtualized machine may report the value; its own host is no such machine."""
        not_only_host = "hosts" not in self.marks or "shared" in self.marks
        return "unspecified" in self.marks or (bool(self.terms) and not_only_host)

    @property
    def may_be_physical(self) -> bool:
        """Whether a machine may report the value that is not virtualized, such as the host of a hypervisor."""
        return not self.marks.isdisjoint(("not_virtualized", "also_physical", "hosts"))

    @property
    def ordinals(self) -> set[int]:
        """The ordinals of the entries that the value identifies."""
        return {term["ordinal"] for term in self.terms}


def read_fact(words: Words, scheme: str, value: str, terms: Mapping[str, Sequence[Term]]) -> Fact:
    """Compare a value as the tool of its scheme does: exactly, or else by its rules."""
    if len(value) > LONGEST_VALUE:
        return Fact(scheme, value, (), frozenset())
    key, own = fold_key(value), spaced(value)
    found = [term for term in terms.get(key, ()) if term["scheme"] == scheme and spaced(term["value"]) == own]
    if not found:
        rules = longest_rules(words.lexicon.rules.get(scheme, ()), fold_text(value))
        found = [rule.term for rule in rules]
    names = {value, *(term["value"] for term in found)}
    marks = {
        mark
        for name in names
        for of, marked, mark in words.lexicon.marks.get(fold_key(name), ())
        if of == scheme and spaced(marked) == spaced(name)
    }
    # Of a value that identifies nothing in the packs that are loaded, such marks say nothing.
    return Fact(scheme, value, found, frozenset(marks if found else marks.difference(AMONG_OTHERS)))
