"""The promise that every refusal is a problem document with a sentence that helps."""

import socket
from urllib.parse import quote, unquote

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.support.http import problem
from tests.support.servers import serving

HYPERVISOR_PARAMETERS = [
    "type",
    "status",
    "vendor",
    "license",
    "based_on",
    "id",
    "remark_kind",
    "deprecated",
    "pack",
    "q",
    "sort",
    "facet",
    "limit",
    "offset",
    "format",
    "lang",
]
TYPES = ["bare-metal", "hosted"]
ORDERS = [f"{sign}{field}" for field in ("name", "id", "type", "vendor", "license", "status") for sign in ("", "-")]
NOT_IN_CSV = "CSV contains all matching entries and nothing else."


def error(parameter, detail, hint=None, allowed=()):
    return {"parameter": parameter, "detail": detail, "hint": hint, "allowed": [*allowed]}


INVALID = [
    ("typ=hosted", error("typ", "Unknown parameter.", "Did you mean 'type'?", HYPERVISOR_PARAMETERS)),
    ("zzz", error("zzz", "Unknown parameter.", None, HYPERVISOR_PARAMETERS)),
    (
        "type=baremetal",
        error("type", "'baremetal' is not a known value.", "Did you mean 'bare-metal'?", ["bare-metal", "hosted"]),
    ),
    (
        "type=bare-metal,hosted",
        error(
            "type",
            "'bare-metal,hosted' is not a known value.",
            "To allow several, repeat the parameter: type=bare-metal&type=hosted",
            ["bare-metal", "hosted"],
        ),
    ),
    *(
        (f"type={value}", error("type", f"'{value}' is not a known value.", f"Did you mean '{id}'?", TYPES))
        for value, id in [
            ("type-1", "bare-metal"),
            ("裸机", "bare-metal"),
            ("HOSTED", "hosted"),
            ("type 2", "hosted"),
        ]
    ),
    *(
        (f"{name}={values}", error(name, f"'{values}' is not a known value.", f"Give one of these: {hint}", allowed))
        for name, values, hint, allowed in [
            ("sort", "name,-id", "sort=name, sort=-id", ORDERS),
            ("lang", "en,zh", "lang=en, lang=zh", ["en", "zh"]),
            ("format", "json, csv", "format=json, format=csv", ["json", "csv", "jsonld"]),
        ]
    ),
    ("type=hosted&type=nope", error("type", "'nope' is not a known value.", None, ["bare-metal", "hosted"])),
    ("type=", error("type", "Empty; give a value or leave the parameter out.")),
    (
        "status=activ",
        error("status", "'activ' is not a known value.", "Did you mean 'active'?", ["active", "discontinued"]),
    ),
    ("pack=doc", error("pack", "'doc' is not a known value.", "Did you mean 'docs'?", ["docs"])),
    *(
        (f"lang={lang}", error("lang", f"'{lang}' is not a known value.", hint, ["en", "zh"]))
        for lang, hint in [
            ("fr", None),
            ("fr-en", None),
            ("*", None),
            ("zh-Hans-*", None),
            ("english", None),
            ("zh-", "Did you mean 'zh'?"),
            ("zho", "Did you mean 'zh'?"),
        ]
    ),
    ("sort=nam", error("sort", "'nam' is not a known value.", "Did you mean 'name'?", ORDERS)),
    (
        "facet=website",
        error(
            "facet",
            "'website' is not a known value.",
            None,
            ["type", "vendor", "license", "status", "based_on", "remark_kind", "pack"],
        ),
    ),
    ("format=xml", error("format", "'xml' is not a known value.", None, ["json", "csv", "jsonld"])),
    ("format=csv&limit=5", error("limit", NOT_IN_CSV, "Remove it, or use format=json.")),
    ("format=csv&limit=100&offset=1", error("offset", NOT_IN_CSV, "Remove it, or use format=json.")),
    ("format=csv&facet=type", error("facet", NOT_IN_CSV, "Remove it, or use format=json.")),
    (
        "format=jsonld&limit=5",
        error("limit", NOT_IN_CSV.replace("CSV", "JSON-LD"), "Remove it, or use format=json."),
    ),
    (
        "format=csv&type=baremetal",
        error("type", "'baremetal' is not a known value.", "Did you mean 'bare-metal'?", ["bare-metal", "hosted"]),
    ),
    ("limit=0", error("limit", "'0' is not a whole number from 1 to 1000.")),
    ("limit=2000", error("limit", "'2000' is not a whole number from 1 to 1000.")),
    ("limit=ten", error("limit", "'ten' is not a whole number from 1 to 1000.")),
    *(
        (f"limit={sent}", error("limit", f"'{read}' is not a whole number from 1 to 1000."))
        for sent, read in [
            ("1_0", "1_0"),
            ("%2B10", "+10"),
            ("+10", " 10"),
            ("10.0", "10.0"),
            ("10%0a", "10\n"),
            ("%D9%A1%D9%A0", "\u0661\u0660"),
            ("9" * 5000, "9" * 60 + "…"),
        ]
    ),
    ("limit=5&limit=6", error("limit", "Given more than once.", "Give it once.")),
    ("offset=-1", error("offset", "'-1' is not a whole number from 0 to 10000000.")),
    ("lang=en&lang=zh", error("lang", "Given more than once.", "Give it once.")),
    ("q=", error("q", "Empty; give a value or leave the parameter out.")),
    ("q=" + "x" * 201, error("q", "A value is longer than 200 characters.")),
    ("q=" + "x" * 10_000, error("q", "A value is longer than 200 characters.")),
    ("vendor=" + "x" * 10_000, error("vendor", "A value is longer than 200 characters.")),
    ("&".join(["vendor=x"] * 101), error("vendor", "Given more than 100 times.")),
    (
        "x" * 10_000,
        error("x" * 60, "Unknown parameter.", None, HYPERVISOR_PARAMETERS),
    ),
    ("q=%00", error("q", "Contains a NUL character.", "Remove it.")),
    ("%00=1", error("\0", "Contains a NUL character.", "Remove it.")),
    ("q=%FF", error("q", "Not valid UTF-8.", "Percent-encode the text as UTF-8.")),
    ("q=%ED%A0%80", error("q", "Not valid UTF-8.", "Percent-encode the text as UTF-8.")),
]


