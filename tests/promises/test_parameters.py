"""The promise that no parameter of any operation is ignored.

All are found in the OpenAPI document, so that a new one is asked at once: a filter has the name of the field that it
filters and takes the values that the field shows; any other parameter needs a proof here.
"""

import csv
import json
from collections import Counter
from io import StringIO
from xml.etree import ElementTree as ET

import pytest

from app.store.collections import COLLECTIONS
from app.store.tables import Language
from tests.support.urls import FORMATS, OPERATIONS, example_request, query_parameters, values_of

# What an operation must be given besides the parameter that is proved; entries of several collections answer it.
REQUIRED = {
    "/ask": {"question": "Is KVM hosted?"},
    "/identify": {"cpuid": ["KVMKVMKVM"]},
    "/lookup": {"value": ["docker", "hypervisor"]},
    "/reconcile": {"queries": '{"a":{"query":"docker"},"b":{"query":"hypervisor"}}'},
    "/reconcile/suggest/entity": {"prefix": "h"},
    "/reconcile/suggest/type": {"prefix": "h"},
    "/reconcile/suggest/property": {"prefix": "s"},
    "/search": {"q": "vi"},
}
# The fields that refer to entries.
REFERENCES = {"based_on"}
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "atom": "application/atom+xml",
    "jsonld": "application/ld+json",
}


def ask(client, path, **parameters):
    """The answer to a request that must succeed."""
    response = client.get(path, params=REQUIRED.get(path, {}) | parameters)
    assert response.status_code == 200, response.text
    return response


def entries(client, path, **parameters):
    """The entries of an answer, in their order; of look-ups those of all values."""
    response = ask(client, path, **parameters)
    if response.headers["content-type"].startswith("text/csv"):
        rows = csv.DictReader(StringIO(response.content.decode("utf-8-sig"), newline=""))
        return [{name: value or None for name, value in row.items()} for row in rows]
    if response.headers["content-type"] == "application/atom+xml":
        return [*changes_in(response.content)]
    answer = response.json()
    if "@graph" in answer:
        shown = {entry["url"]: entry for entry in entries(client, path.removesuffix(".jsonld"))}
        return [shown["/" + node["id"].rpartition(":")[2]] for node in answer["@graph"]]
    for name in ("items", "result", "properties"):
        if name in answer:
            return answer[name]
    return [item for each in answer["results"] for item in each["items"]]


def changes_in(feed):
    """The changes of a feed, as far as it shows them."""
    for entry in ET.fromstring(feed).iterfind("{*}entry"):  # noqa: S314 (our own answer)
        pack, version = entry.findtext("{*}id").split(":")[-2:]
        for item in entry.iter("{http://www.w3.org/1999/xhtml}li"):
            resource, _, id = item.findtext("{*}a").partition("/")
            change = {"pack": pack, "version": version, "change": item.text.strip(), "resource": resource, "id": id}
            yield change | {"date": entry.findtext("{*}updated").partition("T")[0]}


def prove_lang(client, path, values):
    assert values == [*Language]
    english, chinese = (ask(client, path, lang=lang) for lang in values)
    # The products that identifiers name have the same name in both languages.
    assert (english.content != chinese.content) == (path != "/identify")
    assert [english.headers["content-language"], chinese.headers["content-language"]] == values


@pytest.mark.parametrize(("path", "values"), [*FORMATS.items()])
def test_format_chooses_the_media_type(client, path, values):
    url = path.format(id=entries(client, path.partition("/{")[0])[0]["id"]) if "{" in path else path
    expected = {value: MEDIA_TYPES[value] for value in values}
    if path == "/export":
        expected["csv"] = "application/zip"
    assert {value: ask(client, url, format=value).headers["content-type"] for value in values} == expected


def prove_limit(client, path, values):
    assert entries(client, path, limit=1) == entries(client, path)[:1]


def prove_offset(client, path, values):
    assert entries(client, path, offset=1) == entries(client, path)[1:] != []


def prove_sort(client, path, values):
    assert len(values) > 1
    for value in values:
        field, falling = value.removeprefix("-"), value.startswith("-")
        known, unknown = [], []
        for entry in entries(client, path):
            (known if entry[field] else unknown).append(entry)
        ordered = sorted(known, key=lambda entry: entry[field].lower(), reverse=falling)
        assert entries(client, path, sort=value) == ordered + unknown


def shown_in(entry, field):
    """The values that a field of an entry shows, of references their ids; in a table, they are joined."""
    value = entry[field]
    if field in REFERENCES:
        return [each["id"] for each in value] if isinstance(value, list) else (value or "").split("; ")
    return [] if value is None else [value]


def prove_facet(client, path, values):
    for value in values:
        counts = Counter(each for entry in entries(client, path) for each in shown_in(entry, value))
        facet = ask(client, path, facet=value).json()["facets"][value]

        assert {each["value"]: each["count"] for each in facet} == counts
        assert [each["count"] for each in facet] == sorted(counts.values(), reverse=True) != []


def prove_q(client, path, values):
    for entry in entries(client, path):
        assert entry in entries(client, path, q=entry["name"]) or path == "/search"
    assert entries(client, path, q="nothing of the kind") == []


def prove_value(client, path, values):
    results = ask(client, path, value=["xen", "nope"]).json()["results"]
    assert [(result["value"], [item["id"] for item in result["items"]]) for result in results] == [
        ("xen", ["xen"]),
        ("nope", []),
    ]


