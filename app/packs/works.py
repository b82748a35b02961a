"""The schema of the works that a pack cites, and of the citations of its entries."""

from typing import Literal

from pydantic import Field

from app.packs.localized import PackModel
from app.packs.texts import Slug, Text, Url
from app.store.tables import Reading, WorkKind

SupportedField = Literal[
    "name",
    "aliases",
    "summary",
    "remark",
    "characteristics",
    "broader",
    "concept",
    "type",
    "vendor",
    "license",
    "status",
    "website",
    "based_on",
    "related",
    "deprecated",
    "identifiers",
]
# The fields that must have a source.
FACTS: tuple[SupportedField, ...] = (
    "aliases",
    "remark",
    "vendor",
    "license",
    "status",
    "website",
    "based_on",
    "related",
    "deprecated",
    "identifiers",
)


class CitationSeed(PackModel):
    """A citation: the fields of an entry that a work supports."""

    source: Slug = Field(description="The id of a work under `sources`.")
    section: Text | None = Field(default=None, description="The section of the work, as a path of headings.")
    supports: list[SupportedField] = Field(min_length=1, description="The fields that it supports.")


class WorkSeed(PackModel):
    """A work that entries cite."""

    id: Slug = Field(description="The id that citations use.")
    title: Text = Field(description="The title.")
    url: Url | None = Field(description="The URL; null if it has no public one.")
    kind: WorkKind | None = Field(
        default=None,
        description="`primary` if it is by the maker of what it describes, `standard`, or `secondary` if it is about "
        "the work of others.",
    )
    read: Reading = Field(default=Reading.WORK, description="`copy` if somebody's copy of the work was read.")
