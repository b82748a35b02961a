"""The promise that clients cannot fill the memory: whatever they send, a process stays within the rule for its size."""

import importlib
import re
from functools import _lru_cache_wrapper
from itertools import count
from random import Random
from urllib.parse import quote

import httpx
import psutil
import pytest
import yaml

from app.server import memory
from app.settings import PROJECT, Settings
from tests.promises.test_architecture import MODULES
from tests.support.commands import answers, started

MEBIBYTE = 2**20
CACHE_BYTES = 32 * MEBIBYTE
# A third more than a process and its cache, as docs/operating.md has it.
SPARE = 4 / 3
(POD,) = (
    document["spec"]["template"]["spec"]
    for document in yaml.safe_load_all((PROJECT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8"))
    if document["kind"] == "Deployment"
)
KUBERNETES_BYTES = int(POD["containers"][0]["resources"]["limits"]["memory"].removesuffix("Mi")) * MEBIBYTE
NUMBERS = count()


def word(length):
    """A text that was not sent before."""
    return f"{next(NUMBERS):06}".ljust(length, "x")


def repeated(name, number, length):
    """A parameter with that many values."""
    return "".join(f"&{name}={word(length)}" for _ in range(number))


def any_numbers(random):
    """Filters with numbers of values that were hardly sent together before."""
    return "".join(repeated(name, random.randint(1, 100), 6) for name in ("vendor", "license"))


def requests():
    """Requests of each shape that has filled a memory."""
    random = Random(1)  # noqa: S311 (shapes, not secrets)
    facets = "&facet=type&facet=vendor&facet=license&facet=pack"
    emoji = quote("😀")
    long = 60_000
    for _ in range(50):
        yield "GET", f"/hypervisors?q={emoji}{facets}{repeated('vendor', 100, 190)}{repeated('license', 100, 190)}", {}
        yield "GET", f"/lookup?{repeated('value', random.randint(1, 100), 190)}", {}
        yield "GET", "/concepts", {f"Accept{kind}": word(1_000) for kind in ("", "-Language", "-Encoding")}
    for _ in range(100):
        yield "GET", f"/search?q=e&limit={random.randint(1, 1000)}", {}
        yield "GET", f"/hypervisors?limit=1{facets}{any_numbers(random)}", {}
        yield "GET", f"/{emoji}{word(long)}", {}
    for _ in range(300):
        yield "GET", f"/hypervisors?format=csv{any_numbers(random)}", {}
        yield "POST", "/concepts", {"Accept": f"text/html;x={word(long)}"}


@pytest.mark.slow
def test_a_process_stays_within_the_rule_whatever_clients_send(environment):
    with started(environment, TAXONOMY_CACHE_BYTES=str(CACHE_BYTES)) as (process, url):
        assert answers(f"{url}/readyz")
        with httpx.Client(base_url=url, timeout=30) as client:
            client.get("/search?q=kvm")
            resident = psutil.Process(process.process.pid).memory_info
            before = resident().rss
            statuses = {client.request(method, path, headers=sent).status_code for method, path, sent in requests()}
            after = resident().rss

    assert statuses == {200, 404, 405, 406}
    assert after < (before + CACHE_BYTES) * SPARE, (before / MEBIBYTE, after / MEBIBYTE)
    assert (before + Settings.model_fields["cache_bytes"].default) * SPARE < KUBERNETES_BYTES


def memos():
    """Each memo of the application, by the name of what it memorizes."""
    for module in MODULES:
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, _lru_cache_wrapper) and value.__module__ == module:
                yield name, value.cache_info().maxsize


def test_every_memo_that_clients_can_fill_is_counted():
    counted = dict(re.findall(r"^    (\w[\w.]+) +([\d,]+) ", memory.__doc__, re.MULTILINE))
    fixed = {
        *("properties_of", "filters_of", "vocabularies_of", "most_parameters"),
        *(
            "redoc_script",
            "record_by_id",
            "row_by_id",
            "first_ids",
            "terms_having",
            "level",
            "values_of",
            "fold_character",
            "children_of",
        ),
        *("read_texts", "templates", "explanations", "read_grammar", "read_file"),
    }
    found = {name: f"{size:,}" for name, size in memos() if name not in fixed}

    assert {name: size for name, size in counted.items() if "." not in name} == found
    assert memory.response_bytes(CACHE_BYTES) + memory.count_bytes(CACHE_BYTES) < CACHE_BYTES
    default = Settings.model_fields["cache_bytes"].default
    rest = default - memory.response_bytes(default) - memory.count_bytes(default)
    assert rest == 12 * MEBIBYTE
