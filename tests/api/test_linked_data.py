"""JSON-LD of entries and lists: what `/export.jsonld` says of them, at URIs that lead to them."""

import pytest

from app.main import create_app
from app.settings import Settings
from app.store.collections import COLLECTIONS
from tests.support.servers import client_of

LD = "application/ld+json"
BASE = "urn:virtualization-taxonomy:"


@pytest.fixture(scope="module")
def exported(lab):
    """The context of the export, and its objects by path."""
    document = lab.get("/export.jsonld").json()
    return document["@context"], {node["id"].replace(BASE, "/"): node for node in document["@graph"]}


def test_the_json_ld_of_an_entry_is_what_the_export_says_of_it(lab, exported):
    context, nodes = exported
    scheme, *paths = nodes
    assert (scheme, len(paths)) == ("/taxonomy", 30)
    for path in paths:
        answers = [
            lab.get(f"{path}.jsonld", headers={"Accept": "text/html"}),
            lab.get(f"{path}?format=jsonld&lang=zh", headers={"Accept": "text/html"}),
            lab.get(path, headers={"Accept": LD}),
        ]
        assert [answer.json() for answer in answers] == [{"@context": context} | nodes[path]] * 3
        assert len({answer.content for answer in answers}) == 1
        assert {answer.headers["content-type"] for answer in answers} == {LD}
        assert {answer.headers["content-language"] for answer in answers} == {"en, zh"}
        assert ["content-disposition" in answer.headers for answer in answers] == [False] * 3


QUERIES = ["", "pack=lab", "q=vmware", "id=xen&id=kvm", "vendor=nobody"]


@pytest.mark.parametrize("query", QUERIES)
def test_the_json_ld_of_a_list_is_what_the_export_says_of_its_entries(lab, exported, query):
    context, nodes = exported
    answers = [
        lab.get(f"/hypervisors.jsonld?{query}"),
        lab.get(f"/hypervisors?format=jsonld&limit=100&offset=0&{query}"),
        lab.get(f"/hypervisors?{query}", headers={"Accept": LD}),
    ]
    expected = [nodes[entry["url"]] for entry in lab.get(f"/hypervisors?{query}").json()["items"]]

    assert [answer.json() for answer in answers] == [{"@context": context, "@graph": expected}] * 3
    assert {answer.headers["content-type"] for answer in answers} == {LD}
    assert {answer.headers["content-language"] for answer in answers} == {"en, zh"}
    assert {answer.headers["content-disposition"] for answer in answers} == {
        'attachment; filename="hypervisors-docs-1.0.0+lab-1.jsonld"'
    }


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_collection_is_there_as_a_whole(lab, exported, collection):
    _, nodes = exported

    assert lab.get(f"/{collection}.jsonld").json()["@graph"] == [
        node for path, node in nodes.items() if path.startswith(f"/{collection}/")
    ]


@pytest.mark.parametrize(("ending", "query"), [(".jsonld", ""), ("", "?format=jsonld"), ("", "?format=json&lang=zh")])
def test_an_alias_leads_to_the_same_format(lab, ending, query):
    moved = lab.get(f"/hypervisors/ESXi{ending}{query}")

    assert (moved.status_code, moved.headers["location"]) == (301, f"/hypervisors/vmware-esxi{ending}{query}")


def test_an_address_of_its_own_takes_no_language_or_order(lab):
    refused = [lab.get(f"/hypervisors{url}").json() for url in ("/kvm.jsonld?lang=en", ".jsonld?sort=name")]

    assert [(each["status"], each["detail"]) for each in refused] == [
        (422, "lang: Unknown parameter."),
        (422, "sort: Unknown parameter."),
    ]


def test_an_entry_that_is_not_there_is_a_404_that_says_where_to_look(lab):
    problem = lab.get("/hypervisors/virtualbax.jsonld").json()

    assert (problem["status"], problem["errors"][0]["allowed"]) == (404, ["virtualbox"])


def test_a_client_that_wants_neither_format_is_told_both(lab):
    problem = lab.get("/hypervisors/kvm", headers={"Accept": "text/turtle"}).json()

    assert problem["detail"] == (
        "The response is available as application/json, application/ld+json, but Accept allows none of these."
    )


@pytest.mark.setting("base_uri")
def test_the_uris_lead_to_what_they_name_where_their_base_is_the_public_address(settings, monkeypatch):
    base = "https://taxonomy.example.com/tools/"
    monkeypatch.setenv("TAXONOMY_BASE_URI", base)
    with client_of(create_app(Settings(database_url=settings.database_url, root_path="/tools"))) as client:

        def follow(uri):
            # The proxy at the public address removes its prefix.
            return client.get("/" + uri.removeprefix(base), headers={"Accept": LD}).json()

        document = client.get("/export.jsonld").json()
        scheme, *concepts = document["@graph"]

        assert scheme["id"] == f"{base}taxonomy"
        assert follow(scheme["id"]) == document
        for concept in concepts:
            assert concept["id"].startswith(base)
            assert follow(concept["id"]) == {"@context": document["@context"]} | concept
