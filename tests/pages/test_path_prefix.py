"""The promise that all of the product stays under a path prefix, behind nginx as docs/operating.md configures it."""

import csv
import io
import json
import re
import shutil
import tempfile
from collections import deque
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import httpx
import pytest
from playwright.sync_api import expect

from app.main import create_app
from app.settings import PROJECT
from tests.deployment.test_proxy import proxy
from tests.support.commands import answers, free_port
from tests.support.http import urls_in
from tests.support.servers import serving
from tests.support.urls import PAGES, REQUESTS

pytestmark = pytest.mark.proxy

(LOCATION,) = re.findall(r"```nginx\n(.*?)```", (PROJECT / "docs" / "operating.md").read_text("utf-8"), re.DOTALL)
# An nginx with this location, and beside it the cache of deploy/taxonomy.conf.
NGINX = """
worker_processes auto;
pid /tmp/nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path /tmp/client;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    include taxonomy.conf;
    server {
        listen 127.0.0.1:OUTER;
        location / { return 404; }
        LOCATION
    }
}
"""
BROWSER = {"Accept": "text/html, */*;q=0.1"}


@pytest.fixture(scope="module", params=["header", "setting"])
def base_url(request, settings):
    """The URL under which nginx publishes the service.

    The service gets the prefix from the header; or it has the setting, and the cache is between them.
    """
    if not shutil.which("nginx"):
        pytest.skip("needs nginx")
    by_setting = request.param == "setting"
    app = create_app(settings.model_copy(update={"root_path": "/taxonomy"} if by_setting else {}))
    outer, inner = free_port(), free_port()
    location = LOCATION.replace("http://serve:8000", f"http://127.0.0.1:{inner}") if by_setting else LOCATION
    nginx = NGINX.replace("OUTER", str(outer)).replace("LOCATION", location)
    changes = {"listen 8080": f"listen 127.0.0.1:{inner}", "rate=100r/s": "rate=10000r/s"}
    with tempfile.TemporaryDirectory() as name, serving(app) as service:
        folder = Path(name)
        # The workers of nginx run as another user where the master is root.
        folder.chmod(0o777)
        with proxy(folder, service, nginx, changes):
            assert answers(f"http://127.0.0.1:{outer}/taxonomy/readyz")
            yield f"http://127.0.0.1:{outer}/taxonomy/"


class Attributes(HTMLParser):
    """Collects the attributes of a page that contain URLs."""

    def __init__(self, page):
        super().__init__()
        self.urls = []
        self.feed(page)

    def handle_starttag(self, _, attributes):
        """Collect those of an element."""
        self.urls += [value for name, value in attributes if name in ("href", "src", "action", "data-url", "spec-url")]


def references(response):
    """What an answer refers to."""
    yield from re.findall(r"<([^>]+)>", response.headers.get("link", ""))
    if "location" in response.headers:
        yield response.headers["location"]
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if media_type == "text/html":
        yield from Attributes(response.text).urls
    elif media_type == "text/csv":
        yield from (row["url"] for row in csv.DictReader(io.StringIO(response.text)))
    elif media_type == "application/json":
        yield from urls_in(response.json())


def test_every_link_leads_to_what_is_there(base_url):
    """From the pages and the operations, by each link, URL and Location, until there is nothing new."""
    refused = {"nope", "hypervisors?typ=x"}
    more = ["/hypervisors/esxi", "/hypervisors?limit=2", "/hypervisors?format=csv"]
    waiting = deque(urljoin(base_url, path[1:]) for path in [*PAGES, *more])
    found = {}
    outside = []
    with httpx.Client(headers=BROWSER) as client:
        (server,) = client.get(f"{base_url}openapi.json").json()["servers"]
        waiting.extend(urljoin(base_url, server["url"] + request) for request in REQUESTS)
        while waiting:
            url = waiting.popleft()
            if url in found:
                continue
            response = client.get(url)
            found[url] = response.status_code
            for reference in references(response):
                target = urldefrag(urljoin(url, reference))[0]
                (waiting if f"{target}/".startswith(base_url) else outside).append(target)

    assert outside == []
    assert {url for url, status in found.items() if status not in (200, 301)} == {urljoin(base_url, x) for x in refused}
    entries = {urljoin(base_url, url) for url in urls_in(httpx.get(f"{base_url}export").json())}
    assert len(entries) == 27
    assert entries <= {*found}
    assets = {path.name for path in (PROJECT / "app" / "pages" / "static").iterdir()}
    assert assets <= {url.rpartition("/")[2] for url in found}


