"""The promise that the explorer at `/` shows the taxonomy to whoever looks, by mouse, keyboard or ear."""

import csv
import json
import re
import shlex
import subprocess
from io import StringIO
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.api import openapi
from app.pages import documentation, rendering
from app.store.tables import Language
from tests.support.http import ids
from tests.support.urls import values_of

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
COLLECTIONS = ["concepts", "virtualization-types", "examples", "hypervisor-types", "hypervisors"]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(params=Language)
def lang(request):
    """Each language."""
    return request.param


def opened(page, lang, fragment=""):
    """The page at `/` as soon as it can be used."""
    page.goto(f"/?lang={lang}{fragment}")
    page.wait_for_selector(".tree.drawn")
    return page


def entries(client, lang):
    """The names of all entries by their paths."""
    pages = [client.get(f"/{collection}?lang={lang}").json()["items"] for collection in COLLECTIONS]
    return {item["url"]: item["name"] for items in pages for item in items}


def heading(page):
    """The name of the entry that is shown, which is waited for."""
    page.wait_for_selector("#entry:not([hidden], [aria-busy]) h2")
    return page.locator("#entry h2").text_content()


def test_the_tree_shows_every_entry(page, client, lang):
    opened(page, lang)
    items = page.get_by_role("treeitem")

    assert {item.get_attribute("data-path"): item.text_content() for item in items.all()} == entries(client, lang)
    assert items.count() == 27
    assert all(item.is_visible() for item in items.all())
    assert page.locator("html").get_attribute("lang") == rendering.TAGS[lang]
    drawn = "".join(path.get_attribute("d") or "" for path in page.locator(".branches path").all())
    assert drawn.count("M") == 27 - 3


def test_the_counts_stand_on_the_branches_and_close_them(page):
    opened(page, "en")
    counts = page.locator(".count")

    assert counts.all_text_contents() == ["7", "2", "1", "1", "1", "1", "2", "5", "4"]
    counts.nth(7).click()
    assert page.get_by_role("treeitem").count() == 27 - 5
    counts.nth(7).click()
    page.locator("#collapse").click()
    assert page.get_by_role("treeitem").all_text_contents() == ["Virtualization", "Virtual machine", "Hypervisor"]


def test_the_tree_is_walked_by_keys(page):
    opened(page, "en")
    page.get_by_role("treeitem").first.focus()

    def walked(*keys):
        for key in keys:
            page.keyboard.press(key)
        return page.evaluate("document.activeElement.textContent")

    assert walked("ArrowDown", "ArrowDown", "ArrowRight") == "Kubernetes"
    assert walked("ArrowLeft", "ArrowLeft", "ArrowDown") == "Desktop virtualization"
    assert walked("ArrowUp", "ArrowRight", "ArrowRight") == "Kubernetes"
    assert walked("End") == "Parallels Desktop"
    assert walked("Home") == "Virtualization"
    assert walked("w") == "Wine"
    page.keyboard.press("Enter")
    assert heading(page) == "Wine"
    assert page.locator("[aria-selected='true']").all_text_contents() == ["Wine"]
    page.keyboard.press("Escape")
    assert page.locator("#entry").is_hidden()


@pytest.mark.parametrize(
    ("query", "path"), [("容器", "/virtualization-types/container"), ("esxi", "/hypervisors/vmware-esxi")]
)
def test_a_search_reaches_the_entry_by_keys_alone(page, client, lang, query, path):
    opened(page, lang)
    page.keyboard.press("/")
    page.keyboard.insert_text(query)
    page.wait_for_selector("#hits [aria-selected='true']")

    marked = {mark.lower() for mark in page.locator("#hits mark").all_text_contents()}
    assert marked == {query}
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert heading(page) == entries(client, lang)[path]
    assert page.url.endswith(f"#{path}")


def test_a_step_into_a_closed_list_chooses_an_end(page):
    opened(page, "en")
    page.keyboard.press("/")
    page.keyboard.insert_text("server")
    chosen = page.locator("#hits [aria-selected='true']")
    chosen.wait_for()
    last = page.locator("#hits li").count() - 1
    assert last > 1
    found = []
    for key in ("ArrowUp", "ArrowDown"):
        page.keyboard.press("Escape")
        assert chosen.count() == 0
        page.keyboard.press(key)
        found.append(chosen.get_attribute("id"))

    assert found == [f"hit-{last}", "hit-0"]


