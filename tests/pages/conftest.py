"""A real browser."""

import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="module")
def browser():
    """A real Chromium; not for the whole session, since it takes the thread's event loop while it runs."""
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
def faults():
    """What went wrong on the page; a test that wants something to go wrong clears it."""
    return []


@pytest.fixture
def page(browser, base_url, faults):
    """A page that keeps what it asked for and what went wrong on it, both looked at when the test is done."""
    page = browser.new_page(base_url=base_url, viewport={"width": 1440, "height": 900})
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.close()
    assert hosts - {""} == {urlsplit(base_url).netloc}
    assert faults == []


def pytest_collection_modifyitems(items):
    """Mark each test that asks for a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
