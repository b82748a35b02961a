"""Hints for an empty list: a filter whose vocabulary is open takes values that no entry has."""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, select

from app.queries.entries import COMPARED_IDS, read_ids, read_record
from app.queries.lists import ListParams, filters_of, find_ids, values_of
from app.queries.refusals import SUMMARIZED, Bilingual, join_sentences, list_choices, shorten, suggest_value
from app.store.snapshot import Reader
from app.store.statements import Statement, in_array, json_array
from app.store.tables import Entry, Language


def explain_empty_list(
    reader: Reader, table: type[Entry], params: ListParams, listing: Callable[[str], str]
) -> Bilingual | None:
    """Name the values that no entry of the collection has, and what to ask for instead; None if there are none.

    `listing` returns the request that lists the values of a field.
    """
    hints: list[Bilingual] = []
    for name, where in filters_of(type(params)).items():
        if not where.open or not (given := getattr(params, name)):
            continue
        unknown, known = find_unknown(reader, table, name, given)
        unknown = unknown[:SUMMARIZED]
        ids = find_ids(reader, [table], unknown) if unknown else {}
        for value in unknown:
            quoted = shorten(value)
            detail = Bilingual(
                f"No entry in {table.resource} has the {name} {quoted.en}.",
                f"{table.resource} 中没有 {name} 为{quoted.zh}的条目。",
            )
            meaning = describe_meaning(reader, table, name, value, ids[value]) if value in ids else None
            hint = suggest_value(name, value, known, meaning=meaning) or Bilingual(
                f"{listing(name)} lists the values.", f"全部取值见 {listing(name)}。"
            )
            hints += [detail, hint]
    return join_sentences(*hints) if hints else None


def find_unknown(
    reader: Reader, table: type[Entry], name: str, given: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the given values that no entry has, and those that entries have; of ids, which are many, the first."""
    values = dict.fromkeys(given)
    if name == "id":
        unknown = [id for id in values if not read_record(reader, table, id, Language.EN)]
        return unknown, read_ids(reader, table, COMPARED_IDS)
    known = reader.derive(values_of(table.__table__.c[name]))
    return [value for value in values if value not in known], known


def describe_meaning(reader: Reader, table: type[Entry], name: str, value: str, ids: Sequence[str]) -> Bilingual | None:
    """Say what the entries that a value denotes have in a field; None if they have nothing."""
    columns = table.__table__.c
    having = (
        select(columns[name]).distinct().where(in_array(columns["id"], bindparam("ids")), columns[name].is_not(None))
    )
    statement = Statement.compile(having.order_by(columns[name]).limit(SUMMARIZED))
    values = reader.column(statement, {"ids": json_array(ids)})
    quoted, choices = shorten(value), list_choices(values)
    return (
        Bilingual(
            f"The entries that {quoted.en} denotes have the {name} {choices.en}.",
            f"{quoted.zh}所指条目的 {name} 为{choices.zh}。",
        )
        if values
        else None
    )
