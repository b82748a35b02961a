"""The promise that the explorer shows products beside each other."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

FIELDS = ["type", "vendor", "license", "status"]


def rows(page):
    """The cells of a comparison, by the label of the row, and the labels of the rows that differ."""
    cells = {
        row.locator("th").inner_text().split(" ")[0].lower(): row.locator("td").all_inner_texts()
        for row in page.locator(".comparison tbody tr").all()
    }
    return cells, [label.lower() for label in page.locator(".different th").all_inner_texts()]


def test_chosen_products_are_compared_at_an_address_of_their_own(page, client):
    page.goto("/?lang=en#/hypervisors")
    expect(page.locator("#compare")).to_be_hidden()
    for name in ("Compare Xen", "Compare VirtualBox"):
        page.get_by_role("checkbox", name=name, exact=True).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Compare Xen, VirtualBox").click()
    page.wait_for_url("**/?lang=en#/hypervisors?id=xen&id=virtualbox")
    page.wait_for_selector(".comparison")
    cells, differing = rows(page)
    xen, virtualbox = (client.get(f"/hypervisors/{id}?lang=en").json() for id in ("xen", "virtualbox"))

    assert cells["vendor"] == [xen["vendor"], virtualbox["vendor"]]
    assert cells["summary"] == [xen["summary"], virtualbox["summary"]]
    assert [label.split(" ")[0] for label in differing] == [
        field for field in FIELDS if xen[field] != virtualbox[field]
    ]
    assert Axe().run(page, context="#products").response["violations"] == []
    page.reload()
    page.wait_for_selector(".comparison")
    assert rows(page)[0] == cells
    # With one thing that is based on another there is no picture of what is.
    expect(page.locator("#relations")).to_have_count(0)
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.locator("#rows tbody tr")).to_have_count(9)
    expect(page.locator("#compare")).to_be_hidden()


def test_at_most_four_products_can_be_chosen(page):
    page.goto("/?lang=zh#/hypervisors")
    boxes = page.locator("#rows input")
    expect(boxes).to_have_count(9)
    for number in range(4):
        boxes.nth(number).check()

    assert [boxes.nth(number).is_disabled() for number in range(9)] == [False] * 4 + [True] * 5
    boxes.nth(0).uncheck()
    assert not boxes.nth(8).is_disabled()


def test_a_comparison_keeps_the_order_of_its_address_and_takes_nothing_unknown_for_a_difference(page, client):
    page.goto("/?lang=en#/hypervisors?id=rhev-hypervisor&id=kvm")
    page.wait_for_selector(".comparison")
    cells, differing = rows(page)

    assert page.locator(".comparison thead th").all_inner_texts() == ["RHEV Hypervisor", "KVM"]
    assert client.get("/hypervisors/rhev-hypervisor").json()["license"] is None
    assert cells["license"][1] == "GPL-2.0-only"
    assert [label.split(" ")[0] for label in differing] == ["type", "vendor"]


def test_the_labels_of_a_comparison_stay_in_sight_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/?lang=en#/hypervisors?id=kvm&id=xen&id=virtualbox&id=hyper-v")
    page.wait_for_selector(".comparison")
    label = page.locator(".comparison tbody th").first
    before = label.bounding_box()["x"]
    page.locator(".scrolled").evaluate("element => { element.scrollLeft = 300; }")

    assert label.bounding_box()["x"] == before
