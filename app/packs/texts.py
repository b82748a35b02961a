"""The texts of a pack: ids, names, identifiers, URLs, and the characters that they may not contain.

The patterns are in the published schema, so that editors apply them; the validators add what a pattern cannot say.
"""

from functools import partial
from typing import Annotated
from unicodedata import category, name, normalize

from pydantic import AfterValidator, StringConstraints

# Controls (C0, DEL, C1), line and paragraph separators, and the characters that change the direction of text.
# PostgreSQL refuses the first, NUL; the others would break a line of a log or a table, or reorder what a page shows.
UNSAFE = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
# Also what no URI contains (RFC 3986).
NOT_IN_URL = UNSAFE + r'\s<>"{}|\\^`'
TEXT = rf"^[^\s{UNSAFE}]([^{UNSAFE}]*[^\s{UNSAFE}])?$"
IDENTIFIER = rf"^[^{UNSAFE}]+$"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
URL = rf"^https?://[^/?#{NOT_IN_URL}]+[^{NOT_IN_URL}]*$"
URL_TEMPLATE = rf"^https?://[^/?#{NOT_IN_URL}]+[^{NOT_IN_URL}]*\{{value\}}[^{NOT_IN_URL}]*$"
VERSION = r"^[0-9A-Za-z.-]+$"
RELEASE = r"^[0-9]+(\.[0-9]+)*$"
REFERENCE = r"^([a-z-]+/)?[a-z0-9]+(-[a-z0-9]+)*$"
# A year, a month or a day (ISO 8601).
DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
LONGEST_NAME = 200
# For each pattern, the error of a text that does not match it.
MISMATCHES = {
    TEXT: "must not be empty, start or end with a space, or contain a line break or control character, "
    "such as one that changes the direction of text",
    IDENTIFIER: "must not be empty or contain a line break or control character, "
    "such as one that changes the direction of text",
    SLUG: "is not an id: use lower-case letters, digits and single hyphens",
    URL: "is not a URL: it must start with https:// or http:// and contain no space, control character, quotation mark "
    "or bracket such as < or {",
    URL_TEMPLATE: "is not a URL with {value} after the name of the host",
    VERSION: "is not a version: use letters, digits, dots and hyphens",
    RELEASE: "is not the version of a release: write numbers with dots between them, such as 1.2.0",
    REFERENCE: "is neither an id such as kvm nor a path such as hypervisors/kvm",
    DATE: "is not a date: write a year, a month or a day, such as 2026, 2026-08 or 2026-08-31",
    DAY: "is not a day: write it like 2026-08-31",
}


def refuse_invisible(text: str) -> str:
    """Refuse characters that Unicode has not assigned, and a text of which nothing can be seen."""
    for character in text:
        if category(character) in {"Cn", "Cs"}:
            raise ValueError(f"contains U+{ord(character):04X}, which Unicode does not define")
    # Marks, separators and format characters show nothing by themselves.
    if all(category(character)[0] in "CMZ" for character in text):
        characters = ", ".join(f"U+{ord(character):04X} {name(character, '')}".rstrip() for character in text[:3])
        raise ValueError(f"contains nothing that can be seen, only {characters}")
    return text


# Composed (NFC), so that each character has its own place in the folded text, and search finds places in linear time.
compose = partial(normalize, "NFC")
Text = Annotated[str, StringConstraints(pattern=TEXT), AfterValidator(refuse_invisible), AfterValidator(compose)]
Name = Annotated[Text, StringConstraints(max_length=LONGEST_NAME)]
# Compared exactly as tools print it, so white space at its ends stays.
Identifier = Annotated[
    str, StringConstraints(pattern=IDENTIFIER, max_length=LONGEST_NAME), AfterValidator(refuse_invisible)
]
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=100)]
Url = Annotated[str, StringConstraints(pattern=URL, max_length=500), AfterValidator(refuse_invisible)]
UrlTemplate = Annotated[str, StringConstraints(pattern=URL_TEMPLATE, max_length=500), AfterValidator(refuse_invisible)]
Version = Annotated[str, StringConstraints(pattern=VERSION, max_length=50)]
Release = Annotated[str, StringConstraints(pattern=RELEASE, max_length=50)]
EntryId = Annotated[str, StringConstraints(pattern=REFERENCE, max_length=150)]
PartialDate = Annotated[str, StringConstraints(pattern=DATE)]
Day = Annotated[str, StringConstraints(pattern=DAY)]
