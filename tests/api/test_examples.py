"""`/examples`: what the document names for the virtualization types."""

import pytest

from tests.support.http import ids

ALL = ["kubernetes", "openstack", "office-365", "nas", "wine", "docker"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("type=container", ["docker"]),
        ("type=network", ["kubernetes", "openstack"]),
        ("type=server", []),
        ("type=storage&type=library", ["nas", "wine"]),
        ("vendor=Microsoft", ["office-365"]),
        ("license=Apache-2.0", ["kubernetes", "openstack", "docker"]),
        ("license=Apache-2.0&type=container", ["docker"]),
        ("pack=docs", ALL),
    ],
)
def test_filters_narrow_the_list(client, query, expected):
    response = client.get(f"/examples?{query}")

    assert ids(response) == expected
    assert response.json()["total"] == len(expected)


@pytest.mark.parametrize(
    ("alias", "id"),
    [("K8s", "kubernetes"), ("Openstack", "openstack"), ("office%20365", "office-365"), ("WINE", "wine")],
)
def test_the_document_s_spellings_lead_to_the_example(client, alias, id):
    response = client.get(f"/examples/{alias}")

    assert (response.status_code, response.headers["location"]) == (301, f"/examples/{id}")


def test_one_example_is_the_bare_object_with_every_field(client):
    assert client.get("/examples/nas").json() == {
        "id": "nas",
        "url": "/examples/nas",
        "name": "NAS",
        "labels": {"en": "NAS", "zh": "NAS"},
        "aliases": ["network-attached storage", "网络附加存储"],
        "summary": "Storage that is attached to a network and serves whole files to those who use it.",
        "remark": "It is a class of storage rather than a product.",
        "remark_kind": "note",
        "related": [],
        "deprecated": None,
        "identifiers": [],
        "pack": "docs",
        "sources": [
            {"title": "虚拟化介绍", "section": "虚拟化类型 › 存储虚拟化", "url": None, "supports": ["name", "type"]}
            | {"kind": "primary", "read": "work"},
            {
                "title": "SNIA Online Dictionary: NAS",
                "section": None,
                "url": "https://www.snia.org/resources/online-dictionary?alpha=N",
                "supports": ["aliases", "summary", "remark"],
                "kind": "standard",
                "read": "work",
            },
            {
                "title": "Red Hat：什么是网络附加存储（NAS）",
                "section": None,
                "url": "https://www.redhat.com/zh/topics/data-storage/network-attached-storage",
                "supports": ["aliases", "summary", "remark"],
                "kind": "primary",
                "read": "work",
            },
        ],
        "vendor": None,
        "license": None,
        "status": None,
        "website": None,
        "based_on": [],
        "type": "storage",
    }
