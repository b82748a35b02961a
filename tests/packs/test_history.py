"""The promise that content with a history is what was released, and that an id is never used again."""

import re
from datetime import date

import pytest
import yaml

from app.packs.faults import PackError
from app.packs.load import read_packs
from app.packs.release import release_pack
from app.settings import Settings

PACK = """\
# Our own pack.
pack:
  id: own
  version: "0.9"   # of the content
  title: {en: Own, zh: 自有}
  description: {en: Ours., zh: 我们的。}
sources: [{id: list, title: The list, url: null}]
schemes: [{id: own-tool, title: Own, description: {en: Ours., zh: 我们的。}, url: null}]
concepts:
  - id: one
    labels: {en: One, zh: 一号}
    summary: {en: The first., zh: 第一个。}
    sources: [{source: list, supports: [name]}]
  - id: two
    labels: {en: Two, zh: 二号}
    summary: {en: The second., zh: 第二个。}
    sources: [{source: list, supports: [name]}]
"""
FIRST, LATER = date(2026, 9, 1), date(2026, 9, 2)


@pytest.fixture
def own(tmp_path):
    """The file of a pack that has been released, with CRLF at its line ends."""
    (tmp_path / "own").mkdir()
    file = tmp_path / "own" / "pack.yaml"
    file.write_bytes(PACK.replace("\n", "\r\n").encode())
    release(file, "1.9", FIRST)
    return file


def release(file, version, day):
    """Release the pack."""
    return release_pack(Settings(seed_dir=file.parent.parent, packs=("own",)), "own", version, day)


def edit(file, old, new):
    """Replace a text in the file."""
    text = file.read_bytes().decode()
    assert old in text
    file.write_bytes(text.replace(old, new).encode())


def without_two(file):
    """Remove the last entry."""
    file.write_bytes(file.read_bytes().partition(b"  - id: two")[0])


def fault(file, act=None):
    """What `check`, or else an act, says of the pack; nothing if it is right."""
    try:
        act() if act else read_packs(file.parent.parent, ["own"])
    except PackError as error:
        return str(error).removeprefix(f"{file}:")
    return None


def test_a_release_writes_the_version_and_nothing_else_into_the_pack(own):
    assert own.read_bytes().decode() == PACK.replace('"0.9"', '"1.9"').replace("\n", "\r\n")
    assert fault(own) is None


DIFFERS = (
    "4: pack.version: is 1.9, but {} differ from its release; run `virt-taxonomy release own VERSION` with a higher "
    "version"
)
UNRELEASED = "4: pack.version: is 1.10, but the last release is 1.9; run `virt-taxonomy release own 1.10`"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("The first.", "The 1st.", DIFFERS.format("concepts/one (summary)")),
        ("The list", "A list", DIFFERS.format("pack (sources), concepts/one (sources), concepts/two (sources)")),
        ("title: Own,", "title: Our tool,", DIFFERS.format("schemes/own-tool (title)")),
        ("{en: Own, zh", "{en: Ours, zh", DIFFERS.format("pack (title)")),
        ('"1.9"', '"1.10"', UNRELEASED),
        ("# Our own", "# Another comment of our", None),
    ],
)
def test_content_that_was_not_released_is_refused(own, old, new, sentence):
    edit(own, old, new)

    assert fault(own) == sentence


def test_a_release_needs_a_higher_version_a_later_day_and_a_change(own):
    assert fault(own, lambda: release(own, "1.10", LATER)) == (
        "4: pack.version: nothing differs from 1.9, the last release"
    )
    edit(own, "The first.", "The 1st.")
    assert fault(own, lambda: release(own, "1.9", LATER)) == (
        "4: pack.version: 1.9 is not higher than 1.9, the last release"
    )
    assert fault(own, lambda: release(own, "1.8.7", LATER)) == (
        "4: pack.version: 1.8.7 is not higher than 1.9, the last release"
    )
    assert fault(own, lambda: release(own, "1.10", date(2026, 8, 31))) == (
        "4: pack.version: 2026-08-31 is before 2026-09-01, the day of the last release"
    )
    assert release(own, "1.10", LATER) == "own 1.10, 2026-09-02: 1 changed"
    assert fault(own) is None


def test_a_version_that_is_already_there_can_be_released_without_a_change(own):
    edit(own, '"1.9"', '"1.10"')

    assert release(own, "1.10", LATER) == "own 1.10, 2026-09-02: no entry changed"
    assert fault(own) is None