@pytest.mark.parametrize("fragment", ["#//evil.example/x", "#/\\evil.example/x", "#/nope"])
def test_a_fragment_that_is_no_path_of_the_page_calls_nothing(page, fragment):
    """The page of a test fails it if another host is called."""
    opened(page, "en", "#/hypervisors/kvm")
    assert heading(page) == "KVM"
    page.evaluate("given => { location.hash = given; }", fragment)

    expect(page.locator("#entry")).to_be_hidden()


def test_a_search_marks_characters_beyond_the_first_plane(page):
    opened(page, "en")
    match = {"field": "alias", "lang": "en", "scheme": None, "value": "𝒳𝒳 kvm", "start": 3, "end": 6}
    hit = {"id": "kvm", "name": "KVM", "url": "/hypervisors/kvm", "resource": "hypervisors", "matched": [match]}
    page.route("**/search?*", lambda route: route.fulfill(json={"items": [hit], "total": 1}))
    page.keyboard.press("/")
    page.keyboard.insert_text("kvm")

    page.wait_for_selector("#hits mark")
    assert page.locator("#hits mark").text_content() == "kvm"


def test_the_last_search_wins(page):
    opened(page, "en")
    held = []
    page.route("**/search?q=kvm&*", lambda route: held.append(route))  # noqa: PLW0108 (playwright marks what it is given)
    with page.expect_event("requestfailed") as aborted:
        with page.expect_request("**/search?q=kvm&*"):
            page.locator("#search").fill("kvm")
        page.locator("#search").fill("xen")
    page.wait_for_selector("#hits [role=option]")

    assert page.locator("#hits .hit-name").first.text_content() == "Xen"
    assert "q=kvm" in aborted.value.url
    assert len(held) == 1


def test_a_search_that_finds_nothing_says_so_and_escape_ends_it(page):
    opened(page, "en")
    page.locator("#search").fill("zzz")
    page.wait_for_selector("#search-status:not(:empty)")

    assert page.locator("#search-status").text_content() == "No entry contains “zzz”."
    page.keyboard.press("Escape")
    assert page.locator(".results").is_hidden()
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""


@pytest.mark.parametrize("path", ["/hypervisors/kvm", "/concepts/hypervisor", "/examples/docker"])
def test_the_command_of_an_entry_gives_what_its_panel_shows(page, lang, path):
    opened(page, lang, f"#{path}")
    name = heading(page)
    command = page.locator("#entry .call code").text_content()
    record = json.loads(subprocess.run(shlex.split(command), capture_output=True, check=True).stdout)  # noqa: S603

    shown = page.locator("#entry").inner_text()
    assert record["name"] == name
    assert record["url"] == path
    facts = [record.get(field) for field in ("summary", "remark", "vendor", "license")]
    texts = [fact for fact in facts if fact] + record["aliases"] + record.get("characteristics", [])
    texts += [identifier["value"].strip() for identifier in record["identifiers"]]
    texts += [source["title"] for source in record["sources"]]
    texts += [source["section"] for source in record["sources"] if source["section"]]
    assert [text for text in texts if text not in shown] == []
    assert page.locator(".identifiers .chip").count() == len(record["identifiers"])


def test_an_entry_leads_to_its_operation_in_swagger_ui(page):
    opened(page, "en", "#/hypervisors/kvm")
    heading(page)
    page.locator("#entry").get_by_role("link", name="Try it in Swagger UI").click()

    operation = page.locator("#operations-hypervisors-get_hypervisor.is-open")
    assert operation.get_by_placeholder("id").input_value() == "kvm"


def facts(client):
    """What the page hands to its script."""
    page = client.get("/", headers={"Accept": BROWSER}).text
    return json.loads(re.search(r'<script type="application/json" id="facts">(.*?)</script>', page, re.DOTALL)[1])


