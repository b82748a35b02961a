"""What a look-up reads: the terms of a dataset, how schemes compare values, and the names to suggest.

It needs no more than SQLite's driver, so that the command line answers without waiting for SQLAlchemy.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from app.folding import fold_key, fold_text

# A row of the table `term`.
Term = Mapping[str, Any]
# What a scheme says of a value, beside the entries that it identifies.
Mark = Literal["not_virtualized", "hosts", "unspecified"]
MARKS: tuple[Mark, ...] = ("not_virtualized", "hosts", "unspecified")
# A value is compared with at most this many names, the first of the dataset.
COMPARED_NAMES = 1500

COLUMNS = 'ordinal, resource, entry_id, field, scheme, "match", value, "key", name_en, name_zh'
TERMS = f'SELECT {COLUMNS} FROM term WHERE "key" IN (SELECT value FROM json_each(?)) ORDER BY id'  # noqa: S608 (our own)
RULES = f"""SELECT {COLUMNS} FROM term WHERE "match" IN ('prefix', 'substring') ORDER BY id"""  # noqa: S608 (our own)
NAMES = "SELECT ordinal, value FROM term WHERE field IN ('id', 'name', 'alias') ORDER BY id LIMIT ?"
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
    # By key: the name, and the ordinal of its entry.
    names: Mapping[str, tuple[str, int]]


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
    return Lexicon(schemes, rules, marks, names)


def read_terms(connection: sqlite3.Connection, keys: Iterable[str]) -> Mapping[str, Sequence[Term]]:
    """Read the terms that have the keys, by key, with one statement."""
    found = defaultdict(list)
    for term in connection.execute(TERMS, (json.dumps([*dict.fromkeys(keys)]),)):
        found[term["key"]].append(term)
    return found
