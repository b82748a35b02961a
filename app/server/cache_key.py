"""What tells requests apart for the response cache: path, canonical query, and what the client negotiates."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

Header = tuple[bytes, bytes]
# Reduces a request header, None where there is none, to one of a few values; None leaves it out.
Negotiator = Callable[[bytes | None], bytes | None]

# Longer queries are not memorized: clients could fill the process with them.
MEMORIZED_LENGTH = 512
# A query whose parameters need no decoding: the rule for others gives the same, and takes ten times as long.
PLAIN = re.compile(rb"[\w.~-]+=[\w.~-]*(&[\w.~-]+=[\w.~-]*)*")
# A longer negotiable header counts as not sent: reading it would hold up everybody.
NEGOTIABLE_LENGTH = 1024


# The path, the canonical query, the number of revisions before this one (so that no request waits for an answer of
# another), and the negotiable headers as reduced. A plain tuple: making a named one takes a tenth of a hit.
CacheKey = tuple[str, bytes, int, tuple[bytes | None, ...]]


def parameter_of(pair: Any) -> Any:
    """The parameter's name in ``name=value``."""
    return pair.partition(b"=")[0]


def order_query(query: bytes) -> bytes:
    """Order a query's parameters by name; the values of one keep their order, and every byte."""
    if PLAIN.fullmatch(query):
        return b"&".join(sorted(query.split(b"&"), key=parameter_of))
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return urlencode(sorted(pairs, key=lambda pair: pair[0]), encoding="latin-1").encode()


order_short_query = lru_cache(maxsize=4096)(order_query)


def canonical_query(query: bytes) -> bytes:
    """The query of all requests that ask for the same."""
    return order_short_query(query) if len(query) <= MEMORIZED_LENGTH else order_query(query)


class Negotiation:
    """Reduces the headers on which answers depend to a few values each."""

    def __init__(self, negotiators: Mapping[bytes, Negotiator]) -> None:
        self.negotiators = negotiators
        self.unsent: dict[bytes, bytes | None] = dict.fromkeys([b"if-none-match", *negotiators])
        self.reduce = lru_cache(maxsize=1024)(self.reduce_headers)
        self.vary = ", ".join(name.decode().title() for name in negotiators).encode()

    def reduce_headers(self, *values: bytes | None) -> tuple[bytes | None, ...]:
        """Reduce the values of the negotiable headers, in the order of the negotiators."""
        return tuple(negotiate(value) for negotiate, value in zip(self.negotiators.values(), values, strict=True))

    def read(self, headers: Sequence[Header]) -> tuple[bytes | None, tuple[bytes | None, ...]]:
        """Read If-None-Match, and the negotiable headers as reduced."""
        sent = self.unsent.copy()
        lengthy = False
        for name, value in headers:
            if name in sent:
                before = sent[name]
                sent[name] = joined = value if before is None else before + b"," + value
                lengthy |= len(joined) > NEGOTIABLE_LENGTH
        if lengthy:
            for name in self.negotiators:
                if len(sent[name] or b"") > NEGOTIABLE_LENGTH:
                    sent[name] = None
        if_none_match, *values = sent.values()
        return if_none_match, self.reduce(*values)

    def restrict(self, scope: Scope, key: CacheKey) -> Scope:
        """The scope of a GET that holds of the request only what its key holds."""
        _, query, _, negotiated = key
        headers = zip(self.negotiators, negotiated, strict=True)
        return {
            **scope,
            "method": "GET",
            "query_string": query,
            "headers": [(name, value) for name, value in headers if value is not None],
        }
