"""The responses that operations share in the OpenAPI document, and the headers of all responses.

Each becomes a component. Routes declare only the statuses, and the headers that not all their kind have.
"""

from typing import Any, NamedTuple

from app.api.negotiation import ATOM, CSV, JSON, JSON_LD, PROBLEM_JSON, ZIP
from app.api.problems import Kind, Problem

Responses = dict[int | str, dict[str, Any]]
# A reference to a component, or what one contains.
Component = dict[str, Any]


class Header(NamedTuple):
    """A response header; one that is `required` is in every response that declares it."""

    description: str
    required: bool = False
    type: str = "string"


HEADERS = {
    "Cache-Control": Header("How long a cache may use the response without asking again."),
    "Content-Disposition": Header("The name under which to save the file.", required=True),
    "Content-Language": Header("The languages of the texts in the response.", required=True),
    "ETag": Header("The entity tag of the response, for If-None-Match; absent from a very long file."),
    "Link": Header("The first, previous, next and last page (RFC 8288); left out where it would exceed 3,000 bytes."),
    "Location": Header("The URL of the entry.", required=True),
    "Retry-After": Header("The number of seconds to wait before trying again.", required=True, type="integer"),
    "Vary": Header("The request headers on which the response depends.", required=True),
    "X-Request-ID": Header("The id of the request in the log of the service; absent from a cached response."),
}
# The headers of all answers but those of the layers in front of the cache, and of answers with an entity tag.
ANSWERED = ("Vary", "X-Request-ID")
EXPLAINED = ("Content-Language", *ANSWERED)
VALIDATED = ("Cache-Control", "ETag")


class Shared(NamedTuple):
    """A response that several operations can give."""

    name: str
    description: str
    headers: tuple[str, ...] = EXPLAINED


SHARED = {
    "301": Shared("Moved", "The id is an alias of another entry.", ("Cache-Control", "Location", *ANSWERED)),
    "304": Shared("NotModified", "If-None-Match names the entity tag of the answer.", (*VALIDATED, *ANSWERED)),
    "400": Shared(
        "BadRequest",
        "The request is not valid HTTP/1.1; it may lack a Host header.",
        ("Content-Language", "X-Request-ID"),
    ),
    "404": Shared("NotFound", "There is no such entry; the response suggests similar ids."),
    "406": Shared("NotAcceptable", "Accept allows no media type that the response has."),
    "408": Shared("RequestTimeout", "The request did not arrive in time.", ("Content-Language",)),
    "410": Shared("Gone", "The entry has been removed; the response says what to use instead.", ("Link", *EXPLAINED)),
    "412": Shared("PreconditionFailed", "If-Match does not name the entity tag of the answer."),
    "413": Shared("ContentTooLarge", "The body is longer than 1 MiB."),
    "415": Shared("UnsupportedMediaType", "The body is not of the media type that the path takes."),
    "421": Shared("Misdirected", "The service does not answer to this host.", ("Content-Language", "X-Request-ID")),
    "422": Shared("InvalidParameter", "A parameter, or a value of a body, is unknown, repeated or out of range."),
    "431": Shared("HeadTooLarge", "The request line and headers are longer than 64 kB.", ("Content-Language",)),
    "500": Shared("InternalError", "The service failed."),
    "503": Shared(
        "Unavailable", "The dataset cannot be read at the moment.", ("Cache-Control", "Retry-After", *EXPLAINED)
    ),
}


def errors(*kinds: Kind) -> Responses:
    """Declare that an operation can answer with problem documents of some kinds."""
    return {kind.status: {} for kind in kinds}


# What any operation can answer; what one with parameters also can.
ANY_RESPONSES = errors(Kind.BAD_REQUEST, Kind.REQUEST_TIMEOUT, Kind.HEAD_TOO_LARGE, Kind.INTERNAL_ERROR)
QUESTION_RESPONSES: Responses = {
    304: {},
    **ANY_RESPONSES,
    **errors(Kind.NOT_ACCEPTABLE, Kind.PRECONDITION_FAILED, Kind.MISDIRECTED, Kind.INVALID_PARAMETER, Kind.UNAVAILABLE),
}
BODY_RESPONSES: Responses = errors(Kind.CONTENT_TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE)
ENTRY_RESPONSES: Responses = {200: {"description": "The entry."}, 301: {}, **errors(Kind.NOT_FOUND, Kind.GONE)}
PAGE_RESPONSE: Responses = {200: {"description": "One page of the matching entries.", "headers": {"Link": {}}}}
EXPORT_RESPONSE: Responses = {200: {"description": "The whole dataset.", "headers": {"Content-Disposition": {}}}}


def declare_file(media_type: str, schema: dict[str, Any], description: str) -> Responses:
    """Declare that an operation answers with a file; its `response_class` is `Response`, not JSON's."""
    headers: dict[str, Any] = {"Content-Disposition": {}}
    return {200: {"content": {media_type: {"schema": schema}}, "description": description, "headers": headers}}


CSV_RESPONSE = declare_file(CSV, {"type": "string"}, "All matching entries.")
ATOM_RESPONSE: Responses = {
    200: {"content": {ATOM: {"schema": {"type": "string"}}}, "description": "All matching changes, by release."}
}
ZIP_RESPONSE = declare_file(ZIP, {"type": "string", "format": "binary"}, "The whole dataset.")
JSON_LD_LIST_RESPONSE = declare_file(JSON_LD, {"type": "object"}, "All matching entries.")
JSON_LD_EXPORT_RESPONSE = declare_file(JSON_LD, {"type": "object"}, "The whole dataset.")
JSON_LD_ENTRY_RESPONSES: Responses = ENTRY_RESPONSES | {
    200: {"content": {JSON_LD: {"schema": {"type": "object"}}}, "description": "The entry."}
}


def refer(kind: str, name: str) -> Component:
    """Refer to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def refer_to_headers(names: tuple[str, ...]) -> Component:
    """Refer to headers by their names."""
    return {name: refer("headers", name) for name in sorted(names)}


def complete_responses(responses: dict[str, Component]) -> None:
    """Add the headers of the successful response, refer to the components of all others, and sort by status."""
    validated = "304" in responses and "413" not in responses
    if not validated:
        for status in ("304", "412"):
            responses.pop(status, None)
    # A file at an address of its own has one media type, whatever Accept says.
    if validated and JSON not in responses["200"]["content"]:
        del responses[str(Kind.NOT_ACCEPTABLE.status)]
    own = responses["200"].get("headers", {})
    common = ("Content-Language", *VALIDATED) if validated else ("Cache-Control",)
    responses["200"]["headers"] = refer_to_headers((*own, *common, *ANSWERED))
    for status in sorted(responses):
        response = responses.pop(status)
        responses[status] = response if status == "200" else refer("responses", SHARED[status].name)


def shared_components() -> dict[str, Component]:
    """Make the components that the responses refer to."""
    responses = {}
    for status, shared in SHARED.items():
        responses[shared.name] = {"description": shared.description, "headers": refer_to_headers(shared.headers)}
        if status >= "400":
            responses[shared.name]["content"] = {PROBLEM_JSON: {"schema": refer("schemas", "Problem")}}
    headers = {
        name: {"description": header.description, "required": header.required, "schema": {"type": header.type}}
        for name, header in HEADERS.items()
    }
    return {"headers": headers, "responses": responses}


def problem_schemas() -> dict[str, Component]:
    """Make the schema of a problem document, and those that it refers to."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), "Problem": schema}
