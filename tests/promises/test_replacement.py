"""The promise that every answer belongs wholly to one revision, whenever the dataset is replaced."""

import threading
from itertools import cycle

import httpx
import pytest

from app.main import create_app
from app.packs.prepare import prepare
from tests.support.servers import eventually, serving

pytestmark = pytest.mark.slow

# Each of these says the texts of several entries, which all differ between the two revisions.
URLS = [
    "/hypervisors",
    "/hypervisors?type=hosted&q=vm&facet=vendor",
    "/examples?lang=zh&sort=-name",
    "/virtualization-types?format=csv",
    "/concepts?limit=2",
    "/hypervisor-types/hosted",
    "/taxonomy",
    "/search?q=virtual",
    "/search?q=%E8%99%9A%E6%8B%9F",
    "/lookup?value=kvm&value=docker&value=hosted&value=hypervisor",
    "/export",
    "/export?format=jsonld",
]
REPLACEMENTS = 6


def answer(client, url):
    """What makes an answer one of a revision."""
    response = client.get(url)
    return response.status_code, response.headers.get("etag"), response.text


def read(base_url, stop, seen):
    """Ask for everything until told to stop, and keep each answer that was not seen before."""
    with httpx.Client(base_url=base_url, timeout=60) as client:
        for url in cycle(URLS):
            if stop.is_set():
                return
            seen[url].append(answer(client, url))


@pytest.mark.parametrize(
    ("database", "cache_bytes"),
    [("sqlite", 0), ("sqlite", 2**26), pytest.param("postgresql", 0, marks=pytest.mark.postgresql)],
)
def test_while_the_dataset_is_replaced_every_answer_is_of_one_revision(empty, old_and_new, cache_bytes):
    both = [empty.model_copy(update={"seed_dir": folder}) for folder in old_and_new]
    whole = {url: [] for url in URLS}
    for settings in both:
        prepare(settings)
        with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
            for url in URLS:
                whole[url].append(answer(client, url))
    assert [url for url, (old, new) in whole.items() if old == new or (old[0], new[0]) != (200, 200)] == []

    stop, seen = threading.Event(), {url: [] for url in URLS}
    app = create_app(empty.model_copy(update={"cache_bytes": cache_bytes, "cache_poll_seconds": 0.05}))
    with serving(app) as base_url, httpx.Client(base_url=base_url) as client:
        readers = [threading.Thread(target=read, args=(base_url, stop, seen)) for _ in range(4)]
        for reader in readers:
            reader.start()
        for number in range(REPLACEMENTS):
            prepare(both[number % 2])
            asked = {url: len(answers) for url, answers in seen.items()}
            assert eventually(lambda asked=asked: all(len(seen[url]) > asked[url] for url in URLS), seconds=60)
        stop.set()
        for reader in readers:
            reader.join()
        last = [url for url in URLS if not eventually(lambda url=url: answer(client, url) == whole[url][1], seconds=10)]

    assert [url for url, answers in seen.items() if set(answers) != set(whole[url])] == []
    assert last == []
