"""`/lookup`: which entries given strings denote."""

import shutil
import time
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app.folding import fold_key, fold_text
from app.main import create_app
from app.packs.prepare import prepare
from app.queries.parts import readings
from app.settings import PROJECT
from app.store.collections import COLLECTIONS
from tests.support.http import statements
from tests.support.servers import client_of
from tools.tables import read_table

IDENTIFIERS = PROJECT / "tests" / "api" / "identifiers.tsv"


def lookup(client, *values, **parameters):
    """The results for values."""
    response = client.get("/lookup", params={"value": values, **parameters})
    assert response.status_code == 200, response.text
    return response.json()["results"]


def summary(result):
    return result["match"], [f"{item['resource']}/{item['id']}" for item in result["items"]]


WORDS = [
    ("kvm", "id", ["hypervisors/kvm"]),
    ("KVM", "id", ["hypervisors/kvm"]),
    ("hyper-v", "id", ["hypervisors/hyper-v", "hypervisors/hyper-v-server"]),
    ("hyper_V", "id", ["hypervisors/hyper-v", "hypervisors/hyper-v-server"]),
    ("hyperv", "id", ["hypervisors/hyper-v", "hypervisors/hyper-v-server"]),
    ("VMware ESXi", "id", ["hypervisors/vmware-esxi"]),
    ("hypervisor", "id", ["concepts/hypervisor"]),
    ("虚拟化", "name", ["concepts/virtualization"]),
    ("容器虚拟化", "name", ["virtualization-types/container"]),
    ("裸金属", "alias", ["hypervisor-types/bare-metal"]),
    ("Paralles Desktop", "alias", ["hypervisors/parallels-desktop"]),
    ("Microsoft Hyper-V", "alias", ["hypervisors/hyper-v", "hypervisors/hyper-v-server"]),
    ("esxi", "alias", ["hypervisors/vmware-esxi"]),
    ("ＶＭＭ", "alias", ["concepts/hypervisor"]),
    ("vmware", "identifier", ["hypervisors/vmware-esxi", "hypervisors/vmware-workstation"]),
    ("KVMKVMKVM", "identifier", ["hypervisors/kvm"]),
    ("Microsoft Virtual PC/Hyper-V", "identifier", ["hypervisors/hyper-v-server", "hypervisors/hyper-v"]),
    ("Oracle xVM VirtualBox", "identifier", ["hypervisors/virtualbox"]),
    ("Docker Container", "identifier", ["examples/docker"]),
    ("OpenStack (KVM)", "identifier", ["examples/openstack", "hypervisors/kvm"]),
    ("PCS Systemtechnik GmbH", "identifier", ["hypervisors/virtualbox"]),
    ("redhat", "unspecified", []),
    # What a tool compares, or what means something in one field only.
    ("Bochs", "none", []),
    ("linux", "none", []),
    ("Microsoft Hv", "identifier", ["hypervisors/hyper-v-server", "hypervisors/hyper-v"]),
    ("oracle", "identifier", ["hypervisors/virtualbox"]),
    ("none", "not-virtualized", []),
    ("foo", "none", []),
    ("%", "none", []),
    ("-", "none", []),
    ("'; DROP TABLE term; --", "none", []),
]


@pytest.mark.parametrize(("value", "match", "entries"), WORDS)
def test_a_word_leads_to_all_that_it_denotes(client, value, match, entries):
    (result,) = lookup(client, value)

    assert result["value"] == value
    assert summary(result) == (match, entries)


def test_a_result_tells_entry_and_schemes(client):
    (result,) = lookup(client, "XenVMMXenVMM", lang="zh")

    assert result == {
        "value": "XenVMMXenVMM",
        "match": "identifier",
        "rest": None,
        "items": [
            {
                "id": "xen",
                "name": "Xen",
                "url": "/hypervisors/xen",
                "resource": "hypervisors",
                "match": "identifier",
                "matched": "XenVMMXenVMM",
                "scheme": "cpuid",
                "schemes": ["cpuid"],
            }
        ],
        "not_virtualized": [],
        "hosts": [],
        "unspecified": [],
        "nearest": [],
        "reason": None,
    }


