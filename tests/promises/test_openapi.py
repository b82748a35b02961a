"""The promise that the OpenAPI document tells the truth."""

import json

import jsonschema
import pytest

from app.api import openapi
from app.packs.content import pack_schema
from tests.support.urls import ALL_OPERATIONS, DOCUMENT
from tools.contract import OPENAPI, PACK_SCHEMA, content, example_answers

# Of operations that do not answer with JSON, by path or by the ending of the path.
MEDIA_TYPES = {
    "/metrics": "text/plain",
    "csv": "text/csv",
    "zip": "application/zip",
    "jsonld": "application/ld+json",
}


def operation_ids(operations):
    return [operation["operationId"] for _, operation in operations]


def test_the_committed_contract_is_the_running_one(client):
    assert json.loads(OPENAPI.read_text(encoding="utf-8")) == client.get("/openapi.json").json()


def test_the_committed_pack_schema_is_the_one_that_validates():
    assert json.loads(PACK_SCHEMA.read_text(encoding="utf-8")) == pack_schema()


def test_the_document_is_openapi_3_1():
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_operation_ids_are_stable_and_unique():
    assert operation_ids(ALL_OPERATIONS) == [
        "list_hypervisors",
        "get_hypervisors_csv",
        "get_hypervisor",
        "list_hypervisor_types",
        "get_hypervisor_types_csv",
        "get_hypervisor_type",
        "list_virtualization_types",
        "get_virtualization_types_csv",
        "get_virtualization_type",
        "list_examples",
        "get_examples_csv",
        "get_example",
        "list_concepts",
        "get_concepts_csv",
        "get_concept",
        "lookup_values",
        "search_entries",
        "get_taxonomy",
        "get_export",
        "get_export_zip",
        "get_export_jsonld",
        "get_dataset",
        "get_liveness",
        "get_readiness",
        "get_metrics",
    ]


@pytest.mark.parametrize(("path", "operation"), ALL_OPERATIONS, ids=operation_ids(ALL_OPERATIONS))
def test_every_operation_and_parameter_is_described(path, operation):
    undescribed = [parameter["name"] for parameter in operation.get("parameters", []) if not parameter["description"]]

    assert undescribed == []
    assert operation["summary"]
    assert operation["description"]
    assert [tag for tag in operation["tags"] if tag not in {tag["name"] for tag in DOCUMENT["tags"]}] == []


def test_every_field_is_described():
    undescribed = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, content in schema.get("properties", {}).items()
        if not content.get("description")
    ]

    assert undescribed == []


def test_every_field_is_always_present():
    optional = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field in schema.get("properties", {})
        if field not in schema.get("required", [])
    ]

    assert optional == []


def test_every_operation_has_one_media_type_so_that_generated_clients_know_what_it_returns():
    assert {path: openapi.media_types(operation) for path, operation in ALL_OPERATIONS} == {
        path: [MEDIA_TYPES.get(path, MEDIA_TYPES.get(path.partition(".")[2], "application/json"))]
        for path, _ in ALL_OPERATIONS
    }


@pytest.mark.parametrize(("path", "operation"), ALL_OPERATIONS, ids=operation_ids(ALL_OPERATIONS))
def test_errors_are_documented_as_problem_documents(path, operation):
    documented = {
        status: [*response["content"]] for status, response in operation["responses"].items() if status >= "400"
    }

    assert {name for names in documented.values() for name in names} == {"application/problem+json"}
    assert "503" in documented


def test_the_examples_are_the_true_answers(client):
    assert json.loads(openapi.EXAMPLE_ANSWERS.read_text(encoding="utf-8")) == example_answers(client)


ANSWERS = [
    (path, operation, media_type) for path, operation in ALL_OPERATIONS for media_type in openapi.media_types(operation)
]


@pytest.mark.parametrize(
    ("path", "operation", "media_type"),
    ANSWERS,
    ids=[f"{operation['operationId']}-{media_type}" for _, operation, media_type in ANSWERS],
)
def test_real_answers_match_their_schemas(client, path, operation, media_type):
    answer = client.get(openapi.example_request(path, operation), headers={"Accept": media_type})
    documented = operation["responses"]["200"]["content"][media_type]

    assert answer.headers["content-type"].partition(";")[0] == media_type
    if media_type == "application/zip":
        assert documented == {"schema": {"type": "string", "format": "binary"}}
        return
    assert documented["example"]
    jsonschema.validate(content(answer), documented["schema"] | {"components": DOCUMENT["components"]})
