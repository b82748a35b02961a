"""Look-up: the entries that given strings denote."""

from typing import Annotated

from pydantic import Field

from app.queries.dataset import read_scheme_ids
from app.queries.lexicon import Lexicon, read_lexicon
from app.queries.meanings import Narrowing, Words, find_meanings
from app.queries.parameters import MOST_VALUES, UNGIVEN, QueryText, Resources, TextParams
from app.queries.refusals import refuse_unknown
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


def is_short_lookup(params: LookupParams) -> bool:
    """Whether values are resolved in a few milliseconds; each takes up to 0.1 ms to compare with names."""
    return sum(map(len, params.value)) <= SHORT_CHARACTERS


def read_words(reader: Reader, lang: Language) -> Words:
    """Return the words of a dataset."""
    return Words(reader.connection, reader.derive(read_reader_lexicon), lang)


def read_reader_lexicon(reader: Reader) -> Lexicon:
    """Read the lexicon of a snapshot."""
    return read_lexicon(reader.connection)


def resolve_values(reader: Reader, params: LookupParams, lang: Language) -> list[LookupResult]:
    """Resolve the values, in the order given. Raises `Refused` for a scheme that no loaded pack declares."""
    if params.scheme:
        refuse_unknown("scheme", params.scheme, reader.derive(read_scheme_ids))
    return find_meanings(read_words(reader, lang), params.value, Narrowing(params.scheme, params.resource))
