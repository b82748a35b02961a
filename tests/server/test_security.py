"""The promise that browsers are told what our answers may do, and that only our hosts are served."""

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.support.http import problem
from tests.support.servers import serving

DATA = "default-src 'none'; frame-ancestors 'none'"
PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
ANSWERS = [
    ("GET", "/hypervisors", 200),
    ("HEAD", "/hypervisors", 200),
    ("GET", "/export", 200),
    ("GET", "/docs/assets/swagger-ui.css", 200),
    ("GET", "/hypervisors/esxi", 301),
    ("GET", "/nope", 404),
    ("POST", "/hypervisors", 405),
    ("OPTIONS", "/hypervisors", 204),
    ("GET", "/hypervisors?typ=x", 422),
]


@pytest.mark.parametrize(("method", "url", "status"), ANSWERS)
def test_every_answer_says_what_it_may_do(client, method, url, status):
    response = client.request(method, url)

    assert response.status_code == status
    assert response.headers.get_list("x-content-type-options") == ["nosniff"]
    assert response.headers.get_list("referrer-policy") == ["no-referrer"]
    assert response.headers.get_list("content-security-policy") == [DATA]


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/problems", "/problems/not-found"])
def test_a_page_has_one_policy_of_its_own_and_cannot_be_framed(client, path):
    response = client.get(path)
    (policy,) = response.headers.get_list("content-security-policy")

    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["default-src"] == directives["frame-ancestors"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert response.headers.get_list("permissions-policy") == [PERMISSIONS]


HOSTS = [
    ("api.example.com", 200),
    ("API.example.com:8000", 200),
    ("deep.below.example.org", 200),
    ("[::1]:8000", 200),
    ("example.org", 421),
    ("evil.example", 421),
    ("api.example.com.evil.example", 421),
    ("", 421),
    ("x" * 256, 421),
    ("[", 400),
    ("x" * 5000, 400),
    # Cut at 256 characters it would end in an allowed domain.
    ("x" * 244 + ".example.org.evil.example", 400),
]


@pytest.fixture(scope="module")
def named(settings):
    """A client of a server that answers for named hosts only."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("TAXONOMY_ALLOWED_HOSTS", "api.example.com, *.example.org, [::1]")
        app = create_app(Settings(database_url=settings.database_url))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        yield client


@pytest.mark.parametrize(("host", "status"), HOSTS, ids=[host[:30] for host, _ in HOSTS])
@pytest.mark.setting("allowed_hosts")
def test_only_the_hosts_that_are_named_are_answered_for(named, host, status):
    response = named.get("/concepts", headers={"Host": host})

    assert response.status_code == status
    assert response.headers["content-security-policy"] == DATA
    if status != 200:
        assert problem(response)["type"] == {400: "/problems/bad-request", 421: "/problems/misdirected"}[status]


def test_probes_are_answered_whatever_the_host(named):
    assert [named.get(path, headers={"Host": "10.0.0.7"}).status_code for path in ("/livez", "/readyz")] == [200, 200]
