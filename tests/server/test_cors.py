"""The promise that pages of any origin, or of those that the operator names, may read the API."""

import httpx
import pytest

from app.main import create_app
from tests.support.servers import serving

ORIGIN = {"Origin": "https://dashboard.example"}


def test_any_origin_may_read_by_default(client):
    response = client.get("/hypervisors", headers=ORIGIN)

    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    assert "Link" in response.headers["access-control-expose-headers"]


def test_a_preflight_allows_reading_only(client):
    headers = ORIGIN | {"Access-Control-Request-Method": "GET"}

    assert client.options("/hypervisors", headers=headers).headers["access-control-allow-methods"] == "GET, HEAD"


@pytest.mark.setting("cors_origins")
def test_the_operator_may_name_origins(settings, monkeypatch):
    monkeypatch.setenv("TAXONOMY_CORS_ORIGINS", "https://dashboard.example, https://other.example")
    named = type(settings)(database_url=settings.database_url)
    with serving(create_app(named)) as base_url:
        allowed = httpx.get(f"{base_url}/hypervisors", headers=ORIGIN)
        refused = httpx.get(f"{base_url}/hypervisors", headers={"Origin": "https://evil.example"})
        known = {"If-None-Match": allowed.headers["etag"]}
        unchanged = [
            httpx.get(f"{base_url}/hypervisors", headers=known | {"Origin": origin})
            for origin in ("https://dashboard.example", "https://other.example", "https://evil.example")
        ]

    assert allowed.headers["access-control-allow-origin"] == "https://dashboard.example"
    assert "access-control-allow-origin" not in refused.headers
    assert [response.status_code for response in unchanged] == [304] * 3
    assert [response.headers.get("access-control-allow-origin") for response in unchanged] == [
        "https://dashboard.example",
        "https://other.example",
        None,
    ]
    assert {response.headers["vary"] for response in unchanged} == {allowed.headers["vary"]}
    exposed = allowed.headers["access-control-expose-headers"]
    assert [response.headers.get("access-control-expose-headers") for response in unchanged] == [exposed, exposed, None]
