"""The tables: one per collection, the index of terms, the texts to search, and the dataset row.

Only the loader writes these tables; the serving process reads them.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal

from sqlalchemy import JSON, DateTime, Index, Table, Text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# RFC 5646, section 2.1; case does not matter.
LANGUAGE_TAG = re.compile("([a-z]{1,8})(-[a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)
# Without a collation PostgreSQL sorts and compares text by the locale of the database; "C" is by code point, as SQLite
# does, so both databases return rows in the same order.
CodePointText = Text().with_variant(Text(collation="C"), "postgresql")


class Language(StrEnum):
    """The languages of the dataset; text falls back to the first."""

    EN = "en"
    ZH = "zh"

    @classmethod
    def of(cls, tag: str) -> "Language | None":
        """Return the language for a language tag (RFC 4647, section 3.4): ``zh-Hans-CN`` is Chinese."""
        language = LANGUAGE_TAG.fullmatch(tag)
        return next((known for known in cls if language and language[1].lower() == known), None)


class Status(StrEnum):
    """Whether a product is still developed or supported by its maker."""

    ACTIVE = "active"
    DISCONTINUED = "discontinued"


class RemarkKind(StrEnum):
    """What a remark tells: that sources contradict each other, or anything else."""

    DISPUTED = "disputed"
    NOTE = "note"


class WorkKind(StrEnum):
    """What a work is to the facts that it supports."""

    PRIMARY = "primary"
    STANDARD = "standard"
    SECONDARY = "secondary"


class ChangeKind(StrEnum):
    """What a release did to an entry."""

    ADDED = "added"
    CHANGED = "changed"
    DEPRECATED = "deprecated"
    REMOVED = "removed"


class Reading(StrEnum):
    """What was read of a work: the work itself, or a copy of it."""

    WORK = "work"
    COPY = "copy"


class Comparison(StrEnum):
    """How a tool compares an identifier with what a machine shows."""

    EXACT = "exact"
    PREFIX = "prefix"
    SUBSTRING = "substring"


# The collections as URLs, packs and answers name them.
Resource = Literal["concepts", "virtualization-types", "examples", "hypervisor-types", "hypervisors"]


class Entry(SQLModel):
    """The columns that every collection has.

    Names and texts are in every language: where the entry's own `languages` lack one, another is in its place.
    References (`related`, `replaced_by`, `based_on`) are objects with `resource` and `id`. `deprecated_reason_…` is
    null if the entry is in use. The loader derives `record_…`: the entry as a JSON object, as answers in that language
    contain it.
    """

    resource: ClassVar[Resource]
    __table__: ClassVar[Table]

    id: str = Field(primary_key=True, sa_type=CodePointText)
    position: int = Field(unique=True)
    name_en: str
    name_zh: str
    sort_en: str = Field(index=True, sa_type=CodePointText)
    sort_zh: str = Field(index=True, sa_type=CodePointText)
    summary_en: str
    summary_zh: str
    remark_en: str | None
    remark_zh: str | None
    remark_kind: str | None = Field(sa_type=CodePointText)
    aliases_en: list[str] = Field(sa_type=JSON)
    aliases_zh: list[str] = Field(sa_type=JSON)
    languages: list[str] = Field(sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    related: list[dict[str, str]] = Field(sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    deprecated_since: str | None
    deprecated_reason_en: str | None
    deprecated_reason_zh: str | None
    replaced_by: list[dict[str, str]] = Field(sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    identifiers: list[dict[str, str | None]] = Field(sa_type=JSON)
    sources: list[dict[str, Any]] = Field(sa_type=JSON)
    pack: str = Field(sa_type=CodePointText)
    search: str = Field(sa_type=CodePointText)
    record_en: str = Field(sa_column_kwargs={"server_default": ""})
    record_zh: str = Field(sa_column_kwargs={"server_default": ""})


class Product(Entry):
    """The columns of entries that have a vendor."""

    vendor: str | None = Field(sa_type=CodePointText)
    license: str | None = Field(sa_type=CodePointText)
    status: str | None = Field(sa_type=CodePointText)
    website: str | None
    based_on: list[dict[str, str]] = Field(sa_type=JSON, sa_column_kwargs={"server_default": "[]"})


class Concept(Entry, table=True):
    """A term of the glossary."""

    resource = "concepts"

    # No foreign key, which would have to be checked after each row.
    broader: str | None = Field(sa_type=CodePointText)
    characteristics_en: list[str] = Field(sa_type=JSON)
    characteristics_zh: list[str] = Field(sa_type=JSON)


class VirtualizationType(Entry, table=True):
    """What is virtualized: servers, networks, desktops and so on."""

    __tablename__ = "virtualization_type"
    resource = "virtualization-types"

    concept: str = Field(foreign_key="concept.id", sa_type=CodePointText)


class Example(Product, table=True):
    """A product or technology that the document names for a virtualization type."""

    resource = "examples"

    type: str = Field(foreign_key="virtualization_type.id", sa_type=CodePointText)


class HypervisorType(Entry, table=True):
    """Where a hypervisor runs: on the hardware, or on an operating system."""

    __tablename__ = "hypervisor_type"
    resource = "hypervisor-types"

    concept: str = Field(foreign_key="concept.id", sa_type=CodePointText)


class Hypervisor(Product, table=True):
    """A product that creates and runs virtual machines."""

    resource = "hypervisors"

    type: str = Field(foreign_key="hypervisor_type.id", sa_type=CodePointText)


# The fields by which lists are filtered. Each has an index in the order of the source document.
FILTERED = ("broader", "concept", "type", "vendor", "license", "status", "remark_kind", "pack")
for collection in (Concept, VirtualizationType, Example, HypervisorType, Hypervisor):
    columns = collection.__table__.c
    for name in FILTERED:
        if name in columns:
            Index(None, columns[name], columns.position)


class TermField(StrEnum):
    """Where a word of an entry stands, the most telling first."""

    NAME = "name"
    ID = "id"
    ALIAS = "alias"
    IDENTIFIER = "identifier"
    CHARACTERISTIC = "characteristic"
    SUMMARY = "summary"


class Term(SQLModel, table=True):
    """A text by which an entry can be found; the loader derives it from the entry.

    `ordinal` numbers the entries of all collections in the order of the source document. Exact look-ups compare `key`,
    which is null for text that only searches read, and for an identifier that is a rule: its `match` is `prefix` or
    `substring`. `match` is null for all but identifiers. Every term repeats the entry's names, so that a look-up reads
    no other table.
    """

    __table__: ClassVar[Table]

    id: int | None = Field(default=None, primary_key=True)
    ordinal: int = Field(index=True)
    resource: str = Field(sa_type=CodePointText)
    entry_id: str = Field(sa_type=CodePointText)
    field: str = Field(sa_type=CodePointText)
    lang: str | None = Field(sa_type=CodePointText)
    scheme: str | None = Field(sa_type=CodePointText)
    match: str | None = Field(sa_type=CodePointText)
    value: str = Field(sa_type=CodePointText)
    name_en: str
    name_zh: str
    key: str | None = Field(index=True, sa_type=CodePointText)


class SearchText(SQLModel, table=True):
    """All terms of an entry in one text, which the loader derives and searches scan in memory.

    The text consists of the folded terms in the order of `TermField`, with a line break before and after each; `…_end`
    is the position of the last character of a field's terms, counted from 1.
    """

    __tablename__ = "search_text"
    __table__: ClassVar[Table]

    ordinal: int = Field(primary_key=True)
    resource: str = Field(sa_type=CodePointText)
    entry_id: str = Field(sa_type=CodePointText)
    name_end: int
    id_end: int
    alias_end: int
    identifier_end: int
    characteristic_end: int
    text: str = Field(sa_type=CodePointText)


class Change(SQLModel, table=True):
    """What a release of a pack changed in one entry, the newest first: what lists are filtered by, and the records.

    A `record_…` is the change as a JSON object, as answers in that language contain it.
    """

    __table__: ClassVar[Table]
    # As in entries, the position is unique and comes last in each index.
    __table_args__ = tuple(Index(None, name, "position") for name in ("pack", "resource", "id", "change", "date"))

    position: int = Field(primary_key=True)
    pack: str = Field(sa_type=CodePointText)
    date: str = Field(sa_type=CodePointText)
    resource: str = Field(sa_type=CodePointText)
    id: str = Field(sa_type=CodePointText)
    change: str = Field(sa_type=CodePointText)
    record_en: str
    record_zh: str


# What can be listed.
ListTable = type[Entry] | type[Change]


class Dataset(SQLModel, table=True):
    """The only row describes the loaded dataset."""

    __table__: ClassVar[Table]

    id: int = Field(primary_key=True)
    version: str
    revision: str
    packs: list[dict[str, Any]] = Field(sa_type=JSON)
    schemes: list[dict[str, Any]] = Field(sa_type=JSON)
    sources: list[dict[str, Any]] = Field(sa_type=JSON)
    loaded_at: datetime = Field(sa_type=DateTime(timezone=True))
    # The hash of the files and the code from which `prepare` has loaded the rows.
    loaded_from: str | None