@pytest.mark.parametrize(("query", "expected"), INVALID, ids=[query[:40] for query, _ in INVALID])
def test_what_is_not_declared_is_refused(client, query, expected):
    response = client.get(f"/hypervisors?{query}")

    document = problem(response)
    assert response.status_code == 422
    assert document["type"] == "/problems/invalid-parameter"
    assert document["title"] == "Invalid parameter"
    assert document["errors"] == [expected]
    assert document["detail"] == f"{expected['parameter']}: {expected['detail']} {expected['hint'] or ''}".strip()


def test_twenty_faults_are_worded(client):
    errors = problem(client.get("/hypervisors?" + "&".join(f"type{number:03}" for number in range(100))))["errors"]

    assert [error["parameter"] for error in errors] == [f"type{number:03}" for number in range(20)]
    assert {error["hint"] for error in errors} == {"Did you mean 'type'?"}


@pytest.mark.parametrize(("path", "most"), [("/taxonomy", 100), ("/hypervisors", 827), ("/lookup", 221)])
def test_more_parameters_than_any_request_needs_are_one_fault(client, path, most):
    names = [f"p{number:03}" for number in range(most + 1)]
    read, refused = (client.get(f"{path}?{'&'.join(given)}") for given in (names[:-1], names))

    detail = f"The request has {most + 1} parameters; this path takes at most {most}."
    assert problem(refused)["errors"] == [error(f"p{most:03}", detail, "Send fewer.")]
    assert len(problem(read)["errors"]) == 20


def test_a_request_may_have_as_many_values_as_each_parameter_takes(client):
    values = {
        "value": ["kvm"] * 100,
        "scheme": ["dmi-bios-vendor"] * 100,
        "resource": ["hypervisors"] * 20,
        "lang": "zh",
    }

    assert len(client.get("/lookup", params=values).json()["results"]) == 100


