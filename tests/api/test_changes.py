"""The promise that `/changes` tells what each release changed, and that a removed id leads to what replaced it."""

import re
from datetime import date

import pytest

from app.main import create_app
from app.packs.prepare import prepare
from app.packs.release import release_pack
from tests.support.packs import copy_docs
from tests.support.servers import client_of

HEADER = 'pack: {id: own, version: "0", title: {en: Own, zh: 自有}, description: {en: Ours., zh: 我们的。}}\n'
BODY = """sources: [{id: list, title: The list, url: null}]
hypervisors:
  - id: one
    labels: {en: One, zh: 一号}
    summary: {en: The first., zh: 第一个。}
    type: hosted
    sources: [{source: list, supports: [name]}]
"""
TWO = """
  - id: two
    labels: {en: Two, zh: 二号}
    summary: {en: The second., zh: 第二个。}
    type: hosted
    sources: [{source: list, supports: [name]}, {source: list, supports: [summary]}]
"""
EXTENSION = "  - {extends: kvm, aliases: {en: [our hypervisor]}, sources: [{source: list, supports: [aliases]}]}\n"
DEPRECATED = TWO.replace("[summary]", "[deprecated]") + (
    "    deprecated: {reason: {en: Merged., zh: 已合并。}, replaced_by: [one]}\n"
)
# What the pack says at each release, its version and its day.
RELEASES = [
    (BODY + TWO + EXTENSION, "1.9.0", date(2026, 9, 1)),
    (BODY.replace("The first.", "The first one.") + DEPRECATED + EXTENSION, "1.10.0", date(2026, 9, 2)),
    (BODY.replace("The first.", "The first one."), "2.0", date(2026, 9, 2)),
]
ONE = {"resource": "hypervisors", "id": "one", "name": "One", "url": "/hypervisors/one"}


def item(version, day, change, id, fields=(), **rest):
    """A change of the pack in an answer."""
    names = {"one": "One", "kvm": "KVM"}
    return {
        "date": day,
        "pack": "own",
        "version": version,
        "change": change,
        "resource": "hypervisors",
        "id": id,
        "name": names.get(id),
        "url": f"/hypervisors/{id}",
        "fields": [*fields],
        "replaced_by": [],
        **rest,
    }


# The type of what comes or goes shows that as well.
TYPE = {"resource": "hypervisor-types", "name": "Hosted", "url": "/hypervisor-types/hosted", "fields": ["hypervisors"]}
CHANGES = [
    item("2.0", "2026-09-02", "changed", "hosted", **TYPE),
    item("2.0", "2026-09-02", "removed", "two", replaced_by=[ONE]),
    item("2.0", "2026-09-02", "changed", "kvm", ["aliases", "sources"]),
    item("1.10.0", "2026-09-02", "changed", "one", ["summary"]),
    item("1.10.0", "2026-09-02", "deprecated", "two", ["deprecated", "sources"], replaced_by=[ONE]),
    item("1.9.0", "2026-09-01", "added", "one"),
    item("1.9.0", "2026-09-01", "changed", "hosted", **TYPE),
    item("1.9.0", "2026-09-01", "added", "two"),
    item("1.9.0", "2026-09-01", "changed", "kvm", ["aliases", "sources"]),
]


def release(settings, content, version, day):
    """Release the pack with a content."""
    file = settings.seed_dir / "own" / "pack.yaml"
    header = file.read_text(encoding="utf-8").partition("\n")[0]
    file.write_text(f"{header}\n{content}", encoding="utf-8")
    return release_pack(settings, "own", version, day)


@pytest.fixture(scope="module")
def own(new_database, tmp_path_factory):
    """Settings of a service of the packs `docs` and `own`, which has had its releases, and what was said of each."""
    seed_dir = copy_docs(tmp_path_factory.mktemp("own"))
    (seed_dir / "own").mkdir()
    (seed_dir / "own" / "pack.yaml").write_text(HEADER, encoding="utf-8")
    settings = new_database("sqlite").model_copy(update={"seed_dir": seed_dir, "packs": ("docs", "own")})
    said = [release(settings, *each) for each in RELEASES]
    prepare(settings)
    return settings, said


@pytest.fixture(scope="module")
def history(own):
    """A client of that service."""
    with client_of(create_app(own[0])) as client:
        yield client


def test_a_release_says_what_it_changes(own):
    assert own[1] == [
        "own 1.9.0, 2026-09-01: 2 added, 2 changed",
        "own 1.10.0, 2026-09-02: 1 changed, 1 deprecated",
        "own 2.0, 2026-09-02: 2 changed, 1 removed",
    ]


def test_the_changes_are_listed_newest_first(history):
    page = history.get("/changes?limit=5&facet=change&facet=date").json()

    assert page == {
        "items": CHANGES[:5],
        "total": 9,
        "limit": 5,
        "offset": 0,
        "facets": {
            "change": [
                {"value": "changed", "count": 5},
                {"value": "added", "count": 2},
                {"value": "deprecated", "count": 1},
                {"value": "removed", "count": 1},
            ],
            "date": [{"value": "2026-09-02", "count": 5}, {"value": "2026-09-01", "count": 4}],
        },
        "hint": None,
    }
    assert history.get("/changes?since=2026-09-02&change=removed&lang=zh").json()["items"] == [
        {**CHANGES[1], "replaced_by": [{**ONE, "name": "一号"}]}
    ]