# What each value denotes by a part, and what was cut off; None for one of which no part counts.
PARTS = [
    # A name, and versions, builds, editions and roles behind it.
    ("VMware ESXi 7.0.3 build-20328353", ["vmware-esxi"], "7.0.3 build-20328353"),
    ("VMware ESXi, 6.7.0, 14320388", ["vmware-esxi"], ", 6.7.0, 14320388"),
    ("Hyper-V Server 2019  17763", ["hyper-v-server"], "17763"),
    ("VirtualBox 6.1", ["virtualbox"], "6.1"),
    ("VirtualBox-v6.1.2", ["virtualbox"], "-v6.1.2"),
    ("Docker 20.10.7, build f0df350", ["docker"], "20.10.7, build f0df350"),
    ("Hyper-V 2012 R2", ["hyper-v"], "2012 R2"),
    ("VMware ESXi (7.0)", ["vmware-esxi"], "(7.0)"),
    ("VMware ESXi Enterprise Edition", ["vmware-esxi"], "Enterprise Edition"),
    ("kvm host", ["kvm"], "host"),
    ("Docker Containers", ["docker"], "Containers"),
    ("裸金属架构", ["bare-metal"], "架构"),
    ("Type1虚拟化", ["bare-metal"], "虚拟化"),
    ("ESXi host 7.0", ["vmware-esxi"], "host 7.0"),
    ("VMware ESXi 5.5, 6.0, 6.5, 6.6 or higher", ["vmware-esxi"], "5.5, 6.0, 6.5, 6.6 or higher"),
    ("Hyper-V (2008 R2 / 2012 / 2012 R2)", ["hyper-v"], "(2008 R2 / 2012 / 2012 R2)"),
    ("Hyper-V Server 7601 Service Pack 1", ["hyper-v-server"], "7601 Service Pack 1"),
    ("VMware ESXi 5.1.0 build-1157734 VMware, Inc. x86_64", ["vmware-esxi"], "5.1.0 build-1157734 VMware, Inc. x86_64"),
    ("VMware ESXi 4.1 Server httpd", ["vmware-esxi"], "4.1 Server httpd"),
    ("Kubernetes Dashboard", ["kubernetes"], "Dashboard"),
    ("Xen PVH", ["xen"], "PVH"),
    ("Hyper-V 6.3 及更高版本", ["hyper-v"], "6.3 及更高版本"),
    ("Login - OpenStack Dashboard", ["openstack"], "Login - Dashboard"),
    # Editions and licenses, parts of a product, and what stands before a name: its system, its maker.
    ("VMware ESXi 6.7.0 EP 15", ["vmware-esxi"], "6.7.0 EP 15"),
    ("VMware vSphere 7 Enterprise Plus for 1 processor", ["vmware-esxi"], "7 Enterprise Plus for 1 processor"),
    ("VMware-Workstation-Full-17.0.2", ["vmware-workstation"], "-Full-17.0.2"),
    ("Wine 9.0 Staging", ["wine"], "9.0 Staging"),
    ("docker-ce 5:24.0.7-1~ubuntu.22.04~jammy", ["docker"], "-ce 5:24.0.7-1~ubuntu.22.04~jammy"),
    ("Docker remote API", ["docker"], "remote API"),
    ("Kubernetes master node httpd", ["kubernetes"], "master node httpd"),
    ("VirtualBox VM Remote Desktop Service", ["virtualbox"], "VM Remote Desktop Service"),
    ("Oracle VM VirtualBox Manager", ["virtualbox"], "Manager"),
    ("KVM based VM", ["kvm"], "based VM"),
    ("Windows Server 2019 Hyper-V", ["hyper-v"], "Windows Server 2019"),
    ("CentOS 7 KVM host", ["kvm"], "CentOS 7"),
    ("VMware vSphere ESXi 4.1.x", ["vmware-esxi"], "VMware vSphere"),
    ("Red Hat OpenStack Platform 16.2", ["openstack"], "Red Hat"),
    ("Red Hat Virtualization 4.4", ["rhev-hypervisor"], "4.4"),
    ("HPE Custom ESXi 6.7", ["vmware-esxi"], "HPE Custom"),
    ("KVM RHEL 8", ["kvm"], "RHEL 8"),
    ("VMware ESXi 6.0.0 [Releasebuild-3620759 x86_64]", ["vmware-esxi"], "6.0.0 [Releasebuild-3620759 x86_64]"),
    ("Kubernetes worker node", ["kubernetes"], "worker node"),
    ("esxi host01", ["vmware-esxi"], "host01"),
    ("Office 365 E3", ["office-365"], "E3"),
    ("基于KVM的虚拟化", ["kvm"], "基于"),
    # A word of several tools counts like a name, and names of programs and systems do.
    ("VMware 7.0", ["vmware-esxi", "vmware-workstation"], "7.0"),
    ("VMware虚拟机", ["vmware-esxi", "vmware-workstation"], "虚拟机"),
    ("VMware / KVM", ["kvm", "vmware-esxi", "vmware-workstation"], None),
    ("qemu-kvm-1.5.3-175.el7_9.6.x86_64", ["kvm"], "-1.5.3-175.el7_9.6.x86_64"),
    ("/usr/libexec/qemu-kvm", ["kvm"], "/usr/libexec/"),
    ("kubelet v1.27.3", ["kubernetes"], "v1.27.3"),
    # Releases and services of OpenStack, runtimes of Kubernetes, kernels.
    ("OpenStack Kilo / Liberty / Mitaka", ["openstack"], "Kilo / Liberty / Mitaka"),
    ("OpenStack 2023.1 Antelope", ["openstack"], "2023.1 Antelope"),
    ("openstack-wallaby", ["openstack"], "-wallaby"),
    ("OpenStack Neutron LBaaS load balancer", ["openstack"], "Neutron LBaaS load balancer"),
    ("docker://20.10.12", ["docker"], "20.10.12"),
    ("2.6.18-53.1.4.el5xen", ["xen"], None),
    ("Linux hostname 2.6.18-53.1.4.el5xen #1 SMP Fri Nov 30 01:21:23 EST 2007 x86_64", ["xen"], None),
    # Other forms of a name.
    ("MS Hyper-V 2019", ["hyper-v"], None),
    ("Type II hypervisor", ["hosted"], None),
    ("第一类虚拟机监控器", ["bare-metal"], None),
    ("Ⅱ型", ["hosted"], None),
    ("一型", ["bare-metal"], None),
    ("2 型虚拟机管理程序", ["hosted"], None),
    ("裸金属型Hypervisor", ["bare-metal"], "Hypervisor"),
    ("操作系统层虚拟化", ["container"], None),
    ("操作系统虚拟化技术", ["container"], None),
    ("桌面虚拟化系统", ["desktop"], "系统"),
    ("网络虚拟化（NV）", ["network"], "（NV）"),
    ("KVM 虚拟化平台", ["kvm"], "虚拟化平台"),
    ("MS HyperV Server", ["hyper-v-server"], None),
    ("宿主架构", ["hosted"], None),
    ("库级虚拟化", ["library"], None),
    ("操作系统虚拟化", ["container"], None),
    ("操作系统(OS)虚拟化", ["container"], None),
    ("/usr/bin/docker", ["docker"], "/usr/bin/"),
    (
        "KVM/QEMU (Standard PC (Q35 + ICH9, 2009) pc-q35-8.2)",
        ["kvm"],
        "/QEMU (Standard PC (Q35 + ICH9, 2009) pc-q35-8.2)",
    ),
    ("/usr/local/sbin/kvm", ["kvm"], "/usr/local/sbin/"),
    # The vendor and the product of a machine, alone or in the line that Linux logs.
    ("innotek GmbH VirtualBox", ["virtualbox"], None),
    ("QEMU Standard PC (Q35 + ICH9, 2009)", ["kvm"], None),
    ("Microsoft Corporation Virtual Machine", ["hyper-v", "hyper-v-server"], None),
    ("Microsoft Virtual Machine", ["hyper-v", "hyper-v-server"], None),
    (
        "DMI: VMware, Inc. VMware20,1/440BX Desktop Reference Platform, BIOS VMW201.00V 08/26/2025",
        ["vmware-esxi", "vmware-workstation"],
        None,
    ),
    ("Virtual Machine Hyper-V UEFI Release v4.0", ["hyper-v", "hyper-v-server"], None),
    # Fields with their labels, which say how their values are compared; and lines that name a hypervisor.
    ("Hypervisor vendor:     Microsoft", ["hyper-v", "hyper-v-server"], None),
    ("Manufacturer: QEMU", ["kvm"], None),
    ("System Model: VMware7,1", ["vmware-esxi", "vmware-workstation"], None),
    ("Virtualization: microsoft", ["hyper-v", "hyper-v-server"], None),
    ("virtual => vmware", ["vmware-esxi", "vmware-workstation"], None),
    ("Hypervisor detected: Xen HVM", ["xen"], "Hypervisor detected: HVM"),
    ("Booting paravirtualized kernel on KVM", ["kvm"], "Booting paravirtualized kernel on"),
    ("虚拟化软件：VMware ESXi", ["vmware-esxi"], "虚拟化软件："),
    # Names that are joined.
    ("Docker on KVM", ["docker", "kvm"], None),
    ("KVM 4.18 + VirtualBox 6.1", ["kvm", "virtualbox"], None),
    ("Xen/KVM", ["kvm", "xen"], None),
    ("KVM (OpenStack)", ["kvm", "openstack"], None),
    ("KVM、Xen", ["kvm", "xen"], None),
    # An identifier counts as a part of what another part names; an operating system says nothing.
    ("KVM/QEMU", ["kvm"], None),
    ("qemu and KVM", ["kvm"], None),
    ("windows server 2025 + hyper-v", ["hyper-v"], "windows server 2025 +"),
    ("Windows Server 2008 Enterprise with Hyper-V SP1", ["hyper-v"], "Windows Server 2008 Enterprise with SP1"),
    ("Docker on Ubuntu 22.04", ["docker"], "on Ubuntu 22.04"),
    ("VirtualBox 6.1 on Windows 10", ["virtualbox"], "6.1 on Windows 10"),
    ("Hyper-V, VMware", ["hyper-v", "vmware-esxi", "vmware-workstation"], None),
    ("KVM, Xen and VirtualBox", ["kvm", "virtualbox", "xen"], None),
    ("KVM - Docker", ["docker", "kvm"], None),
    ("OpenStack KVM", ["kvm", "openstack"], None),
    ("KVM/libvirt 8.0", ["kvm"], "/libvirt 8.0"),
    ("VMware vSphere / ESXi", ["vmware-esxi"], None),
    ("物理服务器（VMware ESXi 6.7）", ["vmware-esxi"], "物理服务器（ 6.7）"),
    # A name and what it is in another language or in short.
    ("虚拟机监控器（Hypervisor）", ["hypervisor"], None),
    ("Kernel-based Virtual Machine (KVM)", ["kvm"], None),
    ("Hypervisor 虚拟机监视器", ["hypervisor"], None),
    # What says more about a product: where it runs, or what is in parentheses; and what a line is about.
    ("ESXi 8 on DL30 G10 with Xeon Gold CPU", ["vmware-esxi"], "on DL30 G10 with Xeon Gold CPU"),
    ("VirtualBox 7.1 installed on a laptop", ["virtualbox"], "installed on a laptop"),
    ("VirtualBox (Host-Only network)", ["virtualbox"], "(Host-Only network)"),
    ("Docker on xenpvh", ["docker"], "on xenpvh"),
    ("Hypervisor: KVM", ["kvm"], "Hypervisor:"),
    ("hypervisor type = VMware ESXi 7.0", ["vmware-esxi"], "hypervisor type = 7.0"),
    ("hypervisor - Xen", ["xen"], "hypervisor -"),
    # A CPE of any version, a connection URI of libvirt, our own URIs and paths.
    ("cpe:2.3:a:docker:docker:20.10.7:*:*:*:*:*:*:*", ["docker"], "20.10.7:*:*:*:*:*:*:*"),
    ("cpe:/a:oracle:virtualbox:6.1", ["virtualbox"], "6.1"),
    ("vbox+ssh://user@host/session", ["virtualbox"], "+ssh://user@host/session"),
    ("urn:virtualization-taxonomy:hypervisors/kvm", ["kvm"], None),
    ("/hypervisors/kvm", ["kvm"], None),
    ("https://example.com/taxonomy/hypervisor-types/hosted", ["hosted"], None),
    # What another word changes, denies or adds to, and names inside a string.
    ("Windows Server 2008 without Hyper-V", None, None),
    ("non KVM", None, None),
    ("KVM (disabled)", None, None),
    ("server on a rack", None, None),
    ("virtual machine (template)", None, None),
    ("非 KVM", None, None),
    ("Cisco KVM", None, None),
    ("Synergy KVM 7.0", None, None),
    ("KVM/Nothing", None, None),
    ("Xen Server 7.6", None, None),
    ("VMware Server 2.0", None, None),
    ("VMware Fusion 12", None, None),
    ("User-mode Linux 5.10", None, None),
    ("virtual machine host", None, None),
    ("kvms", None, None),
    ("7.0.3 build-20328353", None, None),
    ("cpe:2.3:o:docker:docker:20.10", None, None),
    ("/opt/docker/data", None, None),
    ("Microsoft Corporation Surface Laptop Go", None, None),
    ("LENOVO 20N2S00600", None, None),
    ("VMware Server httpd", None, None),
    ("Docker Desktop 4.30", None, None),
    ("Windows Server 2019", None, None),
    ("Windows on Ubuntu", None, None),
    ("网络级", None, None),
    ("/concepts/kvm", None, None),
    # Components of other products, and products that only begin alike.
    ("KVM console", None, None),
    ("KVM manager", None, None),
    ("IBM BladeCenter KVM", None, None),
    ("Stardock Multiplicity KVM daemon", None, None),
    ("Wine portal", None, None),
    ("Manufacturer: Dell Inc.", None, None),
    ("name = kvm", None, None),
    ("Virtualization: VT-x", None, None),
    ("Hypervisor vendor: none", None, None),
    ("Microsoft Virtual WiFi Miniport Adapter", None, None),
    ("DMI: Dell Inc. PowerEdge R740/0YNX56, BIOS 2.15.1 06/15/2022", None, None),
    ("Dell KVM", None, None),
    ("HPE KVM switch", None, None),
    ("HPE Storage cluster", None, None),
    ("VMware Photon Linux", None, None),
    ("Microsoft Azure", None, None),
    ("Windows guest", None, None),
    ("Xeon E5 2690 v4", None, None),
    ("服务器（双路）", None, None),
    ("基于网络的服务", None, None),
    ("Docker Hub", None, None),
    ("Docker Registry", None, None),
    ("VMware Tools 12.1.0", None, None),
    ("VMware Workstation Player 16.2", None, None),
    ("VMware Server http config", None, None),
    ("VMware Authentication Daemon", None, None),
    ("VMware Cloud on AWS", None, None),
    ("vSphere Management Assistant 4.1.0", None, None),
    ("Parallels Plesk Panel 11.5.30 for Microsoft Windows", None, None),
    ("Parallels Server 5", None, None),
    ("Xen Orchestra", None, None),
    ("Xen Cloud Platform httpd", None, None),
    ("Red Hat Enterprise Linux 9", None, None),
    ("Windows Hypervisor Platform", None, None),
    ("Microsoft SQL Server 2019", None, None),
    ("Oracle on VMware", None, None),
    ("Azure Kubernetes Service", None, None),
    ("Kubernetes Ingress Controller Fake Certificate", None, None),
    # Common words that are ids and names of types, and releases of OpenStack alone.
    ("server 2019", None, None),
    ("storage cluster", None, None),
    ("network interface", None, None),
    ("application portal", None, None),
    ("container host", None, None),
    ("network/storage", None, None),
    ("hosted service", None, None),
    ("hosted 2", None, None),
    ("Rocky 9", None, None),
    ("Yoga", None, None),
    ("第一类", None, None),
    ("DS2 型虚拟机", None, None),
    ("类型二", None, None),
    ("网络服务器", None, None),
    ("运行环境", None, None),
    ("5.4.0-42-generic", None, None),
    ("Linux hostname 5.4.0-42-generic #46-Ubuntu SMP", None, None),
    ("6.7.0 build-13006603", None, None),
    ("foo://1.2", None, None),
    ("虚拟机监控器（KVM）", None, None),
]