def test_the_links_to_swagger_ui_are_those_of_the_document(client):
    assert facts(client)["operations"] == {
        path: f"{operation['tags'][0]}/{operation['operationId']}"
        for path, operation in openapi.operations(client.get("/openapi.json").json())
    }


def test_the_script_is_given_the_facts_of_the_api(client):
    document = client.get("/openapi.json").json()
    shown = facts(client)

    def parameter(path, name):
        operation = document["paths"][path]["get"]
        return next(given for given in operation["parameters"] if given["name"] == name)

    assert shown["facets"] == {
        collection: values_of(parameter(f"/{collection}", "facet")) for collection in ("hypervisors", "examples")
    }
    assert shown["limits"] == {
        "entries": parameter("/hypervisors", "limit")["schema"]["maximum"],
        "values": parameter("/lookup", "value")["schema"]["maxItems"],
        "posted": document["components"]["schemas"]["LookupBody"]["properties"]["values"]["maxItems"],
        "characters": parameter("/lookup", "value")["schema"]["items"]["maxLength"],
    }
    assert shown["parents"] == {
        "virtualization-types": {"field": "concept", "resource": "concepts"},
        "hypervisor-types": {"field": "concept", "resource": "concepts"},
        "examples": {"field": "type", "resource": "virtualization-types"},
        "hypervisors": {"field": "type", "resource": "hypervisor-types"},
    }


def test_an_identifier_is_copied_by_a_click(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, "en", "#/hypervisors/kvm")
    heading(page)
    page.get_by_role("button", name="KVMKVMKVM", exact=True).click()

    page.wait_for_selector(".chip.copied")
    assert page.evaluate("navigator.clipboard.readText()") == "KVMKVMKVM"


def test_an_alias_in_the_address_opens_its_entry(page):
    opened(page, "en", "#/hypervisors/esxi")

    assert heading(page) == "VMware ESXi"
    assert (
        page.locator("[role=treeitem][aria-selected='true']").get_attribute("data-path") == "/hypervisors/vmware-esxi"
    )


def test_a_service_that_does_not_answer_is_told_and_asked_again(page, faults):
    opened(page, "en")
    page.route("**/hypervisors/kvm?*", lambda route: route.abort())
    page.get_by_role("treeitem", name="KVM", exact=True).click()
    page.wait_for_selector(".failure")

    assert "The service does not answer." in page.locator(".failure").text_content()
    page.unroute("**/hypervisors/kvm?*")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("#entry .summary")
    assert heading(page) == "KVM"
    faults.clear()


def test_a_refusal_is_shown_in_its_own_words(page, faults):
    opened(page, "en", "#/hypervisors?type=baremetal")
    page.wait_for_selector(".failure")

    assert "Did you mean 'bare-metal'?" in page.locator(".failure").text_content()
    faults.clear()


def names(page):
    """The names that the table shows."""
    page.wait_for_selector("#rows:not([aria-busy]) :is(table, .empty)")
    return page.locator("#rows tbody th a").all_text_contents()


def test_the_filters_stand_in_the_address_and_come_back_from_it(page, client, browser, base_url):
    opened(page, "en")
    names(page)
    for chip in ("type=hosted", "license=proprietary"):
        page.locator(f"[data-key='{chip}']").click()
        page.wait_for_selector(f"[data-key='{chip}'][aria-pressed='true']")
    shown = names(page)
    path = page.url.split("#")[1]

    assert path == "/hypervisors?type=hosted&license=proprietary"
    assert shown == [item["name"] for item in client.get(path).json()["items"]] == ["VMware Workstation", "Hyper-V", "Parallels Desktop"]
    other = browser.new_page(base_url=base_url)
    other.goto(page.url)
    other.wait_for_selector("[data-key='type=hosted'][aria-pressed='true']")
    assert names(other) == shown
    assert other.locator("[aria-pressed='true'].chip").count() == 2
    other.close()
    page.go_back()
    page.wait_for_selector("[data-key='license=proprietary'][aria-pressed='false']")
    assert len(names(page)) == 4


