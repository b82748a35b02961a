"""The promise that the type of every problem leads to a page that explains it, with a true example."""

import json
import re
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.api.problems import Kind
from app.main import create_app
from app.pages.problem import explanations
from app.store.tables import Language
from tests.support.http import problem
from tests.support.servers import client_of

TYPES = [kind.type for kind in Kind]
EXAMPLES = [kind.type for kind in Kind if explanations()[kind.type.removeprefix("/problems/")].request]
AGAIN = {
    True: {"en": "You can send the same request again", "zh": "可以重试同样的请求"},
    False: {"en": "Do not send the same request again", "zh": "请勿重试同样的请求"},
}


@pytest.fixture(scope="module")
def strict(settings):
    """A client of a server for one host and one origin."""
    named = {"allowed_hosts": ("127.0.0.1",), "cors_origins": ("https://dashboard.example",)}
    with client_of(create_app(settings.model_copy(update=named))) as client:
        yield client


def listings(page):
    """The listings on a page: the request if there is one, and the problem document."""
    return [unescape(text) for text in re.findall('<pre class="code">(.*?)</pre>', page.text, re.DOTALL)]


def test_the_list_leads_to_the_page_of_each_kind_in_the_same_language(client):
    for lang in Language:
        links = re.findall(r'<a href="(problems/[^"]*)">([^<]*)</a>', client.get(f"/problems?lang={lang}").text)

        assert links == [(f"{kind.type[1:]}?lang={lang}", getattr(kind.title, lang)) for kind in Kind]


@pytest.mark.parametrize("path", TYPES)
def test_a_page_explains_the_kind_in_both_languages(client, path):
    name = path.removeprefix("/problems/")
    explanation = explanations()[name]
    kind = Kind[name.replace("-", "_").upper()]
    for lang in Language:
        page = client.get(path, headers={"Accept-Language": lang, "Accept": "application/json"})

        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-language"] == lang
        shown = [unescape(text) for text in re.findall("<(?:p|h1)[^>]*>(.*?)</(?:p|h1)>", page.text)]
        assert shown[:4] == [
            str(kind.status),
            *(getattr(text, lang) for text in (kind.title, explanation.meaning, explanation.remedy)),
        ]
        assert shown[4].startswith(AGAIN[explanation.again][lang])
        document = json.loads(listings(page)[-1])
        assert (document["type"], document["status"]) == (path, kind.status)
        assert client.head(path, headers={"Accept-Language": lang}).headers["etag"] == page.headers["etag"]


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_example_is_the_true_answer(strict, path):
    for lang in Language:
        request, document = listings(strict.get(f"{path}?lang={lang}"))
        line, *lines = request.split("\n")
        method, url, version = line.split(" ")
        sent = dict(each.split(": ") for each in lines)
        answer = strict.request(method, url, headers=sent | {"Accept-Language": lang})

        assert version == "HTTP/1.1"
        assert json.loads(document) == answer.json()


def test_each_kind_is_explained_and_only_what_no_request_can_provoke_has_no_request():
    assert [f"/problems/{name}" for name in explanations()] == TYPES
    assert sorted({*TYPES} - {*EXAMPLES}) == [
        "/problems/content-too-large",
        "/problems/gone",
        "/problems/head-too-large",
        "/problems/internal-error",
        "/problems/request-timeout",
        "/problems/unavailable",
    ]


@pytest.mark.parametrize("path", ["/problems/nope", "/problems/", "/problems/not-found/x", "/problems/NOT-FOUND"])
def test_there_is_no_page_for_what_is_no_kind(client, path):
    assert problem(client.get(path))["type"] == "/problems/not-found"


def test_the_pages_take_a_language_and_nothing_else(client):
    for path in ("/problems", "/problems/not-found"):
        assert problem(client.get(f"{path}?x=1"))["errors"][0]["allowed"] == ["lang"]


def test_the_page_of_an_error_leads_to_that_of_its_kind_which_anybody_can_read(page, faults):
    page.goto("/nope?lang=zh")
    page.get_by_text("错误说明").click()
    page.wait_for_url("**/problems/not-found?lang=zh")
    faults.clear()

    for link, heading in [("错误类型", "错误类型"), ("English", "Kinds of problems"), ("Not found", "Not found")]:
        assert Axe().run(page).response["violations"] == []
        page.get_by_role("link", name=link, exact=True).click()
        page.get_by_role("heading", name=heading, level=1).wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
