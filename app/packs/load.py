"""From `seed/` to the database: reads packs, refuses what is wrong in them, writes the rest in one transaction.

A pack is a folder of YAML files; each file is a mapping with any of the keys of `PackFile`. The only code that
writes data.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import to_json
from sqlalchemy import Engine, delete, insert, select, text
from sqlmodel import SQLModel, col

from app.folding import fold_key, fold_text
from app.shapes.entries import record, reference
from app.store.migration import lock
from app.store.tables import COLLECTIONS, REFERENCES, Dataset, Language, SearchText, Status, Term, TermField

TEXT = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
URL = r"^https?://[^\s/?#]+\S*$"
VERSION = r"^[0-9A-Za-z.-]+$"
# What is wrong with a text that does not match a pattern.
MISMATCHES = {
    TEXT: "is empty, has a space at its ends, or a line break or control character in it",
    SLUG: "is not an id: use lower-case letters, digits and single hyphens",
    URL: "is not a URL: it must start with https:// or http://",
    VERSION: "is not a version: use letters, digits, dots and hyphens",
}

Text = Annotated[str, StringConstraints(pattern=TEXT)]
Name = Annotated[Text, StringConstraints(max_length=200)]
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=100)]
Url = Annotated[str, StringConstraints(pattern=URL, max_length=500)]
SupportedField = Literal[
    "name",
    "aliases",
    "summary",
    "remark",
    "characteristics",
    "concept",
    "type",
    "vendor",
    "license",
    "status",
    "website",
    "identifiers",
]
# What an entry may say only with a work that supports it.
FACTS: tuple[SupportedField, ...] = ("remark", "vendor", "license", "status", "website", "identifiers")


class Seed(BaseModel):
    """A mapping in a pack, with no key but those declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Localized(Seed):
    """A text in every language."""

    en: Text = Field(description="The text in English.")
    zh: Text = Field(description="The text in Chinese.")


class LocalizedName(Seed):
    """A name in every language."""

    en: Name = Field(description="The name in English.")
    zh: Name = Field(description="The name in Chinese.")


class LocalizedNames(Seed):
    """Names by language; any may be left out."""

    en: list[Name] = Field(default=[], description="English names.")
    zh: list[Name] = Field(default=[], description="Chinese names.")


class CitationSeed(Seed):
    """Which fields of an entry a work supports."""

    source: Slug = Field(description="The id of a work under `sources`.")
    section: Text | None = Field(default=None, description="Where in the work, as a path of headings.")
    supports: list[SupportedField] = Field(min_length=1, description="The fields that it supports.")


class EntrySeed(Seed):
    """What every entry has."""

    id: Slug = Field(description="Stable id; never to be used for something else.")
    labels: LocalizedName = Field(description="The name, as its maker spells it.")
    aliases: LocalizedNames = Field(default=LocalizedNames(), description="Other names and spellings.")
    summary: Localized = Field(description="What it is, in one to three sentences.")
    remark: Localized | None = Field(default=None, description="Where the field disagrees; needs a source.")
    identifiers: dict[Slug, list[Annotated[str, StringConstraints(min_length=1, max_length=200)]]] = Field(
        default={}, description="By scheme, the exact strings by which tools denote it; needs a source."
    )
    sources: list[CitationSeed] = Field(min_length=1, description="The works that support what the entry says.")


class ProductSeed(EntrySeed):
    """What entries have that somebody makes; what no source tells is null."""

    vendor: Name | None = Field(default=None, description="Who makes it.")
    license: Name | None = Field(default=None, description="An SPDX id, or `proprietary`.")
    website: Url | None = Field(default=None, description="The maker's page about it.")


class ConceptSeed(EntrySeed):
    """A term of the glossary."""

    characteristics: LocalizedNames = Field(default=LocalizedNames(), description="What marks it.")


class TypeSeed(EntrySeed):
    """A virtualization type or a hypervisor type."""

    concept: Slug = Field(description="The id of the concept that it is a kind of.")


class ExampleSeed(ProductSeed):
    """An example of a virtualization type."""

    type: Slug = Field(description="The id of its virtualization type.")


class HypervisorSeed(ProductSeed):
    """A hypervisor."""

    type: Slug = Field(description="The id of its hypervisor type.")
    status: Status | None = Field(default=None, description="Whether its maker still supports it.")


class WorkSeed(Seed):
    """A work that entries cite."""

    id: Slug = Field(description="The id that citations use.")
    title: Text = Field(description="The title.")
    url: Url | None = Field(description="The address; null if it has no public one.")


