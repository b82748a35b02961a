"""`/identify`: what the facts of hosts say."""

import shutil

import pytest

from app.main import create_app
from app.packs.prepare import prepare
from app.settings import PROJECT
from tests.support.servers import client_of

PACK = """
pack: {id: own, version: "1", title: {en: Own, zh: 自有}, description: {en: Own., zh: 自有。}}
sources: [{id: table, title: Table, url: null}]
schemes:
  - id: word
    title: Word
    description: {en: A word., zh: 词。}
    url: https://example.com/word
    not_virtualized: [none, either]
    also_physical: [red]
    hosts: [red-host, green-module]
    shared: [green-module]
    unspecified: [vm-other]
  - {id: vendor, title: Vendor, description: {en: A vendor., zh: 厂商。}, url: null, also_physical: [Red Ltd]}
  - {id: box, title: Box, description: {en: A box., zh: 盒。}, url: null}
hypervisors:
  - id: red
    labels: {en: Red, zh: 红}
    summary: {en: Red., zh: 红。}
    type: hosted
    identifiers: {word: [red, red-host, red-guest], vendor: [Red Inc., {prefix: Red L}]}
    sources: [{source: table, supports: [identifiers]}]
  - id: green
    labels: {en: Green, zh: 绿}
    summary: {en: Green., zh: 绿。}
    type: bare-metal
    identifiers: {word: [green, "green guest", green-module], vendor: [Red Inc.]}
    sources: [{source: table, supports: [identifiers]}]
  - id: navy
    labels: {en: Navy, zh: 藏青}
    summary: {en: Navy., zh: 藏青。}
    type: bare-metal
    based_on: [green]
    identifiers: {word: [navy]}
    sources: [{source: table, supports: [identifiers, based_on]}]
  - id: cyan
    labels: {en: Cyan, zh: 青}
    summary: {en: Cyan., zh: 青。}
    type: bare-metal
    based_on: [navy]
    identifiers: {word: [cyan]}
    sources: [{source: table, supports: [identifiers, based_on]}]
examples:
  - id: crate
    labels: {en: Crate, zh: 箱}
    summary: {en: Crate., zh: 箱。}
    type: container
    identifiers: {box: [crate, any-box, {prefix: "crate:"}]}
    sources: [{source: table, supports: [identifiers]}]
  - id: carton
    labels: {en: Carton, zh: 纸箱}
    summary: {en: Carton., zh: 纸箱。}
    type: container
    identifiers: {box: [carton, any-box]}
    sources: [{source: table, supports: [identifiers]}]
"""


@pytest.fixture(scope="module")
def own(new_database, tmp_path_factory):
    """A client of a server whose second pack has schemes of every kind."""
    seed_dir = tmp_path_factory.mktemp("seed")
    shutil.copytree(PROJECT / "seed" / "docs", seed_dir / "docs")
    (seed_dir / "own").mkdir()
    (seed_dir / "own" / "pack.yaml").write_text(PACK, encoding="utf-8")
    settings = new_database("sqlite").model_copy(update={"seed_dir": seed_dir, "packs": ("docs", "own")})
    prepare(settings)
    with client_of(create_app(settings)) as client:
        yield client


def identify(client, *hosts, **parameters):
    """The results for hosts, which GET and POST must give alike."""
    response = client.post("/identify", json={"hosts": hosts, **parameters})
    assert response.status_code == 200, response.text
    results = response.json()["results"]
    assert [client.get("/identify", params=host | parameters).json()["results"] for host in hosts] == [
        [result] for result in results
    ]
    return results


