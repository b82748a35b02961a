"""Search over all collections: finds the entries that contain every word, ranks them, and locates the words.

A search scans the texts of all entries (`SearchText`) in memory. Word indexes do not find Chinese words, trigram
indexes do not find words of two characters, and the databases take several times as long for the same scan, mostly to
rank the matches of common words.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, islice, repeat
from operator import contains, eq
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import to_json
from sqlalchemy import Connection, RowMapping, select
from sqlmodel import col
from typing_extensions import TypeAliasType

from app.folding import fold_text, nearest, span_in
from app.queries.lists import ListPage
from app.queries.parameters import FACETS, PageParams, QueryText, Resources, TextParams
from app.queries.refusals import Bilingual, did_you_mean
from app.queries.revision_cache import RevisionCache
from app.queries.statements import is_one_of
from app.shapes.entries import entry_path
from app.shapes.results import Facets, HitPublic, MatchPublic
from app.store.tables import Language, SearchText, Term, TermField

SearchFacet = TypeAliasType(
    "SearchFacet", Annotated[Literal["resource"], Field(description="A field of hits that can be counted.")]
)
WORDS = r"^\s*[^\s\x00-\x1f\x7f-\x9f]+(\s+[^\s\x00-\x1f\x7f-\x9f]+){0,9}\s*$"


def refuse_unless_words(text: str) -> str:
    """Raise `ValueError` unless a text consists of one to ten words."""
    if not re.match(WORDS, text):
        raise ValueError(
            Bilingual("Give one to ten words, without control characters.", "请给出一到十个词，且不含控制字符。")
        )
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
    facet: Annotated[list[SearchFacet], Field(max_length=20, description=FACETS)] = []


ENDS = [f"{field}_end" for field in TermField if field is not TermField.SUMMARY]
ALIAS = ENDS.index("alias_end")
# A search that finds nothing is compared with at most this many names and aliases, which takes 3 ms.
NAMES = 5000


# Numbers of rows in an index.
RowNumbers = Sequence[int]


def without(rows: RowNumbers, removed: RowNumbers) -> RowNumbers:
    """Remove rows and keep the order of the others."""
    gone = set(removed)
    return [row for row in rows if row not in gone] if gone else rows


@dataclass(frozen=True)
class Index:
    """The texts of one revision, one row per entry, in document order.

    `ends` are the positions in a row's text at which its fields end, in the order of `TermField`. Loops over rows use
    `map` and `compress`, which run in C and are several times faster.
    """

    ordinals: list[int]
    resources: list[str]
    ids: list[str]
    texts: list[str]
    ends: list[tuple[int, ...]]

    def texts_of(self, rows: RowNumbers) -> Iterable[str]:
        """Return the texts of rows."""
        return self.texts if len(rows) == len(self.texts) else map(self.texts.__getitem__, rows)

    def containing(self, rows: RowNumbers, part: str) -> RowNumbers:
        """Select the rows whose text contains a part, and keep their order."""
        return list(compress(rows, map(contains, self.texts_of(rows), repeat(part))))

    def find(self, words: Sequence[str], resources: Sequence[str]) -> RowNumbers:
        """Find the rows that contain every word, in the given collections or else in all."""
        rows: RowNumbers = range(len(self.texts))
        if resources:
            rows = list(compress(rows, map(contains, repeat(resources), self.resources)))
        for word in words:
            rows = self.containing(rows, word)
        return rows

    def names(self, resources: Sequence[str]) -> Iterator[str]:
        """Yield names, ids and aliases, folded, in the given collections or else in all; `NAMES` at most."""
        terms = (self.texts[row][1 : self.ends[row][ALIAS]].split("\n") for row in self.find([], resources))
        return islice(chain.from_iterable(terms), NAMES)

    def rank(self, word: str, rows: RowNumbers) -> Iterator[tuple[int, int]]:
        """Yield rows that contain a word, with their ranks, best first: exact, prefix, substring; then by field.

        Lazy, because most searches need only the first few of many rows.
        """
        beginning = self.containing(rows, f"\n{word}")
        exact = self.containing(beginning, f"\n{word}\n")
        yield from self.rank_by_field(f"\n{word}\n", exact, 0)
        yield from self.rank_by_field(f"\n{word}", without(beginning, exact), len(TermField))
        yield from self.rank_by_field(word, without(rows, beginning), 2 * len(TermField))

    def rank_by_field(self, part: str, rows: RowNumbers, best: int) -> Iterator[tuple[int, int]]:
        """Yield rows that contain a part, with ranks from `best` upwards by the first field that contains it."""
        positions = map(str.find, self.texts_of(rows), repeat(part))
        # The fields of a text are in the order of their rank, so the first occurrence is the best.
        fields = list(map(bisect_right, map(self.ends.__getitem__, rows), positions))
        for field in sorted({*fields}):
            yield from zip(compress(rows, map(eq, fields, repeat(field))), repeat(best + field))

    def order(self, words: Sequence[str], phrase: str, rows: RowNumbers) -> Iterator[int]:
        """Yield rows that contain every word, best first.

        Rows that contain the words as a phrase come before the others, which are ordered by the sum of their ranks.
        """
        together = rows if words == [phrase] else self.containing(rows, phrase)
        for row, _ in self.rank(phrase, together):
            yield row
        if apart := without(rows, together):
            sums: Counter[int] = Counter()
            for word in words:
                for row, rank in self.rank(word, apart):
                    sums[row] += rank
            yield from sorted(apart, key=sums.__getitem__)


def read_index(connection: Connection) -> Index:
    """Read all texts; this takes about half a second for a hundred thousand entries."""
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
    """Find the best match for a word among an entry's terms, which are in the order of `TermField`."""
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
    """Read one page of hits: one statement reads the revision, another the terms of the hits."""
    index = revisions.current(connection).derive(read_index, connection)
    given = params.q.split()
    phrase = fold_text(" ".join(given))
    words = list(dict.fromkeys(fold_text(word) for word in given))
    hits = index.find(words, params.resource)
    rows = list(islice(index.order(words, phrase, hits), params.offset, params.offset + params.limit))

    terms = defaultdict(list)
    statement = select(Term.__table__).where(is_one_of(Term.__table__.c.ordinal, [index.ordinals[row] for row in rows]))
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
    near = [] if hits else nearest(phrase, index.names(params.resource), 1)
    return ListPage([to_json(make_hit(row)).decode() for row in rows], len(hits), facets, did_you_mean(near))