class SchemeSeed(Seed):
    """An identifier scheme."""

    id: Slug = Field(description="The id that identifiers use.")
    title: Text = Field(description="The tool or field that it stands for.")
    description: Localized = Field(description="What the values are and who prints them.")
    url: Url | None = Field(description="Where the values were read.")


class PackSeed(Seed):
    """What a pack says of itself."""

    id: Slug = Field(description="The name of the pack's folder.")
    version: Annotated[str, StringConstraints(pattern=VERSION, max_length=50)] = Field(
        description="The version of its content."
    )
    title: Localized = Field(description="Its title.")
    description: Localized = Field(description="What it holds.")


class PackFile(Seed):
    """One file of a pack. Lists of the same key in several files follow each other in the order of the file names."""

    model_config = ConfigDict(title="A file of a pack of the Virtualization Taxonomy")

    pack: PackSeed | None = Field(default=None, description="What the pack says of itself; in one file only.")
    sources: list[WorkSeed] = Field(default=[], description="The works that the pack cites.")
    schemes: list[SchemeSeed] = Field(default=[], description="The identifier schemes that the pack brings.")
    concepts: list[ConceptSeed] = Field(default=[], description="Terms of the glossary.")
    virtualization_types: list[TypeSeed] = Field(
        default=[], alias="virtualization-types", description="What is virtualized."
    )
    examples: list[ExampleSeed] = Field(default=[], description="Examples of virtualization types.")
    hypervisor_types: list[TypeSeed] = Field(
        default=[], alias="hypervisor-types", description="Classes of hypervisors."
    )
    hypervisors: list[HypervisorSeed] = Field(default=[], description="Hypervisors.")

    def entries(self, resource: str) -> Sequence[EntrySeed]:
        """The entries of a collection."""
        entries: Sequence[EntrySeed] = getattr(self, resource.replace("-", "_"))
        return entries


def pack_schema() -> dict[str, Any]:
    """The JSON Schema of a pack's file; editors check packs against the published copy."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PackFile.model_json_schema()}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a pack, and where."""

    file: Path
    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}: {place}{self.reason}"


class SeedError(Exception):
    """One or more faults; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def path_text(path: Sequence[str | int]) -> str:
    """``("hypervisors", 3, "labels")`` as ``hypervisors[3].labels``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


@dataclass(frozen=True)
class ReadFile:
    """A file of a pack that was read: its content, and where each part of it stands."""

    path: Path
    node: yaml.Node
    content: PackFile

    def fault(self, path: Sequence[str | int], reason: str) -> Fault:
        """A fault at a path in the file."""
        return Fault(self.path, line_of(self.node, path), path_text(path), reason)


def line_of(node: yaml.Node, path: Sequence[str | int]) -> int:
    """The line of the deepest part of a path that the file has; counted from 1."""
    line: int = node.start_mark.line
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                break
            key, node = found
            line = key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