@pytest.mark.parametrize(("value", "ids", "rest"), PARTS)
def test_a_part_denotes_an_entry_if_the_rest_changes_nothing(client, value, ids, rest):
    (result,) = lookup(client, value)

    assert (result["match"], sorted(item["id"] for item in result["items"]), result["rest"]) == (
        "part" if ids else "none",
        ids or [],
        rest,
    )


def test_what_is_narrowed_is_chosen_from_what_is_not(client):
    whole, narrowed, other = (
        lookup(client, "Docker on KVM", "cpe:/a:docker:docker:20.10", "virtual machine", **parameters)
        for parameters in ({}, {"resource": "examples"}, {"scheme": "cpe"})
    )

    assert [summary(result)[1] for result in whole] == [
        ["examples/docker", "hypervisors/kvm"],
        ["examples/docker"],
        ["concepts/virtual-machine", "hypervisors/hyper-v-server", "hypervisors/hyper-v"],
    ]
    assert [summary(result) for result in narrowed] == [
        ("part", ["examples/docker"]),
        ("part", ["examples/docker"]),
        ("none", []),
    ]
    assert [summary(result) for result in other] == [("none", []), ("part", ["examples/docker"]), ("none", [])]


HOSTILE = [
    "web ui " * 28,
    "型" * 200,
    "OpenStack/ 1 " * 15,
    "-" * 200,
    " " * 199 + "x",
    "((" * 100,
    "1 " * 100,
    "a/" * 100,
    "on " * 66,
    "架构" * 100,
    "x" + ")" * 199,
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: value[:6])
def test_no_value_takes_long_to_read_in_parts(value):
    began = time.thread_time()
    for _ in range(10):
        readings(" ".join(value.split()))

    assert time.thread_time() - began < 0.02


