"""How entries relate: what they are based on, what replaces them, what other packs add, and in which languages."""

import csv
import io
from zipfile import ZipFile

import pytest
from rdflib import DCTERMS, OWL, RDF, SKOS, Literal, URIRef

from app.packs.faults import PackError
from app.packs.prepare import prepare
from tests.api.test_export import triples
from tests.support.packs import LAB, add_lab


def reference(resource, id, name):
    return {"id": id, "name": name, "url": f"/{resource}/{id}", "resource": resource}


KVM = reference("hypervisors", "kvm", "KVM")
XEN = reference("hypervisors", "xen", "Xen")
LABVISOR = reference("hypervisors", "labvisor", "Labvisor")
DOCKER = reference("examples", "docker", "Docker")
OPENSTACK = reference("examples", "openstack", "OpenStack")


def test_an_entry_refers_to_entries_of_any_collection(lab):
    cloud, visor = lab.get("/examples/lab-cloud").json(), lab.get("/hypervisors/labvisor").json()

    assert (cloud["based_on"], cloud["related"]) == ([LABVISOR, DOCKER], [])
    assert (visor["based_on"], visor["related"]) == ([KVM], [XEN, DOCKER])
    assert (cloud["status"], visor["deprecated"]) == ("discontinued", None)
    assert cloud["deprecated"] == {"since": "2026-08", "reason": "It was renamed.", "replaced_by": [OPENSTACK]}


def test_what_is_based_on_an_entry_is_listed_and_counted(lab):
    def based_on(path, *ids):
        return [entry["id"] for entry in lab.get(path, params={"based_on": ids}).json()["items"]]

    assert based_on("/hypervisors", "kvm")[-1] == "labvisor"
    assert based_on("/examples", "labvisor") == based_on("/examples", "docker", "labvisor") == ["lab-cloud"]
    assert based_on("/examples", "kvm") == []
    facets = lab.get("/examples?facet=based_on&limit=1").json()["facets"]["based_on"]
    assert facets == [{"value": "docker", "count": 1}, {"value": "labvisor", "count": 1}]


def test_a_name_is_no_value_of_based_on_but_leads_to_one(lab):
    (error,) = lab.get("/examples?based_on=Labvisor").json()["errors"]

    assert (error["detail"], error["hint"]) == ("'Labvisor' is not a known value.", "Did you mean 'labvisor'?")


def test_a_remark_has_a_kind_and_a_concept_may_be_below_another(lab):
    nested = lab.get("/concepts/nested-virtualization").json()

    assert (nested["remark_kind"], nested["broader"]) == ("disputed", "virtualization")
    assert [
        entry["id"] for entry in lab.get("/concepts?broader=virtualization&remark_kind=disputed").json()["items"]
    ] == ["nested-virtualization"]
    assert lab.get("/concepts/hypervisor").json()["broader"] is None


def test_another_pack_adds_names_identifiers_and_sources_to_an_entry(lab, client):
    before, after = (each.get("/hypervisors/kvm").json() for each in (client, lab))

    assert [alias for alias in after["aliases"] if alias not in before["aliases"]] == ["house hypervisor", "自研底座"]
    added = {"scheme": "systemd-detect-virt", "value": "lab-kvm", "match": "exact", "url": None}
    assert after["identifiers"] == [*before["identifiers"], added]
    assert after["sources"] == [
        *before["sources"],
        {
            "title": "The wiki of the lab",
            "section": None,
            "url": "https://lab.example/wiki",
            "supports": ["aliases", "identifiers"],
            "kind": "primary",
            "read": "work",
        },
    ]
    changed = ("aliases", "identifiers", "sources")
    assert {name: after[name] for name in after if name not in changed} == {
        name: before[name] for name in before if name not in changed
    }
    found = lab.get("/lookup", params={"value": ["自研底座", "lab-kvm"]}).json()["results"]
    assert [item["id"] for result in found for item in result["items"]] == ["kvm", "kvm"]


def test_what_a_pack_does_not_say_in_a_language_is_said_in_another(lab):
    nested = lab.get("/concepts/nested-virtualization?lang=zh").json()

    assert nested["labels"] == {"en": "Nested virtualization"}
    assert [nested[field] for field in ("name", "summary", "remark", "characteristics")] == [
        "Nested virtualization",
        "A hypervisor runs in a virtual machine.",
        "Vendors do not agree on the word.",
        ["Depth"],
    ]
    pack = lab.get("/dataset?lang=zh").json()["packs"][1]
    assert (pack["languages"], pack["title"], pack["titles"]) == (["en"], "Lab", {"en": "Lab"})


def test_the_export_has_every_relation(lab):
    export = lab.get("/export").json()
    cloud = export["examples"][-1]

    assert cloud["deprecated_reasons"] == {"en": "It was renamed."}
    assert cloud["summaries"] == {"en": "Rents out machines."}
    with ZipFile(io.BytesIO(lab.get("/export.zip").content)) as archive:
        rows = [*csv.DictReader(io.StringIO(archive.read("examples.csv").decode("utf-8-sig"), newline=""))]
    assert {
        name: rows[-1][name] for name in rows[-1] if name.startswith(("based", "deprecated", "status", "label"))
    } == {
        "label_en": "Lab Cloud",
        "label_zh": "",
        "deprecated_since": "2026-08",
        "deprecated_reason": "It was renamed.",
        "deprecated_replaced_by": "openstack",
        "status": "discontinued",
        "based_on": "labvisor; docker",
        "deprecated_reason_en": "It was renamed.",
        "deprecated_reason_zh": "",
    }


