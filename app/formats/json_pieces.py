"""JSON in pieces, so that a long answer is never in memory as a whole."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import to_json

from app.shapes.dataset import DatasetPublic

BLOCK_BYTES = 256 * 1024


def blocks(pieces: Iterable[bytes]) -> Generator[bytes]:
    """Join pieces into large blocks, because sending each one costs an iteration of the event loop."""
    block = bytearray()
    for piece in pieces:
        block += piece
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def json_array(elements: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Yield a JSON array whose elements are themselves in pieces."""
    separator = b"["
    for element in elements:
        yield separator
        yield from element
        separator = b","
    yield b"]" if separator == b"," else b"[]"


def json_object(content: Mapping[str, Any], last: str, items: Iterable[Any]) -> Iterator[bytes]:
    """Yield a JSON object; its field `last`, which follows the others, is the array of `items`."""
    yield to_json(content)[:-1] + b"," + to_json(last) + b":"
    yield from json_array([to_json(item)] for item in items)
    yield b"}"


def json_export(dataset: DatasetPublic, collections: Mapping[str, Iterable[bytes]]) -> Generator[bytes]:
    """Yield the whole dataset as an `ExportPublic`, given the JSON objects of each collection."""
    yield b'{"dataset":' + to_json(dataset)
    for resource, records in collections.items():
        yield b"," + to_json(resource) + b":"
        yield from json_array([record] for record in records)
    yield b"}"
