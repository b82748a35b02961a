"""The promise that the explorer of a static copy needs nothing but the files."""

import os
import re
from urllib.parse import urljoin

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.pages.test_path_prefix import Attributes
from tests.support.commands import run
from tests.support.servers import serving_files


@pytest.fixture(scope="module")
def base_url(tmp_path_factory):
    """The URL of a server of files that has a copy under a path prefix."""
    folder = tmp_path_factory.mktemp("www")
    # In a process of its own, since the browser has taken the thread's event loop.
    written = run(dict(os.environ), "export-site", str(folder / "taxonomy"), TAXONOMY_ROOT_PATH="/taxonomy")
    assert written.returncode == 0, written.stderr
    with serving_files(folder) as url:
        yield f"{url}/taxonomy/"


def test_an_entry_opens_and_shows_its_file(page, base_url):
    page.goto("")
    page.get_by_role("treeitem", name="VMware ESXi").click()

    expect(page.locator("#entry-heading")).to_have_text("VMware ESXi")
    call = page.locator("#entry .call a")
    expect(call).to_have_text(f"{base_url}hypervisors/vmware-esxi.json")
    assert page.request.get(call.get_attribute("href")).json()["name"] == "VMware ESXi"
    assert page.url == f"{base_url}#/hypervisors/vmware-esxi"
    assert Axe().run(page).response["violations"] == []


def test_the_tables_are_whole(page):
    page.goto("index.html#/hypervisors?type=hosted")

    expect(page.locator("#rows tbody tr")).to_have_count(9)
    page.get_by_role("button", name="Examples").click()
    expect(page.locator("#rows tbody tr")).to_have_count(6)
    with page.expect_download() as download:
        page.locator("#csv").click()
    assert download.value.url.endswith("/taxonomy/examples.csv")
    page.locator("#rows").get_by_role("link", name="Docker").click()
    expect(page.locator("#entry-heading")).to_have_text("Docker")


def test_what_needs_a_service_is_not_offered(page):
    page.goto("")
    expect(page.locator("#rows tbody tr")).to_have_count(9)
    page.keyboard.press("/")

    assert page.locator("input:visible, textarea:visible, select:visible, #lookup, #facets *").count() == 0
    assert page.locator("#rows th button").count() == 0
    assert page.get_by_role("link", name=re.compile("Look|API|Swagger|Try")).count() == 0


def test_the_language_is_chosen_and_remembered(page, base_url):
    page.goto("#/hypervisor-types/hosted")
    page.get_by_role("link", name="中文").click()
    page.wait_for_url(f"{base_url}zh/index.html#/hypervisor-types/hosted")
    expect(page.locator("#entry-heading")).to_have_text("宿主型")
    page.goto("")
    page.wait_for_url(f"{base_url}zh/index.html")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"{base_url}index.html")
    page.goto("zh/index.html")

    expect(page.locator("#tree-heading")).to_have_text("虚拟化分类")


@pytest.mark.parametrize("path", ["", "zh/"])
def test_every_link_of_the_page_leads_to_a_file(base_url, path):
    page = urljoin(base_url, path)
    with httpx.Client() as client:
        links = {link for link in Attributes(client.get(page).text).urls if not link.startswith("#")}
        missing = [link for link in links if client.get(urljoin(page, link)).status_code != 200]

    assert len(links) > 40
    assert missing == []
