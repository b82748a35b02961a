"""The promise that every place which names the collections names the same ones; CONTRIBUTING lists these places."""

import re
from typing import get_args

import yaml

from app.api import openapi
from app.main import create_app
from app.packs.content import PackFile
from app.settings import PROJECT
from app.shapes.dataset import ExportPublic
from app.shapes.entries import SHAPES
from app.store.collections import COLLECTIONS
from app.store.tables import Entry, Resource

NAMES = [*COLLECTIONS]


def leaves(table):
    """The classes below a class that have none below themselves."""
    below = table.__subclasses__()
    return [leaf for other in below for leaf in leaves(other)] if below else [table]


def test_each_table_is_a_collection():
    assert {table.resource for table in leaves(Entry)} == {*NAMES} == {*get_args(Resource)}


def test_each_collection_has_its_shapes():
    assert [*SHAPES] == NAMES
    lists = [field.alias or name for name, field in PackFile.model_fields.items()]
    assert lists == ["pack", "sources", "schemes", *NAMES, "releases", "released"]
    assert [field.alias for name, field in ExportPublic.model_fields.items() if name != "dataset"] == NAMES


def test_each_collection_has_its_addresses_in_the_api():
    paths = create_app().openapi()["paths"]

    endings = ("", ".csv", ".jsonld", "/{id}", "/{id}.jsonld")
    assert [name + ending for name in NAMES for ending in endings if f"/{name}{ending}" not in paths] == []
    assert {path.split("/")[1] for path in paths if path.endswith("/{id}")} == {*NAMES}
    assert {tag["name"] for tag in openapi.TAGS} >= {*NAMES}


def keys_of(answer):
    """Each key of a JSON answer, and whether its object is an entry."""
    if isinstance(answer, dict):
        yield from ((key, "id" in answer) for key in answer)
        answer = [*answer.values()]
    if isinstance(answer, list):
        for part in answer:
            yield from keys_of(part)


def test_a_collection_is_spelled_as_in_its_url_but_where_it_is_a_field_of_an_entry(client):
    found = {key for path in ("/dataset", "/export", "/taxonomy") for key in keys_of(client.get(path).json())}

    assert {(key, in_entry) for key, in_entry in found if key.replace("_", "-") in NAMES} == {
        *((name, False) for name in NAMES),
        *((nesting.lower.field, True) for collection in COLLECTIONS.values() for nesting in collection.below),
    }


def test_each_collection_has_its_words_on_the_pages():
    texts = yaml.safe_load((PROJECT / "app" / "pages" / "texts.yaml").read_text(encoding="utf-8"))

    assert {lang: {*words} for lang, words in texts["resources"].items()} == {"en": {*NAMES}, "zh": {*NAMES}}


def test_each_collection_is_in_the_readme():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")

    assert {*re.findall(r"^\| `/([a-z-]+)`, `/\1/\{id\}` \|", readme, re.MULTILINE)} == {*NAMES}
