"""`/search`: every collection, ranked, and why each hit matched."""

import time
from itertools import combinations
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app.folding import span_in
from app.main import create_app
from app.packs.prepare import prepare
from app.store.collections import COLLECTIONS
from tests.support.packs import change
from tests.support.servers import client_of, watched


def search(client, q, **parameters):
    """The page of hits."""
    response = client.get("/search", params={"q": q, **parameters})
    assert response.status_code == 200, response.text
    return response.json()


def found(page):
    return [f"{item['resource']}/{item['id']}" for item in page["items"]]


QUERIES = [
    ("esxi", ["hypervisors/vmware-esxi"]),
    ("ESXI", ["hypervisors/vmware-esxi"]),
    ("KVMKVMKVM", ["hypervisors/kvm"]),
    ("vmware esxi", ["hypervisors/vmware-esxi"]),
    ("esxi vmware", ["hypervisors/vmware-esxi"]),
    ("office", ["examples/office-365", "virtualization-types/application"]),
    ("寄居", ["hypervisor-types/hosted"]),
    ("裸金", ["hypervisor-types/bare-metal"]),
    ("网络 存储", ["examples/nas"]),
    ("存储 NAS", ["examples/nas", "virtualization-types/storage"]),
    ("nothing-of-the-kind", []),
    ("%", []),
    ("__", []),
    ("\\", []),
    ("';", []),
    ('"', []),
    ("a%b_c\\d'e\"f", []),
]


@pytest.mark.parametrize(("q", "entries"), QUERIES)
def test_a_search_finds_the_entries_that_hold_every_word(client, q, entries):
    page = search(client, q)

    assert found(page) == entries
    assert page["total"] == len(entries)


def test_underscores_are_ordinary_characters(client):
    page = search(client, "ibm_power")

    assert found(page) == ["hypervisors/kvm"]
    assert page["items"][0]["matched"] == [
        {"field": "identifier", "lang": None, "scheme": "virt-what", "value": "ibm_power-kvm", "start": 0, "end": 9}
    ]


def test_a_hit_tells_what_it_is_and_where_it_matched(client):
    assert search(client, "裸机虚拟 环境", lang="zh")["items"] == [
        {
            "id": "bare-metal",
            "name": "裸金属型",
            "url": "/hypervisor-types/bare-metal",
            "resource": "hypervisor-types",
            "matched": [
                {"field": "alias", "lang": "zh", "scheme": None, "value": "裸机虚拟化", "start": 0, "end": 4},
                {"field": "alias", "lang": "zh", "scheme": None, "value": "裸机虚拟化环境", "start": 5, "end": 7},
            ],
        }
    ]


def test_words_next_to_each_other_match_as_one(client):
    (match,) = search(client, "workstation pro")["items"][0]["matched"]

    assert match["value"][match["start"] : match["end"]] == "Workstation Pro"


def test_exact_beats_prefix_beats_substring_and_names_beat_other_fields(client):
    page = search(client, "docker")

    assert found(page)[0] == "examples/docker"
    ranks = []
    for item in page["items"]:
        (match,) = item["matched"]
        whole, start = match["end"] - match["start"] == len(match["value"]), match["start"] == 0
        fields = ["name", "id", "alias", "identifier", "characteristic", "summary"]
        ranks.append((0 if whole else 1 if start else 2, fields.index(match["field"])))
    assert ranks == sorted(ranks)
    assert len({rank[0] for rank in ranks}) > 1


def test_equals_stand_in_the_document_s_order(client):
    assert found(search(client, "虚拟化", resource="virtualization-types")) == [
        f"virtualization-types/{id}"
        for id in ("server", "network", "desktop", "application", "storage", "library", "container")
    ]


def test_the_resource_narrows_and_is_counted(client):
    everywhere = search(client, "vir", facet="resource", limit=1)
    narrowed = search(client, "vir", facet="resource", resource=["examples", "concepts"])

    counts = {facet["value"]: facet["count"] for facet in everywhere["facets"]["resource"]}
    assert sum(counts.values()) == everywhere["total"]
    assert narrowed["total"] == counts["examples"] + counts["concepts"]
    assert [facet["value"] for facet in narrowed["facets"]["resource"]] == ["concepts", "examples"]
    assert {item["resource"] for item in narrowed["items"]} == {"concepts", "examples"}


def test_pages_cut_the_hits_without_gap_or_overlap(client):
    whole = search(client, "v")
    pages = [client.get(f"/search?q=v&limit=7&offset={offset}") for offset in range(0, whole["total"], 7)]

    assert [hit for page in pages for hit in page.json()["items"]] == whole["items"]
    assert {page.json()["total"] for page in pages} == {whole["total"]}
    assert pages[0].links["next"]["url"] == "/search?q=v&limit=7&offset=7"
    assert client.get("/search?q=v&offset=900").json()["total"] == whole["total"]