def repeated_keys(node: yaml.Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Keys that stand twice in one mapping, by path and line; YAML itself would keep the last and say nothing."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            here = (*path, key.value)
            if here in seen:
                yield here, key.start_mark.line + 1
            seen.add(here)
            yield from repeated_keys(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from repeated_keys(value, (*path, index))


def reason_of(error: Any) -> str:
    """What Pydantic found wrong, in words for the author of a pack."""
    match error["type"]:
        case "missing":
            reason = "the translation is missing" if error["loc"][-1] in list(Language) else "is missing"
        case "extra_forbidden":
            reason = "unknown key"
        case "string_pattern_mismatch":
            reason = f"'{error['input']}' {MISMATCHES[error['ctx']['pattern']]}"
        case _:
            reason = error["msg"][0].lower() + error["msg"][1:]
    return reason


def read_file(path: Path) -> ReadFile:
    """Read and validate one file of a pack. Raises `SeedError` with every fault."""
    try:
        loader = yaml.CSafeLoader(path.read_bytes())
        node = loader.get_single_node()
        content = loader.construct_document(node) if isinstance(node, yaml.MappingNode) else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedError([Fault(path, line, "", f"this is not YAML: {error.problem or error.context}")]) from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SeedError([Fault(path, 1, "", f"cannot be read: {error}")]) from None
    if node is None or content is None:
        raise SeedError([Fault(path, 1, "", f"must be a mapping with keys such as {', '.join(COLLECTIONS)}")])
    if repeated := list(repeated_keys(node)):
        raise SeedError([Fault(path, line, path_text(where), "stands twice") for where, line in repeated])
    try:
        return ReadFile(path, node, PackFile.model_validate(content))
    except ValidationError as error:
        raise SeedError(
            [
                Fault(path, line_of(node, found["loc"]), path_text(found["loc"]), reason_of(found))
                for found in error.errors()
            ]
        ) from None


@dataclass(frozen=True)
class Pack:
    """A pack whose files were read."""

    header: PackSeed
    files: Sequence[ReadFile]

    @cached_property
    def works(self) -> dict[str, WorkSeed]:
        """The works that the pack declares, by their ids."""
        return {work.id: work for file in self.files for work in file.content.sources}


def read_pack(folder: Path) -> Pack:
    """Read every file of a pack. Raises `SeedError` with every fault of every file."""
    if not folder.is_dir():
        packs = sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) if folder.parent.is_dir() else []
        raise SeedError(
            [Fault(folder, 1, "", f"there is no such pack; {folder.parent} has: {', '.join(packs) or 'none'}")]
        )
    files: list[ReadFile] = []
    faults: list[Fault] = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            files.append(read_file(path))
        except SeedError as error:
            faults += error.faults
    headers = [file for file in files if file.content.pack]
    if not faults and not headers:
        faults.append(Fault(folder, 1, "pack", "is missing: one file must say what the pack is"))
    faults += [file.fault(["pack"], "stands in another file too") for file in headers[1:]]
    for file in headers[:1]:
        if (header := file.content.pack) and header.id != folder.name:
            faults.append(file.fault(["pack", "id"], f"must be the name of the folder, '{folder.name}'"))
    if faults:
        raise SeedError(faults)
    return Pack(next(file.content.pack for file in headers if file.content.pack), files)


def read_packs(seed_dir: Path, names: Sequence[str]) -> list[Pack]:
    """Read and check packs that are to be loaded together. Raises `SeedError` with every fault."""
    packs: list[Pack] = []
    faults: list[Fault] = []
    for name in names:
        try:
            packs.append(read_pack(seed_dir / name))
        except SeedError as error:
            faults += error.faults
    faults = faults or list(conflicts(packs))
    if faults:
        raise SeedError(faults)
    return packs


@dataclass(frozen=True)
class Placed:
    """An entry, and where it stands."""

    pack: Pack
    file: ReadFile
    resource: str
    index: int
    entry: EntrySeed

    def fault(self, path: Sequence[str | int], reason: str) -> Fault:
        """A fault in the entry."""
        return self.file.fault([self.resource, self.index, *path], reason)

    def words(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every word that leads to the entry, each with where it stands."""
        entry = self.entry
        yield ("id",), entry.id
        for lang in Language:
            yield ("labels", lang.value), getattr(entry.labels, lang)
            yield from ((("aliases", lang.value, n), alias) for n, alias in enumerate(getattr(entry.aliases, lang)))


def placed(packs: Sequence[Pack]) -> Iterator[Placed]:
    """Every entry of the packs, collection by collection, in the packs' order."""
    for resource in COLLECTIONS:
        for pack in packs:
            for file in pack.files:
                for index, entry in enumerate(file.content.entries(resource)):
                    yield Placed(pack, file, resource, index, entry)


# The field of an entry that holds the id of another, and the collection of that other.
PARENTS = {
    "virtualization-types": ("concept", "concepts"),
    "hypervisor-types": ("concept", "concepts"),
    "examples": ("type", "virtualization-types"),
    "hypervisors": ("type", "hypervisor-types"),
}


def conflicts(packs: Sequence[Pack]) -> Iterator[Fault]:
    """Everything in which the entries of packs disagree with each other or with what they refer to."""
    entries = list(placed(packs))
    yield from repeated_ids("schemes", [file for pack in packs for file in pack.files])
    for pack in packs:
        yield from repeated_ids("sources", pack.files)
    schemes = {scheme.id for pack in packs for file in pack.files for scheme in file.content.schemes}
    ids: dict[str, dict[str, Placed]] = {resource: {} for resource in COLLECTIONS}
    for here in entries:
        if (other := ids[here.resource].setdefault(here.entry.id, here)) is not here:
            yield here.fault(["id"], f"'{here.entry.id}' is already in {other.file.path}")
    owners: dict[tuple[str, str], Placed] = {}
    for here in entries:
        yield from word_conflicts(here, owners)
        if here.resource in PARENTS:
            field, above = PARENTS[here.resource]
            if (wanted := getattr(here.entry, field)) not in ids[above]:
                near = get_close_matches(wanted, ids[above], n=1)
                yield here.fault([field], f"there is no '{wanted}' in {above}" + (f"; '{near[0]}'?" if near else ""))
        for scheme in sorted({*here.entry.identifiers} - schemes):
            yield here.fault(["identifiers", scheme], "is no scheme; declare it under schemes")
        yield from citation_faults(here)


def repeated_ids(key: Literal["sources", "schemes"], files: Sequence[ReadFile]) -> Iterator[Fault]:
    """Ids that stand twice in the lists of one key."""
    seen: set[str] = set()
    for file in files:
        for index, item in enumerate(getattr(file.content, key)):
            if item.id in seen:
                yield file.fault([key, index, "id"], f"'{item.id}' stands twice")
            seen.add(item.id)


def word_conflicts(here: Placed, owners: dict[tuple[str, str], Placed]) -> Iterator[Fault]:
    """Words of an entry that lead nowhere, stand twice, or already lead to another entry of its collection."""
    seen = set()
    for path, word in here.words():
        if path[0] == "aliases":
            if word in seen:
                yield here.fault(path, f"'{word}' stands twice in this entry")
            seen.add(word)
        key = fold_key(word)
        if not key:
            yield here.fault(path, f"'{word}' has nothing in it to look up")
        elif (other := owners.setdefault((here.resource, key), here)).entry.id != here.entry.id:
            yield here.fault(path, f"'{word}' already leads to '{other.entry.id}' ({other.file.path})")


def citation_faults(here: Placed) -> Iterator[Fault]:
    """Citations of works that the pack does not declare, of fields that are empty, and facts without a citation."""
    entry = here.entry
    works = here.pack.works
    filled = {"name"} | {field for field in type(entry).model_fields if has_content(getattr(entry, field))}
    supported: set[str] = set()
    for index, citation in enumerate(entry.sources):
        if citation.source not in works:
            yield here.fault(["sources", index, "source"], f"'{citation.source}' is not declared under sources")
        for number, field in enumerate(citation.supports):
            if field not in filled:
                yield here.fault(["sources", index, "supports", number], f"the entry has no {field}")
        supported |= {*citation.supports}
    for fact in FACTS:
        if fact in filled and fact not in supported:
            yield here.fault([fact], "no source supports it: cite one whose `supports` names it")
    if isinstance(entry, ConceptSeed) and len(entry.characteristics.en) != len(entry.characteristics.zh):
        yield here.fault(["characteristics"], "the languages have different numbers of characteristics")


def has_content(value: Any) -> bool:
    """Whether a field says anything."""
    return any(value.model_dump().values()) if isinstance(value, LocalizedNames) else bool(value)


Rows = dict[str, list[dict[str, Any]]]


def entry_row(here: Placed, position: int) -> dict[str, Any]:
    """The row of an entry in the table of its collection."""
    entry = here.entry
    works = here.pack.works
    row: dict[str, Any] = {
        "id": entry.id,
        "position": position,
        "identifiers": [
            {"scheme": scheme, "value": value} for scheme, values in entry.identifiers.items() for value in values
        ],
        "sources": [
            {
                "title": works[citation.source].title,
                "section": citation.section,
                "url": works[citation.source].url,
                "supports": citation.supports,
            }
            for citation in entry.sources
        ],
        "pack": here.pack.header.id,
    }
    search = []
    for lang in Language:
        name, summary, aliases = (getattr(getattr(entry, field), lang) for field in ("labels", "summary", "aliases"))
        row |= {f"name_{lang}": name, f"sort_{lang}": fold_text(name), f"summary_{lang}": summary}
        row |= {f"aliases_{lang}": aliases, f"remark_{lang}": getattr(entry.remark, lang) if entry.remark else None}
        if isinstance(entry, ConceptSeed):
            row[f"characteristics_{lang}"] = getattr(entry.characteristics, lang)
        search += [name, summary, *aliases]
    for field in ("concept", "type", "vendor", "license", "status", "website"):
        if field in type(entry).model_fields:
            row[field] = getattr(entry, field)
    return row | {"search": fold_text("\n".join(search))}


def term_rows(here: Placed, ordinal: int) -> list[dict[str, Any]]:
    """The rows of the texts by which an entry can be found, in the order of `TermField`."""
    entry = here.entry
    found: list[tuple[TermField, str | None, str | None, str]] = [(TermField.ID, None, None, entry.id)]
    for lang in Language:
        found.append((TermField.NAME, lang, None, getattr(entry.labels, lang)))
        found += [(TermField.ALIAS, lang, None, alias) for alias in getattr(entry.aliases, lang)]
        if isinstance(entry, ConceptSeed):
            found += [(TermField.CHARACTERISTIC, lang, None, text) for text in getattr(entry.characteristics, lang)]
        found.append((TermField.SUMMARY, lang, None, getattr(entry.summary, lang)))
    for scheme, values in entry.identifiers.items():
        found += [(TermField.IDENTIFIER, None, scheme, value) for value in values]
    order = list(TermField)
    return [
        {
            "ordinal": ordinal,
            "resource": here.resource,
            "entry_id": entry.id,
            "field": field,
            "lang": lang,
            "scheme": scheme,
            "value": value,
            "name_en": entry.labels.en,
            "name_zh": entry.labels.zh,
            "key": None if field in (TermField.CHARACTERISTIC, TermField.SUMMARY) else fold_key(value),
        }
        for field, lang, scheme, value in sorted(found, key=lambda term: order.index(term[0]))
    ]


def search_row(terms: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The row that a search scans, out of an entry's terms."""
    row = {name: terms[0][name] for name in ("ordinal", "resource", "entry_id")}
    text = "\n"
    for field in TermField:
        text += "".join(f"{fold_text(term['value'])}\n" for term in terms if term["field"] == field)
        row[f"{field}_end"] = len(text) - 1
    del row["summary_end"]
    return row | {"text": text}


def add_records(rows: Rows) -> None:
    """Add to the rows of the collections the JSON objects that answers hold."""
    for resource, table in COLLECTIONS.items():
        nestings = [REFERENCES[table]] if table in REFERENCES else []
        below = defaultdict(list)
        for _, lower, up in nestings:
            for row in rows[lower.resource]:
                below[row[up]].append(row)
        for row, lang in product(rows[resource], Language):
            related = {
                field: [reference(lower.resource, one, lang) for one in below[row["id"]]]
                for field, lower, _ in nestings
            }
            row[f"record_{lang}"] = to_json(record(table, row, lang, related)).decode()


def localized_columns(field: str, text: Localized) -> dict[str, str]:
    """A text as ``title_en``, ``title_zh`` and so on."""
    return {f"{field}_{lang}": getattr(text, lang) for lang in Language}


def dataset_row(packs: Sequence[Pack]) -> dict[str, Any]:
    """The row that says what the packs are."""
    return {
        "version": "+".join(f"{pack.header.id}-{pack.header.version}" for pack in packs),
        "packs": [
            {"id": pack.header.id, "version": pack.header.version}
            | localized_columns("title", pack.header.title)
            | localized_columns("description", pack.header.description)
            for pack in packs
        ],
        "schemes": [
            {"id": scheme.id, "title": scheme.title}
            | localized_columns("description", scheme.description)
            | {"url": scheme.url}
            for pack in packs
            for file in pack.files
            for scheme in file.content.schemes
        ],
        "sources": [
            {"title": work.title, "url": work.url}
            for pack in packs
            for file in pack.files
            for work in file.content.sources
        ],
    }


def load(engine: Engine, packs: Sequence[Pack]) -> str:
    """Replace what the database holds by the packs, in one transaction; returns the revision.

    The revision is a hash of everything written, so that equal content has an equal revision on every database.
    Does nothing if that revision is already there.
    """
    rows: Rows = defaultdict(list)
    for ordinal, here in enumerate(placed(packs)):
        rows[here.resource].append(entry_row(here, len(rows[here.resource])))
        terms = term_rows(here, ordinal)
        rows["term"] += terms
        rows["search_text"].append(search_row(terms))
    add_records(rows)
    dataset = dataset_row(packs)
    content = json.dumps([rows, dataset], ensure_ascii=False, sort_keys=True)
    revision = hashlib.sha256(content.encode()).hexdigest()[:16]

    with engine.begin() as connection:
        lock(connection)
        if connection.scalar(select(col(Dataset.revision))) == revision:
            return revision
        tables: dict[str, type[SQLModel]] = {**COLLECTIONS, "term": Term, "search_text": SearchText}
        for table in reversed(tables.values()):
            connection.execute(delete(table))
        connection.execute(delete(Dataset))
        for name, table in tables.items():
            if rows[name]:
                connection.execute(insert(table), rows[name])
        connection.execute(insert(Dataset), dataset | {"id": 1, "revision": revision, "loaded_at": datetime.now(UTC)})
        # Without statistics SQLite reads a page by the index of its filter, and sorts every row that matches.
        connection.execute(text("ANALYZE"))
    return revision
