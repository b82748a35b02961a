"""The pack `field`: what inventories name beyond the source document, on top of the docs pack."""

import json
from pathlib import Path

import pytest

from app.settings import PROJECT
from app.store.collections import COLLECTIONS
from tools import dataset_report
from tools.tables import read_table


@pytest.fixture(scope="module")
def entries(field):
    """Every entry, with its collection."""
    return [
        (resource, entry) for resource in COLLECTIONS for entry in field.get(f"/{resource}?limit=1000").json()["items"]
    ]


def test_it_adds_to_the_docs_pack_and_changes_none_of_its_entries(field, client):
    counts = field.get("/dataset").json()["counts"]

    assert counts["hypervisors"] >= 90
    assert counts["examples"] >= 105
    assert counts["concepts"] >= 40
    for resource in COLLECTIONS:
        listed = client.get(f"/{resource}").json()["items"]
        shown = field.get(f"/{resource}?pack=docs").json()["items"]
        below = {"examples", "hypervisors"}
        assert [{name: entry[name] for name in entry if name not in below} for entry in shown] == [
            {name: entry[name] for name in entry if name not in below} for entry in listed
        ]


def test_the_readme_and_the_changelog_count_what_it_adds(field):
    counts = {name: field.get(f"/{name}?pack=field&limit=1").json()["total"] for name in COLLECTIONS}
    hypervisors, examples, concepts = (counts[name] for name in ("hypervisors", "examples", "concepts"))

    readme, changelog = ((PROJECT / name).read_text(encoding="utf-8") for name in ("README.md", "CHANGELOG.md"))
    assert f"adds the pack `field`: {hypervisors} more hypervisors" in readme
    assert f"{examples} clouds, containers and other examples, and {concepts} terms" in readme
    assert f"{hypervisors} hypervisors, {examples} examples and {concepts} concepts beyond" in changelog


def test_the_packs_describe_a_work_alike(field):
    works = [work for work in field.get("/dataset").json()["sources"] if work["url"]]

    described = {work["url"]: work for work in works}
    assert [work for work in works if work != described[work["url"]]] == []


def test_every_identifier_is_resolved_in_its_scheme(field, entries):
    expected = {}
    for resource, entry in entries:
        for identifier in entry["identifiers"]:
            if identifier["match"] == "exact":
                expected.setdefault((identifier["scheme"], identifier["value"]), set()).add((resource, entry["id"]))
    found = {}
    for scheme in sorted({scheme for scheme, _ in expected}):
        values = [value for of, value in expected if of == scheme]
        for start in range(0, len(values), 1000):
            body = {"values": values[start : start + 1000], "scheme": [scheme]}
            for result in field.post("/lookup", json=body).json()["results"]:
                found[scheme, result["value"]] = {(item["resource"], item["id"]) for item in result["items"]}

    wrong = [key for key, meant in expected.items() if not meant <= found[key]]
    assert wrong == []


def test_every_source_says_what_it_is(entries):
    sources = [source for _, entry in entries if entry["pack"] == "field" for source in entry["sources"]]

    assert {source["kind"] for source in sources} == {"primary", "standard", "secondary"}
    assert {source["read"] for source in sources} == {"work", "copy"}


def test_no_entry_is_thin(entries):
    """A product has a vendor or a website, a summary in both languages, and more than one source or fact."""
    for _, entry in entries:
        assert {*entry["labels"]} == {"en", "zh"}
        assert len(entry["summary"]) > 30, entry["id"]


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("Proxmox VE 8.2", ["proxmox-ve"]),
        ("nutanix_ahv", ["nutanix-ahv"]),
        ("XenServer", ["xenserver"]),
        ("VMware Fusion 13.5", ["vmware-fusion"]),
        ("华为 FusionCompute", ["huawei-fusioncompute"]),
        ("lxc", ["lxc"]),
        ("阿里云 ECS", ["alibaba-cloud-ecs"]),
        ("pve-manager/8.1.4/ec5affc9e41f1d79 (running kernel: 6.5.13-1-pve)", ["proxmox-ve"]),
        ("Linux pve 5.15.107-2-pve #1 SMP PVE", ["proxmox-ve"]),
        ("5.15.90.1-microsoft-standard-WSL2", ["wsl2"]),
        ("Linux 4.19.0+1 XCP-ng 8.2.1", ["xcp-ng"]),
        ("Citrix Hypervisor 8.2 LTSR CU1", ["xenserver"]),
        ("VMware vCenter Server 7.0.3 build-20990077", ["vmware-vsphere"]),
        ("VMware vSphere 7", ["vmware-vsphere", "vmware-esxi"]),
        ("VMware vSphere / ESXi", ["vmware-vsphere", "vmware-esxi"]),
        ("VMware View Portal", ["omnissa-horizon"]),
        ("VMware Server http config", ["vmware-server"]),
        ("OpenStack Nova httpd", ["openstack-nova"]),
        ("Parallels Virtuozzo Agent", ["virtuozzo-hybrid-server"]),
        ("cri-o://1.27.1", ["cri-o"]),
        ("Proxmox KVM", ["proxmox-ve", "kvm"]),
        ("RDS instance", []),
        ("Xen Client", []),
    ],
)
def test_what_inventories_name_is_found(field, value, ids):
    (result,) = field.get("/lookup", params={"value": value}).json()["results"]

    assert [item["id"] for item in result["items"]] == ids


