"""`/virtualization-types`: what is virtualized."""

import pytest

from tests.support.http import ids

ALL = ["server", "network", "desktop", "application", "storage", "library", "container"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("concept=virtualization", ALL),
        ("concept=hypervisor", []),
        ("pack=docs", ALL),
        ("q=docker", ["container"]),
    ],
)
def test_filters_narrow_the_list(client, query, expected):
    assert ids(client.get(f"/virtualization-types?{query}")) == expected


def test_each_type_refers_to_its_examples(client):
    items = client.get("/virtualization-types").json()["items"]

    assert {item["id"]: [example["id"] for example in item["examples"]] for item in items} == {
        "server": [],
        "network": ["kubernetes", "openstack"],
        "desktop": [],
        "application": ["office-365"],
        "storage": ["nas"],
        "library": ["wine"],
        "container": ["docker"],
    }


def test_a_reference_is_an_id_a_name_and_a_url(client):
    assert client.get("/virtualization-types/container").json()["examples"] == [
        {"id": "docker", "name": "Docker", "url": "/examples/docker"}
    ]
