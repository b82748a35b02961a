"""The entities of `/reconcile`: entries under ids such as `hypervisors/kvm`, with their types and properties."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any, Self, cast

from pydantic_core import from_json

from app.folding import fold_key
from app.queries.collections import LISTS
from app.queries.entries import read_record
from app.queries.lists import stream_matching
from app.queries.lookup import why_unreadable
from app.queries.refusals import Bilingual
from app.shapes.entries import SHAPES, Record, entry_path, write_citation, write_identifier
from app.shapes.reconciliation import NamedPublic
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import Language, Resource

TYPES: Mapping[Resource, Bilingual] = {
    "concepts": Bilingual("Concept", "概念"),
    "virtualization-types": Bilingual("Virtualization type", "虚拟化类型"),
    "examples": Bilingual("Example", "示例"),
    "hypervisor-types": Bilingual("Hypervisor type", "虚拟机监控器类型"),
    "hypervisors": Bilingual("Hypervisor", "虚拟机监控器"),
}


class Property(StrEnum):
    """A property of entities: a field, or the scheme of a string."""

    label: Bilingual

    def __new__(cls, id: str, en: str, zh: str) -> Self:
        """Make the property with an id and a name."""
        made = str.__new__(cls, id)
        made._value_ = id
        made.label = Bilingual(en, zh)
        return made

    NAME = "name", "Name", "名称"
    LABELS = "labels", "Name in every language", "各语言名称"
    ID = "id", "ID", "ID"
    TYPE = "type", "Type", "类型"
    ALIASES = "aliases", "Other names", "别名"
    SUMMARY = "summary", "Summary", "简介"
    VENDOR = "vendor", "Vendor", "厂商"
    LICENSE = "license", "License", "许可证"
    STATUS = "status", "Status", "状态"
    WEBSITE = "website", "Website", "网站"
    BASED_ON = "based_on", "Based on", "基于"
    CONCEPT = "concept", "Concept", "概念"
    BROADER = "broader", "Broader concept", "上位概念"
    CHARACTERISTICS = "characteristics", "Characteristics", "特征"
    HYPERVISORS = "hypervisors", "Hypervisors", "虚拟机监控器"
    EXAMPLES = "examples", "Examples", "示例"
    RELATED = "related", "Related", "相关条目"
    REMARK = "remark", "Remark", "备注"
    REMARK_KIND = "remark_kind", "Kind of remark", "备注类别"
    DEPRECATED = "deprecated", "Why it is deprecated", "弃用原因"
    IDENTIFIERS = "identifiers", "Identifiers", "标识符"
    SCHEME = "scheme", "Scheme", "标识符方案"
    PACK = "pack", "Pack", "内容包"
    SOURCES = "sources", "Sources", "出处"

    def is_of(self, resource: Resource) -> bool:
        """Whether the entries of a collection can have it."""
        return self in (Property.SCHEME, *SHAPES[resource].model_fields)


def describe_type(resource: Resource, lang: Language) -> NamedPublic:
    """Name a type."""
    return {"id": resource, "name": TYPES[resource].translate(lang)}


def describe_property(property: Property, lang: Language) -> NamedPublic:
    """Name a property."""
    return {"id": property.value, "name": property.label.translate(lang)}


# How the values of a field are written that are neither texts nor references.
WRITTEN: Mapping[Property, Callable[[Any], list[str]]] = {
    Property.LABELS: lambda labels: [*dict.fromkeys(labels.values())],
    Property.DEPRECATED: lambda deprecation: [deprecation["reason"]],
    Property.IDENTIFIERS: lambda identifiers: [*map(write_identifier, identifiers)],
    Property.SCHEME: lambda identifiers: [*dict.fromkeys(identifier["scheme"] for identifier in identifiers)],
    Property.SOURCES: lambda sources: [*map(write_citation, sources)],
}


def resource_of(id: str) -> Resource:
    """Return the type of an entity."""
    return cast("Resource", id.partition("/")[0])


def upper_of(id: str, property: Property) -> Resource | None:
    """Return the collection of the entry whose id an entity has in a field; None if that is no id."""
    above = COLLECTIONS[resource_of(id)].above
    if above and above.column == property:
        return above.upper.resource
    return "concepts" if property is Property.BROADER else None


class Entities:
    """The entities of one answer, each of which is read once."""

    def __init__(self, reader: Reader, lang: Language) -> None:
        self.reader = reader
        self.lang = lang
        self.records: dict[str, Record | None] = {}
        self.indexes: dict[Property, dict[str, set[str]]] = {}

    def read(self, id: str) -> Record | None:
        """Read an entity as the record of its entry; None if there is none."""
        if id not in self.records:
            resource, _, own = id.partition("/")
            known = resource in COLLECTIONS and not why_unreadable(own)
            found = read_record(self.reader, COLLECTIONS[resource].table, own, self.lang) if known else None
            self.records[id] = from_json(found) if found else None
        return self.records[id]

    def values_of(self, id: str, property: Property) -> list[dict[str, str]]:
        """Return what an entity has in a property, as `Value`s."""
        record = self.read(id) or {}
        found: Any = record.get("identifiers" if property is Property.SCHEME else property)
        if not found:
            return []
        if upper := upper_of(id, property):
            found = self.read(entry_path(upper, found))
        elif property in WRITTEN:
            found = WRITTEN[property](found)
        return [
            {"str": each} if isinstance(each, str) else {"id": each["url"].removeprefix("/"), "name": each["name"]}
            for each in (found if isinstance(found, list) else [found])
        ]

    def keys_of(self, id: str, property: Property) -> Iterator[str]:
        """Yield the folded texts that a property of an entity has; of another entity, its ids and its name."""
        for value in self.values_of(id, property):
            yield from map(fold_key, value.values())
            if "id" in value:
                yield fold_key(value["id"].partition("/")[2])

    @cached_property
    def ids(self) -> Sequence[str]:
        """The ids of all entities, in the order of the source document."""
        ids = []
        for resource, collection in COLLECTIONS.items():
            for found in stream_matching(self.reader, collection.table, LISTS[resource](), self.lang):
                record = from_json(found)
                ids.append(entry_path(resource, record["id"]))
                self.records[ids[-1]] = record
        return ids

    def find(self, property: Property, keys: Iterable[str]) -> set[str]:
        """Find the ids of the entities that have one of some folded texts in a property."""
        index = self.indexes.get(property)
        if index is None:
            index = self.indexes[property] = defaultdict(set)
            for id in self.ids:
                for key in self.keys_of(id, property):
                    index[key].add(id)
        return {id for key in keys for id in index.get(key, ())}