def prove_question(client, path, values):
    answers = [ask(client, path, question=question).json()["answer"] for question in ("Who makes Xen?", "Xen 的厂商？")]
    assert answers == ["The vendor of Xen is Xen Project.", "Xen 的厂商是 Xen Project。"]


def prove_scheme(client, path, values):
    found = {
        scheme: [entry["id"] for entry in entries(client, path, value="oracle", scheme=scheme)]
        for scheme in ("systemd-detect-virt", "virt-what")
    }
    assert found == {"systemd-detect-virt": ["virtualbox"], "virt-what": []}


def prove_resource(client, path, values):
    whole = entries(client, path)
    assert len({entry["resource"] for entry in whole}) > 1
    for value in values:
        assert entries(client, path, resource=value) == [entry for entry in whole if entry["resource"] == value]


def prove_since(client, path, values):
    days = sorted({entry["date"] for entry in entries(client, path)})
    assert len(days) > 1
    for day in days:
        assert entries(client, path, since=day) == [entry for entry in entries(client, path) if entry["date"] >= day]


def prove_deprecated(client, path, values):
    whole = entries(client, path)
    found = {value: entries(client, path, deprecated=value) for value in values}
    shown = [bool(entry.get("deprecated") or entry.get("deprecated_reason")) for entry in whole]
    assert found == {
        "true": [entry for entry, deprecated in zip(whole, shown, strict=True) if deprecated],
        "false": [entry for entry, deprecated in zip(whole, shown, strict=True) if not deprecated],
    }
    assert found["false"] != []


def prove_queries(client, path, values):
    queries = {"a": {"query": "xen"}, "b": {"query": "nope"}}
    found = ask(client, path, queries=json.dumps(queries)).json()
    assert {key: [each["id"] for each in answer["result"]] for key, answer in found.items()} == {
        "a": ["hypervisors/xen"],
        "b": [],
    }


def prove_prefix(client, path, values):
    whole = entries(client, path, prefix="")
    assert [entry for entry in whole if entry not in entries(client, path, prefix=entry["name"])] == []
    assert [entry for entry in whole if entry not in entries(client, path, prefix=entry["id"])] == []
    assert entries(client, path, prefix="nothing of the kind") == []


def prove_cursor(client, path, values):
    assert entries(client, path, cursor=1) == entries(client, path)[1:] != []


def prove_type(client, path, values):
    """A type narrows entities to those that have it, and properties to the fields of its entries."""
    whole = entries(client, path)
    assert entries(client, path, type="") == whole
    for value in values:
        fields = {*client.get(f"/{value}").json()["items"][0], "scheme"}
        assert entries(client, path, type=value) == [
            entry for entry in whole if value in entry.get("notable", []) or entry["id"] in fields
        ]


def prove_fact(client, scheme):
    """The first identifier of the scheme identifies its entries; a scheme without any says what is not virtualized."""
    entries = [entry for path in COLLECTIONS for entry in client.get(f"/{path}").json()["items"]]
    identifiers = (
        (each["value"], each["match"]) for entry in entries for each in entry["identifiers"] if each["scheme"] == scheme
    )
    (described,) = (each for each in client.get("/dataset").json()["schemes"] if each["id"] == scheme)
    value, match = next(identifiers, None) or (described["not_virtualized"][0], "exact")
    (result,) = client.get("/identify", params={scheme: value}).json()["results"]
    (reason,) = result["because"]
    assert (reason["scheme"], reason["value"], reason["match"], reason["matched"]) == (scheme, value, match, value)
    assert [item["url"] for item in reason["items"]] == [
        entry["url"]
        for entry in entries
        if any((each["scheme"], each["value"]) == (scheme, value) for each in entry["identifiers"])
    ]


PROOFS = {
    "lang": prove_lang,
    "limit": prove_limit,
    "offset": prove_offset,
    "sort": prove_sort,
    "facet": prove_facet,
    "q": prove_q,
    "question": prove_question,
    "value": prove_value,
    "queries": prove_queries,
    "prefix": prove_prefix,
    "cursor": prove_cursor,
    "scheme": prove_scheme,
    "resource": prove_resource,
    "since": prove_since,
    "deprecated": prove_deprecated,
}


def prove_filter(client, path, name):
    """A list narrowed by values of a field holds the entries that show one of them, in the same order."""
    whole = entries(client, path)
    shown = sorted({value for entry in whole for value in shown_in(entry, name)} - {""})
    assert shown
    for values in (shown[:1], shown[-1:], shown[:2]):
        assert entries(client, path, **{name: values}) == [
            entry for entry in whole if not {*values}.isdisjoint(shown_in(entry, name))
        ]


PARAMETERS = [
    (example_request(path, operation).partition("?")[0], parameter)
    for path, operation in OPERATIONS
    for parameter in query_parameters(operation)
]


@pytest.mark.parametrize(
    ("path", "parameter"), PARAMETERS, ids=[f"{path}?{parameter['name']}" for path, parameter in PARAMETERS]
)
def test_every_parameter_does_what_its_name_says(lab, path, parameter):
    name = parameter["name"]
    if path == "/identify" and name != "lang":
        prove_fact(lab, name)
    elif path.startswith("/reconcile/") and name == "type":
        prove_type(lab, path, values_of(parameter))
    elif name in PROOFS:
        PROOFS[name](lab, path, values_of(parameter))
    else:
        prove_filter(lab, path, name)
