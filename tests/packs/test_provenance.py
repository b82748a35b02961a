"""The promise that what the docs pack cites of the source document is there."""

import pytest
import yaml

from app.settings import PROJECT
from app.store.collections import COLLECTIONS
from tests.support.packs import DOCS

DOCUMENT = (PROJECT / "docs" / "virtualization-intro.zh.md").read_text(encoding="utf-8").splitlines()
ENTRIES = [
    entry
    for resource in COLLECTIONS
    for entry in yaml.load((DOCS / f"{resource}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)[resource]
]


def headings():
    """The headings and bullets of the document, without their markup."""
    return [line.lstrip("#* ").strip() for line in DOCUMENT if line.lstrip().startswith(("#", "*"))]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_the_section_that_an_entry_cites_is_a_path_in_the_document(entry):
    sections = [citation["section"] for citation in entry["sources"] if citation["source"] == "intro"]

    assert sections
    for section in sections:
        positions = [headings().index(part) for part in section.split(" › ")]
        assert positions == sorted(positions)
