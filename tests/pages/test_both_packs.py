"""The promise that the explorer is readable with both packs."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.main import create_app
from app.packs.prepare import prepare
from app.settings import Settings
from tests.support.servers import serving


@pytest.fixture(scope="module")
def base_url(tmp_path_factory):
    """The URL of a service with both packs."""
    database = f"sqlite:///{tmp_path_factory.mktemp('both')}/both.db"
    settings = Settings(packs=("docs", "field"), database_url=database)
    prepare(settings)
    with serving(create_app(settings)) as url:
        yield url


def test_what_is_based_on_what_is_shown_with_the_most_used_first(page):
    page.goto("/?lang=en")
    page.wait_for_selector("#rows table")
    bases = page.locator(".bases > li")
    counts = [int(number) for number in page.locator(".bases > li > .number").all_inner_texts()]

    assert counts == sorted(counts, reverse=True)
    assert [bases.nth(number).locator("ul a").count() for number in range(len(counts))] == counts
    assert bases.first.locator("> a").inner_text() == "KVM"
    bases.first.get_by_role("link", name="Proxmox Virtual Environment").click()
    page.wait_for_url("**#/hypervisors/proxmox-ve")
    expect(page.locator("#entry-heading")).to_have_text("Proxmox Virtual Environment")
    assert Axe().run(page, context="#relations").response["violations"] == []


def test_many_values_of_a_facet_are_folded(page):
    page.goto("/?lang=en#/hypervisors?vendor=Unisys")
    vendors = page.get_by_role("group", name="Vendor").locator(".chip:visible")
    more = page.get_by_role("group", name="Vendor").locator(".plain")
    # The chosen one is shown, wherever it stands.
    expect(vendors).to_have_count(9)
    expect(vendors.last).to_contain_text("Unisys")
    hidden = int(more.inner_text().split(" ")[0])
    more.click()
    expect(vendors).to_have_count(9 + hidden)
    expect(more).to_be_hidden()
    vendors.first.click()
    expect(page.locator("#rows tbody tr")).to_have_count(7)
    expect(vendors).to_have_count(9 + hidden)


def test_a_long_table_begins_with_a_page_of_it(page):
    page.goto("/?lang=en")
    expect(page.locator("#rows tbody tr")).to_have_count(25)
    page.get_by_role("button", name="Show more").click()
    page.wait_for_url("**#/hypervisors?limit=100")
    expect(page.locator("#table-status")).to_have_text(re.compile(r"^\d+ match$"))
    total = int(page.locator("#table-status").inner_text().split(" ")[0])
    expect(page.locator("#rows tbody tr")).to_have_count(total)


def test_an_entry_leads_to_the_lists_of_what_is_based_on_it_and_to_no_empty_one(page):
    offered = {}
    for path in ("/hypervisors/kvm", "/examples/kubernetes", "/hypervisors/proxmox-ve"):
        page.goto(f"/?lang=en#{path}")
        expect(page.locator("#entry .facts code")).to_have_text(path.split("/")[2])
        links = page.locator("#entry dt", has_text="What is based on it").locator("+ dd a")
        offered[path] = [link.get_attribute("href") for link in links.all()]

    assert offered == {
        "/hypervisors/kvm": ["#/hypervisors?based_on=kvm", "#/examples?based_on=kvm"],
        "/examples/kubernetes": ["#/examples?based_on=kubernetes"],
        "/hypervisors/proxmox-ve": [],
    }
