"""The promise that packs load whole or not at all, and that a bad one is told where it is bad."""

import shutil

import pytest

from app.packs.faults import PackError
from app.packs.prepare import prepare
from app.store.migration import known_versions
from tests.support.databases import both_databases, content_of
from tests.support.packs import DOCS, add_acme, change


@both_databases
def test_loading_twice_changes_nothing(empty):
    revision = prepare(empty)
    before = content_of(empty)

    assert prepare(empty) == revision
    assert content_of(empty) == before


@both_databases
def test_packs_are_read_again_only_if_a_file_has_changed(empty, seed_dir, caplog):
    caplog.set_level("INFO", "app")
    shutil.copy(DOCS / "changes.yaml", seed_dir / "docs")
    settings = empty.model_copy(update={"seed_dir": seed_dir})
    revision = prepare(empty)
    prepare(settings)
    with (seed_dir / "docs" / "hypervisors.yaml").open("a", encoding="utf-8") as file:
        file.write("# A comment.\n")
    prepare(settings)
    prepare(settings)

    up_to_date = f"The schema and the packs are up to date; revision {revision}"
    read = [f"The schema is up to date ({known_versions()[-1]})", f"docs 1.0.0: unchanged; revision {revision}"]
    assert [record.message for record in caplog.records][2:] == [up_to_date, *read, up_to_date]


@both_databases
def test_equal_content_has_an_equal_revision_wherever_it_is(empty, client):
    assert prepare(empty) == client.get("/dataset").json()["revision"]


@both_databases
def test_changed_content_replaces_the_old_and_has_another_revision(empty, seed_dir):
    revision = prepare(empty)

    def rename(content):
        content["hypervisors"][0]["labels"]["en"] = "Kernel VM"
        del content["hypervisors"][1:]

    change(seed_dir, "hypervisors.yaml", rename)
    assert prepare(empty.model_copy(update={"seed_dir": seed_dir})) != revision
    assert [row["name_en"] for row in content_of(empty)["hypervisor"]] == ["Kernel VM"]


@both_databases
def test_a_pack_of_ones_own_is_loaded_after_the_docs(empty, seed_dir):
    add_acme(seed_dir)
    prepare(empty.model_copy(update={"seed_dir": seed_dir, "packs": ("docs", "acme")}))

    rows = content_of(empty)
    assert [(row["id"], row["pack"]) for row in rows["hypervisor"]][-2:] == [
        ("parallels-desktop", "docs"),
        ("acmevisor", "acme"),
    ]
    assert rows["dataset"][0]["version"] == "docs-1.0.0+acme-7"


def set_value(*path, value):
    def edit(content):
        for part in path[:-1]:
            content = content[part]
        content[path[-1]] = value

    return edit


def remove(*path):
    def edit(content):
        for part in path[:-1]:
            content = content[part]
        del content[path[-1]]

    return edit


def alias(index, word):
    return lambda content: content["hypervisors"][index].setdefault("aliases", {}).setdefault("en", []).append(word)