def test_an_item_has_its_best_match_and_every_scheme(client):
    (result,) = lookup(client, "HyperV")

    assert [(item["id"], item["match"], item["matched"], item["scheme"]) for item in result["items"]] == [
        ("hyper-v", "id", "hyper-v", "virt-what"),
        ("hyper-v-server", "identifier", "hyperv", "virt-what"),
    ]
    assert all("gopsutil-virtualization-system" in item["schemes"] for item in result["items"])


def test_what_a_tool_prints_with_a_space_is_not_what_it_prints_without(client):
    assert [summary(result)[0] for result in lookup(client, "VirtualPC", "Virtual PC", "virtualpc ")] == [
        "identifier",
        "none",
        "identifier",
    ]


NEAREST = [
    ("VirutalBox", ["VirtualBox"]),
    ("kubernets", ["Kubernetes"]),
    ("容器虚拟", ["容器虚拟化"]),
    ("foo", []),
    ("KVM", []),
]


@pytest.mark.parametrize(("value", "names"), NEAREST)
def test_a_value_that_means_nothing_has_the_nearest_names(client, value, names):
    assert lookup(client, value)[0]["nearest"][:1] == names


def test_the_order_and_the_repetitions_of_the_input_are_kept(client):
    values = ["foo", "kvm", "xen", "kvm", "KVM", "foo"]

    assert [result["value"] for result in lookup(client, *values)] == values


