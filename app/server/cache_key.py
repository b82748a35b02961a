"""The key of the response cache: the path with its prefix, the canonical query and the negotiated headers."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.types import Scope

from app.api.negotiation import NEGOTIATED_LENGTH

Header = tuple[bytes, bytes]
# The values of If-Match and If-None-Match; None if not sent.
Conditions = tuple[bytes | None, bytes | None]
# Reduces the value of a request header (None if not sent) to one of a few values; None removes the header.
Negotiator = Callable[[bytes | None], bytes | None]

# Longer queries are not memoized, because clients could fill the memory with them.
MEMOIZED_LENGTH = 256
# A query without percent-encoding. The general rule has the same result for it, but takes ten times as long.
PLAIN = re.compile(rb"[\w.~-]+=[\w.~-]*(&[\w.~-]+=[\w.~-]*)*")
# A longer query is neither sorted nor decoded, because that would block the event loop.
ORDERED_LENGTH = 4096
VISIBLE_ASCII = bytes(range(0x21, 0x7F))

# The path, the canonical query, the generation (the number of earlier revisions, so that no request shares an answer
# with one of another revision), the reduced headers, and the path prefix, with which the path begins; scheme and host
# precede it where the answer depends on them. A plain tuple, because making a NamedTuple takes a tenth of the time of a
# hit.
CacheKey = tuple[str, bytes, int, tuple[bytes | None, ...], str | None]


def parameter_of(pair: Any) -> Any:
    """Return the parameter's name in ``name=value``."""
    return pair.partition(b"=")[0]


def order_query(query: bytes) -> bytes:
    """Sort a query by parameter name; the values of one parameter keep their order and every byte."""
    if PLAIN.fullmatch(query):
        return b"&".join(sorted(query.split(b"&"), key=parameter_of))
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return urlencode(sorted(pairs, key=lambda pair: pair[0]), encoding="latin-1").encode()


order_short_query = lru_cache(maxsize=2048)(order_query)


def canonical_query(query: bytes) -> bytes:
    """Return the same query for all queries that differ only in the order of parameters or in encoding.

    From a very long query this only removes the empty parameters.
    """
    if len(query) <= MEMOIZED_LENGTH:
        return order_short_query(query)
    if len(query) > ORDERED_LENGTH:
        query = b"&".join(filter(None, query.split(b"&")))
        if len(query) > ORDERED_LENGTH:
            return quote(query, safe=VISIBLE_ASCII).encode()
    return order_query(query)


class Negotiation:
    """Reduces each header on which answers depend to a few values."""

    def __init__(self, negotiators: Mapping[bytes, Negotiator]) -> None:
        self.negotiators = negotiators
        self.unsent: dict[bytes, bytes | None] = dict.fromkeys([b"if-match", b"if-none-match", *negotiators])
        self.reduce = lru_cache(maxsize=1024)(self.reduce_headers)
        self.vary = ", ".join(name.decode().title() for name in negotiators).encode()

    def reduce_headers(self, *values: bytes | None) -> tuple[bytes | None, ...]:
        """Reduce the values of the headers, given in the order of the negotiators."""
        return tuple(negotiate(value) for negotiate, value in zip(self.negotiators.values(), values, strict=True))

    def read(self, headers: Sequence[Header]) -> tuple[Conditions | None, tuple[bytes | None, ...]]:
        """Return the conditions of the request, None if it has none, and the reduced headers."""
        sent = self.unsent.copy()
        lengthy = False
        for name, value in headers:
            if name in sent:
                before = sent[name]
                sent[name] = joined = value if before is None else before + b"," + value
                lengthy |= len(joined) > NEGOTIATED_LENGTH
        if lengthy:
            for name in self.negotiators:
                if len(sent[name] or b"") > NEGOTIATED_LENGTH:
                    sent[name] = None
        if_match, if_none_match, *values = sent.values()
        conditions = None if if_match is None and if_none_match is None else (if_match, if_none_match)
        return conditions, self.reduce(*values)

    def restrict(self, scope: Scope, key: CacheKey) -> Scope:
        """Make the scope of a GET that contains only the part of the request that is in its key."""
        _, query, _, negotiated, base = key
        headers = zip(self.negotiators, negotiated, strict=True)
        return {
            **scope,
            "method": "GET",
            "query_string": query,
            "headers": [(name, value) for name, value in headers if value is not None],
            "base": base,
        }