@pytest.mark.parametrize("field", ["name", "type", "vendor", "license", "status"])
def test_the_heading_of_a_column_sorts_by_it(page, client, field):
    opened(page, "en")
    document = names(page)
    orders = [f"?sort={field}", f"?sort=-{field}", ""]
    wanted = [[item["name"] for item in client.get(f"/hypervisors{order}").json()["items"]] for order in orders]
    seen = []
    for order in orders:
        page.locator(f"thead .{field} button").click()
        page.wait_for_url(f"**/?lang=en#/hypervisors{order}")
        page.wait_for_selector("#rows:not([aria-busy]) table")
        seen.append((page.locator(f"thead .{field}").get_attribute("aria-sort"), names(page)))

    assert seen == [*zip(("ascending", "descending", None), wanted, strict=True)]
    assert names(page) == document


def test_more_of_a_long_table_is_shown_when_asked_for(page):
    opened(page, "en", "#/hypervisors?limit=2")
    assert len(names(page)) == 2
    assert page.locator("#rows > p").text_content() == "2 of 9 shown Show more"
    page.get_by_role("button", name="Show more").click()
    page.wait_for_url("**/?lang=en#/hypervisors?limit=8")
    page.wait_for_selector("text=8 of 9 shown")
    page.get_by_role("button", name="Show more").click()
    page.wait_for_url("**/?lang=en#/hypervisors?limit=32")
    expect(page.locator("#rows tbody tr")).to_have_count(9)

    assert page.locator("#rows > p").count() == 0


