"""The promise that `/docs` and `/redoc` work in a browser on a machine without internet."""

import json
import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from app import openapi
from app.main import create_app

OPERATIONS = list(openapi.operations(create_app().openapi()))


@pytest.fixture(scope="module")
def browser():
    """A real Chromium."""
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("Chromium is not installed; on Debian it is the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, base_url):
    """A page that keeps what it asked for and what went wrong on it, both looked at when the test is done."""
    page = browser.new_page(base_url=base_url, viewport={"width": 1440, "height": 900})
    hosts, errors = set(), []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert hosts - {""} == {urlsplit(base_url).netloc}
    assert errors == []


def test_swagger_ui_lists_every_operation(page):
    page.goto("/docs")
    page.wait_for_selector(".opblock")

    shown = page.locator(".opblock-summary-path").all_text_contents()
    assert sorted(path.replace("\N{ZERO WIDTH SPACE}", "") for path in shown) == sorted(path for path, _ in OPERATIONS)


def test_try_it_out_shows_the_five_bare_metal_hypervisors(page):
    page.goto("/docs#/hypervisors/list_hypervisors")
    block = page.locator("#operations-hypervisors-list_hypervisors")
    block.locator(".try-out__btn").click()
    block.locator(".execute").click()
    shown = block.locator(".live-responses-table .highlight-code code")
    shown.wait_for()

    assert block.locator(".request-url").text_content().endswith("/hypervisors?limit=100&offset=0&type=bare-metal")
    answer = json.loads(shown.text_content())
    assert [item["id"] for item in answer["items"]] == [
        "kvm",
        "xen",
        "vmware-esxi",
        "rhev-hypervisor",
        "hyper-v-server",
    ]


def test_redoc_shows_every_operation(page):
    page.goto("/redoc")
    page.wait_for_selector("[data-section-id='tag/hypervisors']")

    text = page.content()
    assert [operation["summary"] for _, operation in OPERATIONS if operation["summary"] not in text] == []
