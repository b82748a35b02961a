"""The promise that spellings are compared rightly, and in a time that hostile texts do not lengthen."""

import time
from unicodedata import normalize

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app.folding import fold_key, fold_text, nearest, span_in

# Characters that fold to several, that combine, and that do neither.
CHARACTERS = "aé ßﷺｶﾞ각가İΣक\N{DEVANAGARI SIGN NUKTA}"
CHARACTERS += "\N{HANGUL JONGSEONG KIYEOK}\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}"
CHARACTERS += "®\N{ZERO WIDTH SPACE}\N{NON-BREAKING HYPHEN}虛擬"
WORDS = ["type", "vendor", "license", "status", "pack"]


def seconds(call):
    """The least processor time of five calls."""
    times = []
    for _ in range(5):
        before = time.thread_time()
        call()
        times.append(time.thread_time() - before)
    return min(times)


@hypothesis(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(CHARACTERS, min_size=1, max_size=12), data=st.data())
def test_a_span_is_that_of_the_characters_that_fold_into_it(text, data):
    lengths = [len(fold_text(text[: end + 1])) for end in range(len(text))]
    assume(lengths[-1])
    start = data.draw(st.integers(0, lengths[-1] - 1))
    end = data.draw(st.integers(start + 1, lengths[-1]))
    first = next(place for place, length in enumerate(lengths) if length > start)
    covering = next(length for length in lengths if length >= end)
    last = next((place for place, length in enumerate(lengths) if length > covering), len(text))

    assert span_in(text, start, end - start) == (first, last)


def test_a_span_in_a_text_that_is_not_composed_is_found_quickly():
    text = normalize("NFD", "Máy ảo chạy trên một máy chủ vật lý, và được quản lý. " * 100)

    assert seconds(lambda: span_in(text, len(text) // 2, 10)) < 0.05


# Each spelling, and one that has the same key.
SPELLINGS = [
    ("VMWare® ESXi™", "VMware ESXi"),
    ("© Xen", "xen"),
    *((f"Hyper{hyphen}V", "Hyper-V") for hyphen in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"),
    ("\ufeffKVM", "kvm"),
    ("Virtual\u200bBox\u00ad", "VirtualBox"),
    ("“Docker”.", "docker"),
    ("「裸金属」。", "裸金属"),
    ("虛擬化", "虚拟化"),
    ("容器虛擬化", "容器虚拟化"),
    ("伺服器", "伺服器"),
]


@pytest.mark.parametrize(("spelling", "plain"), SPELLINGS)
def test_typesetting_and_traditional_chinese_do_not_matter(client, spelling, plain):
    folded = fold_key(spelling)

    assert folded == fold_key(plain) == fold_key(folded)
    results = client.get("/lookup", params={"value": [spelling, plain]}).json()["results"]
    assert results[0]["items"] == results[1]["items"]


@pytest.mark.parametrize(("written", "found"), [("虛擬機", "虚拟机"), ("VMware®", "vmware"), ("Hyper‑V", "hyper-v")])
def test_a_search_finds_what_is_set_otherwise(client, written, found):
    written, found = (client.get("/search", params={"q": q}).json() for q in (written, found))

    assert written["total"] > 0
    assert written == found


def test_a_search_for_nothing_but_marks_finds_nothing(client):
    assert client.get("/search", params={"q": "® ™"}).json()["total"] == 0
    assert client.get("/hypervisors", params={"q": "®"}).json()["total"] == 0


@pytest.mark.parametrize(
    ("word", "near"),
    [("typ", ["type"]), ("licence", ["license"]), ("state", ["status"]), ("website", []), ("", []), ("x" * 10_000, [])],
)
def test_the_nearest_word_is_found(word, near):
    assert nearest(word, WORDS, 1) == near


def test_the_nearest_come_first():
    assert nearest("kvm", ["kv", "kvm2", "xen", "kvm"], 3) == ["kvm", "kvm2", "kv"]


@pytest.mark.parametrize("word", ["ba-" * 31, "ab-" * 20_000, "x" * 200])
def test_the_nearest_of_a_thousand_long_ids_are_found_in_two_milliseconds(word):
    ids = [f"{'ab-' * 30}{number:04}" for number in range(1000)]

    assert seconds(lambda: nearest(word, ids, 5)) < 0.002


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("Virtualisation", "virtualization"),
        ("para-virtualised", "para-virtualized"),
        ("ｖｉｒｔｕａｌｉｓ", "virtualiz"),
        ("visualisation", "visualisation"),
    ],
)
def test_british_spelling_of_the_field_s_own_word_is_american(british, american):
    assert fold_text(british) == american
