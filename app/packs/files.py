"""A pack: the folder of its files, each validated, and the entries in them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from app.packs.changes import ReleaseSeed
from app.packs.content import EntrySeed, ExtensionSeed, IdentifierSeed, PackFile, PackSeed, SeedKind
from app.packs.documents import line_of, path_written, read_document
from app.packs.faults import PackError, PackFault, path_text, printable
from app.packs.texts import MISMATCHES
from app.packs.works import CitationSeed, WorkSeed
from app.shapes.entries import entry_path
from app.store.collections import COLLECTIONS, Collection
from app.store.tables import Language

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class ReadFile:
    """A parsed file of a pack: its validated content, and the YAML nodes with their line numbers."""

    path: Path
    node: yaml.Node
    content: PackFile

    def fault(self, path: Sequence[str | int], reason: str) -> PackFault:
        """Make a fault at a path in the file."""
        return PackFault(self.path, line_of(self.node, path), path_text(path), reason)


def reason_of(error: Any) -> str:
    """Turn a Pydantic error into a reason for the author of a pack."""
    match error["type"]:
        case "missing":
            reason = "is missing"
        case "extra_forbidden":
            reason = "unknown key"
        case "string_pattern_mismatch":
            reason = f"'{printable(error['input'])}' {MISMATCHES[error['ctx']['pattern']]}"
        case "value_error":
            reason = str(error["ctx"]["error"])
        case _:
            reason = error["msg"][0].lower() + error["msg"][1:]
    return reason


def without_tag(path: Sequence[str | int]) -> Sequence[str | int]:
    """Cut out what tells an entry from an extension, which follows its place in the list: ``hypervisors[0]``."""
    return [*path[:2], *path[3:]] if path[2:3] and path[2] in get_args(SeedKind) else path


def read_file(path: Path) -> ReadFile:
    """Read and validate one file of a pack. Raises `PackError` with every fault."""
    node, content = read_document(path)
    try:
        return ReadFile(path, node, PackFile.model_validate(content))
    except ValidationError as error:
        raise PackError(
            [
                PackFault(path, line_of(node, where), path_text(where), reason_of(found))
                for found in error.errors()
                for where in [path_written(node, without_tag(found["loc"]))]
            ]
        ) from None


@dataclass(frozen=True)
class Pack:
    """A pack: its header and its parsed files."""

    header: PackSeed
    files: Sequence[ReadFile]

    @property
    def header_file(self) -> ReadFile:
        """The file that describes the pack; `read_pack` accepts exactly one."""
        return next(file for file in self.files if file.content.pack)

    @cached_property
    def works(self) -> dict[str, WorkSeed]:
        """The works that the pack declares, by id."""
        return {work.id: work for file in self.files for work in file.content.sources}

    @property
    def releases(self) -> list[ReleaseSeed]:
        """The releases of the pack, the newest first; none if it has no history."""
        return [release for file in self.files for release in file.content.releases]

    @property
    def released(self) -> dict[str, dict[str, str]]:
        """The digests of the last release; see `app.packs.history`."""
        return {path: fields for file in self.files for path, fields in file.content.released.items()}


def list_files(folder: Path) -> list[Path]:
    """List the YAML files of a pack by name, those with a name that is not read included. Raises `PackError`."""
    try:
        return sorted(path for path in folder.iterdir() if path.name.lower().endswith(SUFFIXES))
    except (FileNotFoundError, NotADirectoryError):
        packs = sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) if folder.parent.is_dir() else []
        reason = f"there is no such pack; {folder.parent} has: {', '.join(packs) or 'none'}"
        raise PackError([PackFault(folder, 1, "", reason)]) from None
    except OSError as error:
        raise PackError([PackFault(folder, 1, "", f"cannot be read: {error.strerror}")]) from None


def read_pack(folder: Path) -> Pack:
    """Read every file of a pack. Raises `PackError` with every fault of every file."""
    files: list[ReadFile] = []
    faults: list[PackFault] = []
    for path in list_files(folder):
        if not path.name.endswith(SUFFIXES):
            faults.append(PackFault(path, 1, "", "write the end of its name in lower case, .yaml or .yml"))
            continue
        try:
            files.append(read_file(path))
        except PackError as error:
            faults += error.faults
    headers = [file for file in files if file.content.pack]
    if not faults and not headers:
        faults.append(PackFault(folder, 1, "pack", "is missing: one file must have this key"))
    faults += [file.fault(["pack"], "is already in another file") for file in headers[1:]]
    for file in headers[:1]:
        if (header := file.content.pack) and header.id != folder.name:
            faults.append(file.fault(["pack", "id"], f"must be the name of the folder, '{folder.name}'"))
    if faults:
        raise PackError(faults)
    return Pack(next(file.content.pack for file in headers if file.content.pack), files)


@dataclass(frozen=True)
class Part:
    """An entry of a pack, or what a pack adds to an entry of another, with its position for error messages."""

    pack: Pack
    file: ReadFile
    collection: Collection
    index: int
    seed: EntrySeed | ExtensionSeed

    @property
    def id(self) -> str:
        """The id of the entry."""
        return self.seed.extends if isinstance(self.seed, ExtensionSeed) else self.seed.id

    @property
    def path(self) -> str:
        """The path of the entry: ``hypervisors/kvm``."""
        return entry_path(self.collection.resource, self.id)

    def fault(self, path: Sequence[str | int], reason: str) -> PackFault:
        """Make a fault at a path in the entry."""
        return self.file.fault([self.collection.resource, self.index, *path], reason)

    def words(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the id, names and aliases, each with its path; what is added to an entry has only aliases."""
        if isinstance(self.seed, EntrySeed):
            yield ("id",), self.seed.id
        for lang in Language:
            if isinstance(self.seed, EntrySeed) and (name := getattr(self.seed.labels, lang)):
                yield ("labels", lang.value), name
            for number, alias in enumerate(getattr(self.seed.aliases, lang)):
                yield ("aliases", lang.value, number), alias


