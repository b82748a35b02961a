"""The promise that the explorer stays legible with many entries and long names, at every width, in both languages."""

import pytest
from playwright.sync_api import expect

from app.packs.prepare import prepare
from app.store.tables import Language
from tests.support.packs import copy_docs, write_long_names
from tests.support.servers import watched

WIDTHS = [1440, 1024, 390]
LINKED = "/hypervisors/long-hypervisors-40"


@pytest.fixture(scope="module")
def client(new_database, tmp_path_factory):
    """A client of a server of the docs pack and 150 entries with long names."""
    folder = write_long_names(copy_docs(tmp_path_factory.mktemp("packs")))
    settings = new_database("sqlite").model_copy(update={"seed_dir": folder, "packs": ("docs", "long")})
    prepare(settings)
    with watched(settings) as (_, client, _):
        yield client


@pytest.fixture(scope="module")
def base_url(client):
    """The base URL of that server."""
    return str(client.base_url).rstrip("/")


def opened(page, width, lang, fragment=""):
    """The page at `/` in a width, as soon as it can be used and its table is filled."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/?lang={lang}{fragment}")
    page.wait_for_selector("#rows table")
    return page


# What runs through something else, or out of the window.
COLLISIONS = """() => {
  const box = (element) => element.getBoundingClientRect();
  const over = (one, other) =>
    box(one).left < box(other).right && box(other).left < box(one).right &&
    box(one).top < box(other).bottom && box(other).top < box(one).bottom;
  const names = [...document.querySelectorAll("#tree a")].filter((name) => name.checkVisibility());
  const others = [...document.querySelectorAll(".count, .side")].filter((other) => other.checkVisibility());
  const inside = [...document.querySelectorAll("main *, header *")].filter((one) => !one.closest("svg, .unseen"));
  const cut = (name) => name.scrollWidth > name.clientWidth + 1;
  return {
    over: names.filter((name) => others.some((other) => over(name, other)) || cut(name)).map((name) => name.textContent),
    outside: inside.filter((one) => box(one).right > document.documentElement.clientWidth + 1).map((one) => one.outerHTML),
    scrolls: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  };
}"""  # noqa: E501
NONE = {"over": [], "outside": [], "scrolls": False}
# The hits of a search that are under something else.
HIDDEN_HITS = """() => [...document.querySelectorAll("#hits li")].map((hit) => [hit, hit.getBoundingClientRect()])
  .filter(([hit, box]) => box.bottom < document.querySelector("#hits").getBoundingClientRect().bottom)
  .filter(([hit, box]) => !hit.contains(document.elementFromPoint(box.left + 20, box.top + 10)))
  .map(([hit]) => hit.textContent)"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", Language)
def test_names_wrap_beside_counts_and_panel(page, width, lang):
    opened(page, width, lang)
    page.locator("#collapse").click()
    assert page.get_by_role("treeitem").count() == 177
    assert page.evaluate(COLLISIONS) == NONE

    page.locator("#values").fill("kvm\nEnterprise-Virtualization-Management-Platform-for-Distributed-Data-Centres-0")
    page.locator("#lookup-form [type=submit]").click()
    page.locator("#resolved tbody tr").last.wait_for()
    page.locator("#search").fill("v")
    page.locator("#hits li").last.wait_for()
    assert page.evaluate(COLLISIONS) == NONE
    assert page.evaluate(HIDDEN_HITS) == []
    # No cell of the two tables is narrower than a word.
    widths = page.evaluate("[...document.querySelectorAll('td, th')].map((cell) => [cell.clientWidth, cell.className])")
    assert [cell for cell in widths if 0 < cell[0] < (100 if not cell[1] else 30)] == []


def test_a_long_tree_starts_folded_to_one_level(page):
    opened(page, 1440, "en")
    items = page.get_by_role("treeitem")

    assert items.count() == 3 + 4 + 7 + 12 + 2 + 6
    assert page.get_by_role("treeitem", expanded=True).count() == 4
    page.get_by_role("button", name="Expand all").click()
    assert items.count() == 177
    page.get_by_role("button", name="Collapse all").click()
    assert items.count() == 7


@pytest.mark.parametrize("width", WIDTHS)
def test_a_shared_link_unfolds_the_tree_and_scrolls_to_its_entry(page, width):
    opened(page, width, "en", f"#{LINKED}")
    item = page.locator("[role=treeitem][aria-selected=true]")
    expect(page.locator("#entry-heading")).to_contain_text("Workloads 40")

    expect(page.locator("#entry-heading")).to_be_in_viewport(ratio=1)
    expect(item).to_be_in_viewport(ratio=1)
    assert item.get_attribute("data-path") == LINKED
    box = item.bounding_box()
    covering = "([x, y]) => document.elementFromPoint(x, y).getAttribute('data-path')"
    assert page.evaluate(covering, [box["x"] + 20, box["y"] + 10]) == LINKED
    assert page.get_by_role("treeitem").count() > 34


@pytest.mark.parametrize(("width", "beside"), [(1440, True), (1024, True), (1023, False), (390, False)])
def test_an_entry_is_beside_the_tree_from_1024_pixels_on(page, width, beside):
    opened(page, width, "en")
    tree, side = (page.locator(part).bounding_box() for part in (".drawing", ".side"))

    assert (side["x"] >= tree["x"] + tree["width"], side["y"] >= tree["y"] + tree["height"]) == (beside, not beside)


def test_a_search_leads_to_all_that_it_found(page, client):
    opened(page, 1440, "en")
    page.locator("#search").fill("v")
    options, status = page.locator("#hits [role=option]"), page.locator("#search-status")
    seen = []
    for shown in ("8 of 175 shown", "58 of 175 shown", "108 of 175 shown", "158 of 175 shown"):
        expect(status).to_have_text(shown)
        seen.append(options.count())
        page.keyboard.press("ArrowUp")
        if len(seen) > 1:
            page.locator("#hits .hit-more").click()
        else:
            page.keyboard.press("Enter")
    expect(status).to_have_text("175 found")
    found = client.get("/search?q=v&limit=200&lang=en").json()["items"]

    assert seen == [9, 59, 109, 159]
    assert page.locator("#hits .hit-name").all_text_contents() == [hit["name"] for hit in found]
    assert page.locator("#hits [aria-selected=true]").get_attribute("id") == "hit-158"
    page.keyboard.press("Enter")
    expect(page.locator("#entry-heading")).to_have_text(found[158]["name"])
