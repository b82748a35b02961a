"""Reading one YAML file within limits, with line numbers for error messages."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.packs.faults import PackError, PackFault, path_text
from app.store.collections import COLLECTIONS

# The limits hold for a file with every alias written out: ten levels of nine aliases each are billions of values.
LARGEST_FILE = 64 * 1024 * 1024
MOST_VALUES = 5_000_000
# The parser and the checks recurse; the schema needs seven levels.
DEEPEST = 32


class Loader(yaml.CSafeLoader):
    """Turns nodes into values; a scalar that is not what it looks like, such as the date 2026-13-01, is an error."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 (PyYAML's signature)
        """Turn a node into a value."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, ArithmeticError, LookupError):
            kind = node.tag.rpartition(":")[2]
            raise yaml.constructor.ConstructorError(
                None, None, f"'{node.value}' is not a valid {kind}; put text in quotation marks", node.start_mark
            ) from None


@dataclass
class Extent:
    """How much a value contains, itself included."""

    values: int = 1
    characters: int = 0
    depth: int = 1

    def add(self, part: "Extent") -> None:
        """Count a part of the value."""
        self.values += part.values
        self.characters += part.characters
        self.depth = max(self.depth, part.depth + 1)


NOTHING = Extent(values=0, depth=0)


def read_bytes(path: Path) -> bytes:
    """Read a regular file of a pack, or a link to one. Raises `PackError`; a device or a pipe might never end."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PackError([PackFault(path, 1, "", "is not a regular file")])
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PackError([PackFault(path, 1, "", f"cannot be read: {error.strerror}")]) from None
    if len(data) > LARGEST_FILE:
        raise PackError([PackFault(path, 1, "", f"is larger than {LARGEST_FILE >> 20} MiB; divide it into files")])
    return data


class Measurement:
    """Follows the parser's events, which takes no recursion, and finds what is too large or too deep to be loaded."""

    def __init__(self) -> None:
        # None for a value that has not ended.
        self.anchored: dict[str, Extent | None] = {}
        # The collections that have not ended, each with its anchor; the first is the stream itself.
        self.unfinished: list[tuple[str | None, Extent]] = [(None, Extent())]

    def fault_of(self, event: Any) -> str | None:
        """Take the next event; return the reason if it must be refused."""
        if getattr(event, "tag", None):
            return (
                f"the tag {event.tag.replace('tag:yaml.org,2002:', '!!')} is not allowed; put text in quotation marks"
            )
        if isinstance(event, yaml.AliasEvent) and self.anchored.get(event.anchor or "", NOTHING) is None:
            return f"the alias {event.anchor} is inside the value that it repeats"
        part = self.part_of(event)
        whole = self.unfinished[-1][1]
        whole.add(part)
        if len(self.unfinished) - 1 + part.depth > DEEPEST:
            return f"is nested more than {DEEPEST} levels deep"
        if whole.values > MOST_VALUES or whole.characters > LARGEST_FILE:
            return f"holds more than {MOST_VALUES:,} values or {LARGEST_FILE >> 20} MiB, with every alias written out"
        return None

    def part_of(self, event: Any) -> Extent:
        """Measure what an event adds to the collection around it."""
        match event:
            case yaml.CollectionStartEvent():
                if event.anchor:
                    self.anchored[event.anchor] = None
                self.unfinished.append((event.anchor, Extent()))
                return NOTHING
            case yaml.CollectionEndEvent():
                anchor, part = self.unfinished.pop()
            case yaml.ScalarEvent():
                anchor, part = event.anchor, Extent(characters=len(event.value))
            case yaml.AliasEvent():
                return self.anchored.get(event.anchor or "") or NOTHING
            case _:
                return NOTHING
        if anchor:
            self.anchored[anchor] = part
        return part


def check_extent(path: Path, data: bytes) -> None:
    """Refuse a document with tags or beyond the limits before anything is made of it. Raises `PackError` and YAML's."""
    measurement = Measurement()
    for event in yaml.parse(data, Loader=yaml.CSafeLoader):
        if reason := measurement.fault_of(event):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise PackError([PackFault(path, line, "", reason)])


def line_of(node: yaml.Node, path: Sequence[str | int]) -> int:
    """Return the line, counted from 1, of the deepest node on a path that exists."""
    line: int = node.start_mark.line
    for part in path:
        if isinstance(node, yaml.MappingNode):
            # The last of equal keys: those that a merge key (`<<`) adds stand before the mapping's own.
            found = next(((key, value) for key, value in reversed(node.value) if key.value == part), None)
            if found is None:
                break
            key, node = found
            line = key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


def path_written(node: yaml.Node, path: Sequence[str | int]) -> Sequence[str | int]:
    """Cut a path off behind a scalar: the schema may read a text as a mapping, whose keys nobody wrote."""
    for number, part in enumerate(path):
        if isinstance(node, yaml.ScalarNode):
            return path[:number]
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in reversed(node.value) if key.value == part), yaml.MappingNode("", []))
    return path


def repeated_keys(
    node: yaml.Node, path: tuple[str | int, ...], visited: set[yaml.Node]
) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Find duplicate keys, by path and line; PyYAML would silently use the last one.

    A node that aliases repeat is visited once. The keys that a merge key (`<<`) adds are not yet there: the mapping's
    own may override them.
    """
    if node in visited:
        return
    visited.add(node)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            # The loader refuses a key that is no scalar.
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield (*path, key.value), key.start_mark.line + 1
                seen.add(key.value)
                yield from repeated_keys(value, (*path, key.value), visited)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from repeated_keys(value, (*path, index), visited)


def read_document(path: Path) -> tuple[yaml.Node, Any]:
    """Read the only document of a file: its nodes and its content. Raises `PackError`."""
    data = read_bytes(path)
    try:
        check_extent(path, data)
        loader = Loader(data)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise PackError([PackFault(path, 1, "", f"must be a mapping with keys such as {', '.join(COLLECTIONS)}")])
        if repeated := list(repeated_keys(node, (), set())):
            raise PackError([PackFault(path, line, path_text(where), "is a duplicate key") for where, line in repeated])
        return node, loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError([PackFault(path, line, "", f"invalid YAML: {error.problem or error.context}")]) from None
    except yaml.reader.ReaderError as error:
        line = data.count(b"\n", 0, error.position) + 1
        raise PackError([PackFault(path, line, "", f"invalid YAML: {error.reason}")]) from None