def test_names_come_in_the_language_of_the_answer(client):
    names = {lang: lookup(client, "container", lang=lang)[0]["items"][0]["name"] for lang in ("en", "zh")}

    assert names == {"en": "Container virtualization", "zh": "容器虚拟化"}


PACK = """
pack: {id: own, version: "1", title: {en: Own, zh: 自有}, description: {en: Own., zh: 自有。}}
sources: [{id: table, title: Table, url: null}]
schemes:
  - id: vendor
    title: Vendor
    description: {en: A vendor., zh: 厂商。}
    url: null
    not_virtualized: [ACME, nothing, n/a]
  - id: word
    title: Word
    description: {en: A word., zh: 词。}
    url: null
    url_template: https://example.com/{value}
    not_virtualized: [nothing]
    hosts: [ours-host]
    unspecified: [some vm]
hypervisors:
  - id: ours
    labels: {en: Ours, zh: 自研}
    summary: {en: Ours., zh: 自研。}
    type: hosted
    identifiers:
      vendor: [ACME, {prefix: ACME V}, {substring: Virtual}]
      word: [ours-host, our s/x]
    sources: [{source: table, supports: [identifiers]}]
  - id: others
    labels: {en: Others, zh: 其他}
    summary: {en: Others., zh: 其他。}
    type: hosted
    identifiers: {vendor: [{prefix: ACME Virtual}]}
    sources: [{source: table, supports: [identifiers]}]
"""