def test_the_table_is_downloaded_as_it_is_filtered(page):
    opened(page, "en", "#/examples?type=network")
    page.wait_for_selector("[data-key='type=network'][aria-pressed='true']")
    with page.expect_download() as download:
        page.locator("#csv").click()

    rows = list(csv.DictReader(StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [row["id"] for row in rows] == ["kubernetes", "openstack"]


def test_a_filter_that_nothing_passes_shows_how_to_leave(page):
    opened(page, "en")
    names(page)
    page.locator("#filter").fill("zzz")
    page.wait_for_selector(".empty")
    page.locator(".empty button").click()
    page.wait_for_selector("#rows table")

    assert len(names(page)) == 9


def test_a_filter_that_nothing_passes_shows_the_hint_of_the_api(page, client, lang):
    path = "/hypervisors?vendor=VMware"
    opened(page, lang, f"#{path}")
    shown = page.locator(".empty p")
    shown.last.wait_for()

    hint = client.get(f"{path}&lang={lang}").json()["hint"]
    assert shown.all_text_contents() == [rendering.read_texts("texts.yaml")["nothing_matches"][lang], hint]


def test_pasted_values_are_resolved_and_downloaded(page, client):
    opened(page, "en")
    lines = ["kvm", "kvm", "VMware ESXi 7.0.3", "=1+1", "", "裸金属", "x" * 300]
    lines += [f"unknown-{number}" for number in range(150)]
    page.locator("#values").fill("\n".join(lines))
    page.locator("#lookup-form [type=submit]").click()
    page.wait_for_selector("#resolved tbody tr")

    assert page.locator("#lookup-status").text_content() == "2 % 4 of 156 lines resolved"
    assert page.locator("#resolved .remark li").all_text_contents() == [
        "Line 7: longer than 200 characters, so it was not looked up."
    ]
    assert page.locator("#resolved tr.some th").all_text_contents() == ["kvm", "VMware ESXi 7.0.3", "裸金属"]
    assert page.locator("#resolved tr.some .match").all_text_contents() == ["ID", "a part, without 7.0.3", "alias"]
    with page.expect_download() as download:
        page.locator("#resolved a[download]").click()
    rows = list(csv.reader(StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert len(rows) == 156
    assert rows[5] == ["x" * 300, "1", "unsent", *[""] * 6]
    assert [row[:6] for row in rows[:4]] == [
        ["value", "lines", "match", "rest", "ids", "names"],
        ["kvm", "2", "id", "", "kvm", "KVM"],
        ["VMware ESXi 7.0.3", "1", "part", "7.0.3", "vmware-esxi", "VMware ESXi"],
        ["'=1+1", "1", "none", "", "", ""],
    ]


def picture(page):
    """The bars of the picture: their labels, their lengths and what stands beside them."""
    labels, counts = (page.locator(f"#resolved .picture {part}").all_text_contents() for part in ("dt", "dd"))
    lengths = page.locator("#resolved .picture progress").evaluate_all("all => all.map(({ value }) => value)")
    assert counts == [str(length) for length in lengths]
    return dict(zip(labels, lengths, strict=True))


def test_a_list_of_thousands_is_looked_up_and_drawn(page):
    opened(page, "en")
    requests = []
    page.on("request", lambda request: requests.append(request.method) if "/lookup" in request.url else None)
    lines = ["kvm"] * 1000 + ["vmware", "none", "none", "vm-other", "VirutalBox"]
    lines += [f"unknown-{number}" for number in range(1500)]
    page.locator("#values").fill("\n".join(lines))
    page.locator("#lookup-form [type=submit]").click()
    page.wait_for_selector("#resolved tbody tr")

    assert requests == ["POST", "POST"]
    assert page.locator("#lookup-status").text_content() == "40 % 1004 of 2505 lines resolved"
    assert picture(page) == {
        "KVM": 1000,
        "VMware ESXiVMware Workstation": 1,
        "not virtualized": 2,
        "product not said": 1,
        "no match": 1501,
    }
    meanings = page.locator("#resolved tbody td:last-child")
    assert meanings.all_text_contents()[:5] == [
        "KVM",
        "VMware ESXiVMware Workstation",
        "not virtualized",
        "virtual, product not said",
        "did you mean VirtualBox?",
    ]


def test_the_many_meanings_of_a_list_share_a_bar(page):
    opened(page, "en")
    values = [
        "kvm",
        "xen",
        "esxi",
        "docker",
        "wine",
        "nas",
        "virtualbox",
        "kubernetes",
        "openstack",
        "hosted",
        "bare-metal",
    ]
    page.locator("#values").fill("\n".join([*values, *values, "office-365", "vmware", "container"]))
    page.locator("#lookup-form [type=submit]").click()
    page.wait_for_selector("#resolved tbody tr")

    assert [*picture(page).items()][-1] == ("others", 3)


def test_the_columns_of_a_pasted_table_are_chosen(page):
    opened(page, "en")
    every = page.get_by_label("Look up every column, not only the first")
    page.locator("#values").fill("kvm")
    assert not every.is_visible()
    page.locator("#values").fill("kvm\tdocker\nxen\t")
    every.check()
    page.locator("#lookup-form [type=submit]").click()
    page.wait_for_selector("#resolved tbody tr")

    assert page.locator("#resolved tbody th").all_text_contents() == ["kvm", "docker", "xen"]
    assert page.locator("#resolved .remark").count() == 0


DIFFERENCES = {
    "en": [
        "Lines 2–3: only the first cell of the row was looked up.",
        "Lines 3, 5: the quotation marks around the value were removed.",
        "Line 6: longer than 200 characters, so it was not looked up.",
    ],
    "zh": [
        "第 2–3 行：含多个单元格，只查询了第一个。",
        "第 3、5 行：已去掉值两端的引号。",
        "第 6 行：超过 200 个字符，未查询。",
    ],
}


def test_what_was_not_looked_up_as_pasted_is_told(page, lang):
    opened(page, lang)
    page.locator("#values").fill("\n".join(["kvm", "xen\thost-1", '"docker"\thost-2', "", '"wine"', "x" * 201]))
    page.locator("#lookup-form [type=submit]").click()
    page.wait_for_selector("#resolved tbody tr")

    assert page.locator("#resolved .remark li").all_text_contents() == DIFFERENCES[lang]
    assert page.locator("#announcement").text_content() == " ".join(DIFFERENCES[lang])
    assert page.locator("#resolved tr.some th").all_text_contents() == ["kvm", "xen", "docker", "wine"]
    unsent = page.locator("#resolved tr.none td.match").all_text_contents()
    assert unsent == [rendering.read_texts("texts.yaml")["matches"][lang]["unsent"]]


def test_paper_shows_what_is_open_and_no_controls(page):
    opened(page, "en")
    names(page)
    page.locator(".count").nth(7).click()
    page.emulate_media(media="print", color_scheme="dark")
    closed = [page.locator(part).is_visible() for part in (".side", "#lookup")]
    page.emulate_media(media="screen")
    page.get_by_role("treeitem", name="Docker", exact=True).click()
    heading(page)
    page.locator("#sample").click()
    page.wait_for_selector("#resolved tbody tr")
    page.emulate_media(media="print")

    assert closed == [False, False]
    content = ["#entry .summary", "#entry .identifiers .chip", "#tree a", "#rows tbody th", "#resolved tbody th"]
    shown = [[part.is_visible() for part in page.locator(each).all()] for each in content]
    assert [sum(part) for part in shown] == [1, page.locator(content[1]).count(), 27 - 5, 9, 9]
    controls = (
        "header, input, textarea, select, progress, .button, .call, .facets, .branches, button:not(.chip, thead button)"
    )
    assert [part.is_visible() for part in page.locator(controls).all() if part.is_visible()] == []
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 33, 38)"


def test_a_short_list_of_values_stands_in_the_address(page):
    opened(page, "zh", "#/lookup?value=oracle&value=%E8%A3%B8%E9%87%91%E5%B1%9E")
    page.wait_for_selector("#resolved tbody tr")

    assert page.locator("#values").input_value() == "oracle\n裸金属"
    assert page.locator("#resolved td a").all_text_contents() == ["VirtualBox", "裸金属型"]
    expect(page.locator("#lookup-heading")).to_be_in_viewport()


def test_the_language_is_remembered_and_the_place_kept(page):
    opened(page, "en", "#/hypervisor-types/hosted")
    heading(page)
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**/?lang=zh#/hypervisor-types/hosted")
    assert heading(page) == "宿主型"

    page.goto("about:blank")
    page.goto("/#/hypervisors/kvm")
    page.wait_for_url("**/?lang=zh#/hypervisors/kvm")
    assert page.locator("html").get_attribute("lang") == "zh-CN"


DESK = {"width": 1440, "height": 900}
# Every pair of language, scheme and width, in half of the combinations.
APPEARANCES = [("en", "light", DESK), ("en", "dark", PHONE), ("zh", "light", PHONE), ("zh", "dark", DESK)]


@pytest.mark.parametrize(("lang", "scheme", "viewport"), APPEARANCES)
def test_nothing_keeps_anybody_out(page, lang, scheme, viewport):
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    opened(page, lang)
    page.locator("#sample").click()
    page.wait_for_selector("#resolved tbody tr")
    names(page)
    found = Axe().run(page).response["violations"]
    page.goto(f"/?lang={lang}#/hypervisors/kvm")
    heading(page)
    found += Axe().run(page).response["violations"]

    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_it_is_a_nested_list_with_links(browser, base_url, client, lang):
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/?lang={lang}")

    links = page.locator("#tree a")
    assert {link.get_attribute("data-path"): link.text_content() for link in links.all()} == entries(client, lang)
    assert page.locator("#tree > li > ul > li > ul > li").count() == 15
    assert [part.is_visible() for part in page.locator(".scripted").all()] == [False] * page.locator(
        ".scripted"
    ).count()
    links.last.click()
    assert json.loads(page.locator("pre").text_content())["url"] == links_to(page)
    context.close()


def links_to(page):
    """The path of the page."""
    return re.sub(r"^https?://[^/]+|\?.*", "", page.url)


def test_the_page_is_one_answer_a_language(client):
    pages = {lang: client.get(f"/?lang={lang}", headers={"Accept": BROWSER}) for lang in Language}

    for lang, response in pages.items():
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert response.headers["content-language"] == lang
        assert re.findall(r'hreflang="(.+?)" lang="(.+?)"', response.text) == [("en", "en"), ("zh-CN", "zh-CN")]
        assert client.get("/", headers={"Accept-Language": lang}).content == response.content
        assert (
            client.get("/", headers={"If-None-Match": response.headers["etag"], "Accept-Language": lang}).status_code
            == 304
        )
    assert client.get("/?type=hosted").status_code == 422
    assert client.get("/", headers={"Accept": "application/json"}).status_code == 406


def test_the_page_runs_nothing_that_stands_in_it(client):
    response = client.get("/")

    assert "unsafe" not in response.headers["content-security-policy"]
    scripts = re.findall(r"<script([^>]*)>", response.text)
    assert [script for script in scripts if " src=" not in script] == [' type="application/json" id="facts"']
    assert re.findall(r"<style|\sstyle=|\son\w+=", response.text) == []


def test_what_the_page_loads_is_kept_for_good(client):
    names = re.findall(r'(?:href|src)="(/explorer/[^"]+)"', client.get("/").text)

    # Browsers request the icon without a link; Swagger UI and ReDoc load their assets under other names.
    others = {"favicon.ico", *documentation.OWN_ASSETS}
    files = {path.name for path in (rendering.HERE / "static").iterdir()} - others
    assert {*names} == {f"/explorer/{rendering.DIGEST}/{name}" for name in files}
    for name in names:
        response = client.get(name)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path", ["explorer.js", "000000000000/explorer.js", f"{rendering.DIGEST}/nope.js", f"{rendering.DIGEST}/"]
)
def test_a_file_that_the_pages_do_not_load_is_not_there(client, path):
    response = client.get(f"/explorer/{path}")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert "immutable" not in response.headers.get("cache-control", "")


PROBLEMS = [("/nope", 404), ("/hypervisors?typ=x", 422), ("/?typ=x", 422)]


@pytest.mark.parametrize(("url", "status"), PROBLEMS)
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSER, "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json, text/html;q=0.9", "application/problem+json"),
        ("application/problem+json, text/html;q=0.9", "application/problem+json"),
        ("application/json, text/html", "application/problem+json"),
        ("image/png", "application/problem+json"),
    ],
)
def test_a_refusal_is_a_page_to_those_who_prefer_one(client, url, status, accept, media_type):
    request = client.build_request("GET", url)
    del request.headers["accept"]
    if accept:
        request.headers["accept"] = accept
    response = client.send(request)

    assert response.status_code == status
    assert response.headers["content-type"] == media_type


