"""The promise that the OpenAPI document tells the truth."""

import json
import re
from collections import Counter
from urllib.parse import quote

import jsonschema
import pytest

from app.api import openapi
from app.api.negotiation import PROBLEM_JSON
from app.folding import fold_key
from app.main import create_app
from app.packs.content import pack_schema
from app.packs.prepare import prepare
from tests.support.servers import client_of
from tests.support.statuses import REMOVED, provoking
from tests.support.urls import ALL_OPERATIONS, DOCUMENT, example_request, media_types
from tools.contract import PACK_SCHEMA, content, example_answers, example_problems

CONCEPTS = ["virtualization", "virtual-machine", "hypervisor"]
# Of operations that do not answer with JSON, by path or by the ending of the path.
MEDIA_TYPES = {
    "/metrics": "text/plain",
    "csv": "text/csv",
    "atom": "application/atom+xml",
    "zip": "application/zip",
    "jsonld": "application/ld+json",
}


def operation_ids(operations):
    return [operation["operationId"] for _, operation in operations]


def test_the_committed_contract_is_the_running_one(client):
    assert json.loads(openapi.CONTRACT.read_text(encoding="utf-8")) == client.get("/openapi.json").json()


SMALL = """
pack: {id: small, version: "1", title: {en: Small, zh: 小}, description: {en: One term., zh: 一个术语。}}
sources: [{id: list, title: The list, url: null}]
concepts:
  - id: emulation
    labels: {en: Emulation, zh: 仿真}
    summary: {en: One machine imitates another., zh: 一台机器模仿另一台。}
    sources: [{source: list, supports: [name, summary]}]
"""
NONE = {"not": {}}
VOCABULARIES = [
    (
        ["small"],
        {"ConceptId": ["emulation"], "PackId": ["small"]},
        {"HypervisorTypeId": NONE, "ProductId": NONE, "SchemeId": NONE, "VirtualizationTypeId": NONE},
    ),
    (["docs", "small"], {"ConceptId": [*CONCEPTS, "emulation"], "PackId": ["docs", "small"]}, {}),
]


@pytest.mark.parametrize(("packs", "values", "others"), VOCABULARIES, ids=["small", "docs and small"])
def test_the_document_lists_the_values_of_the_packs_that_are_loaded(
    new_database, seed_dir, client, packs, values, others
):
    (seed_dir / "small").mkdir()
    (seed_dir / "small" / "small.yaml").write_text(SMALL, encoding="utf-8")
    settings = new_database("sqlite").model_copy(update={"seed_dir": seed_dir, "packs": tuple(packs)})
    prepare(settings)
    expected = client.get("/openapi.json").json()
    schemas = expected["components"]["schemas"]
    for name in values.keys() | others.keys():
        described = {"type": "string", "description": schemas[name]["description"]}
        schemas[name] = described | (others.get(name) or {"enum": values[name]})
    if others.get("SchemeId") == NONE:
        # Each scheme is a parameter of this operation.
        identify = expected["paths"]["/identify"]["get"]
        identify["parameters"] = [each for each in identify["parameters"] if each["name"] == "lang"]

    with client_of(create_app(settings)) as own:
        assert own.get("/openapi.json").json() == expected


def test_without_a_database_the_document_is_refused_like_any_answer(ask):
    assert ask("/openapi.json", 503).problem["title"] == "Unavailable"


def test_the_committed_pack_schema_is_the_one_that_validates():
    assert json.loads(PACK_SCHEMA.read_text(encoding="utf-8")) == pack_schema()


