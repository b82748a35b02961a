"""The schema of a pack's history, which `virt-taxonomy release` writes into `changes.yaml`."""

from pydantic import Field

from app.packs.localized import PackModel
from app.packs.texts import Day, EntryId, Release, Slug
from app.shapes.entries import entry_path
from app.store.tables import ChangeKind, Resource


class ChangeSeed(PackModel):
    """What a release changed in one entry."""

    resource: Resource = Field(description="The collection of the entry.")
    id: Slug = Field(description="The id of the entry.")
    change: ChangeKind = Field(description="Whether the entry was added, changed, deprecated or removed.")
    fields: list[str] = Field(default=[], description="The fields that differ, if the entry was there before.")
    replaced_by: list[EntryId] = Field(default=[], description="The entries to use instead, as paths.")

    @property
    def path(self) -> str:
        """The path of the entry: ``hypervisors/kvm``."""
        return entry_path(self.resource, self.id)


class ReleaseSeed(PackModel):
    """A release of the pack."""

    version: Release = Field(description="The version of the pack, higher than that of the release before.")
    date: Day = Field(description="The day of the release.")
    changes: list[ChangeSeed] = Field(default=[], description="The entries that differ from the release before.")
    url_templates: list[Slug] = Field(default=[], description="The schemes whose `url_template` differs.")
