"""The promise that `/docs` and `/redoc` work in a browser on a machine without internet."""

import json

from tests.support.urls import ALL_OPERATIONS


def test_swagger_ui_lists_every_operation(page):
    page.goto("/docs")
    page.wait_for_selector(".opblock")

    shown = page.locator(".opblock-summary-path").all_text_contents()
    paths = [path.replace("\N{ZERO WIDTH SPACE}", "") for path in shown]
    assert sorted(paths) == sorted(path for path, _ in ALL_OPERATIONS)


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


def test_try_it_out_takes_csv_with_the_defaults_of_pages(page):
    page.goto("/docs#/hypervisors/list_hypervisors")
    block = page.locator("#operations-hypervisors-list_hypervisors")
    block.locator(".try-out__btn").click()
    block.locator("[data-param-name=format] select").select_option("csv")
    block.locator(".execute").click()
    status = block.locator(".live-responses-table .response-col_status")
    status.nth(1).wait_for()

    assert block.locator(".request-url").text_content().endswith("?limit=100&offset=0&format=csv&type=bare-metal")
    assert status.nth(1).text_content().startswith("200")


def test_redoc_shows_every_operation(page):
    page.goto("/redoc")
    page.wait_for_selector("[data-section-id='tag/hypervisors']")

    text = page.content()
    assert [operation["summary"] for _, operation in ALL_OPERATIONS if operation["summary"] not in text] == []