@pytest.fixture(scope="module")
def own(new_database, tmp_path_factory):
    """A client of a server whose second pack has rules, and words for machines without a product."""
    seed_dir = tmp_path_factory.mktemp("seed")
    shutil.copytree(PROJECT / "seed" / "docs", seed_dir / "docs")
    (seed_dir / "own").mkdir()
    (seed_dir / "own" / "pack.yaml").write_text(PACK, encoding="utf-8")
    settings = new_database("sqlite").model_copy(update={"seed_dir": seed_dir, "packs": ("docs", "own")})
    prepare(settings)
    with client_of(create_app(settings)) as client:
        yield client


# The match, the ids with what they match, and the schemes under not_virtualized, hosts and unspecified.
MEANINGS = [
    ("nothing", {}, ("not-virtualized", [], ["vendor", "word"], [], [])),
    ("NOTHING", {"scheme": "word"}, ("not-virtualized", [], ["word"], [], [])),
    ("n/a", {}, ("not-virtualized", [], ["vendor"], [], [])),
    ("n a", {}, ("none", [], [], [], [])),
    ("some vm", {}, ("unspecified", [], [], [], ["word"])),
    ("some vm", {"scheme": "vendor"}, ("none", [], [], [], [])),
    ("ours-host", {}, ("identifier", [("ours", "ours-host")], [], ["word"], [])),
    ("ACME", {}, ("identifier", [("ours", "ACME")], ["vendor"], [], [])),
    ("ACME", {"resource": "examples"}, ("not-virtualized", [], ["vendor"], [], [])),
    # Rules count only for a scheme that is named; the longest wins.
    ("ACME Vee", {}, ("none", [], [], [], [])),
    ("acme vee", {"scheme": "vendor"}, ("identifier", [("ours", "ACME V")], [], [], [])),
    ("acme vee", {"scheme": ["vendor", "cpuid"]}, ("identifier", [("ours", "ACME V")], [], [], [])),
    ("acme vee", {"scheme": "word"}, ("none", [], [], [], [])),
    ("ACME Virtual 2", {"scheme": "vendor"}, ("identifier", [("others", "ACME Virtual")], [], [], [])),
    ("A Virtual ACME", {"scheme": "vendor"}, ("identifier", [("ours", "Virtual")], [], [], [])),
    ("A Virtual ACME", {"scheme": "vendor", "resource": "examples"}, ("none", [], [], [], [])),
    ("ACME V", {}, ("none", [], [], [], [])),
]


