"""The path prefix under which a proxy publishes the service: which ones are accepted, and how answers come by it.

The proxy removes it from the paths that it passes on. As in ASGI, `root_path` of a request is its prefix, and `path`
begins with it.
"""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

# Unreserved characters (RFC 3986, section 2.3), which have one spelling in URLs, and no segment that clients resolve.
PATH_PREFIX = re.compile(r"(/(?!\.\.?(/|$))[A-Za-z0-9._~-]+)*")
# Each URL of an answer contains it.
LONGEST_PREFIX = 200
# The fields that contain URLs of this service, in entries and in problem documents (the examples of OpenAPI).
URL_FIELDS = ("url", "type", "instance", "same_as")
# How to write a prefix, in the two languages of problem documents.
PREFIX_HINT_EN = (
    "write a path such as /taxonomy or /tools/taxonomy, of letters, digits and the characters - . _ ~, without a slash "
    f"at the end and of at most {LONGEST_PREFIX} characters"
)
PREFIX_HINT_ZH = (
    "请写 /taxonomy 或 /tools/taxonomy 这样的路径，只含字母、数字和 - . _ ~，末尾没有斜杠，"
    f"不超过 {LONGEST_PREFIX} 个字符"
)


def is_path_prefix(text: str) -> bool:
    """Whether a text can be a prefix; the empty text is none, and can."""
    return len(text) <= LONGEST_PREFIX and PATH_PREFIX.fullmatch(text) is not None


def prefix_of(scope: Mapping[str, Any]) -> str:
    """Return the prefix of a request; empty if it has none."""
    return str(scope.get("root_path", ""))


def base_of(scope: Mapping[str, Any]) -> str:
    """Return what precedes the paths of the service in a GET of what contains whole URLs: scheme, host and prefix."""
    return str(scope["base"])


def put_under(scope: MutableMapping[str, Any], prefix: str) -> None:
    """Give a request, whose path is that within the service, its prefix."""
    scope["root_path"] = prefix
    scope["path"] = prefix + scope["path"]
    scope["raw_path"] = prefix.encode() + scope["raw_path"]


def prefix_urls(json: bytes, prefix: str) -> bytes:
    """Put a prefix before each URL of this service in compact JSON.

    Within a JSON string, quotation marks are escaped, so what is replaced is the beginning of a field. Other URLs begin
    with their scheme, and the `type` of an entry is an id.
    """
    for name in URL_FIELDS if prefix else ():
        json = json.replace(f'"{name}":"/'.encode(), f'"{name}":"{prefix}/'.encode())
    return json


def prefix_each(records: Iterator[bytes], prefix: str) -> Iterator[bytes]:
    """Put a prefix before each URL of this service in a stream of JSON objects."""
    return (prefix_urls(record, prefix) for record in records) if prefix else records
