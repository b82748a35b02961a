"""`/reconcile`: the Reconciliation Service API 0.2, each answer checked with the schemas of the specification.

Those in `reconciliation/` are the ones that the test bench of the W3C's group contains, at its commit e160c195ee5c
(https://github.com/reconciliation-api/testbench), whose licence is beside them.
"""

import json
from collections import Counter
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from app.api.json_body import LARGEST_BODY
from app.main import create_app
from app.packs.prepare import prepare
from app.pages.rendering import read_texts
from app.queries.entities import TYPES, Property
from app.settings import PROJECT
from app.shapes.entries import SHAPES
from app.store.collections import COLLECTIONS
from app.store.tables import Language
from tests.support.http import problem
from tests.support.servers import client_of
from tools.resolve_report import STRINGS
from tools.tables import read_table

SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (PROJECT / "tests" / "api" / "reconciliation").glob("*.json")
}
REGISTRY = Registry().with_resources((each["$id"], DRAFT202012.create_resource(each)) for each in SCHEMAS.values())


def valid(name, document):
    """A document that is valid against a schema of the specification."""
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(document)
    return document


def post(client, **fields):
    """The answer to a form."""
    return client.post("/reconcile", data={name: json.dumps(value) for name, value in fields.items()})


def reconcile(client, queries):
    """What each query finds, by POST: for each candidate its id, its score and whether it is a match."""
    response = post(client, queries=valid("reconciliation-query-batch", queries))
    assert response.status_code == 200, response.text
    results = valid("reconciliation-result-batch", response.json())
    return {key: [(each["id"], each["score"], each["match"]) for each in results[key]["result"]] for key in queries}


def candidates(client, query, **narrowing):
    """What one query finds."""
    return reconcile(client, {"q": {"query": query, **narrowing}})["q"]


def manifest(base, lang=None):
    """The manifest in English of a service at a base URL, asked for with a language."""
    query, joined = (f"?lang={lang}", f"?lang={lang}&") if lang else ("", "?")
    return {
        "versions": ["0.2"],
        "name": "Virtualization Taxonomy",
        "identifierSpace": "urn:virtualization-taxonomy:",
        "schemaSpace": "http://www.w3.org/2004/02/skos/core#Concept",
        "defaultTypes": [
            {"id": "concepts", "name": "Concept"},
            {"id": "virtualization-types", "name": "Virtualization type"},
            {"id": "examples", "name": "Example"},
            {"id": "hypervisor-types", "name": "Hypervisor type"},
            {"id": "hypervisors", "name": "Hypervisor"},
        ],
        "documentation": f"{base}/docs",
        "logo": f"{base}/favicon.ico",
        "serviceVersion": "0.1.0",
        "view": {"url": f"{base}/{query}#/{{{{id}}}}"},
        "preview": {"url": f"{base}/reconcile/preview{joined}id={{{{id}}}}", "width": 420, "height": 240},
        "suggest": {
            kind: {
                "service_url": base,
                "service_path": f"/reconcile/suggest/{kind}{query}",
                "flyout_service_url": base,
                "flyout_service_path": f"/reconcile/flyout/{kind}{joined}id=${{id}}",
            }
            for kind in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/reconcile/extend/propose"},
            "property_settings": [],
        },
        "batchSize": 1000,
    }


def test_the_manifest_says_where_everything_is(client, base_url):
    for url, lang in [("/reconcile", None), ("/reconcile?lang=en", "en")]:
        response = client.get(url)

        assert valid("manifest", response.json()) == manifest(base_url, lang)
        # The caches of others may not have the host in their key.
        assert response.headers["cache-control"] == "private, no-cache"
        etag = {"If-None-Match": response.headers["etag"]}
        assert client.get(url, headers=etag).status_code == 304
    chinese = client.get("/reconcile", headers={"Accept-Language": "zh"}).json()
    assert (chinese["name"], chinese["defaultTypes"][4]["name"]) == ("虚拟化分类", "虚拟机监控器")