SCHEME = {"id": "own", "title": "Own", "description": {"en": "Own.", "zh": "自有。"}, "url": None}
FAULTS = [
    (set_value("hypervisors", 0, "colour", value="red"), "hypervisors[0].colour: unknown key"),
    (remove("hypervisors", 0, "labels", "zh"), "hypervisors[0].labels.zh: the translation is missing"),
    (remove("hypervisors", 0, "type"), "hypervisors[0].type: is missing"),
    (remove("hypervisors", 0, "sources"), "hypervisors[0].sources: is missing"),
    (
        set_value("hypervisors", 0, "type", value="bare-metals"),
        "hypervisors[0].type: there is no 'bare-metals' in hypervisor-types; did you mean 'bare-metal'?",
    ),
    (set_value("hypervisors", 1, "id", value="kvm"), "hypervisors[1].id: 'kvm' is already in "),
    (
        set_value("hypervisors", 0, "id", value="K V M"),
        "hypervisors[0].id: 'K V M' is not an id: use lower-case letters, digits and single hyphens",
    ),
    (alias(3, "E S-X_i"), "hypervisors[3].aliases.en[3]: 'E S-X_i' already resolves to 'vmware-esxi'"),
    (alias(0, "--"), "'--' contains nothing to look up"),
    (
        alias(0, " x"),
        "' x' must not be empty, start or end with a space, or contain a line break or control character, ",
    ),
    (set_value("hypervisors", 0, "status", value="alive"), "hypervisors[0].status: input should be"),
    (
        set_value("hypervisors", 0, "website", value="kvm"),
        "hypervisors[0].website: 'kvm' is not a URL: it must start with https:// or http://",
    ),
    (
        set_value("hypervisors", 0, "identifiers", value={"nope": ["x"]}),
        "hypervisors[0].identifiers.nope: is not a scheme; declare it under schemes",
    ),
    (
        set_value("hypervisors", 0, "identifiers", value={"cpuid": [{"prefix": "K", "substring": "V"}]}),
        "hypervisors[0].identifiers.cpuid[0]: must be a text, or have one of the keys exact, prefix and substring",
    ),
    (
        set_value("hypervisors", 0, "identifiers", value={"cpuid": [{"prefix": ""}]}),
        "hypervisors[0].identifiers.cpuid[0].prefix: '' must not be empty",
    ),
    (
        set_value("schemes", value=[SCHEME | {"not_virtualized": ["none"], "unspecified": ["vm", "none"]}]),
        "schemes[0].unspecified[1]: 'none' is also under not_virtualized, also_physical or hosts; it cannot mean both",
    ),
    (
        set_value("schemes", value=[SCHEME | {"url_template": "https://example.com/"}]),
        "schemes[0].url_template: 'https://example.com/' is not a URL with {value} after the name of the host",
    ),
    (
        set_value("hypervisors", 0, "sources", 0, "source", value="nope"),
        "hypervisors[0].sources[0].source: 'nope' is not declared under sources",
    ),
    (
        set_value("hypervisors", 0, "sources", value=[{"source": "intro", "supports": ["name"]}]),
        "hypervisors[0].vendor: no source supports it; add one that lists it under `supports`",
    ),
    (
        set_value("hypervisors", 0, "sources", 0, "supports", value=["characteristics"]),
        "hypervisors[0].sources[0].supports[0]: the entry has no characteristics",
    ),
]


@pytest.mark.parametrize(("edit", "expected"), FAULTS, ids=[expected[:50] for _, expected in FAULTS])
def test_a_fault_is_named_with_file_line_place_and_reason(settings, seed_dir, edit, expected):
    before = content_of(settings)
    change(seed_dir, "hypervisors.yaml", edit)

    with pytest.raises(PackError) as refusal:
        prepare(settings.model_copy(update={"seed_dir": seed_dir}))

    said = str(refusal.value)
    assert expected in said
    for line in said.splitlines():
        file, number, _ = line.split(":", 2)
        assert file == str(seed_dir / "docs" / "hypervisors.yaml")
        assert int(number) > 1
    assert content_of(settings) == before


TEXTS = [
    ("hypervisors: [", "2: invalid YAML"),
    ("- a\n- b\n", "1: must be a mapping with keys such as concepts, "),
    ("", "1: must be a mapping with keys such as concepts, "),
    ("hypervisors: []\nhypervisors: []\n", "2: hypervisors: is a duplicate key"),
    ("hypervisor: []\n", "1: hypervisor: unknown key"),
    ("pack:\n  id: other\n", "1: pack.version: is missing"),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_a_file_that_is_no_pack_is_named_with_its_line(empty, seed_dir, text, expected):
    path = seed_dir / "docs" / "broken.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(PackError) as refusal:
        prepare(empty.model_copy(update={"seed_dir": seed_dir}))

    assert f"{path}:{expected}" in str(refusal.value)


def test_a_pack_that_does_not_exist_is_named_with_those_that_do(empty):
    with pytest.raises(PackError, match=r"there is no such pack; .*has: docs"):
        prepare(empty.model_copy(update={"packs": ("dcos",)}))