def test_the_page_of_a_refusal_says_what_the_problem_document_says(client, lang):
    response = client.get("/hypervisors/<b>?lang=" + lang, headers={"Accept": BROWSER})

    assert response.headers["content-language"] == lang
    assert rendering.read_texts("texts.yaml")["problem_404"][lang] in response.text
    detail = {"en": "There is no &#39;&lt;b&gt;&#39; in hypervisors.", "zh": "hypervisors 中没有“&lt;b&gt;”。"}
    assert detail[lang] in response.text


def test_a_person_who_is_lost_finds_the_explorer(page, faults):
    page.goto("/nope")
    page.locator(".ways .button").click()

    page.wait_for_selector("[role=tree]")
    faults.clear()


def test_every_text_is_in_every_language_and_is_used():
    files = [*rendering.HERE.glob("templates/*"), *rendering.HERE.glob("static/*.js")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    # What the API's fields, collections and parts of the table are called is looked up by their names.
    by_name = {"name", "type", "vendor", "license", "status", "pack", "website", "hypervisors", "examples"}
    by_name |= {"identifiers", "aliases", "characteristics", "remark", "value", "lines", "match", "denotes"}
    by_name |= {"based_on", "related", "remark_kind"}

    assert [name for name, text in rendering.read_texts("texts.yaml").items() if [*text] != [*Language]] == []
    used = {*re.findall(r"texts\.(\w+)|text\(\"(\w+)\"", code)}
    assert set(rendering.read_texts("texts.yaml")) - {name for pair in used for name in pair} - by_name == set()


def test_the_address_of_what_is_shown_is_a_path_of_the_api(client, page):
    opened(page, "en", "#/examples?type=container")
    page.wait_for_selector("[data-key='type=container'][aria-pressed='true']")

    assert ids(client.get(unquote(page.url.split("#")[1]))) == ["docker"]
