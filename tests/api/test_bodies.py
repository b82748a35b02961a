"""`POST /lookup` and `POST /identify`: what is read of a body, and what is refused."""

import asyncio
import json
import time

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app.api import json_body
from app.api.json_body import LARGEST_BODY, BodyMemory
from app.api.problems import ProblemError
from app.main import create_app
from tests.support.servers import serving
from tests.support.streams import exchange, served

JSON = {"Content-Type": "application/json"}


def post(client, path, content, **headers):
    """The answer to a body."""
    return client.post(path, content=content, headers=JSON | headers)


def test_post_answers_what_get_answers(client):
    values = ["VMware ESXi 7.0.3", "none", "裸金属架构", "nope", "kvm", "kvm"]
    for narrowing in ({}, {"scheme": ["systemd-detect-virt"]}, {"resource": ["hypervisors", "examples"]}):
        for lang in ("en", "zh-CN"):
            asked = client.get("/lookup", params={"value": values, "lang": lang, **narrowing})
            posted = client.post("/lookup", json={"values": values, "lang": lang, **narrowing})

            assert posted.json() == asked.json()
            assert posted.headers["content-language"] == asked.headers["content-language"]
    assert posted.headers["cache-control"] == "no-store"
    assert "etag" not in posted.headers


def test_a_value_that_cannot_be_looked_up_does_not_lose_the_others(client):
    values = ["kvm", "", "x" * 201, "a\0b", "\ud800", "xen"]
    results = post(client, "/lookup", json.dumps({"values": values})).json()["results"]

    assert [(result["value"], result["match"], result["reason"]) for result in results] == [
        ("kvm", "id", None),
        ("", "none", "The value is empty."),
        ("x" * 201, "none", "The value is longer than 200 characters."),
        ("a\0b", "none", "The value contains a NUL character."),
        ("\\ud800", "none", "The value contains half of a surrogate pair."),
        ("xen", "id", None),
    ]
    (result,) = client.post("/lookup", json={"values": [""], "lang": "zh"}).json()["results"]
    assert result["reason"] == "取值为空。"


# A body, the status of its refusal, and the places and reasons that this names.
REFUSED = [
    ("/lookup", "{}", 422, [("values", "Missing, but required.")]),
    ("/lookup", "[]", 422, [("body", "Must be an object.")]),
    ("/lookup", "null", 422, [("body", "Must be an object.")]),
    ("/lookup", '{"values": "kvm"}', 422, [("values", "Must be an array.")]),
    ("/lookup", '{"values": []}', 422, [("values", "Empty; give at least one item.")]),
    ("/lookup", json.dumps({"values": ["x"] * 1001}), 422, [("values", "Has more than 1000 items.")]),
    ("/lookup", '{"values": ["kvm", 1, null]}', 422, [(f"values[{at}]", "Must be a string.") for at in (1, 2)]),
    ("/lookup", '{"value": ["kvm"], "values": ["kvm"]}', 422, [("value", "Unknown key.")]),
    ("/lookup", '{"values": ["kvm"], "lang": "fr"}', 422, [("lang", "'fr' is not a known value.")]),
    ("/lookup", '{"values": ["kvm"], "lang": null}', 422, [("lang", "'null' is not a known value.")]),
    ("/lookup", '{"values": ["kvm"], "scheme": ["x"]}', 422, [("scheme", "'x' is not a known value.")]),
    ("/lookup", '{"values": ["kvm"], "resource": ["x"]}', 422, [("resource[0]", "'x' is not a known value.")]),
    ("/lookup", '{"values": ["kvm"], "values": ["xen"]}', 422, [("values", "The same key twice in one object.")]),
    ("/identify", '{"hosts": {}}', 422, [("hosts", "Must be an array.")]),
    ("/identify", '{"hosts": [1]}', 422, [("hosts[0]", "Must be an object.")]),
    (
        "/identify",
        '{"hosts": [{"cpuid": 1, "virt-what": ["kvm", 2]}]}',
        422,
        [
            ("hosts[0].cpuid", "Must be a string or an array of strings."),
            ("hosts[0].virt-what[1]", "Must be a string."),
        ],
    ),
    ("/identify", '{"hosts": [{"cpuid": "x", "cpuid": "y"}]}', 422, [("cpuid", "The same key twice in one object.")]),
    ("/identify?lang=en", '{"hosts": [{}]}', 422, [("lang", "Unknown parameter.")]),
]


@pytest.mark.parametrize(("path", "body", "status", "faults"), REFUSED, ids=[f"{each[1]:.40}" for each in REFUSED])
def test_a_body_of_another_shape_is_refused_by_place(client, path, body, status, faults):
    response = post(client, path, body)

    assert response.status_code == status
    assert response.json()["type"] == "/problems/invalid-parameter"
    assert [(error["parameter"], error["detail"]) for error in response.json()["errors"]] == faults


def test_a_misspelled_key_has_a_hint(client):
    (error,) = post(client, "/lookup", '{"values": ["kvm"], "schema": ["cpuid"]}').json()["errors"]

    assert (error["hint"], error["allowed"]) == ("Did you mean 'scheme'?", ["lang", "values", "scheme", "resource"])