def test_the_document_is_openapi_3_1():
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_operation_ids_are_stable_and_unique():
    assert operation_ids(ALL_OPERATIONS) == [
        "list_hypervisors",
        "get_hypervisors_csv",
        "get_hypervisors_jsonld",
        "get_hypervisor_jsonld",
        "get_hypervisor",
        "list_hypervisor_types",
        "get_hypervisor_types_csv",
        "get_hypervisor_types_jsonld",
        "get_hypervisor_type_jsonld",
        "get_hypervisor_type",
        "list_virtualization_types",
        "get_virtualization_types_csv",
        "get_virtualization_types_jsonld",
        "get_virtualization_type_jsonld",
        "get_virtualization_type",
        "list_examples",
        "get_examples_csv",
        "get_examples_jsonld",
        "get_example_jsonld",
        "get_example",
        "list_concepts",
        "get_concepts_csv",
        "get_concepts_jsonld",
        "get_concept_jsonld",
        "get_concept",
        "lookup_values",
        "identify_host",
        "reconcile_values",
        "suggest_entity",
        "suggest_type",
        "suggest_property",
        "propose_for_type",
        "ask_question",
        "search_entries",
        "get_taxonomy",
        "get_export",
        "get_export_zip",
        "get_export_jsonld",
        "get_dataset",
        "list_changes",
        "get_changes_csv",
        "get_changes_atom",
        "get_liveness",
        "get_readiness",
        "get_metrics",
    ]
    assert operation_ids(openapi.operations(DOCUMENT, "post")) == [
        "lookup_many_values",
        "identify_hosts",
        "reconcile_many_values",
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
        # Of what clients send, the filters may be left out.
        if field not in schema.get("required", []) and not name.endswith("Body")
    ]

    assert optional == []


def test_every_operation_has_one_media_type_so_that_generated_clients_know_what_it_returns():
    assert {path: media_types(operation) for path, operation in ALL_OPERATIONS} == {
        path: [MEDIA_TYPES.get(path, MEDIA_TYPES.get(path.partition(".")[2], "application/json"))]
        for path, _ in ALL_OPERATIONS
    }


def test_every_component_is_described_and_named_in_one_word():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert re.fullmatch(r"([A-Z][a-z]+)+", name)
        assert schema["description"], name


def test_no_schema_has_a_title_that_was_made_of_a_name():
    def titles(schema):
        if isinstance(schema, dict):
            for key, value in schema.items():
                if key == "title" and isinstance(value, str):
                    yield value
                elif key != "example":
                    yield from titles(value)

    assert [*titles(DOCUMENT["components"]["schemas"]), *titles(DOCUMENT["paths"])] == []


def test_no_two_lists_of_values_are_the_same():
    """A generated client would have a class for each."""
    lists = [
        schema["enum"]
        for schema in schemas_in([DOCUMENT["components"]["schemas"], DOCUMENT["paths"]])
        if isinstance(schema.get("enum"), list)
    ]

    assert [values for values in lists if lists.count(values) > 1] == []


def schemas_in(content):
    """Every object in a document but for the examples."""
    if isinstance(content, dict):
        yield content
    for key, each in content.items() if isinstance(content, dict) else enumerate(content):
        if key != "example" and isinstance(each, dict | list):
            yield from schemas_in(each)


@pytest.mark.parametrize(("path", "operation"), ALL_OPERATIONS, ids=operation_ids(ALL_OPERATIONS))
def test_parameters_are_in_the_order_in_which_people_need_them(path, operation):
    names = [parameter["name"] for parameter in operation.get("parameters", [])]
    later = ["pack", "q", "sort", "facet", "limit", "offset", "lang"]

    assert [name for name in names if name in later] == [name for name in later if name in names]
    assert [name for name in names if name not in later] == names[: len({*names} - {*later})]
    assert "type" not in names or names[0] == "type"


# The headers that are not of the API but of HTTP, browsers and the connection.
OTHER_HEADERS = {
    "access-control-allow-origin",
    "access-control-expose-headers",
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "referrer-policy",
    "x-content-type-options",
}
# The status 408 takes seconds, and is given before the path is read.
PROVOKED = [200, 301, 304, 400, 404, 406, 410, 412, 421, 422, 431, 503]
EVERYWHERE = {"408", "500"}


@pytest.fixture(scope="module")
def ask(settings, tmp_path_factory):
    """Asks for a URL so that the answer has a status."""
    with provoking(settings, tmp_path_factory.mktemp("statuses")) as ask:
        yield ask


