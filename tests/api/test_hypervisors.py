"""`/hypervisors`: the call that everybody makes first."""

import pytest

from tests.support.http import ids

BARE_METAL = ["kvm", "xen", "vmware-esxi", "rhev-hypervisor", "hyper-v-server"]
HOSTED = ["vmware-workstation", "hyper-v", "virtualbox", "parallels-desktop"]

FILTERS = [
    ("", BARE_METAL + HOSTED),
    ("type=bare-metal", BARE_METAL),
    ("type=hosted", HOSTED),
    ("type=hosted&type=bare-metal", BARE_METAL + HOSTED),
    ("vendor=Broadcom", ["vmware-esxi", "vmware-workstation"]),
    ("vendor=Broadcom&vendor=Oracle", ["vmware-esxi", "vmware-workstation", "virtualbox"]),
    ("vendor=Broadcom&type=hosted", ["vmware-workstation"]),
    ("vendor=broadcom", []),
    ("vendor=Nobody", []),
    ("license=GPL-2.0-only", ["kvm", "xen"]),
    ("license=GPL-2.0-only&q=xen", ["xen"]),
    ("status=discontinued", ["rhev-hypervisor", "hyper-v-server"]),
    ("status=discontinued&vendor=Microsoft", ["hyper-v-server"]),
    ("pack=docs&type=hosted", HOSTED),
    ("type=hosted&q=vmware", ["vmware-workstation"]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_filters_narrow_the_list(client, query, expected):
    response = client.get(f"/hypervisors?{query}")

    assert ids(response) == expected
    assert response.json()["total"] == len(expected)


def test_the_call_that_everybody_makes_first_gives_the_whole_list(client):
    page = client.get("/hypervisors?type=bare-metal").json()

    assert {name: page[name] for name in page if name != "items"} == {
        "total": 5,
        "limit": 100,
        "offset": 0,
        "facets": {},
        "hint": None,
    }
    assert [(item["id"], item["name"], item["type"]) for item in page["items"]] == [
        ("kvm", "KVM", "bare-metal"),
        ("xen", "Xen", "bare-metal"),
        ("vmware-esxi", "VMware ESXi", "bare-metal"),
        ("rhev-hypervisor", "RHEV Hypervisor", "bare-metal"),
        ("hyper-v-server", "Hyper-V Server", "bare-metal"),
    ]


def test_what_a_list_shows_is_what_the_single_record_shows(client):
    for item in client.get("/hypervisors").json()["items"]:
        assert client.get(item["url"]).json() == item


ALIASES = [
    ("esxi", "vmware-esxi"),
    ("ESX", "vmware-esxi"),
    ("VMware%20ESXi", "vmware-esxi"),
    ("vSphere_Hypervisor", "vmware-esxi"),
    ("Vmware%20Esxi", "vmware-esxi"),
    ("Rhev%20Hypervisor", "rhev-hypervisor"),
    ("hyperv", "hyper-v"),
    ("Hyper-v%20Server", "hyper-v-server"),
    ("Paralles%20Desktop", "parallels-desktop"),
    ("XEN", "xen"),
    ("%EF%BC%AB%EF%BC%B6%EF%BC%AD", "kvm"),
]


@pytest.mark.parametrize(("alias", "id"), ALIASES)
def test_an_alias_leads_to_the_canonical_url(client, alias, id):
    response = client.get(f"/hypervisors/{alias}?lang=zh")

    assert response.status_code == 301
    assert response.headers["location"] == f"/hypervisors/{id}?lang=zh"


def test_the_document_s_class_is_kept_and_the_reader_is_told_where_the_field_disagrees(client):
    remarks = {item["id"]: item["remark"] for item in client.get("/hypervisors").json()["items"]}

    assert [id for id, remark in remarks.items() if remark and "type 1" in remark] == ["kvm"]
    assert [id for id, remark in remarks.items() if remark and "type-1" in remark] == ["hyper-v"]
    assert "KVM" in remarks["rhev-hypervisor"]
