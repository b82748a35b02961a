"""The resources: the dataset, the tree, and each entry; and the completion of what their addresses contain."""

from collections.abc import Sequence

from mcp_types import Completion, Resource, ResourceTemplate
from pydantic_core import to_json

from app.folding import fold_key
from app.mcp.entries import read_entry, shorten_record
from app.path_prefix import prefix_urls
from app.queries.dataset import read_dataset
from app.queries.entries import read_ids
from app.queries.taxonomy import read_tree
from app.shapes.entries import Record
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import Language

JSON = "application/json"
SCHEME = "taxonomy://"
# What a client can be sent at once.
MOST_COMPLETIONS = 100
# Ids of a collection that are completed.
COMPLETED = 100_000

RESOURCES = [
    Resource(
        uri="taxonomy://dataset",
        name="dataset",
        title="The dataset",
        description="Version, packs, number of entries, and every identifier scheme with its source.",
        mime_type=JSON,
    ),
    Resource(
        uri="taxonomy://tree",
        name="tree",
        title="The taxonomy",
        description="Every entry once, below the one that it belongs to: reference and name.",
        mime_type=JSON,
    ),
]
ENTRY = ResourceTemplate(
    uri_template="taxonomy://{collection}/{id}",
    name="entry",
    title="An entry",
    description="One entry with all fields and their sources, such as taxonomy://hypervisors/kvm.",
    mime_type=JSON,
)


def read_resource(reader: Reader, uri: str, prefix: str) -> str:
    """Read a resource as JSON. Raises `MissingEntryError` if there is none."""
    address = uri.removeprefix(SCHEME)
    match address if address != uri else "":
        case "dataset":
            content = to_json(read_dataset(reader, Language.EN))
        case "tree":
            content = to_json({"concepts": [*map(shorten_tree, read_tree(reader, Language.EN))]})
        case _:
            return to_json(read_entry(reader, address, Language.EN, prefix, by_name=False)).decode()
    return prefix_urls(content, prefix).decode()


def shorten_tree(record: Record) -> Record:
    """Keep the reference and the name of an entry and of all below it."""
    below = {
        collection.field: [*map(shorten_tree, record[collection.field])]
        for collection in COLLECTIONS.values()
        if record.get(collection.field)
    }
    # The URL of an entry is its reference behind a slash.
    resource = record["url"].split("/")[1]
    return {**shorten_record(resource, record), **below}


def complete(reader: Reader, argument: str, begun: str, collection: str | None) -> Completion:
    """Complete a part of an entry's address: the collection, or, in a collection, the id."""
    known: Sequence[str] = []
    if argument == "collection":
        known = [*COLLECTIONS]
    elif argument == "id" and collection in COLLECTIONS:
        known = read_ids(reader, COLLECTIONS[collection].table, COMPLETED)
    return complete_from(known, begun)


def complete_from(known: Sequence[str], begun: str) -> Completion:
    """Complete what a person has begun to write with known values."""
    found = [value for value in known if value.startswith(begun)] or [
        value for value in known if fold_key(value).startswith(fold_key(begun))
    ]
    return Completion(values=found[:MOST_COMPLETIONS], total=len(found), has_more=len(found) > MOST_COMPLETIONS)