# The facts of a host, the verdict, and the entries.
HOSTS = [
    ({}, "unknown", []),
    # A value that is not known is no proof that a machine is physical.
    ({"word": "blue"}, "unknown", []),
    ({"word": ""}, "unknown", []),
    ({"word": "x" * 5000}, "unknown", []),
    ({"word": "none"}, "physical", []),
    ({"word": "NONE"}, "physical", []),
    ({"word": "green"}, "virtual", ["green"]),
    ({"word": "green", "box": "nothing"}, "virtual", ["green"]),
    ({"word": "vm-other"}, "virtual", []),
    # What guests and hosts report alike says what runs there, but not on which side.
    ({"word": "red"}, "unknown", ["red"]),
    ({"word": "red-host"}, "physical", ["red"]),
    ({"word": ["red", "red-host"]}, "physical", ["red"]),
    ({"word": ["red", "red-guest"]}, "virtual", ["red"]),
    ({"word": ["red-guest", "red-host"]}, "conflict", []),
    ({"word": "either"}, "physical", []),
    # What a virtual machine hosts itself says nothing of what it runs on.
    ({"word": "green-module"}, "unknown", ["green"]),
    ({"word": ["green-module", "none"]}, "physical", ["green"]),
    ({"word": ["green-module", "green guest"]}, "virtual", ["green"]),
    ({"word": ["green-module", "red-guest"]}, "virtual", ["red"]),
    ({"word": ["green-module", "vm-other"]}, "virtual", []),
    ({"word": "green-module", "box": "crate"}, "virtual", ["crate"]),
    ({"word": ["red-host", "green"]}, "virtual", ["green"]),
    # The entries that all facts allow.
    ({"vendor": "Red Inc."}, "virtual", ["red", "green"]),
    ({"vendor": "Red Inc.", "word": "green"}, "virtual", ["green"]),
    ({"vendor": "Red Inc.", "word": "red"}, "virtual", ["red"]),
    ({"vendor": "Red Inc.", "word": "vm-other"}, "virtual", ["red", "green"]),
    ({"vendor": "Red Inc.", "word": "none"}, "conflict", []),
    ({"word": ["red", "green"]}, "conflict", []),
    # What is based on another, and what shows of that.
    ({"word": ["green", "navy"]}, "virtual", ["navy"]),
    ({"word": ["cyan", "green"]}, "virtual", ["cyan"]),
    ({"vendor": "Red Inc.", "word": ["navy"]}, "virtual", ["navy"]),
    ({"word": ["navy", "red"]}, "conflict", []),
    # A rule, and a value that it matches, but that physical machines report as well.
    ({"vendor": "Red LLC"}, "virtual", ["red"]),
    ({"vendor": "Red Ltd"}, "unknown", ["red"]),
    ({"vendor": "A Red L"}, "unknown", []),
    # A container is no contradiction to the hypervisor under it, but to another container.
    ({"box": "crate", "word": "green"}, "virtual", ["crate", "green"]),
    ({"box": ["crate", "any-box"]}, "virtual", ["crate"]),
    ({"box": "any-box"}, "virtual", ["crate", "carton"]),
    ({"box": "crate:7", "word": "green"}, "virtual", ["crate", "green"]),
    ({"box": ["crate", "carton"]}, "conflict", []),
    # Across packs.
    ({"cpuid": "KVMKVMKVM", "box": "crate"}, "virtual", ["crate", "kvm"]),
    ({"systemd-detect-virt": "oracle", "word": "green"}, "conflict", []),
    # What machines of other products show as well contradicts nothing, but tells apart.
    ({"cpuid": "KVMKVMKVM", "word": "green"}, "virtual", ["green"]),
    (
        {"systemd-detect-virt": "kvm", "dmi-product-name": "Parallels Virtual Platform"},
        "virtual",
        ["parallels-desktop"],
    ),
    ({"cpuid": "Microsoft Hv", "dmi-sys-vendor": "QEMU"}, "virtual", ["kvm"]),
    ({"cpuid": "Microsoft Hv"}, "virtual", ["hyper-v-server", "hyper-v"]),
    ({"lscpu-hypervisor-vendor": "KVM", "dmi-product-name": "VirtualBox"}, "virtual", ["virtualbox"]),
    ({"cpuid": "Microsoft Hv", "word": "none"}, "conflict", []),
    # A kernel that guests of Xen and its host have, a system that is made to host.
    ({"kernel-release": "2.6.18-53.1.4.el5xen"}, "unknown", ["xen"]),
    ({"kernel-release": "2.6.18-53.1.4.el5"}, "unknown", []),
    ({"os-release": "Red Hat Virtualization Host"}, "physical", ["rhev-hypervisor"]),
    # A guest of VMware or of KVM that can host guests of KVM; a container of Kubernetes in a cloud of OpenStack.
    (
        {"kernel-module": ["ext4", "kvm_intel"], "dmi-bios-vendor": "VMware, Inc."},
        "virtual",
        ["vmware-esxi", "vmware-workstation"],
    ),
    ({"kernel-module": ["kvm", "kvm_amd"], "cpuid": "KVMKVMKVM"}, "virtual", ["kvm"]),
    (
        {"salt-virtual-subtype": "kubernetes", "dmi-product-name": "OpenStack Nova", "cpuid": "KVMKVMKVM"},
        "virtual",
        ["kubernetes", "openstack", "kvm"],
    ),
    # Firmware of real machines: guests of KVM and Xen on Red Hat systems, of VMware, VirtualBox and Hyper-V; hardware.
    ({"dmi-sys-vendor": "Red Hat", "dmi-product-name": "KVM", "dmi-bios-vendor": "Seabios"}, "virtual", ["kvm"]),
    ({"dmi-sys-vendor": "Red Hat", "dmi-product-name": "HVM domU", "virt-what": ["redhat", "xen"]}, "virtual", ["xen"]),
    (
        {"dmi-sys-vendor": "VMware, Inc.", "dmi-bios-version": "VMW201.00V.20904234.B64", "dmi-board-vendor": "Intel"},
        "virtual",
        ["vmware-esxi", "vmware-workstation"],
    ),
    ({"dmi-board-vendor": "Oracle Corporation", "dmi-product-name": "VirtualBox"}, "virtual", ["virtualbox"]),
    (
        {"dmi-sys-vendor": "Microsoft Corporation", "dmi-bios-version": "Hyper-V UEFI Release v4.1"},
        "virtual",
        ["hyper-v-server", "hyper-v"],
    ),
    ({"dmi-sys-vendor": "Oracle Corporation", "dmi-product-name": "ORACLE SERVER X5-2"}, "unknown", []),
    ({"dmi-sys-vendor": "Dell Inc.", "dmi-product-name": "PowerEdge R640"}, "unknown", []),
]