@pytest.mark.parametrize(("value", "parameters", "expected"), MEANINGS)
def test_a_scheme_says_what_a_value_means_and_how_it_is_compared(own, value, parameters, expected):
    (result,) = lookup(own, value, **parameters)
    items = [(item["id"], item["matched"]) for item in result["items"]]

    assert (result["match"], items, *(result[mark] for mark in ("not_virtualized", "hosts", "unspecified"))) == expected


def test_an_identifier_tells_how_it_is_compared_and_its_page(own):
    assert own.get("/hypervisors/ours").json()["identifiers"] == [
        {"scheme": "vendor", "value": "ACME", "match": "exact", "url": None},
        {"scheme": "vendor", "value": "ACME V", "match": "prefix", "url": None},
        {"scheme": "vendor", "value": "Virtual", "match": "substring", "url": None},
        {"scheme": "word", "value": "ours-host", "match": "exact", "url": "https://example.com/ours-host"},
        {"scheme": "word", "value": "our s/x", "match": "exact", "url": "https://example.com/our%20s%2Fx"},
    ]


NARROWED = [
    ("oracle", {"scheme": "systemd-detect-virt"}, ("identifier", ["hypervisors/virtualbox"])),
    ("oracle", {"scheme": "virt-what"}, ("none", [])),
    ("oracle", {"scheme": ["virt-what", "systemd-detect-virt"]}, ("identifier", ["hypervisors/virtualbox"])),
    ("kvm", {"scheme": "virt-what"}, ("identifier", ["hypervisors/kvm"])),
    ("kvm", {"scheme": "cpuid"}, ("none", [])),
    ("hypervisor", {"resource": "hypervisors"}, ("none", [])),
    ("docker", {"resource": ["concepts", "examples"]}, ("id", ["examples/docker"])),
    ("docker", {"resource": "examples", "scheme": "virt-what"}, ("identifier", ["examples/docker"])),
]


@pytest.mark.parametrize(("value", "parameters", "expected"), NARROWED)
def test_scheme_and_resource_narrow(client, value, parameters, expected):
    assert summary(lookup(client, value, **parameters)[0]) == expected


def known_identifiers(match="exact"):
    """The table of identifiers that are compared in a way: the entries of each pair of scheme and value."""
    entries = defaultdict(set)
    for row in read_table(IDENTIFIERS):
        if row["match"] == match:
            entries[row["scheme"], row["value"]].add(f"{row['resource']}/{row['id']}")
    return entries