def test_skos_has_every_relation(lab):
    graph = triples(lab)

    def node(path):
        return URIRef(f"urn:virtualization-taxonomy:{path}")

    assert {*graph.objects(node("hypervisors/labvisor"), SKOS.related)} == {
        node("hypervisors/kvm"),
        node("hypervisors/xen"),
        node("examples/docker"),
    }
    assert {*graph.objects(node("examples/lab-cloud"), DCTERMS.isReplacedBy)} == {node("examples/openstack")}
    assert [*graph.subjects(OWL.deprecated, Literal(lexical_or_value=True))] == [node("examples/lab-cloud")]
    nested, broader = node("concepts/nested-virtualization"), node("concepts/virtualization")
    assert (nested, SKOS.broader, broader) in graph
    assert (broader, SKOS.narrower, nested) in graph
    assert (nested, SKOS.topConceptOf, None) not in graph
    (scheme,) = graph.subjects(RDF.type, SKOS.ConceptScheme)
    assert (scheme, SKOS.hasTopConcept, nested) not in graph
    assert {*graph.objects(nested, SKOS.prefLabel)} == {Literal("Nested virtualization", lang="en")}
    assert {label.language for label in graph.objects(scheme, SKOS.prefLabel)} == {"en", "zh"}


REFUSED = [
    ("related: [xen, examples/docker]", "related: [xeno]", "related[0]: there is no 'xeno' in any collection; did you"),
    ("related: [xen, examples/docker]", "related: [labvisor]", "related[0]: 'labvisor' is the entry itself"),
    ("related: [xen, examples/docker]", "related: [XEN]", "related[0]: 'XEN' is neither an id such as kvm nor a path"),
    (
        "based_on: [kvm]",
        "based_on: [bare-metal]",
        "'bare-metal' is in hypervisor-types, not in examples or",
    ),
    (
        "id: nested-virtualization",
        "id: docker",
        "'docker' is in concepts and examples; write concepts/docker",
    ),
    (
        "broader: virtualization",
        "broader: virtualisation",
        "there is no 'virtualisation' in concepts; did you",
    ),
    (
        "broader: virtualization",
        "broader: nested-virtualization",
        "'nested-virtualization' is broader than itself",
    ),
    ("extends: kvm", "extends: kwm", "extends: there is no 'kwm' in hypervisors; load the pack that has it"),
    ("aliases: {en: [LV]}", "aliases: {en: [KVM]}", "aliases.en[0]: 'KVM' already resolves to 'kvm'"),
    ("en: [house hypervisor]", "en: [Xen]", "hypervisors[1].aliases.en[0]: 'Xen' already resolves to 'xen'"),
    ("{en: Runs machines for tests.}", "{en: A, zh: B}", "summary.zh: is not a language of the pack"),
    ("{en: It was renamed.}", "{zh: 改名。}", "deprecated.reason.en: the translation is missing"),
    ('since: "2026-08"', 'since: "August"', "deprecated.since: 'August' is not a date: write a year, a month or a day"),
    ("supports: [aliases, identifiers]", "supports: [aliases]", "hypervisors[1].identifiers: no source supports it"),
    ("status, based_on, related]", "status, related]", "hypervisors[0].based_on: no source supports it; add one"),
    ("lab.example/wiki", "github.com/a/b/blob/main/c.md", "sources[0].url: leads to a branch, which changes; write a"),
    ("lab.example/wiki", "raw.githubusercontent.com/a/b/HEAD/c", "sources[0].url: leads to a branch, which changes"),
    (
        "concepts:",
        "  - {id: again, title: Lab, url: 'https://lab.example/wiki'}\nconcepts:",
        "sources[2].url: is that of 'wiki'; cite 'wiki' instead",
    ),
    ("lab.example/wiki", "s.cnmilf.com/w", "sources[0].url: leads to a mirror; cite the work itself"),
    (
        "supports: [name, aliases, summary, remark,",
        "supports: [name, summary, remark,",
        "hypervisors[0].aliases: no source",
    ),
    ("kind: primary", "kind: first", "sources[0].kind: input should be"),
]


@pytest.mark.parametrize(("old", "new", "expected"), REFUSED, ids=[new for _, new, _ in REFUSED])
def test_a_relation_that_cannot_be_is_named_with_its_reason(empty, seed_dir, old, new, expected):
    assert old in LAB
    add_lab(seed_dir)
    path = seed_dir / "lab" / "pack.yaml"
    path.write_text(LAB.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(PackError) as refusal:
        prepare(empty.model_copy(update={"seed_dir": seed_dir, "packs": ("docs", "lab")}))

    assert expected in str(refusal.value)
