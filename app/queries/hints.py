"""Hints for an empty list: a filter whose vocabulary is open takes values that no entry has."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.queries.lists import ListParams, ListQuestion, compile_list, filters_of, find_ids
from app.queries.refusals import SUMMARIZED, Bilingual, join_sentences, list_choices, shorten, suggest_value
from app.queries.revision_cache import RevisionCache
from app.queries.statements import is_one_of
from app.store.tables import Entry, Language


def explain_empty_list(
    connection: Connection, revisions: RevisionCache, table: type[Entry], params: ListParams, prefix: str
) -> Bilingual | None:
    """Name the values that no entry of the collection has, and what to ask for instead; None if there are none.

    A path prefix precedes the paths that it names.
    """
    derived = revisions.current(connection)
    path = f"{prefix}/{table.resource}"
    hints: list[Bilingual] = []
    for name, where in filters_of(type(params)).items():
        if not where.open or not (given := getattr(params, name)):
            continue
        every = ListQuestion(table.__table__, type(params), (), (name,), "", Language.EN)
        counts = derived.count(compile_list(every, connection.dialect).facets[name], {}, connection)
        known = dict.fromkeys(count["value"] for count in counts)
        unknown = [value for value in dict.fromkeys(given) if value not in known][:SUMMARIZED]
        ids = find_ids(connection, table, unknown) if unknown else {}
        for value in unknown:
            quoted = shorten(value)
            detail = Bilingual(
                f"No entry in {table.resource} has the {name} {quoted.en}.",
                f"{table.resource} 中没有 {name} 为{quoted.zh}的条目。",
            )
            meaning = describe_meaning(connection, table, name, value, ids[value]) if value in ids else None
            hint = suggest_value(name, value, [*known], meaning=meaning) or Bilingual(
                f"{path}?facet={name} lists the values.", f"全部取值见 {path}?facet={name}。"
            )
            hints += [detail, hint]
    return join_sentences(*hints) if hints else None


def describe_meaning(
    connection: Connection, table: type[Entry], name: str, value: str, ids: Sequence[str]
) -> Bilingual | None:
    """Say what the entries that a value denotes have in a field; None if they have nothing."""
    columns = table.__table__.c
    having = select(columns[name]).distinct().where(is_one_of(columns["id"], ids), columns[name].is_not(None))
    values = connection.scalars(having.order_by(columns[name]).limit(SUMMARIZED)).all()
    quoted, choices = shorten(value), list_choices(values)
    return (
        Bilingual(
            f"The entries that {quoted.en} denotes have the {name} {choices.en}.",
            f"{quoted.zh}所指条目的 {name} 为{choices.zh}。",
        )
        if values
        else None
    )
