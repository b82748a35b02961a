"""The promise that `/docs` and `/redoc` work in a browser on a machine without internet."""

import json
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.support.urls import ALL_OPERATIONS, POSTING


def test_swagger_ui_lists_every_operation(page):
    page.goto("/docs")
    page.wait_for_selector(".opblock")

    shown = page.locator(".opblock-summary-path").all_text_contents()
    paths = [path.replace("\N{ZERO WIDTH SPACE}", "") for path in shown]
    assert sorted(paths) == sorted(path for path, _ in [*ALL_OPERATIONS, *POSTING])


def test_try_it_out_shows_the_five_bare_metal_hypervisors(page):
    page.goto("/docs#/hypervisors/list_hypervisors")
    block = page.locator("#operations-hypervisors-list_hypervisors")
    block.locator(".execute").click()
    shown = block.locator(".live-responses-table .highlight-code code")
    shown.wait_for()

    assert block.locator(".request-url").text_content().endswith("/hypervisors?type=bare-metal&limit=100&offset=0")
    answer = json.loads(shown.text_content())
    assert [item["id"] for item in answer["items"]] == [
        "kvm",
        "xen",
        "vmware-esxi",
        "rhev-hypervisor",
        "hyper-v-server",
    ]


# Addresses of operations with parameters, and the requests that their forms then send.
FILLED = [
    ("hypervisors/get_hypervisor", "id=kvm&lang=zh", "/hypervisors/kvm?lang=zh"),
    ("hypervisors/list_hypervisors", "type=hosted&limit=2", "/hypervisors?type=hosted&limit=2&offset=0"),
    ("find/lookup_values", "value=vmware&value=%E8%A3%B8", f"/lookup?value=vmware&value={quote('裸')}"),
    ("find/search_entries", "q=%2B+%3F", "/search?q=%2B%20%3F&limit=100&offset=0"),
]


@pytest.mark.parametrize(("operation", "parameters", "url"), FILLED, ids=[each[0] for each in FILLED])
def test_parameters_in_the_address_fill_in_the_form(page, base_url, operation, parameters, url):
    page.goto(f"/docs#/{operation}?{parameters}")
    block = page.locator(f"#operations-{operation.replace('/', '-')}.is-open")
    block.locator(".execute").click()

    assert block.locator(".request-url pre").text_content() == base_url + url
    assert page.url == f"{base_url}/docs#/{operation}"


def test_values_are_chosen_from_lists_or_have_an_example(page, client):
    page.goto("/docs#/find/lookup_values?value=vmware")
    block = page.locator("#operations-find-lookup_values.is-open")
    schemes = block.locator("[data-param-name=scheme] select option").all_text_contents()
    page.goto("/docs#/hypervisors/list_hypervisors?")
    page.reload()
    block = page.locator("#operations-hypervisors-list_hypervisors.is-open")
    vendor = block.locator("[data-param-name=vendor]")
    vendor.get_by_role("button", name="Add string item").click()

    assert schemes == ["--", *(scheme["id"] for scheme in client.get("/dataset").json()["schemes"])]
    assert vendor.locator("input").input_value() == "Microsoft"
    shown = [row.get_attribute("data-param-name") for row in block.locator("tr[data-param-name]").all()]
    assert shown[:4] == ["type", "status", "vendor", "license"]


def test_swagger_ui_folds_its_schemas_and_begins_with_look_ups(page):
    page.goto("/docs")
    page.wait_for_selector(".opblock")

    assert page.locator(".opblock-tag").first.get_attribute("data-tag") == "find"
    assert page.locator("section.models.is-open").count() == 0
    assert page.locator("section.models").count() == 1


@pytest.mark.parametrize("path", ["/docs", "/docs#/hypervisors/list_hypervisors", "/redoc"])
def test_no_page_scrolls_sideways_on_a_phone(page, path):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    page.wait_for_selector(".responses-inner" if "#" in path else "#tag\\/find, .opblock")

    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_swagger_ui_is_light_or_dark_as_the_browser_is(page):
    backgrounds = {}
    page.goto("/docs")
    for scheme in ("light", "dark", "light"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html.dark-mode")).to_have_count(int(scheme == "dark"))
        backgrounds[scheme] = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    assert backgrounds == {"light": "rgba(0, 0, 0, 0)", "dark": "rgb(28, 32, 34)"}


@pytest.mark.parametrize(
    ("path", "ways"),
    [("/docs", {"Explorer": "/", "ReDoc": "/redoc"}), ("/redoc", {"Explorer": "/", "Swagger UI": "/docs"})],
)
def test_each_page_leads_to_the_others(page, base_url, path, ways):
    page.goto(path)

    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    assert {link.text_content(): link.evaluate("link => link.href") for link in links.all()} == {
        name: base_url + target for name, target in ways.items()
    }


def test_redoc_shows_every_operation(page):
    page.goto("/redoc")
    page.wait_for_selector("[data-section-id='tag/hypervisors']")

    text = page.content()
    assert [operation["summary"] for _, operation in ALL_OPERATIONS if operation["summary"] not in text] == []
