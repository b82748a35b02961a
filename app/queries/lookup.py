"""Look-up: the entries that given strings denote."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from app.queries.dataset import read_scheme_ids
from app.queries.lexicon import LONGEST_VALUE, Lexicon, Words, read_lexicon
from app.queries.meanings import Narrowing, find_meanings, make_result
from app.queries.parameters import (
    MOST_POSTED,
    MOST_VALUES,
    UNGIVEN,
    BodyText,
    QueryText,
    ResourceName,
    Resources,
    TextParams,
)
from app.queries.refusals import Bilingual, refuse_unknown
from app.queries.vocabularies import SchemeId
from app.shapes.results import LookupResult
from app.store.snapshot import Reader
from app.store.tables import Language

SHORT_CHARACTERS = 500


class LookupParams(TextParams):
    """The parameters of `/lookup`."""

    value: Annotated[
        list[Annotated[QueryText, Field(examples=["vmware"])]],
        Field(
            min_length=1,
            max_length=MOST_VALUES,
            description="The string to resolve: an id, a name, an alias or an identifier; repeat for "
            "up to 100 strings, in a URL of up to 64 kB.",
        ),
    ]
    scheme: Annotated[
        list[SchemeId],
        Field(
            max_length=MOST_VALUES,
            description="Match the values only against identifiers of this scheme; repeat to allow "
            "several. `/dataset` describes the schemes.",
        ),
    ] = UNGIVEN
    resource: Resources = UNGIVEN


class LookupBody(TextParams):
    """The body of `POST /lookup`."""

    values: Annotated[
        list[BodyText],
        Field(
            min_length=1,
            max_length=MOST_POSTED,
            description="The strings to resolve, up to 1,000: ids, names, aliases or identifiers. One that cannot be "
            "looked up, such as an empty one or one of more than 200 characters, has a result with a `reason`.",
        ),
    ]
    scheme: Annotated[
        list[SchemeId],
        Field(max_length=MOST_VALUES, description="Match the values only against identifiers of these schemes."),
    ] = []
    resource: Annotated[
        list[ResourceName], Field(max_length=MOST_VALUES, description="Only entries of these collections.")
    ] = []


def is_short_lookup(params: LookupParams) -> bool:
    """Whether values are resolved in a few milliseconds; each takes up to 0.1 ms to compare with names."""
    return sum(map(len, params.value)) <= SHORT_CHARACTERS


def read_words(reader: Reader, lang: Language) -> Words:
    """Return the words of a dataset."""
    return Words(reader.connection, reader.derive(read_reader_lexicon), lang)


def read_reader_lexicon(reader: Reader) -> Lexicon:
    """Read the lexicon of a snapshot."""
    return read_lexicon(reader.connection)


def resolve_values(
    reader: Reader,
    values: Sequence[str],
    lang: Language,
    *,
    schemes: Sequence[str] = (),
    resources: Sequence[str] = (),
) -> list[LookupResult]:
    """Resolve values, in the order given; one that cannot be looked up has a result that says why.

    Raises `Refused` for a scheme that no loaded pack declares.
    """
    if schemes:
        refuse_unknown("scheme", schemes, reader.derive(read_scheme_ids))
    reasons = {value: reason.translate(lang) for value in values if (reason := why_unreadable(value))}
    readable = [value for value in values if value not in reasons]
    found = iter(find_meanings(read_words(reader, lang), readable, Narrowing(schemes, resources)))
    return [
        make_result(printable(value), "none", [], reason=reasons[value]) if value in reasons else next(found)
        for value in values
    ]


def why_unreadable(value: str) -> Bilingual | None:
    """Say why a value cannot be looked up; None if it can."""
    if not value:
        return Bilingual("The value is empty.", "取值为空。")
    if len(value) > LONGEST_VALUE:
        return Bilingual(f"The value is longer than {LONGEST_VALUE} characters.", f"取值超过 {LONGEST_VALUE} 个字符。")
    if "\0" in value:
        return Bilingual("The value contains a NUL character.", "取值包含 NUL 字符。")
    if printable(value) != value:
        return Bilingual("The value contains half of a surrogate pair.", "取值包含不成对的代理项。")
    return None


def printable(text: str) -> str:
    """Escape the halves of surrogate pairs, which JSON can contain but UTF-8 cannot."""
    return text.encode(errors="backslashreplace").decode()