def test_every_identifier_of_the_table_resolves_to_its_entries_under_its_scheme(client):
    for (scheme, value), entries in known_identifiers().items():
        match, found = summary(lookup(client, value, scheme=scheme)[0])

        assert (match, set(found)) == ("identifier", entries), (scheme, value)


def test_every_identifier_of_the_table_resolves_to_its_entries_among_others_without_a_scheme(client):
    """An identifier is found in each spelling that only folds otherwise."""
    everywhere = defaultdict(set)
    for (_, value), entries in known_identifiers().items():
        everywhere[fold_key(value)] |= entries
    for (_, value), entries in known_identifiers().items():
        (result,) = lookup(client, value)
        identified = {f"{item['resource']}/{item['id']}" for item in result["items"] if item["scheme"]}

        assert entries <= identified <= everywhere[fold_key(value)], value


def test_the_entries_show_the_identifiers_of_the_table_and_no_others(client):
    shown = defaultdict(lambda: defaultdict(set))
    for resource in COLLECTIONS:
        for item in client.get(f"/{resource}").json()["items"]:
            for identifier in item["identifiers"]:
                found = shown[identifier["match"]]
                found[identifier["scheme"], identifier["value"]].add(f"{resource}/{item['id']}")

    assert shown == {match: known_identifiers(match) for match in ("exact", "prefix", "substring")}


def test_every_rule_of_the_table_finds_its_entries_under_its_scheme(client):
    for match, around in (("prefix", "{} 1"), ("substring", "1 {} 1")):
        for (scheme, value), entries in known_identifiers(match).items():
            found = summary(lookup(client, around.format(value), scheme=scheme)[0])[1]

            assert entries <= {*found} or any(
                len(other) > len(value) and other.startswith(value)
                for other_scheme, other in known_identifiers(match)
                if other_scheme == scheme
            ), (scheme, value)


REFUSED = [
    ("", "Missing, but required."),
    ("value=", "Empty; give a value or leave the parameter out."),
    ("&".join(["value=x"] * 101), "Given more than 100 times."),
    ("value=" + "x" * 201, "A value is longer than 200 characters."),
    ("value=%00", "Contains a NUL character."),
    ("value=%ED%A0%80", "Not valid UTF-8."),
]


@pytest.mark.parametrize(("query", "detail"), REFUSED, ids=[detail for _, detail in REFUSED])
def test_bad_values_are_refused_by_name(client, query, detail):
    response = client.get(f"/lookup?{query}")

    assert response.status_code == 422
    assert [(error["parameter"], error["detail"]) for error in response.json()["errors"]] == [("value", detail)]


@pytest.mark.parametrize(("name", "value"), [("scheme", "systemd-detect"), ("resource", "hypervisor")])
def test_unknown_schemes_and_resources_are_refused(client, name, value):
    (error,) = client.get(f"/lookup?value=kvm&{name}={value}").json()["errors"]

    assert error["parameter"] == name
    assert error["hint"].startswith("Did you mean '")


def test_a_hundred_long_values_are_answered(client):
    values = ["容" * 69 + chr(ord("一") + number) for number in range(100)]

    assert [result["match"] for result in lookup(client, *values)] == ["none"] * 100


PROPERTY = hypothesis(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@PROPERTY
@given(values=st.lists(TEXT, min_size=99, max_size=99))
def test_a_hundred_values_are_two_statements(uncached, values):
    """The second one reads what may be parts of those that the first does not find."""
    with statements() as seen:
        assert len(lookup(uncached, "kvm", *values)) == 100

    assert len(seen) <= 2


@given(text=st.text(max_size=60))
def test_folding_is_idempotent(text):
    assert fold_text(fold_text(text)) == fold_text(text)
    assert fold_key(fold_key(text)) == fold_key(text)


def test_every_alias_of_every_entry_finds_it(client):
    for resource in COLLECTIONS:
        for item in client.get(f"/{resource}").json()["items"]:
            words = [item["id"], *item["labels"].values(), *item["aliases"]]
            variants = [variant for word in words for variant in (word, word.upper(), word.replace(" ", "_-"))]
            for result in lookup(client, *variants, resource=resource):
                assert f"{resource}/{item['id']}" in summary(result)[1], result["value"]
