"""`/`: the explorer, a page on which people browse the taxonomy.

The fragment of the page's address is the API path of what it shows beside the tree: `/#/hypervisors?type=hosted`.
Browsers do not send the fragment, so there is only one page per language to answer and to cache.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args

from fastapi import Query, Request, Response
from starlette.exceptions import HTTPException

from app.api.file_names import folder_of
from app.api.negotiation import HTML
from app.api.query_string import properties_of
from app.api.responses import accepted_media_type, answer_language
from app.api.router import Router
from app.api.state import open_dataset, state_of
from app.formats.spreadsheet import FORMULA_STARTS, LIST_SEPARATOR
from app.pages import rendering
from app.path_prefix import prefix_of
from app.queries.collections import LISTS
from app.queries.dataset import read_dataset
from app.queries.lists import ListParams
from app.queries.lookup import LookupParams
from app.queries.parameters import MOST_POSTED, NoParams, TextParams
from app.queries.taxonomy import read_tree
from app.shapes.entries import Record
from app.store.collections import COLLECTIONS
from app.store.tables import Example, Hypervisor, Language

router = Router(include_in_schema=False)

# The collections that the page shows as tables, the default first.
TABLES = {table.resource: LISTS[table.resource] for table in (Hypervisor, Example)}


def facets_of(params: type[ListParams]) -> list[str]:
    """Return the fields whose values a list can count."""
    (facet,) = get_args(params.model_fields["facet"].annotation)
    return [*get_args(facet.__value__.__origin__)]


def orders_of(params: type[ListParams]) -> list[str]:
    """Return the fields by which a list can be sorted."""
    order = params.model_fields["sort"].annotation
    values = get_args(get_args(get_args(order)[0].__value__)[0])
    return [value for value in values if not value.startswith("-")]


def describe_api() -> dict[str, Any]:
    """Collect the facts about the API that the page's scripts need, so that they do not repeat them."""
    value = properties_of(LookupParams)["value"]
    return {
        "facets": {resource: facets_of(params) for resource, params in TABLES.items()},
        "orders": {resource: orders_of(params) for resource, params in TABLES.items()},
        "parents": {
            resource: {"field": collection.above.column, "resource": collection.above.upper.resource}
            for resource, collection in COLLECTIONS.items()
            if collection.above
        },
        "limits": {
            "entries": properties_of(ListParams)["limit"]["maximum"],
            "values": value["maxItems"],
            "posted": MOST_POSTED,
            "characters": value["items"]["maxLength"],
        },
        "csv": {"formula_starts": FORMULA_STARTS, "list_separator": LIST_SEPARATOR},
    }


API = describe_api()


def read_relations(concepts: Sequence[Record]) -> list[tuple[Record, list[Record]]]:
    """Return what products are based on, each with those products, the most first."""
    types = [type for concept in concepts for type in concept["virtualization_types"] + concept["hypervisor_types"]]
    bases: dict[str, tuple[Record, list[Record]]] = {}
    for product in (product for type in types for product in type.get("examples", []) + type.get("hypervisors", [])):
        for base in product["based_on"]:
            bases.setdefault(base["url"], (base, []))[1].append(product)
    return sorted(bases.values(), key=lambda each: -len(each[1]))


def collections_of(products: Sequence[Record]) -> list[str]:
    """Return the collections in which products are, in the order of their tables."""
    found = {product["url"].split("/")[1] for product in products}
    return [resource for resource in TABLES if resource in found]


@router.get("/")
def get_explorer(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Show the whole taxonomy on one page."""
    accepted_media_type(request, HTML)
    lang = answer_language(request, params.lang)
    state = state_of(request)
    with open_dataset(request) as reader:
        concepts, dataset = read_tree(reader, lang), read_dataset(reader, lang)
    prefix = prefix_of(request.scope)
    relations = read_relations(concepts)
    shown: dict[str, Any] = {"concepts": concepts, "dataset": dataset, "relations": relations}
    addresses = describe_copy(prefix, lang) if state["static"] else describe_service(prefix, state["operations"])
    packs = {pack["id"]: pack["title"] for pack in dataset["packs"]}
    facts = {"packs": packs, "bases": {base["url"]: collections_of(products) for base, products in relations}}
    return rendering.render_page("explorer.html", lang, prefix, api=API | addresses | facts, **shown)


def describe_service(prefix: str, operations: Mapping[str, str]) -> dict[str, Any]:
    """Tell the page the addresses that it has on the service, and the operations of Swagger UI."""
    homes = {lang: f"{prefix}/?lang={lang}" for lang in Language}
    return {"folder": None, "homes": homes, "operations": operations}


def describe_copy(prefix: str, lang: Language) -> dict[str, Any]:
    """Tell the page the addresses that it has in a static copy, where nothing can be filtered or sorted."""
    homes = {other: f"{prefix}{folder_of(other)}/index.html" for other in Language}
    orders: dict[str, list[str]] = {resource: [] for resource in TABLES}
    return {"folder": prefix + folder_of(lang), "homes": homes, "operations": {}, "orders": orders}


@router.get("/explorer/{digest}/{name}")
async def get_file(request: Request, digest: str, name: str, params: Annotated[NoParams, Query()]) -> Response:  # noqa: ARG001
    """Serve an asset of the explorer or a problem page."""
    asset = rendering.ASSETS.get(name)
    if digest != rendering.DIGEST or asset is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset.content, headers=headers, media_type=asset.media_type)