@pytest.mark.parametrize(("facts", "verdict", "ids"), HOSTS, ids=[str(facts)[:40] for facts, *_ in HOSTS])
def test_facts_must_agree_and_none_outvotes_another(own, facts, verdict, ids):
    (result,) = identify(own, facts)

    assert (result["verdict"], [item["id"] for item in result["items"]]) == (verdict, ids)


def test_a_result_says_why(own):
    red = {"id": "red", "name": "红", "url": "/hypervisors/red", "resource": "hypervisors"}

    assert identify(own, {"vendor": "red LLC", "word": ["none", "blue"]}, lang="zh") == [
        {
            "verdict": "conflict",
            "items": [],
            "because": [
                {
                    "scheme": "vendor",
                    "value": "red LLC",
                    "match": "prefix",
                    "matched": "Red L",
                    "verdict": "virtual",
                    "items": [red],
                    "source": {"title": "Vendor", "url": None},
                },
                {
                    "scheme": "word",
                    "value": "none",
                    "match": "exact",
                    "matched": "none",
                    "verdict": "physical",
                    "items": [],
                    "source": {"title": "Word", "url": "https://example.com/word"},
                },
            ],
            "unrecognized": [{"scheme": "word", "value": "blue"}],
        }
    ]


def test_a_thousand_hosts_are_answered_in_their_order(own):
    hosts = [{"word": word} for _ in range(500) for word in ("green", "none")]
    results = own.post("/identify", json={"hosts": hosts}).json()["results"]

    assert [result["verdict"] for result in results] == ["virtual", "physical"] * 500


def test_a_host_may_report_as_many_values_as_a_kernel_has_modules(own):
    asked = own.get("/identify?" + "&".join(["word=other"] * 499 + ["word=green"]))
    more = own.get("/identify?" + "&".join(["word=other"] * 1001))

    assert (asked.status_code, asked.json()["results"][0]["verdict"]) == (200, "virtual")
    assert (more.status_code, more.json()["errors"][0]["detail"]) == (
        422,
        "The request has 1001 parameters; this path takes at most 1000.",
    )


UNKNOWN = "Not the id of a scheme; /dataset lists them."


def test_a_fact_of_an_unknown_scheme_is_refused(own):
    body = b'{"hosts": [{"word": "none"}, {"wrod": "x", "\\ud800": "y"}]}'
    posted = own.post("/identify", content=body, headers={"Content-Type": "application/json"})
    asked = own.get("/identify?wrod=x&word=none")

    assert (posted.status_code, asked.status_code) == (422, 422)
    assert [(error["parameter"], error["detail"], error["hint"]) for error in posted.json()["errors"]] == [
        ("hosts[1].wrod", UNKNOWN, "Did you mean 'word'?"),
        ("hosts[1].\\ud800", UNKNOWN, None),
    ]
    assert [(error["parameter"], error["detail"], error["hint"]) for error in asked.json()["errors"]] == [
        ("wrod", UNKNOWN, "Did you mean 'word'?")
    ]