@pytest.mark.parametrize("version", ["1.9.0", "1.9", "1.09"])
def test_zeros_make_no_version_higher(own, version):
    edit(own, "The first.", "The 1st.")

    assert "is not higher than 1.9" in fault(own, lambda: release(own, version, LATER))


@pytest.mark.parametrize("version", ["2-rc1", "v2", "2.", "", "2\n"])
def test_a_release_has_numbers_as_its_version(own, version):
    said = fault(own, lambda: release(own, version, LATER))

    assert said.endswith("is not the version of a release: write numbers with dots between them, such as 1.2.0")


HEADS = ["", "\ufeff", "# 虚拟化 𝒜 \u2028# here\r\n"]


@pytest.mark.parametrize("head", HEADS, ids=["plain", "byte order mark", "other characters"])
@pytest.mark.parametrize("version", ["'1.9'", '"1\\x2e9"', "1.9.0"])
def test_whatever_is_around_the_version_stays(own, head, version):
    text = head + own.read_bytes().decode().replace('"1.9"', version)
    own.write_bytes(text.encode())
    (own.parent / "changes.yaml").unlink()
    release(own, "2", LATER)

    assert own.read_bytes().decode() == text.replace(version, '"2"')


def test_a_version_that_cannot_be_replaced_is_left_to_the_author(own):
    text = own.read_bytes().decode().replace('"1.9"   # of the content', "|-\r\n    1.9")
    own.write_bytes(text.encode())
    edit(own, "The first.", "The 1st.")
    written = {path.name: path.read_bytes() for path in own.parent.iterdir()}

    assert fault(own, lambda: release(own, "2", LATER)) == (
        '4: pack.version: write `version: "2"` here, and release again'
    )
    assert {path.name: path.read_bytes() for path in own.parent.iterdir()} == written


def history_fault(own, change):
    """What `check` says after the history was changed by hand."""
    file = own.parent / "changes.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    said, refused = (fault(own, act).partition("\n")[0] for act in (None, lambda: release(own, "9", LATER)))
    assert refused == said
    return said.removeprefix(f"{file}:")


def test_a_history_that_no_release_has_written_is_refused(own):
    edit(own, "The first.", "The 1st.")
    release(own, "1.10", LATER)

    assert history_fault(own, lambda content: content["releases"].reverse()) == (
        "2: releases[0]: 1.9 is not higher than 1.10, the last release"
    )
    assert history_fault(own, lambda content: content["releases"][0].update(version="1.11")) == (
        "2: releases[0]: 2026-09-01 is before 2026-09-02, the day of the last release"
    )
    assert history_fault(own, lambda content: content.update(sources=[])) == (
        "1: must have the keys released and releases, which a release writes, and no other"
    )
    (own.parent / "changes.yaml").rename(own.parent / "history.yaml")
    assert [line.partition("history.yaml:")[2] for line in str(fault(own)).splitlines()][:2] == [
        "19: released: must be in changes.yaml",
        "1: releases: must be in changes.yaml",
    ]


def test_entries_of_ones_own_under_that_name_are_not_replaced(own):
    (own.parent / "changes.yaml").write_text("concepts: []\n", encoding="utf-8")
    said = "must have the keys released and releases, which a release writes, and no other"

    assert fault(own, lambda: release(own, "9", LATER)) == f"{own.parent / 'changes.yaml'}:1: {said}"


def test_the_order_of_entries_is_released(own):
    first, one, two = (
        own.read_bytes().partition(b"  - id: one")[0],
        *re.findall(b"  - id: (?s:.*?\\]}\\]\r\n)", own.read_bytes()),
    )
    own.write_bytes(first + two + one)

    assert fault(own) == DIFFERS.format("pack (order)")
    assert release(own, "2", LATER) == "own 2, 2026-09-02: no entry changed"


def test_an_id_is_never_used_again(own):
    entry = own.read_bytes()
    without_two(own)
    assert release(own, "2", LATER) == "own 2, 2026-09-02: 1 removed"

    own.write_bytes(entry.replace(b'"1.9"', b'"2"'))
    reused = "14: concepts[1].id: 'two' was removed in 2; an id is never reused"
    assert fault(own, lambda: release(own, "3", LATER)) == reused


def test_a_pack_without_a_history_may_change_under_its_version(own):
    (own.parent / "changes.yaml").unlink()
    edit(own, "The first.", "The 1st.")

    assert fault(own) is None
