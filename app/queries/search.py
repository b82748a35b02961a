"""Search over every collection: which entries have all the words, ranked, and where the words stand.

A search scans the texts of all entries (`SearchText`) in memory: word indexes find no Chinese words, trigrams none of
two characters, and a database takes several times as long for the scan, most of it for the rank of common words.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice, repeat
from operator import contains, eq
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import to_json
from sqlalchemy import Connection, RowMapping, select
from sqlmodel import col

from app.folding import fold_text, span_in
from app.queries.lists import REVISION, ListPage
from app.queries.parameters import FACETS, PageParams, QueryText, Resources, TextParams
from app.queries.revision_cache import RevisionCache
from app.shapes.entries import entry_path
from app.shapes.results import Facets, HitPublic, MatchPublic
from app.store.tables import Language, SearchText, Term, TermField

WORDS = r"^\s*[^\s\x00-\x1f\x7f-\x9f]+(\s+[^\s\x00-\x1f\x7f-\x9f]+){0,9}\s*$"


def refuse_unless_words(text: str) -> str:
    """Raise `ValueError` for a text that is not one to ten words."""
    if not re.match(WORDS, text):
        raise ValueError("Give one to ten words, without control characters.")
    return text


class SearchParams(TextParams, PageParams):
    """The parameters of `/search`."""

    q: Annotated[
        QueryText,
        AfterValidator(refuse_unless_words),
        Field(
            description="One to ten words separated by spaces; an entry must contain each of them, in "
            "any language. Case and compatibility forms (such as full width) are ignored.",
            json_schema_extra={"pattern": WORDS},
        ),
    ]
    resource: Resources = []
    facet: Annotated[list[Literal["resource"]], Field(max_length=20, description=FACETS)] = []


ENDS = [f"{field}_end" for field in TermField if field is not TermField.SUMMARY]


# Rows of an index, by number.
Rows = Sequence[int]


def without(rows: Rows, some: Rows) -> Rows:
    """The rows that are not among some, in their order."""
    gone = set(some)
    return [row for row in rows if row not in gone] if gone else rows


@dataclass(frozen=True)
class Index:
    """What one revision's searches scan: a row an entry, in the document's order.

    `ends` are the places in a row's text where the fields end, in the order of `TermField`. The loops over rows run
    in C (`map`, `compress`), which makes them several times as quick.
    """

    ordinals: list[int]
    resources: list[str]
    ids: list[str]
    texts: list[str]
    ends: list[tuple[int, ...]]

    def of(self, rows: Rows) -> Iterable[str]:
        """The texts of rows."""
        return self.texts if len(rows) == len(self.texts) else map(self.texts.__getitem__, rows)

    def holding(self, rows: Rows, part: str) -> Rows:
        """The rows whose text holds a part, in their order."""
        return list(compress(rows, map(contains, self.of(rows), repeat(part))))

    def hits(self, words: Sequence[str], resources: Sequence[str]) -> Rows:
        """The rows that hold every word and belong to one of the collections, if any are given."""
        rows: Rows = range(len(self.texts))
        if resources:
            rows = list(compress(rows, map(contains, repeat(resources), self.resources)))
        for word in words:
            rows = self.holding(rows, word)
        return rows

    def ranked(self, word: str, rows: Rows) -> Iterator[tuple[int, int]]:
        """The rows, all of which hold a word, with their ranks: exact, prefix, substring; then by the field.

        The best come first. Lazy, since most searches want the first few of many rows.
        """
        beginning = self.holding(rows, f"\n{word}")
        exact = self.holding(beginning, f"\n{word}\n")
        yield from self.by_field(f"\n{word}\n", exact, 0)
        yield from self.by_field(f"\n{word}", without(beginning, exact), len(TermField))
        yield from self.by_field(word, without(rows, beginning), 2 * len(TermField))

    def by_field(self, part: str, rows: Rows, best: int) -> Iterator[tuple[int, int]]:
        """The rows, all of which hold a part, with ranks from `best` on by the field that holds it first."""
        places = map(str.find, self.of(rows), repeat(part))
        # A text's fields stand in the order of their rank, so that the first place is the best.
        fields = list(map(bisect_right, map(self.ends.__getitem__, rows), places))
        for field in sorted({*fields}):
            yield from zip(compress(rows, map(eq, fields, repeat(field))), repeat(best + field))

    def ordered(self, words: Sequence[str], phrase: str, rows: Rows) -> Iterator[int]:
        """The rows, all of which hold every word, the best first.

        Those that hold the words as one phrase come before those that hold them apart, which go by the sum of ranks.
        """
        together = rows if words == [phrase] else self.holding(rows, phrase)
        for row, _ in self.ranked(phrase, together):
            yield row
        if apart := without(rows, together):
            sums: Counter[int] = Counter()
            for word in words:
                for row, rank in self.ranked(word, apart):
                    sums[row] += rank
            yield from sorted(apart, key=sums.__getitem__)


def read_index(connection: Connection) -> Index:
    """Read all texts; about half a second for a hundred thousand entries."""
    table = SearchText.__table__
    columns = [table.c[name] for name in ("ordinal", "resource", "entry_id", "text", *ENDS)]
    rows = connection.execute(select(*columns).order_by(table.c.ordinal)).all()
    return Index(
        ordinals=[row.ordinal for row in rows],
        resources=[row.resource for row in rows],
        ids=[row.entry_id for row in rows],
        texts=[row.text for row in rows],
        ends=[tuple(row[len(columns) - len(ENDS) :]) for row in rows],
    )


def find_best_match(word: str, terms: Sequence[RowMapping]) -> MatchPublic:
    """Find where a word stands best among an entry's terms, which are in the order of their fields."""
    found: list[tuple[int, int, int, RowMapping]] = []
    for term in terms:
        folded = fold_text(term["value"])
        if (position := folded.find(word)) >= 0:
            quality = 0 if folded == word else 1 if position == 0 else 2
            found.append((quality, len(found), position, term))
    _, _, position, term = min(found, key=lambda match: match[:2])
    start, end = span_in(term["value"], position, len(word))
    return {
        "field": term["field"],
        "lang": term["lang"],
        "scheme": term["scheme"],
        "value": term["value"],
        "start": start,
        "end": end,
    }