def test_what_is_outside_is_not_there(base_url):
    outer = base_url.removesuffix("/taxonomy/")

    assert [httpx.get(f"{outer}{path}").status_code for path in ("/", "/hypervisors", "/docs")] == [404] * 3
    redirect = httpx.get(f"{outer}/taxonomy")
    assert (redirect.status_code, redirect.headers["location"]) == (301, base_url)


def test_a_path_of_the_api_can_have_the_name_of_the_prefix(base_url):
    tree = httpx.get(f"{base_url}taxonomy").json()

    assert tree["concepts"][0]["url"] == "/taxonomy/concepts/virtualization"


def test_a_client_cannot_choose_the_prefix(base_url):
    entry = httpx.get(f"{base_url}hypervisors/kvm", headers={"X-Forwarded-Prefix": "/evil"}).json()

    assert entry["url"] == "/taxonomy/hypervisors/kvm"


@pytest.fixture
def asked(page, base_url):
    """The URLs that a page asks for, all of which must be under the prefix."""
    urls = []
    page.on("request", lambda request: urls.append(request.url))
    yield urls
    assert [url for url in urls if not url.startswith((base_url, "data:", "blob:"))] == []


def heading(page):
    """The name of the entry that is shown."""
    page.wait_for_selector("#entry:not([hidden], [aria-busy]) h2")
    return page.locator("#entry h2").text_content()


def test_the_explorer_finds_all_that_it_shows(page, base_url, asked):
    page.goto(f"{base_url}?lang=en")
    page.wait_for_selector(".tree.drawn")
    page.get_by_role("treeitem", name="KVM", exact=True).click()

    assert heading(page) == "KVM"
    assert page.url == f"{base_url}?lang=en#/hypervisors/kvm"
    assert page.locator("#entry .url").text_content() == f"{base_url}hypervisors/kvm?lang=en"
    assert page.locator("#entry .call code").text_content() == f"curl -s '{base_url}hypervisors/kvm?lang=en'"
    page.locator("#entry .facts a").first.click()
    page.wait_for_url(f"{base_url}?lang=en#/hypervisor-types/bare-metal")
    expect(page.locator("[role=treeitem][aria-selected='true']")).to_have_text("Bare-metal")

    page.keyboard.press("Escape")
    page.locator("#search").fill("esxi")
    page.locator("#hits li").first.click()
    page.wait_for_url(f"{base_url}?lang=en#/hypervisors/vmware-esxi")

    page.goto(f"{base_url}?lang=en#/lookup?value=裸金属")
    page.reload()
    page.locator("#resolved td a").click()
    page.wait_for_url(f"{base_url}?lang=en#/hypervisor-types/bare-metal")
    page.goto(f"{base_url}?lang=en#/hypervisors?type=hosted")
    page.reload()
    expect(page.locator("#rows tbody th a")).to_have_count(4)
    with page.expect_download() as download:
        page.locator("#csv").click()
    assert download.value.url.startswith(f"{base_url}hypervisors.csv?")

    page.get_by_role("link", name="中文").click()
    page.wait_for_selector("html[lang=zh-CN]")
    page.goto(base_url)
    page.wait_for_url(f"{base_url}?lang=zh")
    assert any(url.endswith("explorer.css") for url in asked)


def test_swagger_ui_calls_the_api(page, base_url, asked):
    page.goto(f"{base_url}?lang=en#/hypervisors/kvm")
    heading(page)
    page.locator("#entry").get_by_role("link", name="Try it in Swagger UI").click()
    page.wait_for_url(f"{base_url}docs#/hypervisors/get_hypervisor")
    block = page.locator("#operations-hypervisors-get_hypervisor.is-open")
    block.locator(".execute").click()
    shown = block.locator(".live-responses-table .highlight-code code")
    shown.wait_for()

    assert page.locator(".servers select").input_value() == "/taxonomy"
    assert block.locator(".request-url pre").text_content() == f"{base_url}hypervisors/kvm?lang=en"
    assert json.loads(shown.text_content())["url"] == "/taxonomy/hypervisors/kvm"


def test_redoc_shows_the_api(page, base_url, asked):
    page.goto(f"{base_url}redoc")
    page.wait_for_selector("[data-section-id='tag/hypervisors']")

    operation = page.locator("[data-section-id='tag/hypervisors/operation/list_hypervisors']")
    operation.locator("button:has-text('/hypervisors')").first.click()

    expect(operation).to_contain_text(f"{base_url}hypervisors")
    assert f"{base_url}openapi.json" in asked


def test_a_person_who_is_lost_finds_the_explorer(page, base_url, faults, asked):
    page.goto(f"{base_url}nope?lang=en")
    faults.clear()
    page.locator(".ways .button").click()

    page.wait_for_url(f"{base_url}?lang=en")