def test_every_fault_is_named_at_once(client):
    errors = problem(client.get("/hypervisors?typ=x&limit=0&lang=fr"))["errors"]

    assert sorted(error["parameter"] for error in errors) == ["lang", "limit", "typ"]


@pytest.mark.parametrize(
    "path", ["/taxonomy", "/dataset", "/export", "/concepts", "/examples/docker", "/hypervisor-types/hosted"]
)
def test_no_endpoint_ignores_a_parameter(client, path):
    response = client.get(f"{path}?nope=1")

    assert response.status_code == 422
    assert [error["parameter"] for error in problem(response)["errors"]] == ["nope"]


# Ids that a look-up finds, or of which it finds a part: the path, the look-up, and what it finds.
FOUND = [
    ("hypervisors/docker", "value=docker", ["/examples/docker"]),
    ("examples/裸金属", f"value={quote('裸金属')}", ["/hypervisor-types/bare-metal"]),
    ("hypervisors/vmware", "value=vmware", ["/hypervisors/vmware-esxi", "/hypervisors/vmware-workstation"]),
    ("hypervisors/KVM%2FLinux", "value=KVM%2FLinux", ["/hypervisors/kvm"]),
    ("hypervisors/Xen%2FUnknown%20one", "value=Xen&value=Unknown%20one", ["/hypervisors/xen"]),
]
NOT_FOUND = [
    ("/nope", "There is nothing at '/nope'. The API's paths are listed at /docs."),
    ("/hypervisor", "There is nothing at '/hypervisor'. Did you mean '/hypervisors'?"),
    ("/hypervisors/", "There is nothing at '/hypervisors/'. Did you mean '/hypervisors'?"),
    ("/nope/", "There is nothing at '/nope/'. The API's paths are listed at /docs."),
    ("/hypervisors.json", "There is nothing at '/hypervisors.json'. Did you mean '/hypervisors'?"),
    ("/lookup.json", "There is nothing at '/lookup.json'. Did you mean '/lookup'?"),
    ("/hypervisors.cvs", "There is nothing at '/hypervisors.cvs'. Did you mean '/hypervisors.csv'?"),
    ("/openapi.jsn", "There is nothing at '/openapi.jsn'. Did you mean '/openapi.json'?"),
    ("/docs/", "There is nothing at '/docs/'. Did you mean '/docs'?"),
    ("/Hypervisors", "There is nothing at '/Hypervisors'. Did you mean '/hypervisors'?"),
    ("/hypervisor/kvm", "There is nothing at '/hypervisor/kvm'. Did you mean '/hypervisors/kvm'?"),
    ("/search/kvm", "There is nothing at '/search/kvm'. Did you mean '/search'?"),
    ("/explore/x", "There is nothing at '/explore/x'. The API's paths are listed at /docs."),
    ("/hypervisors/kvm/", "There is no 'kvm/' in hypervisors. The nearest ids: kvm"),
    *(
        (f"/{path}", f"There is no '{unquote(id)}' in {resource}. /lookup?{query} finds {', '.join(found)}.")
        for path, query, found in FOUND
        for resource, id in [path.split("/")]
    ),
    ("/hypervisors/nope", "There is no 'nope' in hypervisors. /hypervisors lists the ids."),
    ("/hypervisors/virtualbax", "There is no 'virtualbax' in hypervisors. The nearest ids: virtualbox"),
    ("/hypervisors/kvm/x", "There is no 'kvm/x' in hypervisors. The nearest ids: kvm"),
    ("/" + "x" * 10_000 + "/", f"There is nothing at '/{'x' * 59}…'. The API's paths are listed at /docs."),
    ("/hypervisors/%00", "An id cannot contain a NUL character."),
    ("/hypervisors/%FF", "There is no '\N{REPLACEMENT CHARACTER}' in hypervisors. /hypervisors lists the ids."),
    ("/hypervisors/" + "x" * 10_000, f"There is no '{'x' * 60}…' in hypervisors. /hypervisors lists the ids."),
]