NEAR = [
    ("virtualbax", "Did you mean 'virtualbox'?"),
    ("VMware Workstaton", "Did you mean 'vmware workstation'?"),
    ("裸金属行", "Did you mean '裸金属'?"),
    ("裸金属行&lang=zh", "是否应为“裸金属”？"),
    ("virtualbax&resource=concepts", "Did you mean 'virtualization'?"),
    ("nothing like this", None),
    ("virtualbox", None),
]


@pytest.mark.parametrize(("query", "hint"), NEAR)
def test_a_search_that_finds_nothing_names_what_is_near(client, query, hint):
    assert client.get(f"/search?q={query}").json()["hint"] == hint


REFUSED = [
    ("", "Missing, but required."),
    ("q=", "Empty; give a value or leave the parameter out."),
    ("q=%20%E3%80%80", "Give one to ten words, without control characters."),
    ("q=" + "+".join("abcdefghijk"), "Give one to ten words, without control characters."),
    ("q=a%1Bb", "Give one to ten words, without control characters."),
    ("q=" + "x" * 201, "A value is longer than 200 characters."),
    ("q=%ED%A0%80", "Not valid UTF-8."),
    ("q=a&q=b", "Given more than once."),
]


@pytest.mark.parametrize(("query", "detail"), REFUSED, ids=[query[:20] for query, _ in REFUSED])
def test_what_cannot_be_searched_is_refused_by_name(client, query, detail):
    response = client.get(f"/search?{query}")

    assert response.status_code == 422
    assert [(error["parameter"], error["detail"]) for error in response.json()["errors"]] == [("q", detail)]


@pytest.mark.parametrize(
    "q",
    ["%" * 200, "_" * 200, "\\" * 200, "\u202e\u202d\u200f", "e" + "\u0301" * 199, "😀" * 100, "ﷺ" * 200, "/%/_" * 50],
    ids=["percent", "underscore", "backslash", "rtl", "combining", "emoji", "expanding", "escapes"],
)
def test_a_hostile_search_finds_nothing_and_harms_nothing(client, q):
    assert search(client, q)["items"] == []


ANYTHING = hypothesis(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@ANYTHING
@given(q=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60))
def test_any_text_is_answered_or_refused(client, q):
    response = client.get("/search", params={"q": q})

    assert response.status_code in (200, 422)


@pytest.mark.slow
def test_any_part_of_any_label_finds_its_entry(client):
    for resource in COLLECTIONS:
        for item in client.get(f"/{resource}").json()["items"]:
            for label in {*item["labels"].values()}:
                for start, end in combinations(range(len(label) + 1), 2):
                    if end - start == 2 or (end == len(label) and start < end - 2):
                        hits = found(search(client, label[start:end], resource=resource, limit=1000))
                        assert f"{resource}/{item['id']}" in hits, label[start:end]


SPANS = [
    ("VMware ESXi", 7, 4, "ESXi"),
    ("容器虚拟化", 2, 3, "虚拟化"),
    ("Straße 5", 4, 2, "ß"),
    ("Straße 5", 6, 1, "e"),
    ("ＫＶＭ", 1, 2, "ＶＭ"),
    ("ﷺx", 18, 1, "x"),
    ("e\N{COMBINING ACUTE ACCENT}x", 1, 1, "x"),
    ("e\N{COMBINING ACUTE ACCENT}x", 0, 1, "e\N{COMBINING ACUTE ACCENT}"),
]


@pytest.mark.parametrize(("text", "start", "length", "part"), SPANS)
def test_a_span_is_told_in_characters_of_the_text_as_it_is_shown(text, start, length, part):
    first, last = span_in(text, start, length)

    assert text[first:last] == part


@pytest.mark.slow
def test_a_text_that_is_not_composed_is_searched_as_quickly(empty, seed_dir):
    text = normalize("NFD", "Máy ảo chạy trên một máy chủ vật lý, và được quản lý bởi phần mềm zzz. " * 4).strip()

    def add(content):
        last = content["hypervisors"][-1]
        content["hypervisors"] += [
            last
            | {"id": f"vm-{number}", "labels": dict.fromkeys(("en", "zh"), f"VM {number}")}
            | {"aliases": {"en": [f"Machine {number}"]}, "summary": {"en": text, "zh": text}}
            for number in range(1000)
        ]

    change(seed_dir, "hypervisors.yaml", add)
    settings = empty.model_copy(update={"seed_dir": seed_dir})
    prepare(settings)
    with client_of(create_app(settings)) as client:
        search(client, "xen")
        before = time.process_time()
        hits = search(client, "zzz", limit=1000)["items"]
        taken = time.process_time() - before

    assert {hit["matched"][0]["value"] for hit in hits} == {normalize("NFC", text)}
    assert len(hits) == 1000
    assert taken < 1


def test_a_search_sees_the_dataset_that_is_loaded(empty, seed_dir):
    prepare(empty)
    with watched(empty) as (_, client, look):
        before = search(client, "parallels")
        change(seed_dir, "hypervisors.yaml", lambda content: content["hypervisors"].pop())
        prepare(empty.model_copy(update={"seed_dir": seed_dir}))
        look()
        after = search(client, "parallels")

    assert found(before) == ["hypervisors/parallels-desktop"]
    assert (found(after), after["total"]) == ([], 0)