@dataclass(frozen=True)
class PackEntry(Part):
    """An entry of a pack, with what other packs add to it."""

    seed: EntrySeed
    extensions: Sequence[Part] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The entry, and what other packs add."""
        return (self, *self.extensions)

    def aliases(self, lang: Language) -> list[str]:
        """Return all aliases in a language."""
        return [alias for part in self.parts for alias in getattr(part.seed.aliases, lang)]

    def identifiers(self) -> Iterator[tuple[str, IdentifierSeed]]:
        """Yield all identifiers, each with its scheme."""
        for part in self.parts:
            for scheme, identifiers in part.seed.identifiers.items():
                yield from ((scheme, identifier) for identifier in identifiers)

    def citations(self) -> Iterator[tuple[CitationSeed, WorkSeed]]:
        """Yield all citations, each with the work that its pack declares."""
        for part in self.parts:
            yield from ((citation, part.pack.works[citation.source]) for citation in part.seed.sources)


def parts_of(packs: Sequence[Pack], collection: Collection) -> Iterator[Part]:
    """Yield the entries of a collection and what packs add to them, in the order of the packs."""
    for pack in packs:
        for file in pack.files:
            for index, seed in enumerate(file.content.entries(collection)):
                yield Part(pack, file, collection, index, seed)


def entries_of(packs: Sequence[Pack]) -> Iterator[PackEntry]:
    """Yield every entry, by collection, then in the order of the packs."""
    for collection in COLLECTIONS.values():
        extensions = defaultdict(list)
        for part in parts_of(packs, collection):
            if isinstance(part.seed, ExtensionSeed):
                extensions[part.seed.extends].append(part)
        for part in parts_of(packs, collection):
            if isinstance(part.seed, EntrySeed):
                yield PackEntry(
                    part.pack, part.file, collection, part.index, part.seed, tuple(extensions[part.seed.id])
                )
