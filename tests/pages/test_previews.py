"""The promise that the preview of each entity can be read in a frame of the size that the manifest names."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.store.collections import COLLECTIONS
from app.store.tables import Language


@pytest.mark.parametrize("lang", [*Language])
def test_each_preview_fits_its_frame(page, client, lang):
    size = client.get("/reconcile").json()["preview"]
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    heights = {}
    for resource in COLLECTIONS:
        for entry in client.get(f"/{resource}?lang={lang}").json()["items"]:
            page.goto(f"/reconcile/preview?id={resource}%2F{entry['id']}&lang={lang}")
            heights[entry["url"]] = page.evaluate("document.documentElement.scrollHeight")
            assert page.get_by_role("link").inner_text() == entry["name"]
            assert entry["summary"] in page.inner_text("body")
    assert {url: height for url, height in heights.items() if height > size["height"]} == {}
    assert Axe().run(page).response["violations"] == []


def test_a_preview_leads_to_the_entry_in_the_explorer(page, client):
    page.goto("/reconcile/preview?id=hypervisors%2Fkvm")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="KVM").click()
    view = client.get("/reconcile?lang=en").json()["view"]["url"]
    for url in (opened.value.url, view.replace("{{id}}", "hypervisors%2Fkvm")):
        page.goto(url)
        page.locator("#entry-heading", has_text="KVM").wait_for()
    opened.value.close()
