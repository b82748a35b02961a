"""Entries as tools show them: by reference, briefly or whole; and where one that does not exist may be instead."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired

from pydantic import Field
from pydantic_core import from_json
from typing_extensions import TypedDict

from app.folding import nearest
from app.path_prefix import prefix_urls
from app.queries.entries import COMPARED_IDS, LONGEST_NAME, Records, read_id_named, read_ids, read_record
from app.queries.lookup import read_words
from app.queries.meanings import find_meanings
from app.queries.refusals import Bilingual, did_you_mean, join_sentences, list_words, shorten
from app.shapes.entries import Record, entry_path
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import Entry, Language

SUGGESTED = 3


class BriefEntry(TypedDict):
    """An entry in an answer."""

    ref: Annotated[str, Field(description="Collection and id: what get_entries takes.")]
    name: str
    type: NotRequired[Annotated[str, Field(description="Of hypervisors and examples, the id of their type.")]]


def shorten_record(resource: str, record: Mapping[str, Any]) -> BriefEntry:
    """Make the brief entry of a record."""
    brief: BriefEntry = {"ref": entry_path(resource, record["id"]), "name": record["name"]}
    if "type" in record:
        brief["type"] = record["type"]
    return brief


def read_brief(records: Records, resource: str, id: str) -> BriefEntry:
    """Read an entry that exists, briefly."""
    return shorten_record(resource, records.read(resource, id))


class MissingEntryError(Exception):
    """There is no entry with a reference; the hint says where it may be instead."""

    def __init__(self, hint: Bilingual) -> None:
        super().__init__(hint.en)
        self.hint = hint


def split_ref(ref: str) -> tuple[type[Entry], str]:
    """Split a reference into its collection and its id. Raises `MissingEntryError` if it is none."""
    resource, _, id = ref.partition("/")
    if id and resource in COLLECTIONS:
        return COLLECTIONS[resource].table, id
    known = list_words([*COLLECTIONS])
    raise MissingEntryError(
        Bilingual(
            f"Write collection/id, for example hypervisors/kvm; the collections are {known.en}.",
            f"请写“集合/id”，例如 hypervisors/kvm；集合有 {known.zh}。",
        )
    )


def read_entry(reader: Reader, ref: str, lang: Language, prefix: str, *, by_name: bool) -> Record:
    """Read the whole entry that has a reference; `by_name`, an unambiguous name or alias serves as its id as well.

    A path prefix precedes the URLs of this service. Raises `MissingEntryError` if there is none.
    """
    table, id = split_ref(ref)
    record = None if "\0" in id else read_record(reader, table, id, lang)
    if record is None and by_name and (named := read_id_named(reader, table, id)):
        record, id = read_record(reader, table, named, lang), named
    if record is None:
        raise MissingEntryError(say_where(reader, table, id))
    return {"ref": entry_path(table.resource, id), **from_json(prefix_urls(record, prefix))}


def say_where(reader: Reader, table: type[Entry], id: str) -> Bilingual:
    """Say which entries an unknown id may mean."""
    quoted = shorten(id)
    detail = Bilingual(f"There is no {quoted.en} in {table.resource}.", f"{table.resource} 中没有{quoted.zh}。")
    listed = Bilingual("list_entries lists the entries.", "全部条目见 list_entries。")
    return join_sentences(detail, did_you_mean(suggest_refs(reader, table, id)) or listed)


def suggest_refs(reader: Reader, table: type[Entry], id: str) -> Sequence[str]:
    """Find the references that an unknown id may stand for, in any collection."""
    if len(id) > LONGEST_NAME:
        return []
    (result,) = find_meanings(read_words(reader, Language.EN), [id])
    if result["items"]:
        return [entry_path(item["resource"], item["id"]) for item in result["items"]][:SUGGESTED]
    return [entry_path(table.resource, near) for near in nearest(id, read_ids(reader, table, COMPARED_IDS), SUGGESTED)]
