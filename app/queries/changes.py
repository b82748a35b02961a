"""What the releases of the packs changed: the parameters of the list, and whether an entry has been removed."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import from_json
from sqlalchemy import bindparam, select
from sqlmodel import col
from typing_extensions import TypeAliasType

from app.queries.lists import ListParams, TableParams
from app.queries.parameters import FACETS, MOST_VALUES, UNGIVEN, Omittable, QueryText, ResourceName, Where, drop_default
from app.queries.refusals import Bilingual, shorten
from app.queries.vocabularies import PackId
from app.shapes.entries import Record
from app.store.snapshot import Reader
from app.store.statements import Statement, as_bytes
from app.store.tables import Change, ChangeKind, Language

ChangeFacet = TypeAliasType(
    "ChangeFacet",
    Annotated[
        Literal["pack", "date", "change", "resource"], Field(description="A field of changes that can be counted.")
    ],
)
# The record of the removal of an entry, in each language.
REMOVALS = {
    lang: Statement.compile(
        select(as_bytes(Change.__table__.c[f"record_{lang}"]))
        .where(
            col(Change.resource) == bindparam("resource"),
            col(Change.id) == bindparam("id"),
            col(Change.change) == ChangeKind.REMOVED,
        )
        .limit(1)
    )
    for lang in Language
}


def refuse_unless_day(text: str) -> str:
    """Raise `ValueError` unless a text is a day of the calendar."""
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) and date.fromisoformat(text):
            return text
    quoted = shorten(text)
    raise ValueError(
        Bilingual(
            f"{quoted.en} is not a day; write it like 2026-11-27.", f"{quoted.zh}不是有效日期，写法如 2026-11-27。"
        )
    )


def describe_day(schema: dict[str, Any]) -> None:
    """Describe a day in a JSON Schema."""
    drop_default(schema)
    schema |= {"format": "date", "examples": ["2026-11-27"]}


class ChangeFilters(TableParams):
    """The parameters that choose changes."""

    change: Annotated[
        list[ChangeKind],
        Field(max_length=MOST_VALUES, description="Only changes of this kind; repeat to allow several."),
        Where(),
    ] = UNGIVEN
    resource: Annotated[
        list[ResourceName],
        Field(
            max_length=MOST_VALUES, description="Only changes of entries of this collection; repeat to allow several."
        ),
        Where(),
    ] = UNGIVEN
    since: Annotated[
        Omittable[Annotated[str, AfterValidator(refuse_unless_day)]],
        Field(
            description="Only changes that were released on this day or later.",
            json_schema_extra=describe_day,
        ),
        Where("date", least=True),
    ] = None
    id: Annotated[
        list[Annotated[QueryText, Field(examples=["kvm"])]],
        Field(max_length=MOST_VALUES, description="Only changes of the entry with this id; repeat to allow several."),
        Where(),
    ] = UNGIVEN
    pack: Annotated[
        list[PackId],
        Field(max_length=MOST_VALUES, description="Only changes of this pack; repeat to allow several."),
        Where(),
    ] = UNGIVEN


class ChangeParams(ChangeFilters, ListParams):
    """The parameters of `/changes`."""

    facet: Annotated[Sequence[ChangeFacet], Field(max_length=20, description=FACETS)] = UNGIVEN
    format: Annotated[
        Omittable[Literal["json", "csv", "atom"]],
        Field(
            description="The format of the response. By default, the best match for Accept, or else JSON. CSV and Atom "
            "contain all matching changes, so `limit`, `offset` and `facet` must have their defaults; each also has "
            "its own address, this path with `.csv` or `.atom` at the end."
        ),
    ] = None  # type: ignore[assignment]  # Other lists are no feeds.


def read_removal(reader: Reader, resource: str, id: str, lang: Language) -> Record | None:
    """Read the change that removed an entry; None if it was never there, or still is."""
    records = reader.column(REMOVALS[lang], {"resource": resource, "id": id})
    return from_json(records[0]) if records else None
