"""Content negotiation: the best match for a client's Accept headers (RFC 9110, section 12.5)."""

from collections.abc import Sequence
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import Scope
from werkzeug.datastructures import Accept, LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from app.store.tables import Language

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
CSV = "text/csv"
JSON_LD = "application/ld+json"
ZIP = "application/zip"
ATOM = "application/atom+xml"
HTML = "text/html"
# Of bodies that are sent to us, and of answers that are loaded as a script.
FORM = "application/x-www-form-urlencoded"
JAVASCRIPT = "text/javascript"
# Every media type that an answer can have; `canonical_accept` ignores all others.
MEDIA_TYPES = (JSON, PROBLEM_JSON, CSV, JSON_LD, ZIP, ATOM, HTML)
# The media ranges that match any of these; `canonical_accept` does not compare others with each of them.
MEDIA_RANGES = {"*/*", *MEDIA_TYPES, *(f"{media_type.partition('/')[0]}/*" for media_type in MEDIA_TYPES)}
# The content codings, the one that we prefer first.
ENCODINGS = ("zstd", "br", "gzip", "identity")
# A longer header is ignored: clients could fill the memory with such, and parsing it takes long.
NEGOTIATED_LENGTH = 1024


def preferred_language(header: str | None) -> Language:
    """Return the language that the client prefers (RFC 4647, lookup); by default English.

    ``en-GB, zh;q=0.5`` is English: a region falls back to its language before the next preference counts.
    """
    return best_language(header if header and len(header) <= NEGOTIATED_LENGTH else None)


def request_language(scope: Scope) -> Language:
    """Return the language of the answer to a request, valid or not: `lang`, else the best match for Accept-Language."""
    for pair in scope["query_string"].split(b"&"):
        if pair.startswith(b"lang=") and (lang := Language.of(pair[5:].decode("latin-1"))):
            return lang
    return preferred_language(Headers(scope=scope).get("accept-language"))


def preferred_media_type(header: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that the client prefers, the first of equals; None if it accepts none."""
    return best_media_type(header if header and len(header) <= NEGOTIATED_LENGTH else None, offered)


@lru_cache(maxsize=1024)
def best_language(header: str | None) -> Language:
    """Choose the language for a header that is not too long, memoized."""
    preferred = (Language.of(tag) for tag, quality in parse_accept_header(header, LanguageAccept) if quality)
    return next(filter(None, preferred), Language.EN)


@lru_cache(maxsize=1024)
def best_media_type(header: str | None, offered: Sequence[str]) -> str | None:
    """Choose the media type for a header that is not too long, memoized."""
    return parse_accept_header(header, MIMEAccept).best_match(offered) if header else offered[0]


def canonical_accept(header: bytes | None) -> bytes:
    """Reduce an Accept header to our media types, in the client's order of preference."""
    given = parse_accept_header(header.decode("latin-1") if header else "*/*", MIMEAccept)
    ranges = dict.fromkeys(pair for pair in given if pair[0].partition(";")[0].strip().lower() in MEDIA_RANGES)
    accept = MIMEAccept(ranges)
    left, order = list(MEDIA_TYPES), []
    while (best := accept.best_match(left)) is not None:
        order.append(best)
        left.remove(best)
    return ", ".join(f"{name};q={1 - place / 10}" for place, name in enumerate(order)).encode() or b"none/none"


def canonical_language(header: bytes | None) -> bytes:
    """Reduce an Accept-Language header to the language of the answer."""
    return preferred_language(header.decode("latin-1") if header else None).encode()


def canonical_encoding(header: bytes | None) -> bytes | None:
    """Reduce an Accept-Encoding header to the coding that the client prefers; None if the answer is not compressed.

    That is also what a client gets which accepts nothing of ours (RFC 9110, section 12.5.3): it can read the answer,
    and could do nothing with a 406.
    """
    best = parse_accept_header(header.decode("latin-1") if header else None, Accept).best_match(ENCODINGS)
    return best.encode() if best not in (None, "identity") else None
