"""The promise that no file can hang or crash the loader: what it cannot read is one line with file and line."""

import os
import time

import pytest

from app.packs import documents
from app.packs.faults import PackError
from app.packs.load import read_packs


def bomb(levels, width, *, mapping=False):
    """Lists of aliases of lists of aliases; or mappings that merge them."""
    lines = ["a0: &a0 {x: y}" if mapping else "a0: &a0 [x]"]
    for level in range(1, levels):
        aliases = ", ".join([f"*a{level - 1}"] * width)
        lines.append(f"a{level}: &a{level} " + (f"{{<<: [{aliases}]}}" if mapping else f"[{aliases}]"))
    return "\n".join(lines)


# Each repeats the one above; the last, which stands outside, is read first.
CHAIN = "z: [[&a0 {x: y}, " + ", ".join(f"&a{n} {{<<: *a{n - 1}}}" for n in range(1, 2000)) + "]]\nb: {<<: *a1999}\n"
TOO_MUCH = "holds more than 5,000,000 values or 64 MiB, with every alias written out"
TOO_DEEP = "is nested more than 32 levels deep"
CONTENTS = [
    (bomb(10, 9), f"8: {TOO_MUCH}"),
    (bomb(10, 9, mapping=True), f"8: {TOO_MUCH}"),
    ("a: &a " + "x" * 1_000_000 + "\nb: [" + "*a, " * 70 + "]", f"2: {TOO_MUCH}"),
    (CHAIN, f"1: {TOO_DEEP}"),
    ("[" * 100_000, f"1: {TOO_DEEP}"),
    ("{a: " * 100_000, f"1: {TOO_DEEP}"),
    ("- " * 100_000, f"1: {TOO_DEEP}"),
    ("? " * 100_000, f"1: {TOO_DEEP}"),
    ("[" * 1000 + "]" * 1000, f"1: {TOO_DEEP}"),
    ("a: b\nc: &c [*c]", "2: the alias c is inside the value that it repeats"),
    ("a: b\nc: *d", "2: invalid YAML: found undefined alias"),
    ("a:\n  !!bool foo", "2: the tag !!bool is not allowed; put text in quotation marks"),
    ('a: !!int ""', "1: the tag !!int is not allowed"),
    ('a: !!float ""', "1: the tag !!float is not allowed"),
    ("a: !!timestamp foo", "1: the tag !!timestamp is not allowed"),
    ("a: !!set {b, c}", "1: the tag !!set is not allowed"),
    ("a: !!python/object/apply:os.system [ls]", "1: the tag !!python/object/apply:os.system is not allowed"),
    ("a: b\nc: 2026-13-01", "2: invalid YAML: '2026-13-01' is not a valid timestamp; put text in quotation marks"),
    ("a: 0b_", "1: invalid YAML: '0b_' is not a valid int"),
    ("a: " + "9" * 5000, "1: invalid YAML: '999"),
    ("a: {[b]: c}", "1: invalid YAML: found unhashable key"),
    ("a: b\nc: \0", "2: invalid YAML: control characters are not allowed"),
    ('a: "\\ud800"', "1: invalid YAML: found invalid Unicode character escape code"),
    ("a: b\n---\nc: d", "2: invalid YAML: but found another document"),
    (b"a: b\nc: \xff", "2: invalid YAML: invalid leading UTF-8 octet"),
    ('a: b\n"c\\nd\\u202e": e\n', "2: c\\nd\\u202e: unknown key"),
]


@pytest.fixture
def path(tmp_path):
    """The only file of a pack."""
    (tmp_path / "own").mkdir()
    return tmp_path / "own" / "z.yaml"


def faults_of(path):
    """The lines with which the pack of a file is refused."""
    with pytest.raises(PackError) as refusal:
        read_packs(path.parent.parent, [path.parent.name])
    return str(refusal.value).splitlines()


@pytest.mark.parametrize(("content", "expected"), CONTENTS, ids=[expected[:60] for _, expected in CONTENTS])
def test_a_hostile_file_is_refused_at_once_in_one_line(path, content, expected):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    begun = time.process_time()

    line = faults_of(path)[-1]
    assert time.process_time() - begun < 1
    assert line.startswith(f"{path}:{expected}")
    assert len(line) < len(str(path)) + 400


def test_a_large_file_is_refused(path):
    path.touch()
    os.truncate(path, documents.LARGEST_FILE + 1)

    assert faults_of(path) == [f"{path}:1: is larger than 64 MiB; divide it into files"]


FILES = [
    (os.mkfifo, "is not a regular file"),
    (os.mkdir, "is not a regular file"),
    (lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
    (lambda path: path.symlink_to("nowhere"), "cannot be read: No such file or directory"),
    (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links"),
]


@pytest.mark.parametrize(("make", "reason"), FILES)
def test_only_regular_files_are_read(path, make, reason):
    make(path)

    assert faults_of(path) == [f"{path}:1: {reason}"]


@pytest.mark.parametrize("name", ["q.YAML", "q.Yml"])
def test_a_file_whose_name_would_pass_it_over_is_named(path, name):
    other = path.with_name(name)
    other.write_text("concepts: []", encoding="utf-8")

    assert faults_of(other) == [f"{other}:1: write the end of its name in lower case, .yaml or .yml"]


def test_a_line_break_in_a_file_name_breaks_no_line(path):
    (other := path.with_name("a\nb.yaml")).mkdir()

    assert faults_of(other) == [f"{path.parent}/a\\nb.yaml:1: is not a regular file"]


def test_the_keys_that_a_mapping_merges_may_be_overridden(path):
    entry = """
pack: {id: own, version: "1", title: {en: Own, zh: 自}, description: {en: Own., zh: 自。}}
sources: [{id: intro, title: Intro, url: null}]
concepts:
  - &base
    id: one
    labels: {en: One, zh: 壹}
    summary: &summary {en: A., zh: 甲。}
    sources: [{source: intro, supports: [name]}]
  - <<: *base
    id: two
    labels: {en: Two, zh: 贰}
    summary: {<<: *summary, en: B.}
"""
    path.write_text(entry, encoding="utf-8")
    (pack,) = read_packs(path.parent.parent, ["own"])
    _, two = pack.files[-1].content.concepts
    assert (two.id, two.labels.en, two.summary.en, two.summary.zh) == ("two", "Two", "B.", "甲。")

    path.write_text(entry.replace("en: Two", "en: One"), encoding="utf-8")
    assert faults_of(path) == [f"{path}:12: concepts[1].labels.en: 'One' already resolves to 'one' ({path})"]


def test_a_key_of_the_schema_has_one_spelling(path):
    path.write_text("hypervisor_types: []\n", encoding="utf-8")

    assert faults_of(path) == [f"{path}:1: hypervisor_types: unknown key"]
