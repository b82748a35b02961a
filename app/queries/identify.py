"""Identification: whether hosts are virtual, and on what they run, from facts that are keyed by scheme."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.queries.dataset import read_scheme_ids
from app.queries.facts import Facts, identify_hosts
from app.queries.lookup import read_words
from app.queries.parameters import MOST_POSTED, BodyText, TextParams
from app.queries.refusals import LISTED, Refused, unknown_scheme
from app.queries.vocabularies import SchemeId
from app.shapes.results import HostResult
from app.store.snapshot import Reader
from app.store.tables import Language


class FactParams(TextParams):
    """The parameters of `GET /identify`: the id of each scheme is one, which the dataset determines."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, list[str]]

    @property
    def facts(self) -> Facts:
        """The facts of the host."""
        return self.__pydantic_extra__


def read_values(value: Any) -> Any:
    """Read one value as a list of one."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return value
    raise PydanticCustomError("fact_type", "Not a text or a list of texts.")


Values = Annotated[
    list[BodyText],
    BeforeValidator(read_values),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class HostsBody(TextParams):
    """The body of `POST /identify`."""

    hosts: Annotated[
        list[dict[SchemeId, Values]],
        Field(
            min_length=1,
            max_length=MOST_POSTED,
            description="For each host, up to 1,000, its facts: an object whose keys are ids of schemes, and whose "
            "values are what that tool or field reports, a string or several.",
        ),
    ]


def identify(reader: Reader, hosts: Sequence[Facts], lang: Language, place: str = "") -> list[HostResult]:
    """Say what the facts of hosts say, in their order. Raises `Refused` for a scheme that no loaded pack declares.

    `place` is what precedes the name of a fact in an error, with ``{}`` for the number of the host.
    """
    known = {*reader.derive(read_scheme_ids)}
    unknown = [(number, scheme) for number, facts in enumerate(hosts) for scheme in facts if scheme not in known]
    if unknown:
        schemes = reader.derive(read_scheme_ids)
        raise Refused([unknown_scheme(place.format(number), scheme, schemes) for number, scheme in unknown[:LISTED]])
    return identify_hosts(read_words(reader, lang), hosts)