def resolve(response):
    """A response of the document, or the component to which it refers."""
    return DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]] if "$ref" in response else response


def assert_headers_are_declared(response, answer):
    """The headers of an answer are those that are declared, and those that are required are there."""
    declared = {name.lower(): DOCUMENT["components"]["headers"][name] for name in resolve(response).get("headers", {})}

    assert answer.headers - OTHER_HEADERS - {*declared} == set()
    assert {name for name, header in declared.items() if header["required"]} - answer.headers == set()
    assert {name for name, header in declared.items() if not header["required"]} - answer.headers <= NOT_ALWAYS


# Of an answer that is not cached these are there.
NOT_ALWAYS = {"x-request-id"}


@pytest.mark.parametrize(("path", "operation"), ALL_OPERATIONS, ids=operation_ids(ALL_OPERATIONS))
def test_the_statuses_and_headers_are_those_of_real_answers(ask, client, path, operation):
    url = example_request(path, operation)
    given = set()
    for status in PROVOKED:
        asked = url
        if status == 404:
            asked = path.replace("{id}", "nope")
        elif status == 410:
            asked = path.replace("{id}", REMOVED)
        elif status == 301 and "{id}" in path:
            asked = path.replace("{id}", quote(unambiguous_alias(client, path)))
        answer = ask(asked, status)
        given.add(str(answer.status))
        if answer.status in (200, status):
            assert_headers_are_declared(operation["responses"][str(answer.status)], answer)

    assert given | EVERYWHERE == {*operation["responses"]}


def unambiguous_alias(client, path):
    """An alias that only one entry of a collection has."""
    entries = client.get(path.partition("/{id}")[0]).json()["items"]
    counts = Counter(fold_key(alias) for entry in entries for alias in {*entry["aliases"]})
    ids = {fold_key(entry["id"]) for entry in entries}
    return next(
        alias
        for entry in entries
        for alias in entry["aliases"]
        if counts[fold_key(alias)] == 1 and fold_key(alias) not in ids
    )


def test_a_request_that_does_not_end_is_a_408_as_declared(ask):
    answer = ask("/hypervisors", 408)

    assert answer.status == 408
    assert_headers_are_declared(DOCUMENT["components"]["responses"]["RequestTimeout"], answer)


def test_a_failure_is_a_500_as_declared(ask):
    answer = ask("/taxonomy", 500)

    assert answer.status == 500
    assert_headers_are_declared(DOCUMENT["components"]["responses"]["InternalError"], answer)


def test_each_kind_of_error_has_a_real_example(settings, tmp_path):
    responses = DOCUMENT["components"]["responses"].values()
    problems = [content["application/problem+json"] for response in responses if (content := response.get("content"))]

    assert [problem["schema"] for problem in problems] == [{"$ref": "#/components/schemas/Problem"}] * len(problems)
    assert {str(problem["example"]["status"]): problem["example"] for problem in problems} == example_problems(
        settings, tmp_path
    )


def test_the_examples_are_the_true_answers(client):
    answers = {key: answer for key, answer in openapi.read_examples().items() if key[1] != PROBLEM_JSON}

    assert answers == example_answers(client)


ANSWERS = [(path, operation, media_type) for path, operation in ALL_OPERATIONS for media_type in media_types(operation)]


@pytest.mark.parametrize(
    ("path", "operation", "media_type"),
    ANSWERS,
    ids=[f"{operation['operationId']}-{media_type}" for _, operation, media_type in ANSWERS],
)
def test_real_answers_match_their_schemas(client, path, operation, media_type):
    answer = client.get(example_request(path, operation), headers={"Accept": media_type})
    documented = operation["responses"]["200"]["content"][media_type]

    assert answer.headers["content-type"].partition(";")[0] == media_type
    if media_type == "application/zip":
        assert documented == {"schema": {"type": "string", "format": "binary"}}
        return
    assert documented["example"]
    jsonschema.validate(content(answer), documented["schema"] | {"components": DOCUMENT["components"]})
