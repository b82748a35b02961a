"""Search over all collections: finds the entries that contain every word, ranks them, and locates the words.

A search scans the texts of all entries (`SearchText`) in memory. Word indexes do not find Chinese words, trigram
indexes do not find words of two characters, and the databases take several times as long for the same scan, mostly to
rank the matches of common words.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, islice, repeat
from operator import contains, eq, not_
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import to_json
from sqlalchemy import bindparam, select
from sqlmodel import col
from typing_extensions import TypeAliasType

from app.folding import fold_text, nearest, span_in
from app.queries.lists import ListPage
from app.queries.parameters import FACETS, UNGIVEN, PageParams, QueryText, Resources, TextParams
from app.queries.refusals import Bilingual, did_you_mean
from app.shapes.entries import entry_path
from app.shapes.results import Facets, HitPublic, MatchPublic
from app.store.snapshot import Reader
from app.store.statements import Statement, in_array, json_array
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
            "any language. Case, compatibility forms (such as full width), `®` and `™` are ignored, and "
            "Traditional Chinese is taken for Simplified.",
            json_schema_extra={"pattern": WORDS},
        ),
    ]
    resource: Resources = UNGIVEN
    facet: Annotated[list[SearchFacet], Field(max_length=20, description=FACETS)] = UNGIVEN


ENDS = [f"{field}_end" for field in TermField if field is not TermField.SUMMARY]
ALIAS = ENDS.index("alias_end")
# A search that finds nothing is compared with at most this many names and aliases, which takes 3 ms.
NAMES = 5000


TEXT_COLUMNS = ("ordinal", "resource", "entry_id", "text")
TEXTS = Statement.compile(
    select(*(SearchText.__table__.c[name] for name in (*TEXT_COLUMNS, *ENDS))).order_by(col(SearchText.ordinal))
)
TERMS = Statement.compile(
    select(Term.__table__).where(in_array(col(Term.ordinal), bindparam("ordinals"))).order_by(col(Term.id))
)
# Numbers of rows in an index.
RowNumbers = Sequence[int]


# How many rows are looked at together, so that a search ends soon after the first matches that are good enough.
CHUNK = 2000


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

    def split(self, rows: RowNumbers, part: str) -> tuple[RowNumbers, RowNumbers]:
        """Divide rows into those whose text contains a part and the others."""
        found = list(map(contains, self.texts_of(rows), repeat(part)))
        return list(compress(rows, found)), list(compress(rows, map(not_, found)))

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

    def rank(self, parts: Sequence[str], rows: RowNumbers) -> Iterator[int]:
        """Yield rows that contain every part, ordered by the fields in which the parts occur first.

        Lazy, because most searches need only the first few of many rows.
        """
        later: defaultdict[int, list[int]] = defaultdict(list)
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            ends = list(map(self.ends.__getitem__, chunk))
            places = [
                list(map(bisect_right, ends, map(str.find, self.texts_of(chunk), repeat(part)))) for part in parts
            ]
            fields = places[0] if len(places) == 1 else list(map(sum, zip(*places, strict=True)))
            # Nothing comes before the rows in whose names all parts are.
            yield from compress(chunk, map(not_, fields))
            for field in {*fields} - {0}:
                later[field].extend(compress(chunk, map(eq, fields, repeat(field))))
        for field in sorted(later):
            yield from later[field]

    def rank_words(self, words: Sequence[str], rows: RowNumbers) -> Iterator[int]:
        """Yield rows that contain every word, best first: exact matches, then prefixes, then substrings.

        Of several words, the points 0, 1 and 2 for these are added.
        """
        groups: dict[tuple[int, ...], RowNumbers] = {(): rows}
        for word in words:
            divided: dict[tuple[int, ...], RowNumbers] = {}
            for points, group in groups.items():
                beginning, others = self.split(group, f"\n{word}")
                exact, prefixed = self.split(beginning, f"\n{word}\n")
                divided |= {(*points, 0): exact, (*points, 1): prefixed, (*points, 2): others}
            groups = {points: group for points, group in divided.items() if group}
        shapes = ("\n{}\n", "\n{}", "{}")
        for points in sorted(groups, key=lambda points: (sum(points), points)):
            parts = [shapes[point].format(word) for point, word in zip(points, words, strict=True)]
            yield from self.rank(parts, groups[points])

    def order(self, words: Sequence[str], phrase: str, rows: RowNumbers) -> Iterator[int]:
        """Yield rows that contain every word, best first; those that contain the words as a phrase come first."""
        together, apart = (rows, []) if words == [phrase] else self.split(rows, phrase)
        return chain(self.rank_words([phrase], together), self.rank_words(words, apart))


def read_index(reader: Reader) -> Index:
    """Read all texts; this takes about half a second for a hundred thousand entries."""
    rows = reader.rows(TEXTS)
    return Index(
        ordinals=[row["ordinal"] for row in rows],
        resources=[row["resource"] for row in rows],
        ids=[row["entry_id"] for row in rows],
        texts=[row["text"] for row in rows],
        ends=[tuple(row[len(TEXT_COLUMNS) :]) for row in rows],
    )


def find_best_match(word: str, terms: Sequence[Mapping[str, Any]]) -> MatchPublic:
    """Find the best match for a word among an entry's terms, which are in the order of `TermField`."""
    found: list[tuple[int, int, int, Mapping[str, Any]]] = []
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


def read_hits(reader: Reader, params: SearchParams, lang: Language) -> ListPage:
    """Read one page of hits; one statement reads their terms."""
    index = reader.derive(read_index)
    given = params.q.split()
    # A word of which folding leaves nothing is in no text.
    phrase = fold_text(" ".join(given)) or params.q
    words = list(dict.fromkeys(fold_text(word) or word for word in given))
    hits = index.find(words, params.resource)
    rows = list(islice(index.order(words, phrase, hits), params.offset, params.offset + params.limit))

    terms = defaultdict(list)
    for term in reader.stream(TERMS, {"ordinals": json_array([index.ordinals[row] for row in rows])}):
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
    return ListPage([to_json(make_hit(row)) for row in rows], len(hits), facets, did_you_mean(near))
