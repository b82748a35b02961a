"""The OpenAPI document: FastAPI's, completed for people, generated clients and the dataset that is loaded."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from app.api.negotiation import FORM, JSON
from app.api.openapi_responses import complete_responses, problem_schemas, shared_components
from app.queries.parameters import NO_NUL, order_of_use
from app.settings import PROJECT

SUMMARY = "One reviewed vocabulary of virtualization types, examples and hypervisors."
DESCRIPTION = """\
A read-only vocabulary for tools that need to agree on which kinds of virtualization exist, which hypervisors are
bare-metal, and what a string such as `vmware` or `KVMKVMKVM` means.
Every entry lists its sources.

* Repeat a parameter to mean *or*; different parameters mean *and*.
* Undeclared parameters and values are refused (422), never ignored; errors are `application/problem+json` (RFC 9457).
* `lang` overrides `Accept-Language`; `labels` always contains every language.
* `.csv` or `.jsonld` after the path of a list, `.jsonld` after that of an entry, and `.zip` or `.jsonld` after
  `/export`, are the addresses of the other formats; `format` (`json`, `csv`, `jsonld`) and `Accept` also choose them.
* Every field is always present; lists are never null.
"""
# In the order of Swagger UI and ReDoc.
TAGS = [
    {"name": "find", "description": "Find what strings mean, and on what hosts run."},
    {"name": "reconcile", "description": "The Reconciliation Service API 0.2, for OpenRefine and its like."},
    {"name": "hypervisors", "description": "Products that create and run virtual machines."},
    {"name": "hypervisor-types", "description": "Where a hypervisor runs: bare-metal or hosted."},
    {"name": "virtualization-types", "description": "What is virtualized: servers, networks, desktops and so on."},
    {"name": "examples", "description": "Products and technologies that exemplify a virtualization type."},
    {"name": "concepts", "description": "The glossary."},
    {"name": "dataset", "description": "The dataset as a whole."},
    {"name": "operations", "description": "For orchestrators and monitoring."},
]
# Parameters with which an operation answers in another media type or shape. Most of these are operations of their own;
# a script (`callback`) is not for clients that are generated.
OTHER_FORMATS = {"format", "callback", "extend"}
# The parameters of each operation's example request, with which Swagger UI fills in "Try it out".
EXAMPLE_PARAMETERS: dict[str, dict[str, Any]] = {
    "list_hypervisors": {"type": ["bare-metal"]},
    "get_hypervisors_csv": {"type": ["bare-metal"]},
    "get_hypervisors_jsonld": {"type": ["bare-metal"]},
    "get_hypervisor": {"id": "vmware-esxi"},
    "get_hypervisor_jsonld": {"id": "vmware-esxi"},
    "get_hypervisor_type": {"id": "bare-metal"},
    "get_hypervisor_type_jsonld": {"id": "bare-metal"},
    "get_virtualization_type": {"id": "container"},
    "get_virtualization_type_jsonld": {"id": "container"},
    "list_examples": {"type": ["container"]},
    "get_examples_csv": {"type": ["container"]},
    "get_examples_jsonld": {"type": ["container"]},
    "get_example": {"id": "docker"},
    "get_example_jsonld": {"id": "docker"},
    "get_concept": {"id": "hypervisor"},
    "get_concept_jsonld": {"id": "hypervisor"},
    "lookup_values": {"value": ["vmware", "KVMKVMKVM", "裸金属"]},
    "identify_host": {"systemd-detect-virt": ["kvm"], "dmi-sys-vendor": ["QEMU"]},
    "reconcile_values": {"queries": '{"q0":{"query":"VMware ESXi"},"q1":{"query":"kvm","type":"hypervisors"}}'},
    "suggest_entity": {"prefix": "virtual"},
    "suggest_type": {"prefix": "hyper"},
    "suggest_property": {"prefix": "ven", "type": "hypervisors"},
    "propose_for_type": {"type": "hypervisors"},
    "ask_question": {"question": "Which hypervisors are bare-metal?"},
    "search_entries": {"q": "容器"},
}
EXAMPLE_BODIES: dict[str, Any] = {
    "lookup_many_values": {"values": ["VMware ESXi 7.0.3 build-20328353", "KVMKVMKVM", "裸金属架构"]},
    "identify_hosts": {
        "hosts": [
            {"dmi-sys-vendor": "QEMU", "cpuid": "KVMKVMKVM", "virt-what": ["kvm"]},
            {"systemd-detect-virt": "oracle"},
        ]
    },
    "reconcile_many_values": {
        "queries": {
            "q0": {"query": "vmware", "type": "hypervisors", "properties": [{"pid": "type", "v": "hosted"}]},
            "q1": {"query": "oracle", "limit": 3, "properties": [{"pid": "scheme", "v": "systemd-detect-virt"}]},
        }
    },
}
# The committed document. Its examples are the answers to those requests, and a problem document for each status;
# `make contract` writes them, and tests compare them with the running service.
CONTRACT = PROJECT / "openapi.json"
# By operation id or name of a shared response, and media type.
Examples = dict[tuple[str, str], Any]


def operations(document: dict[str, Any], method: str = "get") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation of an OpenAPI document that has a method, with its path."""
    for path, methods in document["paths"].items():
        if method in methods:
            yield path, methods[method]


