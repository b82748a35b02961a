"""Requests made out of the OpenAPI document, so that a new route or parameter is asked without anybody's doing."""

import json
from urllib.parse import urlencode

from app.api import openapi
from app.settings import PROJECT


def example_request(path, operation):
    """The URL of an operation's example request."""
    parameters = dict(openapi.EXAMPLE_PARAMETERS.get(operation["operationId"], {}))
    filled = path.format_map({"id": parameters.pop("id", None)})
    return f"{filled}?{urlencode(parameters, doseq=True)}" if parameters else filled


def media_types(operation):
    """The media types of an operation's successful answers."""
    return [*operation["responses"]["200"]["content"]]


# That of the docs pack.
DOCUMENT = json.loads((PROJECT / "openapi.json").read_text(encoding="utf-8"))
ALL_OPERATIONS = [*openapi.operations(DOCUMENT)]
POSTING = [*openapi.operations(DOCUMENT, "post")]
# But for the metrics, which each request changes.
OPERATIONS = [each for each in ALL_OPERATIONS if each[0] != "/metrics"]
REQUESTS = [example_request(path, operation) for path, operation in OPERATIONS]
# What is served beside the API.
PAGES = [
    "/",
    "/?lang=zh",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/docs/assets/swagger-ui.css",
    "/problems",
    "/problems/invalid-parameter",
    "/favicon.ico",
    "/robots.txt",
    "/nope",
    "/hypervisors?typ=x",
]
# The values of `format`, which the document leaves out: with it an operation answers as another does, at an address
# that has an ending.
ENDINGS = {"csv": "csv", "zip": "csv", "atom": "atom", "jsonld": "jsonld"}
FORMATS = {
    path: ["json", *formats]
    for path in DOCUMENT["paths"]
    if (formats := [format for ending, format in ENDINGS.items() if f"{path}.{ending}" in DOCUMENT["paths"]])
} | {"/taxonomy": ["json", "jsonld"]}
# A value or two for each parameter whose values are not in the document.
VALUES = {
    "id": ["bare-metal", "container", "docker", "esxi", "hypervisor", "parallels-desktop", "vmware-esxi", "nope"],
    "limit": ["1", "2"],
    "offset": ["0", "1"],
    "q": ["vm", "容器"],
    "vendor": ["Microsoft", "nobody"],
    "license": ["proprietary"],
    "since": ["2026-11-27", "2999-01-01"],
    "value": ["vmware", "KVMKVMKVM", "nope"],
    "queries": [
        '{"a":{"query":"kvm"},"b":{"query":"nope"}}',
        '{"a":{"properties":[{"pid":"vendor","v":"Microsoft"}]}}',
    ],
    "prefix": ["", "vm", "nope"],
    "cursor": ["0", "1"],
}
# Those of these that are required, and given once.
SINGLE = ("q", "prefix")
# The values of a fact, whatever its scheme.
FACTS = ["kvm", "nope"]
# Of a longer list of values, the first are enough.
MOST_TRIED = 5
# What an operation must be given besides the parameter that is looked at.
REQUIRED = {"/lookup": [("value", "vmware"), ("value", "nope")], "/search": [("q", "容器")]}
REQUIRED |= {f"/reconcile/suggest/{kind}": [("prefix", "h")] for kind in ("entity", "type", "property")}


def values_of(parameter):
    """The values that the document lists for a parameter."""
    schema = parameter.get("schema", {})
    schema = schema.get("anyOf", [schema])[0]
    schema = schema.get("items", schema)
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema.get("enum") or ([schema["const"]] if "const" in schema else [])


def query_parameters(operation):
    """The parameters of an operation's query string."""
    return [parameter for parameter in operation.get("parameters", []) if parameter["in"] == "query"]


def pairs(path, operation):
    """Names of an operation's query parameters, each with a value that it takes."""
    found = [("format", value) for value in FORMATS.get(path, [])]
    for parameter in query_parameters(operation):
        name = parameter["name"]
        values = values_of(parameter)[:MOST_TRIED] or VALUES.get(name, FACTS)
        found += [(name, value) for value in values]
    return found


def urls_of(path, operation):
    """Each URL of an operation, and that with each value of each parameter."""
    required = REQUIRED.get(path, [])
    for id in VALUES["id"] if "{id}" in path else [""]:
        filled = path.format(id=id)
        yield url_of(filled, required)
        for pair in pairs(path, operation):
            yield url_of(filled, [pair] if pair[0] in SINGLE else [*required, pair])


def url_of(path, parameters):
    """A path with its query string."""
    return f"{path}?{urlencode(parameters)}" if parameters else path