def test_a_product_is_found_by_what_it_is_based_on(field):
    based = [entry["id"] for entry in field.get("/hypervisors?based_on=xen").json()["items"]]

    assert based == ["xcp-ng", "xenserver", "oracle-vm-server-x86", "qubes-os", "lf-edge-eve"]


def test_a_host_that_shows_what_its_product_is_based_on_is_no_conflict(field):
    facts = {"cpuid": "KVMKVMKVM", "dmi-product-name": "AHV"}
    (result,) = field.get("/identify", params=facts).json()["results"]

    assert (result["verdict"], [item["id"] for item in result["items"]]) == ("virtual", ["nutanix-ahv"])


def test_the_report_is_that_of_the_packs():
    assert dataset_report.build_report() == dataset_report.REPORT.read_text(encoding="utf-8"), "run make dataset-report"


def test_the_export_is_in_step_with_the_lists(field, entries):
    exported = field.get("/export").json()

    assert json.dumps([entry["id"] for resource in COLLECTIONS for entry in exported[resource]]) == json.dumps(
        [entry["id"] for _, entry in entries]
    )


# The machines of the tests of virt-what and lscpu: what they show, and what they are. The firmware of an instance of
# AWS is the same whether it is virtual or not, that of QEMU with KVM and without, and of hardware nothing is known.
MACHINES = [
    pytest.param(row["verdict"], row["ids"], json.loads(row["facts"]), id=row["machine"])
    for row in read_table(Path(__file__).with_name("machines.tsv"))
]


@pytest.mark.parametrize(("verdict", "ids", "facts"), MACHINES)
def test_the_machines_of_virt_what_and_lscpu_are_identified(field, verdict, ids, facts):
    (result,) = field.post("/identify", json={"hosts": [facts]}).json()["results"]

    assert (result["verdict"], ",".join(item["id"] for item in result["items"])) == (verdict, ids)


ORACLE_CLOUD = [
    ({}, "unknown", ["oracle-cloud"]),
    ({"systemd-detect-virt": "none"}, "physical", ["oracle-cloud"]),
    ({"systemd-detect-virt": "kvm", "dmi-sys-vendor": "QEMU"}, "virtual", ["oracle-cloud", "kvm"]),
]


@pytest.mark.parametrize(("others", "verdict", "ids"), ORACLE_CLOUD)
def test_a_cloud_with_bare_metal_servers_leaves_the_verdict_to_other_facts(field, others, verdict, ids):
    facts = {"dmi-chassis-asset-tag": "OracleCloud.com", **others}
    (result,) = field.post("/identify", json={"hosts": [facts]}).json()["results"]

    assert (result["verdict"], [item["id"] for item in result["items"]]) == (verdict, ids)


def test_every_name_of_an_entry_is_understood_in_a_question(field, entries):
    wrong = []
    for resource, entry in entries:
        for name in [*entry["labels"].values(), *entry["aliases"]]:
            for question in (f"What is {name}?", f"{name}是什么？"):
                answer = field.get("/ask", params={"question": question}).json()
                named = {(other["resource"], other["id"]) for other in answer["entries"]}
                if (resource, entry["id"]) not in named or not (answer["answered"] or answer["reason"] == "ambiguous"):
                    wrong.append((question, answer["reason"]))

    assert wrong == []