def exampled_contents(document: dict[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield what has an example, with its key in `Examples`: successful answers, and shared responses."""
    for _, operation in chain(operations(document), operations(document, "post")):
        for media_type, content in operation["responses"]["200"]["content"].items():
            yield (operation["operationId"], media_type), content
    for name, response in document["components"]["responses"].items():
        for media_type, content in response.get("content", {}).items():
            yield (name, media_type), content


def read_examples() -> Examples:
    """Read the examples of the committed document."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return {key: content["example"] for key, content in exampled_contents(contract) if "example" in content}


def set_examples(document: dict[str, Any], examples: Examples) -> None:
    """Put examples into a document."""
    for key, content in exampled_contents(document):
        if key in examples:
            content["example"] = examples[key]


def remove_titles(schema: Any) -> None:
    """Remove the titles of a schema and of those in it, which Pydantic makes of names: `Page[HitPublic]`."""
    if isinstance(schema, list):
        for each in schema:
            remove_titles(each)
    elif isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        for each in schema.values():
            remove_titles(each)


def complete_document(document: dict[str, Any]) -> None:
    """Turn FastAPI's document into ours: its responses, the order of parameters, examples and no titles."""
    schemas = document["components"]["schemas"] | problem_schemas()
    document["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas)}
    remove_titles(document["paths"])
    remove_titles(document["components"])
    # None is needed.
    document["security"] = []
    document["components"] |= shared_components()
    for _, operation in chain(operations(document), operations(document, "post")):
        id = operation["operationId"]
        complete_responses(operation["responses"])
        parameters = operation.get("parameters", [])
        parameters[:] = [parameter for parameter in parameters if parameter["name"] not in OTHER_FORMATS]
        parameters.sort(key=lambda parameter: order_of_use(parameter["name"]))
        for parameter in parameters:
            complete_parameter(parameter, EXAMPLE_PARAMETERS.get(id, {}))
        if body := operation.get("requestBody"):
            body["content"][JSON]["example"] = EXAMPLE_BODIES[id]
            complete_form(document, body["content"])
    set_examples(document, read_examples())


def complete_parameter(parameter: dict[str, Any], examples: Mapping[str, Any]) -> None:
    """Add the example of a parameter, and say of what is JSON within its text."""
    schema, example = parameter["schema"], examples.get(parameter["name"])
    # The parameter itself is described.
    schema.pop("description", None)
    if "contentSchema" in schema:
        del parameter["schema"]
        parameter["content"] = {JSON: {"schema": schema["contentSchema"], "example": json.loads(str(example))}}
    elif example is not None:
        parameter["example"] = example


def complete_form(document: dict[str, Any], contents: dict[str, Any]) -> None:
    """Document a body as a form if its fields have JSON within their texts."""
    properties = document["components"]["schemas"][name_of(contents[JSON]["schema"])]["properties"]
    fields = {name: field for name, field in properties.items() if "contentSchema" in field}
    for name, field in fields.items():
        properties[name] = {"description": field["description"], **field["contentSchema"]}
    if fields:
        contents[FORM] = contents.pop(JSON) | {"encoding": {name: {"contentType": JSON} for name in fields}}


def name_of(reference: Mapping[str, str]) -> str:
    """Return the name of the component to which a reference leads."""
    return reference["$ref"].rpartition("/")[2]


def with_vocabularies(document: dict[str, Any], vocabularies: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the document for a dataset: with the values of the vocabularies that are data."""
    components = document["components"]
    schemas = dict(components["schemas"])
    for name, values in vocabularies.items():
        # An `enum` without values would not be valid for all tools; nothing is valid where everything is excluded.
        allowed: dict[str, Any] = {"enum": [*values]} if values else {"not": {}}
        schemas[name] = {"type": "string", "description": schemas[name]["description"], **allowed}
    paths = dict(document["paths"])
    identify = paths["/identify"]["get"]
    parameters = [fact_parameter(scheme) for scheme in vocabularies["SchemeId"]] + identify["parameters"]
    paths["/identify"] = {**paths["/identify"], "get": {**identify, "parameters": parameters}}
    return {**document, "paths": paths, "components": {**components, "schemas": schemas}}


def fact_parameter(scheme: str) -> dict[str, Any]:
    """Document the parameter of `GET /identify` that has the id of a scheme."""
    example = EXAMPLE_PARAMETERS["identify_host"].get(scheme)
    return {
        "name": scheme,
        "in": "query",
        "required": False,
        "description": "What this tool or field reports on the host; repeat for several values.",
        "schema": {"type": "array", "items": {"type": "string", "pattern": NO_NUL}},
        **({"example": example} if example else {}),
    }