def read_hits(connection: Connection, revisions: RevisionCache, params: SearchParams, lang: Language) -> ListPage:
    """Read one page of hits: one statement reads the revision, one why the hits match."""
    index = revisions.get(connection.scalar(REVISION)).derive(read_index, connection)
    given = params.q.split()
    phrase = fold_text(" ".join(given))
    words = list(dict.fromkeys(fold_text(word) for word in given))
    hits = index.hits(words, params.resource)
    rows = list(islice(index.ordered(words, phrase, hits), params.offset, params.offset + params.limit))

    terms = defaultdict(list)
    statement = select(Term.__table__).where(col(Term.ordinal).in_([index.ordinals[row] for row in rows]))
    for term in connection.execute(statement.order_by(col(Term.id))).mappings():
        terms[term["ordinal"]].append(term)

    def make_hit(row: int) -> HitPublic:
        own = terms[index.ordinals[row]]
        return {
            "id": index.ids[row],
            "name": own[0][f"name_{lang}"],
            "url": f"/{entry_path(index.resources[row], index.ids[row])}",
            "resource": index.resources[row],
            "matched": [find_best_match(word, own) for word in ([phrase] if phrase in index.texts[row] else words)],
        }

    facets: Facets = {}
    if params.facet:
        counts = Counter(map(index.resources.__getitem__, hits)).most_common()
        facets["resource"] = [{"value": value, "count": count} for value, count in counts]
    return ListPage([to_json(make_hit(row)).decode() for row in rows], len(hits), facets)
