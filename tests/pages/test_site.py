"""The promise that browsers, crawlers and previews of links find what they look for without being told."""

import re
import struct
from html import unescape
from urllib.robotparser import RobotFileParser

import pytest

from app.store.tables import Language


def test_the_icon_has_the_sizes_that_browsers_show(client):
    icon = client.get("/favicon.ico")

    assert icon.headers["content-type"] == "image/x-icon"
    assert icon.headers["cache-control"] == "public, max-age=86400"
    reserved, kind, count = struct.unpack_from("<HHH", icon.content)
    assert (reserved, kind) == (0, 1)
    sizes = []
    for number in range(count):
        width, height, *_, length, offset = struct.unpack_from("<BBBBHHII", icon.content, 6 + 16 * number)
        image = icon.content[offset : offset + length]
        assert image.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack_from(">II", image, 16) == (width, height)
        sizes.append((width, height))
    assert sizes == [(16, 16), (32, 32), (48, 48)]
    assert offset + length == len(icon.content)


def test_crawlers_may_read_everything(client):
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())

    assert [
        path for path in ("/", "/docs", "/hypervisors?type=hosted", "/problems") if not rules.can_fetch("x", path)
    ] == []


def test_models_are_told_requests_that_work(client):
    text = client.get("/llms.txt").text
    links = re.findall(r"\]\((/[^)]*)\)", text)

    assert text.startswith("# Virtualization Taxonomy API\n\n> ")
    assert len(links) == 14
    assert [link for link in links if client.get(link).status_code != 200] == []


PREVIEWS = [
    ("/", {"en": "Virtualization Taxonomy", "zh": "虚拟化分类"}),
    ("/problems", {"en": "Kinds of problems · Virtualization Taxonomy", "zh": "错误类型 · 虚拟化分类"}),
    ("/problems/not-found", {"en": "Not found · Virtualization Taxonomy", "zh": "未找到 · 虚拟化分类"}),
]


@pytest.mark.parametrize(("path", "titles"), PREVIEWS)
@pytest.mark.parametrize("lang", Language)
def test_a_preview_says_what_the_page_is(client, path, titles, lang):
    page = client.get(path, params={"lang": lang}).text
    described = {
        name: unescape(text) for name, text in re.findall('<meta (?:name|property)="(.*?)" content="(.*?)">', page)
    }

    assert re.search("<title>(.*)</title>", page)[1] == titles[lang]
    assert described["description"]
    assert {name: text for name, text in described.items() if name.startswith("og:")} == {
        "og:type": "website",
        "og:title": titles[lang],
        "og:description": described["description"],
        "og:locale": {"en": "en_US", "zh": "zh_CN"}[lang],
    }
