"""The promise that folding, parts and narrowing never contradict each other."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app.packs.prepare import copy_packs
from app.queries.lookup import read_words
from app.queries.meanings import Narrowing, find_meanings
from app.settings import Settings
from app.store.tables import Language
from tools.resolve_report import STRINGS
from tools.tables import read_table

PROPERTY = hypothesis(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
EXACT = {"id", "name", "alias", "identifier", "not-virtualized", "unspecified"}
WORDS = [
    *(
        "KVM",
        "Xen",
        "VMware ESXi",
        "Hyper-V",
        "virtualbox",
        "docker",
        "vmware",
        "oracle",
        "none",
        "baremetal",
        "hyperv",
    ),
    *(
        "裸金属",
        "宿主",
        "虚拟机",
        "QEMU",
        "Microsoft Corporation",
        "Virtual Machine",
        "Standard PC (i440FX + PIIX, 1996)",
    ),
    *(
        "7.0.3",
        "build-123",
        "host",
        "server",
        "架构",
        "虚拟化",
        "级",
        "型",
        "on",
        "with",
        "/",
        "+",
        "(",
        ")",
        "without",
        "x",
    ),
    *("Windows 10", "DMI:", "BIOS 1.0", "cpe:2.3:o:vmware:esxi", "/usr/bin/", "hypervisors/kvm", "qemu://", "MS"),
]
VALUE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).flatmap(
    lambda words: st.sampled_from([" ", "", "-"]).map(lambda joint: joint.join(words)[:200])
) | st.sampled_from([row["string"] for row in read_table(STRINGS)])


@pytest.fixture(scope="module")
def look_up():
    """A function that looks up values in the docs pack, whose schemes it knows."""
    snapshot = copy_packs(Settings(packs=("docs",)))
    with snapshot.reader() as reader:
        words = read_words(reader, Language.EN)

        def look_up(values, **narrowing):
            return find_meanings(words, values, Narrowing(**narrowing))

        look_up.schemes = sorted(words.lexicon.schemes)
        yield look_up


def meant_by(result):
    """The entries that a result has, and the words for having none."""
    marks = {mark for mark in ("not_virtualized", "unspecified") if result[mark]}
    return marks | {item["url"] for item in result["items"]}


@PROPERTY
@given(value=VALUE, data=st.data())
def test_narrowing_never_widens_and_an_exact_match_never_becomes_a_part(look_up, value, data):
    schemes = data.draw(st.lists(st.sampled_from(look_up.schemes), max_size=3))
    resources = data.draw(st.lists(st.sampled_from(["hypervisors", "examples", "concepts"]), max_size=2))
    (whole,) = look_up([value])
    (of_resources,) = look_up([value], resources=resources)
    (result,) = look_up([value], schemes=schemes, resources=resources)

    assert meant_by(of_resources) <= meant_by(whole)
    # Rules count only for a scheme that is named, and only where nothing is exact.
    by_rule = bool(schemes) and result["match"] == "identifier" and whole["match"] in ("none", "part")
    assert meant_by(result) <= meant_by(whole) or by_rule
    assert not (whole["match"] in EXACT and result["match"] == "part")
    assert (result["match"] == "none") == (not meant_by(result))
    assert result["rest"] is None or result["match"] == "part"
    assert not (result["nearest"] and result["match"] != "none")


@PROPERTY
@given(value=VALUE)
def test_what_folds_alike_means_the_same(look_up, value):
    (result,) = look_up([value])
    spellings = [value.upper(), f"\u201c{value}\u201d", f" {value}\u00a0", value.replace("V", "\uff36")]

    for spelling, other in zip(spellings, look_up(spellings), strict=True):
        assert (other["match"] in EXACT) == (result["match"] in EXACT), spelling
        if result["match"] in EXACT:
            assert meant_by(other) == meant_by(result), spelling


@PROPERTY
@given(values=st.lists(VALUE, min_size=1, max_size=8))
def test_a_value_means_alone_what_it_means_among_others(look_up, values):
    assert look_up(values) == [result for value in values for result in look_up([value])]
