"""The promise that SQLite and PostgreSQL give the same answers.

Reading is tested on SQLite alone elsewhere. Here is everything in which the two may differ: the order of names in both
scripts, NULLs in a facet and in an order, characters that mean something to LIKE, folded keys, ranks.
"""

from urllib.parse import urlencode

import pytest

from app.main import create_app
from app.packs.load import prepare
from tests.support.http import headers, ids, raw
from tests.support.servers import client_of
from tests.support.urls import OPERATIONS, urls_of

pytestmark = pytest.mark.postgresql

TEXTS = [
    *("vm", "VM", "v", "hyper-v", "hyper_V", "虚拟", "ＫＶＭ", "ß", "İ", "😀", "e\N{COMBINING ACUTE ACCENT}"),
    *("%", "_", "\\", "'", '"', "a%b_c\\d'e"),
]
SORTED = "sort=-name&lang=zh"


@pytest.fixture(scope="module")
def both(client, new_database):
    """A client of a server on SQLite, and one of a server on PostgreSQL."""
    settings = new_database("postgresql")
    prepare(settings)
    with client_of(create_app(settings)) as other:
        yield client, other


def statuses(both, urls):
    """The statuses of answers, which must be the same to the byte from either database."""
    met = set()
    for url in urls:
        sqlite, postgresql = (raw(client, "GET", url, headers()) for client in both)
        assert postgresql == sqlite, url
        met.add(sqlite[0])
    return met


@pytest.mark.parametrize(("path", "operation"), OPERATIONS, ids=[path for path, _ in OPERATIONS])
def test_every_parameter_gives_the_same_answer(both, path, operation):
    urls = [*urls_of(path, operation)]
    if f"{path}/{{id}}" in dict(OPERATIONS):
        urls += [f"{url}{'&' if '?' in url else '?'}{SORTED}" for url in urls]

    assert 200 in statuses(both, urls)


@pytest.mark.parametrize("path", ["/lookup?value", "/search?q", "/hypervisors?q", "/examples?vendor"])
def test_every_text_gives_the_same_answer(both, path):
    name = path.partition("?")[2]

    assert 200 in statuses(both, [f"{path.partition('?')[0]}?{urlencode({name: text})}" for text in TEXTS])


def test_the_number_of_values_changes_neither_the_answer_nor_its_order(both):
    """More than a few values are bound in another way."""
    for name, values in (("vendor", ["Microsoft", "Oracle"]), ("type", ["hosted", "bare-metal"])):
        found = set()
        for number in (0, 1, 3, 90):
            others = values * (number // 2) if name == "type" else [f"“nobody” {other} 😀" for other in range(number)]
            query = urlencode({name: [*values, *others]}, doseq=True)
            assert statuses(both, [f"/hypervisors?facet={name}&{query}", f"/hypervisors?format=csv&{query}"]) == {200}
            found.add(str(ids(both[0].get(f"/hypervisors?{query}"))))
        assert len(found) == 1, name
    values = ["kvm", "ＫＶＭ", "vmware", "nope", "esxi", "😀", "virtualbox"] * 14
    assert statuses(both, [f"/lookup?{urlencode({'value': values}, doseq=True)}", "/search?q=e&limit=1000"]) == {200}


def test_every_hint_is_the_same(both):
    urls = [
        "/hypervisors?vendor=VMware",
        "/hypervisors?vendor=oracle&license=gpl-2.0",
        "/hypervisors?type=type-1",
        "/hypervisors/vmware",
        "/hypervisors/Xen/Unknown",
        "/hypervisors/virtualbax",
        "/search?q=virtualbax",
    ]

    assert statuses(both, urls) == {200, 404, 422}
