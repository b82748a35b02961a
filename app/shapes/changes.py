"""The JSON shape of a change of the dataset."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.shapes.entries import EntryReference
from app.store.tables import ChangeKind


class ChangePublic(BaseModel):
    """What a release of a pack changed in one entry."""

    date: str = Field(description="The day of the release.")
    pack: str = Field(description="The pack.")
    version: str = Field(description="The version of the pack that was released.")
    change: ChangeKind = Field(description="Whether the entry was added, changed, deprecated or removed.")
    resource: str = Field(description="The collection of the entry.")
    id: str = Field(description="The id of the entry.")
    name: str | None = Field(
        description="The present name of the entry, in the language of the response; null if it has been removed."
    )
    url: str = Field(description="The URL of the entry; that of a removed one answers 410.")
    fields: Annotated[list[str], Field(description="The fields that differ; empty if the entry was added or removed.")]
    replaced_by: list[EntryReference] = Field(description="The entries to use instead of a deprecated or removed one.")
