"""The OpenAPI document: FastAPI's, plus real answers as examples and the correct media type of errors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.api.negotiation import PROBLEM_JSON

SUMMARY = "One reviewed vocabulary of virtualization types, examples and hypervisors."
DESCRIPTION = """\
A read-only vocabulary for tools that need to agree on which kinds of virtualization exist, which hypervisors are
bare-metal, and what a string such as `vmware` or `KVMKVMKVM` means.
Every entry lists its sources.

* Repeat a parameter to mean *or*; different parameters mean *and*.
* Undeclared parameters and values are refused (422), never ignored; errors are `application/problem+json` (RFC 9457).
* `lang` overrides `Accept-Language`, and `format` overrides `Accept`; `labels` always contains every language.
* `.csv` after the path of a list, and `.zip` or `.jsonld` after `/export`, are the addresses of the other formats.
* Every field is always present; lists are never null.
"""
TAGS = [
    {"name": "hypervisors", "description": "Products that create and run virtual machines."},
    {"name": "hypervisor-types", "description": "Where a hypervisor runs: bare-metal or hosted."},
    {"name": "virtualization-types", "description": "What is virtualized: servers, networks, desktops and so on."},
    {"name": "examples", "description": "Products and technologies that exemplify a virtualization type."},
    {"name": "concepts", "description": "The glossary."},
    {"name": "find", "description": "Find the entries that a string denotes."},
    {"name": "dataset", "description": "The dataset as a whole."},
    {"name": "operations", "description": "For orchestrators and monitoring."},
]
# The parameters of each operation's example request, with which Swagger UI fills in "Try it out".
EXAMPLE_PARAMETERS: dict[str, dict[str, Any]] = {
    "list_hypervisors": {"type": ["bare-metal"]},
    "get_hypervisors_csv": {"type": ["bare-metal"]},
    "get_hypervisor": {"id": "vmware-esxi"},
    "get_hypervisor_type": {"id": "bare-metal"},
    "get_virtualization_type": {"id": "container"},
    "list_examples": {"type": ["container"]},
    "get_examples_csv": {"type": ["container"]},
    "get_example": {"id": "docker"},
    "get_concept": {"id": "hypervisor"},
    "lookup_values": {"value": ["vmware", "KVMKVMKVM", "裸金属"]},
    "search_entries": {"q": "容器"},
}
# The answers to those requests. `make contract` writes them; a test compares them with the running service.
EXAMPLE_ANSWERS = Path(__file__).with_name("openapi_examples.json")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every operation of an OpenAPI document with its path."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def example_request(path: str, operation: dict[str, Any]) -> str:
    """Build the URL of an operation's example request."""
    parameters = dict(EXAMPLE_PARAMETERS.get(operation["operationId"], {}))
    filled = path.format_map({"id": parameters.pop("id", None)})
    return f"{filled}?{urlencode(parameters, doseq=True)}" if parameters else filled


def media_types(operation: dict[str, Any]) -> list[str]:
    """List the media types of an operation's successful answers."""
    return [*operation["responses"]["200"]["content"]]


def shorten_answer(answer: Any) -> Any:
    """Shorten an answer for an example: each list of objects to its first object.

    A text becomes its first two lines (of CSV, the header and a row), a JSON-LD graph its first two objects (the scheme
    and a concept).
    """
    if isinstance(answer, str):
        return "".join(answer.splitlines(keepends=True)[:2])
    if isinstance(answer, dict):
        return {
            name: [*map(shorten_answer, value[:2])] if name == "@graph" else shorten_answer(value)
            for name, value in answer.items()
        }
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        return [shorten_answer(answer[0])]
    return answer


def complete_document(document: dict[str, Any]) -> None:
    """Correct the media type of errors, and add the examples."""
    answers = json.loads(EXAMPLE_ANSWERS.read_text(encoding="utf-8"))
    for _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                response["content"] = {PROBLEM_JSON: next(iter(response["content"].values()))}
        parameters = EXAMPLE_PARAMETERS.get(operation["operationId"], {})
        for parameter in operation.get("parameters", []):
            if parameter["name"] in parameters:
                parameter["example"] = parameters[parameter["name"]]
        for media_type, content in operation["responses"]["200"]["content"].items():
            if answer := answers.get(operation["operationId"], {}).get(media_type):
                content["example"] = answer
