"""Full-text search over every collection: which entries hold all the words, ranked, and where the words stand.

A search scans one text an entry (`SearchText`), which finds any substring in any script: word indexes find no
Chinese words, and trigrams none of two characters. The first place of a word in the text is its best, since the
fields stand in the order of their rank.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Integer,
    Label,
    RowMapping,
    Select,
    bindparam,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import col

from app.folding import fold_text, span_in
from app.listing import escaped
from app.models import Language, SearchText, Term, TermField

TABLE = SearchText.__table__
ENDS = [TABLE.c[f"{field}_end"] for field in TermField if field is not TermField.SUMMARY]
# Ranks of an entry's phrases are below this; those of entries that hold the words only apart are above.
APART = 100
# What separates the ranks of exact, prefix and substring matches: more than there are fields.
STEP = len(TermField)


class position_of(GenericFunction[int]):  # noqa: N801 (SQLAlchemy registers functions under the class's name)
    """The position of a text in another, counted from 1; 0 where it does not occur."""

    type = Integer()
    inherit_cache = True


@compiles(position_of)
def strpos(element: Any, compiler: Any, **options: Any) -> str:
    """PostgreSQL's name of the function."""
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(position_of, "sqlite")
def instr(element: Any, compiler: Any, **options: Any) -> str:
    """SQLite's name of the function."""
    return f"instr({compiler.process(element.clauses, **options)})"


def places(number: int) -> list[Label[Any]]:
    """The first places of a word as a whole term, as the beginning of one, and anywhere."""
    word = bindparam(f"word_{number}", type_=TABLE.c.text.type)
    return [
        position_of(TABLE.c.text, literal("\n") + word + literal("\n")).label(f"exact_{number}"),
        position_of(TABLE.c.text, literal("\n") + word).label(f"prefix_{number}"),
        position_of(TABLE.c.text, word).label(f"anywhere_{number}"),
    ]


def rank(hit: CTE, number: int) -> ColumnElement[int]:
    """How well a word matches: exact, prefix, substring; then by the field; less is better."""
    exact, prefix, anywhere = (hit.c[f"{place}_{number}"] for place in ("exact", "prefix", "anywhere"))

    def field(position: ColumnElement[int]) -> ColumnElement[int]:
        return case(*((position <= hit.c[end.name], at) for at, end in enumerate(ENDS)), else_=len(ENDS))

    return case((exact > 0, field(exact + 1)), (prefix > 0, field(prefix + 1) + STEP), else_=field(anywhere) + 2 * STEP)


@dataclass(frozen=True)
class Statements:
    """What a search runs: for a page of hits, their number, and their number by collection."""

    page: Select[Any]
    count: Select[Any]
    by_resource: Select[Any]


@lru_cache(maxsize=64)
def statements(words: int, *, narrowed: bool) -> Statements:
    """Build the statements for a number of words; if there are several, number 0 is all of them as one phrase."""
    numbers = [0] if words == 1 else range(1, words + 1)
    where = [TABLE.c.text.contains(bindparam(f"pattern_{number}"), escape="/") for number in numbers]
    if narrowed:
        where.append(TABLE.c.resource.in_(bindparam("resources", expanding=True)))
    keys = (TABLE.c.ordinal, TABLE.c.resource, TABLE.c.entry_id)
    # Materialized, so that each position is computed once a hit and not wherever the order mentions it.
    hit = (
        select(*keys, *ENDS, *(place for number in {0, *numbers} for place in places(number)))
        .where(*where)
        .cte("hit")
        .prefix_with("MATERIALIZED")
    )
    order = rank(hit, 0)
    if words > 1:
        apart = sum((rank(hit, number) for number in numbers), literal(APART))
        order = case((hit.c.anywhere_0 > 0, order), else_=apart)
    return Statements(
        page=select(
            *(hit.c[key.name] for key in keys), select(func.count()).select_from(hit).scalar_subquery().label("total")
        )
        .order_by(order, hit.c.ordinal)
        .limit(bindparam("limit"))
        .offset(bindparam("offset")),
        count=select(func.count()).select_from(TABLE).where(*where),
        by_resource=select(TABLE.c.resource.label("value"), func.count().label("count"))
        .where(*where)
        .group_by(TABLE.c.resource)
        .order_by(func.count().desc(), func.min(TABLE.c.ordinal)),
    )


def best_match(word: str, terms: Sequence[RowMapping]) -> dict[str, Any]:
    """Where a word stands best in an entry, as a `MatchPublic`; the terms are in the order of their fields."""
    found: list[tuple[int, int, int, RowMapping]] = []
    for term in terms:
        folded = fold_text(term["value"])
        if (position := folded.find(word)) >= 0:
            quality = 0 if folded == word else 1 if position == 0 else 2
            found.append((quality, len(found), position, term))
    _, _, position, term = min(found, key=lambda match: match[:2])
    start, end = span_in(term["value"], position, len(word))
    return {**{name: term[name] for name in ("field", "lang", "scheme", "value")}, "start": start, "end": end}


def search(
    connection: Connection,
    q: str,
    resources: Sequence[str],
    limit: int,
    offset: int,
    lang: Language,
    *,
    facets: bool,
) -> dict[str, Any]:
    """A page of hits as a `Page[HitPublic]`; two statements, and one more for facets."""
    given = q.split()
    phrase = fold_text(" ".join(given))
    words = list(dict.fromkeys(fold_text(word) for word in given))
    values: dict[str, Any] = {}
    for number, word in enumerate(words if len(words) == 1 else [phrase, *words]):
        values |= {f"word_{number}": word, f"pattern_{number}": escaped(word)}
    if resources:
        values["resources"] = list(resources)
    run = statements(len(words), narrowed=bool(resources))
    rows = connection.execute(run.page, values | {"limit": limit, "offset": offset}).mappings().all()

    terms = defaultdict(list)
    statement = select(Term.__table__).where(col(Term.ordinal).in_([row["ordinal"] for row in rows]))
    for term in connection.execute(statement.order_by(col(Term.id))).mappings():
        terms[term["ordinal"]].append(term)
    items = []
    for row in rows:
        own = terms[row["ordinal"]]
        whole = [phrase] if any(phrase in fold_text(term["value"]) for term in own) else words
        items.append(
            {
                "id": row["entry_id"],
                "name": own[0][f"name_{lang}"],
                "url": f"/{row['resource']}/{row['entry_id']}",
                "resource": row["resource"],
                "matched": [best_match(word, own) for word in whole],
            }
        )
    counts = connection.execute(run.by_resource, values).mappings().all() if facets else []
    return {
        "items": items,
        "total": rows[0]["total"] if rows else connection.execute(run.count, values).scalar_one() if offset else 0,
        "limit": limit,
        "offset": offset,
        "facets": {"resource": [dict(row) for row in counts]} if facets else {},
    }
