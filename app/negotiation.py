"""What a client prefers, out of its Accept headers (RFC 9110, section 12.5)."""

from collections.abc import Sequence
from functools import lru_cache

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header


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
