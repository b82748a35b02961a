"""What a client prefers, out of its Accept headers (RFC 9110, section 12.5)."""

from collections.abc import Sequence
from functools import lru_cache

from werkzeug.datastructures import Accept, LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
CSV = "text/csv"
JSON_LD = "application/ld+json"
ZIP = "application/zip"
HTML = "text/html"
# Every media type in which an answer can come; the response cache tells no others apart.
MEDIA_TYPES = (JSON, PROBLEM_JSON, CSV, JSON_LD, ZIP, HTML)
LANGUAGES = ("en", "zh")
ENCODINGS = ("zstd", "br", "gzip")


@lru_cache(maxsize=1024)
def preferred_language(header: str | None, offered: Sequence[str]) -> str:
    """The offered language that the client likes best, by RFC 4647's lookup; the first one if it likes none.

    ``en-GB, zh;q=0.5`` is English: a region falls back to its language before the next wish is looked at.
    """
    wishes = (tag.split("-")[0].lower() for tag, quality in parse_accept_header(header, LanguageAccept) if quality)
    return next((wish for wish in wishes if wish in offered), offered[0])


@lru_cache(maxsize=1024)
def preferred_media_type(header: str | None, offered: Sequence[str]) -> str | None:
    """The offered media type that the client likes best, the earlier of equals; None if it takes none."""
    return parse_accept_header(header, MIMEAccept).best_match(offered) if header else offered[0]


def canonical_accept(header: bytes | None) -> bytes:
    """An Accept header that prefers the same of our media types in the same order, and names no others."""
    accept = parse_accept_header(header.decode("latin-1") if header else "*/*", MIMEAccept)
    left, order = list(MEDIA_TYPES), []
    while (best := accept.best_match(left)) is not None:
        order.append(best)
        left.remove(best)
    return ", ".join(f"{name};q={1 - place / 10}" for place, name in enumerate(order)).encode() or b"none/none"


def canonical_language(header: bytes | None) -> bytes:
    """An Accept-Language header that names only the language in which answers will come."""
    return preferred_language(header.decode("latin-1") if header else None, LANGUAGES).encode()


def canonical_encoding(header: bytes | None) -> bytes | None:
    """An Accept-Encoding header that names only the content coding in which answers will come; None for none."""
    accept = parse_accept_header(header.decode("latin-1") if header else None, Accept)
    return next((encoding.encode() for encoding in ENCODINGS if accept.quality(encoding) > 0), None)
