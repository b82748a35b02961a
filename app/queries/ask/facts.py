"""The facts of one answer: the entries that it reads, the fields that it uses, and the sources of these."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.queries.entries import Records
from app.shapes.entries import EntryReference
from app.store.collections import COLLECTIONS

# An answer names at most this many entries, and cites at most this many works.
MOST_ENTRIES = 100
MOST_SOURCES = 20
# A field with another name has the sources of this one.
SUPPORTED_AS = {"labels": "name"}


class Facts:
    """What an answer is from."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.reader = records.reader
        self.lang = records.lang
        self.entries: dict[str, EntryReference] = {}
        self.excerpts: list[dict[str, str]] = []
        self.sources: dict[tuple[Any, ...], dict[str, Any]] = {}

    def name(self, record: Mapping[str, Any]) -> str:
        """Name an entry in the answer."""
        self.entries.setdefault(record["url"], refer(record))
        return str(record["name"])

    def use(self, record: Mapping[str, Any], field: str, text: str | None = None) -> Any:
        """Return a field of an entry, and note its sources, and its text if it is an excerpt."""
        self.name(record)
        if text is not None:
            self.excerpts.append({"name": record["name"], "url": record["url"], "field": field, "text": text})
        self.cite(record, [field])
        return record[field]

    def cite(self, record: Mapping[str, Any], fields: Sequence[str] = ()) -> None:
        """Note the sources of some fields of an entry; of all without fields."""
        wanted = {SUPPORTED_AS.get(field, field) for field in fields}
        for source in record["sources"]:
            supports = [field for field in source["supports"] if not wanted or field in wanted]
            if supports and len(self.sources) < MOST_SOURCES:
                key = (source["title"], source["section"], source["url"])
                noted = self.sources.setdefault(key, {**source, "supports": []})
                noted["supports"] += [field for field in supports if field not in noted["supports"]]

    def names(self, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Name several entries in the answer."""
        return [self.name(record) for record in records]

    def type_name(self, record: Mapping[str, Any]) -> str | None:
        """Return the name of the type of an entry; None if it has none."""
        if not record.get("type"):
            return None
        above = COLLECTIONS[record["resource"]].above
        return str(self.records.read(above.upper.resource, record["type"])["name"]) if above else None


def refer(record: Mapping[str, Any]) -> EntryReference:
    """Refer to an entry."""
    return {"id": record["id"], "name": record["name"], "url": record["url"], "resource": record["resource"]}