NO_JSON = [
    (b"", "line 1, column 1: expecting value"),
    (b"values=kvm", "line 1, column 1: expecting value"),
    (b'{"values": [\n"kvm",]}', "line 2, column 7: "),
    (b'{"values": [NaN]}', "a character or number: NaN is not JSON"),
    (b"\xff", "a character or number: 'utf-8' codec can't decode byte 0xff"),
    (b'{"values": [' + b"1" * 5000 + b"]}", "a character or number: Exceeds the limit"),
    (b"[" * 500_000, "an inner array or object: nested too deep"),
]


@pytest.mark.parametrize(("body", "reason"), NO_JSON, ids=[body[:20] for body, _ in NO_JSON])
def test_a_body_that_is_no_json_is_refused_with_its_place(client, body, reason):
    response = post(client, "/lookup", body)

    assert (response.status_code, response.json()["type"]) == (400, "/problems/bad-request")
    assert response.json()["detail"].startswith(f"The body is not valid JSON: {reason}")


def test_a_byte_order_mark_is_ignored(client):
    assert post(client, "/lookup", b'\xef\xbb\xbf{"values": ["kvm"]}').status_code == 200


TYPES = [
    ({"Content-Type": "text/csv"}, "This request has 'text/csv'."),
    ({"Content-Type": "application/x-www-form-urlencoded"}, "This request has 'application/x-www-form-urlencoded'."),
    ({"Content-Type": ""}, "with Content-Type: application/json."),
    ({"Content-Encoding": "gzip"}, "The body is compressed; send it as it is."),
]


@pytest.mark.parametrize(("headers", "detail"), TYPES)
def test_a_body_of_another_type_is_refused(client, headers, detail):
    response = post(client, "/lookup", b"{}", **headers)

    assert (response.status_code, response.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert response.json()["detail"].endswith(detail)
    assert response.headers["accept-post"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_type_may_be_written_in_any_way(client, content_type):
    assert post(client, "/lookup", b'{"values": ["kvm"]}', **{"Content-Type": content_type}).status_code == 200


def test_a_body_of_up_to_one_mebibyte_is_read(client):
    whole = json.dumps({"values": ["kvm", "x" * LARGEST_BODY]})
    fits = json.dumps({"values": ["kvm", "x" * (LARGEST_BODY - len(whole) + LARGEST_BODY)]}).encode()
    assert len(fits) == LARGEST_BODY
    parts = (fits[at : at + 1000] for at in range(0, len(fits), 1000))

    assert post(client, "/lookup", fits).json()["results"][0]["match"] == "id"
    assert post(client, "/lookup", parts).json()["results"][0]["match"] == "id"
    for body in (fits + b" ", iter([fits, b" "])):
        response = post(client, "/lookup", body)
        assert (response.status_code, response.json()["type"]) == (413, "/problems/content-too-large")


def test_the_bodies_that_arrive_at_a_time_are_bounded():
    memory = BodyMemory()
    with memory.counting() as first:
        first(json_body.LARGEST_BODIES)
        with memory.counting() as second, pytest.raises(ProblemError, match="Too many request bodies"):
            second(1)
    with memory.counting() as third:
        third(json_body.LARGEST_BODIES)
    assert memory.bytes == 0


def test_a_body_that_does_not_arrive_is_refused(settings, monkeypatch):
    monkeypatch.setattr(json_body, "BODY_SECONDS", 0.2)
    head = b"POST /lookup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    with served(create_app(settings)) as port:
        began = time.monotonic()
        (answer,) = exchange(port, head, half_close=False)

    assert (answer.status, answer.problem["detail"]) == (408, "The body did not arrive within 0.2 seconds.")
    assert answer.closes
    assert time.monotonic() - began < 5


def test_connections_are_kept_after_a_body(settings):
    async def send(base_url):
        async with httpx.AsyncClient(base_url=base_url) as client:
            return [(await client.post("/lookup", json={"values": ["kvm"]})).status_code for _ in range(3)]

    with serving(create_app(settings)) as base_url:
        assert asyncio.run(send(base_url)) == [200] * 3


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_of_these_paths_name_post(client, method):
    response = client.request(method, "/lookup")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.json()["detail"] == f"{method} is not allowed: this API is read-only. Use GET or POST."
    assert client.options("/identify").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.options("/dataset").headers["allow"] == "GET, HEAD, OPTIONS"


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8)
CONTENT = st.recursive(
    LEAVES | st.sampled_from(["kvm", "zh", "cpuid", "KVMKVMKVM"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["values", "scheme", "resource", "lang", "hosts", "cpuid", "virt-what", "x", "\ud800"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(content=CONTENT | st.fixed_dictionaries({"values": CONTENT}) | st.fixed_dictionaries({"hosts": CONTENT}))
def test_no_body_fails(client, content):
    for path in ("/lookup", "/identify"):
        response = post(client, path, json.dumps(content))

        assert response.status_code in (200, 400, 422), response.text
        assert response.json()