ADDRESSES = [
    ({"Host": "one.example"}, "http://one.example"),
    ({"Host": "two.example:8080"}, "http://two.example:8080"),
    ({"Host": "one.example", "X-Forwarded-Prefix": "/tools/taxonomy"}, "http://one.example/tools/taxonomy"),
    ({"Host": "one.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}, "https://one.example"),
    ({"Host": "one.example"}, "http://one.example"),
]


def test_its_urls_begin_with_the_address_of_each_request(client):
    for headers, base in ADDRESSES:
        assert client.get("/reconcile", headers=headers).json() == manifest(base)


KVM, ESXI, WORKSTATION = "hypervisors/kvm", "hypervisors/vmware-esxi", "hypervisors/vmware-workstation"
QUERIES = [
    # The only exact meaning is a match, whichever tier found it.
    ("KVM", {}, [(KVM, 100, True)]),
    (KVM, {}, [(KVM, 100, True)]),
    ("虚拟化", {}, [("concepts/virtualization", 90, True)]),
    ("裸金属", {}, [("hypervisor-types/bare-metal", 80, True)]),
    ("KVMKVMKVM", {}, [(KVM, 70, True)]),
    # Several are none, nor is a part, nor a name that comes near.
    ("vmware", {}, [(ESXI, 70, False), (WORKSTATION, 70, False)]),
    ("hyper-v", {}, [("hypervisors/hyper-v", 100, False), ("hypervisors/hyper-v-server", 70, False)]),
    ("VMware ESXi 7.0.3 build-20328353", {}, [(ESXI, 50, False)]),
    ("VirutalBox", {}, [("hypervisors/virtualbox", 10, False)]),
    # Nor is an entity if the string also means a virtualized machine of any product, or none.
    ("none", {}, []),
    ("redhat", {}, []),
    ("PowerEdge R650", {}, []),
    # Types and properties narrow, and may leave one.
    ("vmware", {"type": "hypervisors"}, [(ESXI, 70, False), (WORKSTATION, 70, False)]),
    ("vmware", {"type": ["examples", "concepts"]}, []),
    ("vmware", {"type": ""}, [(ESXI, 70, False), (WORKSTATION, 70, False)]),
    ("vmware", {"limit": 1}, [(ESXI, 70, False)]),
    ("vmware", {"properties": [{"pid": "type", "v": "hosted"}]}, [(WORKSTATION, 70, True)]),
    ("vmware", {"properties": [{"pid": "type", "v": {"id": "hypervisor-types/hosted"}}]}, [(WORKSTATION, 70, True)]),
    ("vmware", {"properties": [{"pid": "type", "v": ["Hosted", 7, True]}]}, [(WORKSTATION, 70, True)]),
    ("vmware", {"properties": [{"pid": "type", "v": "hosted"}, {"pid": "status", "v": "discontinued"}]}, []),
    ("KVM", {"type": ["hypervisors", "examples"], "type_strict": "should"}, [(KVM, 100, True)]),
    ("KVM", {"type": ["hypervisors", "hypervisors"], "type_strict": "all"}, [(KVM, 100, True)]),
    ("KVM", {"type": ["hypervisors", "examples"], "type_strict": "all"}, []),
    # The scheme is that of the string.
    ("oracle", {"properties": [{"pid": "scheme", "v": "virt-what"}]}, []),
    (
        "oracle",
        {"properties": [{"pid": "scheme", "v": ["virt-what", "systemd-detect-virt"]}]},
        [("hypervisors/virtualbox", 70, True)],
    ),
    ("oracle", {"properties": [{"pid": "scheme", "v": "no such scheme"}]}, []),
    # What cannot be looked up has no candidates.
    ("", {}, []),
    ("x" * 201, {}, []),
    ("a\0b", {}, []),
    ("\ud800", {}, []),
]


def test_each_query_finds_its_candidates_by_tier(client):
    queries = {f"q{number}": {"query": text, **more} for number, (text, more, _) in enumerate(QUERIES)}

    assert reconcile(client, queries) == {f"q{number}": found for number, (_, _, found) in enumerate(QUERIES)}


def test_a_candidate_is_described(client):
    query = {"q": {"query": "VMware ESXi"}}
    assert post(client, queries=query).json() == {
        "q": {
            "result": [
                {
                    "id": ESXI,
                    "name": "VMware ESXi",
                    "description": client.get("/hypervisors/vmware-esxi").json()["summary"],
                    "type": [{"id": "hypervisors", "name": "Hypervisor"}],
                    "score": 100,
                    "match": True,
                }
            ]
        }
    }


def test_without_a_string_every_entity_that_has_the_properties_is_a_candidate(client):
    microsoft = {"pid": "vendor", "v": "microsoft"}
    hyper_v = [(f"hypervisors/{id}", 30, False) for id in ("hyper-v-server", "hyper-v")]
    queries = {
        "all": {"properties": [microsoft]},
        "type": {"properties": [microsoft], "type": "hypervisors"},
        "both": {"properties": [microsoft, {"pid": "type", "v": "hosted"}]},
        "scheme": {"properties": [{"pid": "scheme", "v": "libvirt-uri-scheme"}], "limit": 2},
        "none": {"properties": [{"pid": "vendor", "v": "nobody"}]},
    }

    assert reconcile(client, queries) == {
        "all": [("examples/office-365", 30, False), *hyper_v],
        "type": hyper_v,
        "both": hyper_v[1:],
        "scheme": [(KVM, 30, False), ("hypervisors/xen", 30, False)],
        "none": [],
    }


def test_every_entry_is_found_by_its_name_and_by_its_id(client):
    for resource in COLLECTIONS:
        for entry in client.get(f"/{resource}").json()["items"]:
            id = f"{resource}/{entry['id']}"
            assert id in [found for found, _, _ in candidates(client, entry["name"], type=resource)]
            assert candidates(client, id) == [(id, 100, True)]
            for prefix in (entry["name"], id):
                assert id in suggested(client, "entity", prefix=prefix)


def test_real_strings_match_by_themselves_only_where_that_is_right(new_database):
    """Of 252 strings of real inventories; the others have candidates, among which the right one may be, or none."""
    strings = read_table(STRINGS)
    settings = new_database("sqlite").model_copy(update={"packs": ("docs", "field")})
    prepare(settings)
    with client_of(create_app(settings)) as client:
        found = reconcile(client, {str(at): {"query": row["string"]} for at, row in enumerate(strings)})

    verdicts = Counter()
    for at, row in enumerate(strings):
        meant = {meaning.removeprefix("out:") for meaning in row["meaning"].split("|")}
        best = [(id.partition("/")[2] in meant, score, match) for id, score, match in found[str(at)]]
        if not best:
            verdicts["nothing"] += 1
        else:
            kind = "match" if best[0][2] else "nearest" if best[0][1] == 10 else "candidates"
            verdicts[kind, any(right for right, _, _ in best)] += 1
    assert verdicts == {
        ("match", True): 88,
        ("candidates", True): 113,
        ("nearest", True): 1,
        ("nearest", False): 15,
        "nothing": 35,
    }


def test_get_answers_what_post_answers_in_each_language(client):
    queries = {"q": {"query": "vmware", "limit": 1}}
    for lang in ("en", "zh-CN"):
        asked = client.get("/reconcile", params={"queries": json.dumps(queries), "lang": lang})
        form = {"queries": json.dumps(queries)}
        posted = client.post("/reconcile", data=form | {"lang": lang})

        assert posted.json() == asked.json()
        assert asked.headers["cache-control"].startswith("public")
        assert (posted.headers["cache-control"], posted.headers["content-language"]) == ("no-store", lang[:2])
        # OpenRefine sends a form to the address that its user gives.
        assert client.post(f"/reconcile?lang={lang}", data=form).json() == posted.json()
    assert asked.json()["q"]["result"][0]["type"] == [{"id": "hypervisors", "name": "虚拟机监控器"}]
    assert client.post("/reconcile", data={"queries": "{}"}).json() == {}


REFUSED = [
    (
        {"queries": "{"},
        [("queries", "Not valid JSON: line 1, column 2: expecting property name enclosed in double quotes.")],
    ),
    ({"queries": "[]"}, [("queries", "Must be an object.")]),
    ({"queries": "null"}, [("queries", "Must be an object.")]),
    ({"queries": '{"a": {}}'}, [("queries.a", "Has neither query nor properties; give one.")]),
    ({"queries": '{"a": {"properties": []}}'}, [("queries.a", "Has neither query nor properties; give one.")]),
    ({"queries": '{"a": {"query": "x"}, "a": {"query": "y"}}'}, [("a", "The same key twice in one object.")]),
    (
        {"queries": '{"a": {"query": null, "limit": 0, "type": "x"}, "b": {"query": "x", "limit": 1.5, "limi": 1}}'},
        [
            ("queries.a.query", "Must be a string."),
            ("queries.a.type[0]", "'x' is not a known value."),
            ("queries.a.limit", "Must be at least 1."),
            ("queries.b.limit", "Must be a whole number."),
            ("queries.b.limi", "Unknown key."),
        ],
    ),
    (
        {"queries": '{"a": {"query": "x", "limit": 1001, "properties": [{"pid": "vendr", "v": null, "w": 1}]}}'},
        [
            ("queries.a.limit", "Must be at most 1000."),
            ("queries.a.properties[0].pid", "'vendr' is not a known value."),
            (
                "queries.a.properties[0].v",
                "Must be a string, a number, a boolean, an object with an id, or an array of these.",
            ),
            ("queries.a.properties[0].w", "Unknown key."),
        ],
    ),
    (
        {"queries": json.dumps({str(number): {"query": "x"} for number in range(1001)})},
        [("queries", "Has more than 1000 items.")],
    ),
    (
        {"extend": '{"ids": "x", "properties": [{"id": "x"}, {"id": "name", "settings": {"a": 1}}]}'},
        [
            ("extend.ids", "Must be an array."),
            ("extend.properties[0].id", "'x' is not a known value."),
            ("extend.properties[1].settings", "Has more than 0 items."),
        ],
    ),
    ({}, [("queries", "Missing.")]),
    ({"query": "kvm"}, [("query", "Unknown parameter.")]),
    ({"queries": "{}", "callback": "x"}, [("callback", "Unknown parameter.")]),
    ({"queries": "{}", "extend": '{"ids": [], "properties": []}'}, [("extend", "Given together with queries.")]),
]


@pytest.mark.parametrize(("form", "faults"), REFUSED, ids=[f"{each[0]!s:.50}" for each in REFUSED])
def test_a_form_of_another_shape_is_refused_by_place(client, form, faults):
    response = client.post("/reconcile", data=form, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert problem(response)["type"] == "/problems/invalid-parameter"
    assert [(error["parameter"], error["detail"]) for error in response.json()["errors"]] == faults


def test_a_misspelled_key_has_a_hint(client):
    response = post(client, queries={"properties": {"query": "x", "propertys": [], "properties": [{"pif": "type"}]}})

    assert [(error["hint"], error["allowed"]) for error in response.json()["errors"] if error["allowed"]] == [
        ("Did you mean 'pid'?", ["pid", "v"]),
        ("Did you mean 'properties'?", ["query", "type", "limit", "properties", "type_strict"]),
    ]


def test_a_body_is_a_form_of_up_to_one_mebibyte(client):
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    fits = b"queries=%7B%7D" + b"&" * (LARGEST_BODY - len(b"queries=%7B%7D"))

    assert client.post("/reconcile", content=fits, headers=form).json() == {}
    assert problem(client.post("/reconcile", content=fits + b"&", headers=form))["status"] == 413
    refused = client.post("/reconcile", json={"queries": {}})
    assert (problem(refused)["status"], refused.headers["accept-post"]) == (415, "application/x-www-form-urlencoded")
    assert refused.json()["detail"] == (
        "The body must be a form, with Content-Type: application/x-www-form-urlencoded. "
        "This request has 'application/json'."
    )


SCRIPTS = [
    "/reconcile",
    "/reconcile?queries=%7B%22q%22:%7B%22query%22:%22kvm%22%7D%7D",
    "/reconcile?extend=%7B%22ids%22:[],%22properties%22:[]%7D",
    "/reconcile/suggest/entity?prefix=k",
    "/reconcile/suggest/type?prefix=h",
    "/reconcile/suggest/property?prefix=v",
    "/reconcile/extend/propose",
    "/reconcile/flyout/entity?id=hypervisors/kvm",
]


@pytest.mark.parametrize("url", SCRIPTS)
def test_an_answer_can_be_a_script(client, url):
    joint = "&" if "?" in url else "?"
    plain = client.get(url)
    script = client.get(f"{url}{joint}callback=jQuery1_2&_=1764240000000", headers={"Accept": "text/javascript"})

    assert script.text == f"/**/jQuery1_2({plain.text});"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["content-language"] == plain.headers["content-language"]
    for name in ("", "a.b", "1a", "alert(1)", "a\n", "函数", "x" * 101):
        refused = client.get(f"{url}{joint}{urlencode({'callback': name})}")
        assert [error["parameter"] for error in problem(refused)["errors"]] == ["callback"]


def test_only_these_are_scripts(client):
    for url in ("/hypervisors?limit=1", "/reconcile/preview?id=hypervisors/kvm", "/lookup?value=kvm"):
        for name in ("callback", "_"):
            assert [error["parameter"] for error in problem(client.get(f"{url}&{name}=x"))["errors"]] == [name]


def suggested(client, kind, **parameters):
    """The ids that are suggested."""
    response = client.get(f"/reconcile/suggest/{kind}", params=parameters)
    assert response.status_code == 200, response.text
    schema = {"entity": "entities", "type": "types", "property": "properties"}[kind]
    return [each["id"] for each in valid(f"suggest-{schema}-response", response.json())["result"]]


# What OpenRefine sends besides: parameters of the search of Freebase.
WIDGET = {"spell": "always", "exact": "false", "prefixed": "true", "scoring": "schema"}


def test_what_is_typed_is_completed(client):
    assert suggested(client, "entity", prefix="ＨＹＰＥＲ", **WIDGET) == [
        "concepts/hypervisor",
        "hypervisors/hyper-v-server",
        "hypervisors/hyper-v",
    ]
    assert suggested(client, "entity", prefix="ESX") == [ESXI]
    assert suggested(client, "entity", prefix="hypervisors/vmware-") == [ESXI, WORKSTATION]
    assert suggested(client, "entity", prefix="hyper", type="concepts") == ["concepts/hypervisor"]
    # An identifier is no name.
    assert suggested(client, "entity", prefix="KVMKVM") == []
    whole = suggested(client, "entity", prefix="")
    assert (len(whole), suggested(client, "entity", prefix="", cursor=20)) == (20, [*hypervisors(client)][2:])
    assert suggested(client, "type", prefix="Hyper", **WIDGET) == ["hypervisor-types", "hypervisors"]
    assert suggested(client, "type", prefix="虚拟", lang="zh") == [
        "virtualization-types",
        "hypervisor-types",
        "hypervisors",
    ]
    assert suggested(client, "property", prefix="based", type="", **WIDGET) == ["based_on"]
    assert suggested(client, "property", prefix="based", type="concepts") == []


def hypervisors(client):
    """The ids of the hypervisors as entities."""
    return [f"hypervisors/{item['id']}" for item in client.get("/hypervisors").json()["items"]]


def test_a_suggested_entity_is_described(client):
    (entity,) = client.get("/reconcile/suggest/entity?prefix=esxi&lang=zh").json()["result"]

    summary = client.get("/hypervisors/vmware-esxi?lang=zh").json()["summary"]
    assert entity == {"id": ESXI, "name": "VMware ESXi", "description": summary, "notable": ["hypervisors"]}


def test_entities_have_values_in_properties(lab):
    asked = {
        "ids": [
            KVM,
            "concepts/nested-virtualization",
            "hypervisor-types/hosted",
            "hypervisors/nope",
            "nope",
            "\ud800",
            "a/\0",
        ],
        "properties": [
            {"id": id} for id in ("labels", "type", "vendor", "broader", "concept", "hypervisors", "scheme")
        ],
    }
    hosted = lab.get("/hypervisor-types/hosted").json()["hypervisors"]
    none = {each["id"]: [] for each in asked["properties"]}
    schemes = dict.fromkeys(each["scheme"] for each in lab.get("/hypervisors/kvm").json()["identifiers"])

    posted = post(lab, extend=valid("data-extension-query", asked))
    assert valid("data-extension-response", posted.json()) == {
        "meta": [
            {"id": "labels", "name": "Name in every language"},
            {"id": "type", "name": "Type"},
            {"id": "vendor", "name": "Vendor"},
            {"id": "broader", "name": "Broader concept"},
            {"id": "concept", "name": "Concept"},
            {"id": "hypervisors", "name": "Hypervisors"},
            {"id": "scheme", "name": "Scheme"},
        ],
        "rows": {
            KVM: none
            | {
                "labels": [{"str": "KVM"}],
                "type": [{"id": "hypervisor-types/bare-metal", "name": "Bare-metal"}],
                "vendor": [{"str": "Linux kernel community"}],
                "scheme": [{"str": scheme} for scheme in schemes],
            },
            "concepts/nested-virtualization": none
            | {
                "labels": [{"str": "Nested virtualization"}],
                "broader": [{"id": "concepts/virtualization", "name": "Virtualization"}],
            },
            "hypervisor-types/hosted": none
            | {
                "labels": [{"str": "Hosted"}, {"str": "宿主型"}],
                "concept": [{"id": "concepts/hypervisor", "name": "Hypervisor"}],
                "hypervisors": [{"id": f"hypervisors/{each['id']}", "name": each["name"]} for each in hosted],
            },
            "hypervisors/nope": none,
            "nope": none,
            "\\ud800": none,
            "a/\0": none,
        },
    }


def test_every_property_of_every_entity_is_valid_and_get_returns_the_same(lab):
    ids = [f"{resource}/{each['id']}" for resource in COLLECTIONS for each in lab.get(f"/{resource}").json()["items"]]
    asked = {"ids": ids, "properties": [{"id": id} for id in Property]}
    posted = valid("data-extension-response", post(lab, extend=asked).json())

    assert lab.get("/reconcile", params={"extend": json.dumps(asked)}).json() == posted
    assert {id for row in posted["rows"].values() for id, values in row.items() if values} == {*Property}
    identifiers = lab.get("/hypervisors/kvm").json()["identifiers"]
    assert len(posted["rows"][KVM]["identifiers"]) == len(identifiers)
    assert {"str": "cpuid=KVMKVMKVM"} in posted["rows"][KVM]["identifiers"]


def test_the_properties_of_each_type_are_proposed(client):
    for resource in ("", *COLLECTIONS):
        response = client.get("/reconcile/extend/propose", params={"type": resource})
        proposal = valid("data-extension-property-proposal", response.json())

        fields = {*SHAPES[resource].model_fields} if resource else {*Property, "url"}
        assert {each["id"] for each in proposal["properties"]} == (fields | {"scheme"}) - {"url"}
        assert (proposal["type"], proposal["limit"]) == (resource, 100)
        few = client.get("/reconcile/extend/propose", params={"type": resource, "limit": 2}).json()
        assert few == proposal | {"properties": proposal["properties"][:2], "limit": 2}


def test_types_and_properties_are_those_of_the_api_under_the_names_of_the_explorer():
    texts = read_texts("texts.yaml")
    assert {*Property} == {name for shape in SHAPES.values() for name in shape.model_fields} - {"url"} | {"scheme"}
    for lang in Language:
        assert {id: name.translate(lang) for id, name in TYPES.items()} == texts["resources"][lang]
        for id in ("vendor", "license", "status", "website", "based_on", "broader", "related", "type", "pack"):
            assert Property(id).label.translate(lang) == texts[id][lang]


FLYOUTS = [
    ("entity", "hypervisors/kvm", "<p><b>KVM</b> (Hypervisor)</p>\n<p>Part of the Linux kernel"),
    ("type", "hypervisors", "<p><b>Hypervisor</b> (hypervisors)</p>\n"),
    ("property", "based_on", "<p><b>Based on</b> (based_on)</p>\n"),
]


@pytest.mark.parametrize(("kind", "id", "html"), FLYOUTS)
def test_a_flyout_says_a_few_words_as_html(client, kind, id, html):
    flyout = client.get(f"/reconcile/flyout/{kind}", params={"id": id}).json()

    assert (list(flyout), flyout["id"], flyout["html"][: len(html)]) == (["id", "html"], id, html)


MISSING = [
    (
        "/reconcile/flyout/entity?id=kvm",
        404,
        "There is no entity 'kvm'. Write the collection and the id: hypervisors/kvm",
    ),
    ("/reconcile/preview?id=examples/kvm", 404, "There is no entity 'examples/kvm'."),
    ("/reconcile/flyout/type?id=hypervisor", 422, "id: 'hypervisor' is not a known value. Did you mean 'hypervisors'?"),
    ("/reconcile/flyout/property?id=basedon", 422, "id: 'basedon' is not a known value. Did you mean 'based_on'?"),
    ("/reconcile/flyout/nope?id=x", 404, "There is nothing at '/reconcile/flyout/nope'."),
]


@pytest.mark.parametrize(("url", "status", "detail"), MISSING)
def test_what_there_is_not_is_refused(client, url, status, detail):
    document = problem(client.get(url))

    assert (document["status"], document["detail"][: len(detail)]) == (status, detail)


MARKED = """
pack: {id: marked, version: "1", title: {en: M, zh: M}, description: {en: M., zh: M。}}
sources: [{id: list, title: The list, url: null}]
concepts:
  - id: marked
    labels: {en: "<b onclick='x'>Name", zh: "<i>名称"}
    summary: {en: "A & B <script>", zh: "<script>"}
    sources: [{source: list, supports: [name, summary]}]
"""


def test_a_text_of_a_pack_is_no_markup(new_database, seed_dir):
    (seed_dir / "marked").mkdir()
    (seed_dir / "marked" / "marked.yaml").write_text(MARKED, encoding="utf-8")
    settings = new_database("sqlite").model_copy(update={"seed_dir": seed_dir, "packs": ("marked",)})
    prepare(settings)
    with client_of(create_app(settings)) as own:
        flyout = own.get("/reconcile/flyout/entity?id=concepts/marked").json()["html"]
        preview = own.get("/reconcile/preview?id=concepts/marked").text

    assert flyout == "<p><b>&lt;b onclick=&#39;x&#39;&gt;Name</b> (Concept)</p>\n<p>A &amp; B &lt;script&gt;</p>\n"
    assert "A &amp; B &lt;script&gt;" in preview
    assert "<script>" not in preview


def test_any_page_may_frame_a_preview_which_loads_nothing_but_its_style(client):
    response = client.get("/reconcile/preview?id=hypervisors%2Fkvm&lang=zh")

    assert response.headers.get_list("content-security-policy") == [
        (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors *"
        )
    ]
    assert response.headers["content-language"] == "zh"
    assert '<a href="/?lang=zh#/hypervisors/kvm" target="_blank">KVM</a>' in response.text


LEAVES = st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=4)
CONTENT = st.recursive(
    LEAVES | st.sampled_from(["kvm", "vmware", "hypervisors", "type", "scheme", "all", "hypervisors/kvm"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["q", "query", "type", "limit", "properties", "pid", "v", "id", "ids", "type_strict"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@hypothesis(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(field=st.sampled_from(["queries", "extend"]), content=CONTENT | st.dictionaries(st.text(max_size=2), CONTENT))
def test_no_form_fails(client, field, content):
    response = post(client, **{field: content})

    assert response.status_code in (200, 422), response.text
    assert response.json() or content == {}