def test_the_changes_are_a_table_too(history):
    answer = history.get("/changes?change=removed", headers={"Accept": "text/csv"})

    assert answer.content.decode("utf-8-sig") == (
        "date,pack,version,change,resource,id,name,url,fields,replaced_by\r\n"
        "2026-09-02,own,2.0,removed,hypervisors,two,,/hypervisors/two,,one\r\n"
    )


def test_the_first_releases_of_the_packs_are_in_every_database(client):
    page = client.get("/changes?limit=1").json()

    assert (page["total"], page["items"][0]["date"]) == (27, client.get("/dataset").json()["packs"][0]["released"])
    assert client.get("/changes?lang=zh&limit=1").json()["items"][0]["name"] == "虚拟化"


@pytest.mark.parametrize("day", ["2026-13-01", "2026-9-1", "20260901", "2026-02-30", "yesterday"])
def test_a_day_that_the_calendar_does_not_have_is_refused(client, day):
    assert client.get(f"/changes?since={day}").json()["detail"] == (
        f"since: '{day}' is not a day; write it like 2026-11-27."
    )


def test_a_removed_entry_leads_to_what_replaced_it(history):
    answer = history.get("/hypervisors/two")

    assert (answer.status_code, answer.headers["link"]) == (410, '</hypervisors/one>; rel="successor-version"')
    assert answer.json() == {
        "type": "/problems/gone",
        "title": "Gone",
        "status": 410,
        "detail": "'two' was removed from hypervisors by own 2.0. Use /hypervisors/one instead.",
        "instance": "/hypervisors/two",
        "errors": [],
    }
    page = history.get("/hypervisors/two", headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": "zh"})
    assert (page.status_code, page.headers["content-type"]) == (410, "text/html; charset=utf-8")
    link = '<a href="/hypervisors/one">/hypervisors/one</a>'
    assert f"own 2.0 已从 hypervisors 中删除“two”。请改用 {link}。" in page.text


ENTRY = (
    "<entry><id>{base}changes:own:2.0</id><title>own 2.0: 2 changed, 1 removed</title>"
    "<updated>2026-09-02T00:00:01Z</updated>"
    '<link rel="alternate" type="application/json" href="{public}changes?pack=own&amp;since=2026-09-02" />'
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><ul>'
    '<li>changed <a href="{public}hypervisor-types/hosted">hypervisor-types/hosted</a> hypervisors</li>'
    '<li>removed <a href="{public}hypervisors/two">hypervisors/two</a> \u2192 hypervisors/one</li>'
    '<li>changed <a href="{public}hypervisors/kvm">hypervisors/kvm</a> aliases, sources</li>'
    "</ul></div></content></entry>"
)
FEED = (
    "<?xml version='1.0' encoding='utf-8'?>\n"
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>{base}changes</id>'
    "<title>Changes of the virtualization taxonomy</title><updated>2026-09-02T00:00:01Z</updated>"
    "<author><name>Virtualization Taxonomy API</name></author>"
    '<link rel="self" type="application/atom+xml" href="{public}changes.atom?since=2026-09-02" />'
    '<link rel="alternate" type="text/html" href="{public}" />'
)


@pytest.mark.parametrize(
    ("base", "headers", "base_uri", "public"),
    [
        ("urn:virtualization-taxonomy:", {}, None, "/"),
        ("urn:virtualization-taxonomy:", {"X-Forwarded-Prefix": "/taxonomy"}, None, "/taxonomy/"),
        ("https://taxonomy.example/", {}, "https://taxonomy.example/", "https://taxonomy.example/"),
    ],
)
def test_the_feed_has_an_entry_for_each_release(own, base, headers, base_uri, public):
    settings = own[0].model_copy(update={"base_uri": base_uri} if base_uri else {})
    with client_of(create_app(settings)) as client:
        answer = client.get("/changes.atom?since=2026-09-02", headers=headers)
        chinese = client.get("/changes?format=atom&lang=zh", headers=headers).text

    assert answer.headers["content-type"] == "application/atom+xml"
    feed, _, entries = answer.text.partition("<entry>")
    assert feed == FEED.format(base=base, public=public)
    assert f"<entry>{entries}".partition("</entry>")[0] + "</entry>" == ENTRY.format(base=base, public=public)
    assert re.findall("<id>(.*?)</id><title>.*?</title><updated>(.*?)</updated>", chinese) == [
        (f"{base}changes", "2026-09-02T00:00:01Z"),
        (f"{base}changes:own:2.0", "2026-09-02T00:00:01Z"),
        (f"{base}changes:own:1.10.0", "2026-09-02T00:00:00Z"),
        (f"{base}changes:own:1.9.0", "2026-09-01T00:00:00Z"),
    ]
    assert "<title>own 2.0: 修改 2 项、删除 1 项</title>" in chinese


def test_a_feed_without_entries_has_the_time_of_the_last_release(history, empty, tmp_path):
    feed = history.get("/changes.atom?since=2999-01-01").text
    assert "<updated>2026-09-02T00:00:00Z</updated>" in feed
    assert "<entry>" not in feed

    never = empty.model_copy(update={"seed_dir": copy_docs(tmp_path)})
    prepare(never)
    with client_of(create_app(never)) as client:
        assert "<updated>2000-01-01T00:00:00Z</updated>" in client.get("/changes.atom").text
