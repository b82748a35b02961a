"""Reading a pack's YAML files, with line numbers for error messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from app.packs.content import MISMATCHES, EntrySeed, PackFile, PackSeed, WorkSeed
from app.store.collections import COLLECTIONS, Collection
from app.store.tables import Language


@dataclass(frozen=True)
class PackFault:
    """An error in a pack: its place, and the reason in words for the author."""

    file: Path
    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}: {place}{self.reason}"


class PackError(Exception):
    """The packs have faults, so nothing was written."""

    def __init__(self, faults: Sequence[PackFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def path_text(path: Sequence[str | int]) -> str:
    """Format ``("hypervisors", 3, "labels")`` as ``hypervisors[3].labels``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


@dataclass(frozen=True)
class ReadFile:
    """A parsed file of a pack: its validated content, and the YAML nodes with their line numbers."""

    path: Path
    node: yaml.Node
    content: PackFile

    def fault(self, path: Sequence[str | int], reason: str) -> PackFault:
        """Make a fault at a path in the file."""
        return PackFault(self.path, line_of(self.node, path), path_text(path), reason)


def line_of(node: yaml.Node, path: Sequence[str | int]) -> int:
    """Return the line, counted from 1, of the deepest node on a path that exists."""
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
    """Find duplicate keys, by path and line; PyYAML would silently use the last one."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            key_path = (*path, key.value)
            if key_path in seen:
                yield key_path, key.start_mark.line + 1
            seen.add(key_path)
            yield from repeated_keys(value, key_path)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from repeated_keys(value, (*path, index))


def reason_of(error: Any) -> str:
    """Turn a Pydantic error into a reason for the author of a pack."""
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
    """Read and validate one file of a pack. Raises `PackError` with every fault."""
    try:
        loader = yaml.CSafeLoader(path.read_bytes())
        node = loader.get_single_node()
        content = loader.construct_document(node) if isinstance(node, yaml.MappingNode) else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError([PackFault(path, line, "", f"invalid YAML: {error.problem or error.context}")]) from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PackError([PackFault(path, 1, "", f"cannot be read: {error}")]) from None
    if node is None or content is None:
        raise PackError([PackFault(path, 1, "", f"must be a mapping with keys such as {', '.join(COLLECTIONS)}")])
    if repeated := list(repeated_keys(node)):
        raise PackError([PackFault(path, line, path_text(where), "is a duplicate key") for where, line in repeated])
    try:
        return ReadFile(path, node, PackFile.model_validate(content))
    except ValidationError as error:
        raise PackError(
            [
                PackFault(path, line_of(node, found["loc"]), path_text(found["loc"]), reason_of(found))
                for found in error.errors()
            ]
        ) from None


@dataclass(frozen=True)
class Pack:
    """A pack: its header and its parsed files."""

    header: PackSeed
    files: Sequence[ReadFile]

    @cached_property
    def works(self) -> dict[str, WorkSeed]:
        """The works that the pack declares, by id."""
        return {work.id: work for file in self.files for work in file.content.sources}


def read_pack(folder: Path) -> Pack:
    """Read every file of a pack. Raises `PackError` with every fault of every file."""
    if not folder.is_dir():
        packs = sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) if folder.parent.is_dir() else []
        raise PackError(
            [PackFault(folder, 1, "", f"there is no such pack; {folder.parent} has: {', '.join(packs) or 'none'}")]
        )
    files: list[ReadFile] = []
    faults: list[PackFault] = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
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
class PackEntry:
    """An entry of a pack, with its position for error messages."""

    pack: Pack
    file: ReadFile
    collection: Collection
    index: int
    seed: EntrySeed

    def fault(self, path: Sequence[str | int], reason: str) -> PackFault:
        """Make a fault at a path in the entry."""
        return self.file.fault([self.collection.resource, self.index, *path], reason)

    def words(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield the id, names and aliases of the entry, each with its path."""
        yield ("id",), self.seed.id
        for lang in Language:
            yield ("labels", lang.value), getattr(self.seed.labels, lang)
            for number, alias in enumerate(getattr(self.seed.aliases, lang)):
                yield ("aliases", lang.value, number), alias


def entries_of(packs: Sequence[Pack]) -> Iterator[PackEntry]:
    """Yield every entry, by collection, then in the order of the packs."""
    for collection in COLLECTIONS.values():
        for pack in packs:
            for file in pack.files:
                for index, seed in enumerate(file.content.entries(collection)):
                    yield PackEntry(pack, file, collection, index, seed)