@pytest.mark.parametrize(("path", "detail"), NOT_FOUND, ids=[path[:40] for path, _ in NOT_FOUND])
def test_what_is_not_there_is_a_404_that_names_what_is_near(client, path, detail):
    response = client.get(path)

    assert response.status_code == 404
    assert response.json()["type"] == "/problems/not-found"
    assert response.json()["detail"] == detail
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/redoc",
        "/openapi.json",
        "/docs/assets/redoc.standalone.js",
        "/docs/assets/nope",
        "/explorer/x/y",
        "/favicon.ico",
        "/robots.txt",
    ],
)
def test_a_document_takes_no_parameter(client, path):
    response = client.get(f"{path}?x=1")

    assert response.status_code == 422
    assert problem(response)["errors"] == [error("x", "Unknown parameter.")]


NEAR_IDS = [
    ("virtualbax", "The nearest ids: virtualbox", ["virtualbox"]),
    (
        "vmware",
        "/lookup?value=vmware finds /hypervisors/vmware-esxi, /hypervisors/vmware-workstation.",
        ["vmware-esxi", "vmware-workstation"],
    ),
    ("docker", "/lookup?value=docker finds /examples/docker.", []),
    ("nope", "/hypervisors lists the ids.", []),
]


@pytest.mark.parametrize(("id", "hint", "allowed"), NEAR_IDS)
def test_ids_that_may_be_meant_are_listed(client, id, hint, allowed):
    assert problem(client.get(f"/hypervisors/{id}"))["errors"] == [
        error("id", f"There is no '{id}' in hypervisors.", hint, allowed)
    ]


@pytest.mark.parametrize(("query", "found"), [(query, found) for _, query, found in FOUND])
def test_a_look_up_finds_what_a_404_says_that_it_finds(client, query, found):
    results = client.get(f"/lookup?{query}").json()["results"]

    assert [item["url"] for result in results for item in result["items"]] == found


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_only_reading_is_served(client, method):
    response = client.request(method, "/hypervisors")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert problem(response)["detail"] == f"{method} is not allowed: this API is read-only. Use GET."


@pytest.mark.parametrize("path", ["/hypervisors", "/hypervisors/kvm", "/taxonomy", "/dataset", "/export"])
def test_a_media_type_that_is_not_had_is_a_406(client, path):
    response = client.get(path, headers={"Accept": "application/xml"})

    assert response.status_code == 406
    assert problem(response)["type"] == "/problems/not-acceptable"


def test_a_browser_gets_json(client):
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    assert client.get("/hypervisors", headers={"Accept": accept}).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "line",
    [
        b"GET /hypervisors?q=\xff HTTP/1.1",
        b"GET /hypervisors?q=" + b"\xff" * 5000 + b" HTTP/1.1",
        b"GET /hypervisors?q=\x00 HTTP/1.1",
        b"GET http://[ HTTP/1.1",
        b"\x16\x03\x01",
    ],
)
def test_bytes_that_are_not_http_do_not_harm(client, line):
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address) as connection:
        connection.sendall(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = connection.makefile("rb").readline()

    assert answer.split()[1][:1] == b"4"
    assert client.get("/livez").status_code == 200


def test_a_database_that_is_away_is_a_503_that_says_when_to_try_again(tmp_path):
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/missing.db"))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        for path in (
            "/hypervisors",
            "/hypervisors?format=csv",
            "/export",
            "/export?format=csv",
            "/export?format=jsonld",
        ):
            response = client.get(path)

            assert response.status_code == 503
            assert response.headers["retry-after"] == "5"
            assert problem(response)["detail"] == "There is no database file: run `virt-taxonomy migrate`."
        assert client.get("/livez").json() == {"status": "live"}
        assert problem(client.get("/readyz"))["detail"] == "There is no database file: run `virt-taxonomy migrate`."


def test_a_fault_of_ours_is_a_500_that_tells_nothing(settings):
    app = create_app(settings)

    @app.get("/broken")
    def broken():
        raise ZeroDivisionError("a secret")

    with serving(app) as base_url:
        response = httpx.get(f"{base_url}/broken")

    assert response.status_code == 500
    assert problem(response)["detail"] == "The service failed; the error has been logged."
    assert "secret" not in response.text
