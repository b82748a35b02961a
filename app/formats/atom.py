"""The changes as an Atom feed (RFC 4287), one entry per release."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from app.store.tables import Language

ATOM = "http://www.w3.org/2005/Atom"
XHTML = "http://www.w3.org/1999/xhtml"
TITLE = {Language.EN: "Changes of the virtualization taxonomy", Language.ZH: "虚拟化分类的变更"}
AUTHOR = "Virtualization Taxonomy API"
CHANGES = {
    Language.EN: {"added": "added", "changed": "changed", "deprecated": "deprecated", "removed": "removed"},
    Language.ZH: {"added": "新增", "changed": "修改", "deprecated": "弃用", "removed": "删除"},
}
SEPARATOR = {Language.EN: ", ", Language.ZH: "、"}


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """Add an element with a text."""
    element = SubElement(parent, name, attributes)
    element.text = text
    return element


def times_of(days: Sequence[str]) -> Iterator[str]:
    """Yield the time (RFC 3339) of each release, the newest first, from the day of each.

    Releases have no time of day. Those of one day are a second apart, because readers of feeds sort by the time.
    """
    older = Counter(days)
    for day in days:
        older[day] -= 1
        yield f"{datetime.fromisoformat(day) + timedelta(seconds=older[day]):%Y-%m-%dT%H:%M:%SZ}"


def atom_feed(
    changes: Iterable[Mapping[str, Any]], *, last: str, base_uri: str, public: str, own: str, lang: Language
) -> bytes:
    """Write changes, the newest first, as a feed.

    `last` is the day of the last release of all, which is the time of a feed without entries. `base_uri` begins every
    id, and `public` every link; `own` is the link to the feed itself.
    """
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    add(feed, "id", f"{base_uri}changes")
    add(feed, "title", TITLE[lang])
    releases = [(key, [*group]) for key, group in groupby(changes, itemgetter("pack", "version", "date"))]
    times = [*times_of([day for (_, _, day), _ in releases])]
    add(feed, "updated", times[0] if times else next(times_of([last])))
    add(add(feed, "author"), "name", AUTHOR)
    add(feed, "link", rel="self", type="application/atom+xml", href=own)
    add(feed, "link", rel="alternate", type="text/html", href=public)
    for ((pack, version, day), group), time in zip(releases, times, strict=True):
        entry = add(feed, "entry")
        # A URN has no slash in the syntax that readers of feeds know (RFC 2141).
        add(entry, "id", f"{base_uri}changes:{pack}:{version}")
        numbers = Counter(change["change"] for change in group)
        add(entry, "title", f"{pack} {version}: {SEPARATOR[lang].join(describe(numbers, lang))}")
        add(entry, "updated", time)
        add(entry, "link", rel="alternate", type="application/json", href=f"{public}changes?pack={pack}&since={day}")
        division = add(add(entry, "content", type="xhtml"), "div", xmlns=XHTML)
        listed = add(division, "ul")
        for change in group:
            add_change(listed, change, public, lang)
    document: bytes = tostring(feed, "utf-8", xml_declaration=True)
    return document


def describe(numbers: Mapping[str, int], lang: Language) -> Iterator[str]:
    """Yield the number of changes of each kind: ``2 added`` or ``新增 2 项``."""
    for change, number in numbers.items():
        word = CHANGES[lang][change]
        yield f"{number} {word}" if lang is Language.EN else f"{word} {number} 项"


def add_change(listed: Element, change: Mapping[str, Any], public: str, lang: Language) -> None:
    """Add a change to a list: the kind, the entry, the fields that differ, and the entries to use instead."""
    item = add(listed, "li", f"{CHANGES[lang][change['change']]} ")
    link = add(item, "a", f"{change['resource']}/{change['id']}", href=public + change["url"].removeprefix("/"))
    fields = ", ".join(change["fields"])
    successors = ", ".join(f"{other['resource']}/{other['id']}" for other in change["replaced_by"])
    link.tail = (f" {fields}" if fields else "") + (f" → {successors}" if successors else "")
