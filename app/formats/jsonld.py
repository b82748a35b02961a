"""The dataset, lists and entries as SKOS in JSON-LD."""

from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from pydantic_core import to_json

from app.formats.json_pieces import json_array, json_object
from app.formats.skos import skos_concept
from app.queries.export import LinkedEntry
from app.shapes.dataset import DatasetPublic
from app.shapes.entries import Record

# Inline instead of a URL, so that the document can be read offline.
CONTEXT = {
    "id": "@id",
    "type": "@type",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "ConceptScheme": "skos:ConceptScheme",
    "Concept": "skos:Concept",
    **{
        name: {"@id": f"skos:{name}", "@container": "@language"}
        for name in ("prefLabel", "altLabel", "definition", "note", "scopeNote")
    },
    **{
        name: {"@id": f"skos:{name}", "@type": "@id"}
        for name in ("inScheme", "hasTopConcept", "topConceptOf", "broader", "narrower", "related")
    },
    "isReplacedBy": {"@id": "dct:isReplacedBy", "@type": "@id"},
    "deprecated": "owl:deprecated",
    "notation": "skos:notation",
    "version": "owl:versionInfo",
    "revision": "dct:identifier",
    "title": "dct:title",
    "titles": {"@id": "dct:title", "@container": "@language"},
    "source": "dct:source",
    "section": "dct:bibliographicCitation",
    "work": "dct:isPartOf",
}
SCHEME_TITLES = {"en": "Virtualization Taxonomy", "zh": "虚拟化分类"}


def skos_export(
    base: str,
    dataset: DatasetPublic,
    top: Iterable[str],
    entries: Iterable[LinkedEntry],
) -> Generator[bytes]:
    """Yield the whole dataset as one skos:ConceptScheme; `top` are the paths of the top concepts."""
    scheme = {
        "id": f"{base}taxonomy",
        "type": "ConceptScheme",
        "prefLabel": SCHEME_TITLES,
        "titles": SCHEME_TITLES,
        "version": dataset["version"],
        "revision": dataset["revision"],
    }

    yield from skos_graph(
        chain([json_object(scheme, "hasTopConcept", (f"{base}{path}" for path in top))], skos_nodes(base, entries))
    )


def skos_list(base: str, entries: Iterable[LinkedEntry]) -> Generator[bytes]:
    """Yield entries as the export describes them."""
    yield from skos_graph(skos_nodes(base, entries))


def skos_entry(base: str, entry: LinkedEntry) -> Iterator[bytes]:
    """Yield one entry as the export describes it."""
    return skos_node(base, entry, {"@context": CONTEXT})


def skos_nodes(base: str, entries: Iterable[LinkedEntry]) -> Iterator[Iterator[bytes]]:
    """Yield the objects of entries."""
    return (skos_node(base, entry, {}) for entry in entries)


def skos_node(base: str, entry: LinkedEntry, first: Record) -> Iterator[bytes]:
    """Yield the object of an entry, in pieces; `first` are fields that precede its own."""
    return json_object(first | skos_concept(base, entry), "narrower", (f"{base}{path}" for path in entry.below))


def skos_graph(nodes: Iterable[Iterator[bytes]]) -> Generator[bytes]:
    """Yield a document of several objects."""
    yield b'{"@context":' + to_json(CONTEXT) + b',"@graph":'
    yield from json_array(nodes)
    yield b"}"
