"""`/hypervisor-types`: where a hypervisor runs."""

import pytest

from tests.support.http import ids

ALL = ["bare-metal", "hosted"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", ALL), ("concept=hypervisor", ALL), ("concept=virtualization", []), ("pack=docs&q=host", ["hosted"])],
)
def test_filters_narrow_the_list(client, query, expected):
    assert ids(client.get(f"/hypervisor-types?{query}")) == expected


def test_each_type_refers_to_its_hypervisors_in_the_document_s_order(client):
    items = client.get("/hypervisor-types").json()["items"]

    assert {item["id"]: [hypervisor["url"] for hypervisor in item["hypervisors"]] for item in items} == {
        "bare-metal": [
            "/hypervisors/kvm",
            "/hypervisors/xen",
            "/hypervisors/vmware-esxi",
            "/hypervisors/rhev-hypervisor",
            "/hypervisors/hyper-v-server",
        ],
        "hosted": [
            "/hypervisors/vmware-workstation",
            "/hypervisors/hyper-v",
            "/hypervisors/virtualbox",
            "/hypervisors/parallels-desktop",
        ],
    }


@pytest.mark.parametrize(
    ("alias", "id"),
    [
        ("type-1", "bare-metal"),
        ("type%201", "bare-metal"),
        ("native", "bare-metal"),
        ("裸机", "bare-metal"),
        ("裸金属", "bare-metal"),
        ("type2", "hosted"),
        ("寄居", "hosted"),
    ],
)
def test_the_usual_words_lead_to_the_type(client, alias, id):
    response = client.get(f"/hypervisor-types/{alias}")

    assert (response.status_code, response.headers["location"]) == (301, f"/hypervisor-types/{id}")
