"""The promise that the cache cannot be told from none, whatever comes in whichever order.

Random requests, new datasets, failures of the database and looks for a new dataset, held against services without a
cache, one for each dataset. An answer must be that of the dataset which the last look found that succeeded.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from app.main import create_app
from app.packs.load import load, read_packs
from app.packs.prepare import prepare
from app.store.engines import writing_engine
from tests.support.http import raw
from tests.support.packs import change, copy_docs, without_the_last_hypervisor
from tests.support.servers import serving, watched
from tests.support.urls import OPERATIONS, VALUES, pairs

EDITS = [
    None,
    ("hypervisors.yaml", without_the_last_hypervisor),
    ("examples.yaml", lambda content: content["examples"][-1]["labels"].update(en="Docker Engine")),
]
# What each dataset answers differently, and an alias.
TELLING = ["/hypervisors", "/hypervisors/parallels-desktop", "/examples/docker", "/taxonomy", "/dataset"]
ALIAS = "/hypervisors/esxi"
ENTITY_TAGS = {
    "none": None,
    "any": "*",
    "strong": "{}",
    "weak": "W/{}",
    "list": '"other", {}, W/"another"',
    "other": '"other"',
    "others": 'W/"other", "another"',
}


@dataclass(frozen=True)
class Asked:
    """A request, but for its method and what the client has already."""

    path: str
    query: tuple[tuple[str, str], ...]
    language: str | None
    media_type: str | None
    encoding: str | None

    @property
    def url(self):
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def headers(self):
        """The headers that are negotiated with."""
        named = {"Accept-Language": self.language, "Accept": self.media_type, "Accept-Encoding": self.encoding}
        return {name: value for name, value in named.items() if value is not None}


@st.composite
def requests(draw):
    """A request to any operation, most with parameters that it takes, in any order, some repeated."""
    # Readiness, which no cache holds, tells of the database.
    path, operation = draw(st.sampled_from([each for each in OPERATIONS if each[0] != "/readyz"]))
    known = [*pairs(path, operation), ("nope", "1")]
    anything = st.tuples(
        st.sampled_from([path.format(id=id) for id in (VALUES["id"] if "{id}" in path else [""])]),
        st.lists(st.sampled_from(known), max_size=3).map(tuple),
    )
    telling = st.tuples(st.sampled_from([*TELLING, ALIAS, ALIAS]), st.sampled_from([(), (("lang", "zh"),)]))
    return Asked(
        *draw(anything | telling),
        draw(st.sampled_from([None, "zh-CN", "fr, en;q=0.5", "zh;q=0, *", "x" * 2000])),
        draw(st.sampled_from([None, "*/*", "text/csv, */*;q=0.1", "application/ld+json", "application/json;q=oops"])),
        draw(st.sampled_from([None, "identity", "gzip", "br", "zstd, br;q=0.5", "gzip;q=0, *"])),
    )


def plain(base_url):
    """A client that sends no header of its own accord."""
    client = httpx.Client(base_url=base_url)
    for name in ("accept", "accept-encoding"):
        del client.headers[name]
    return client


class World:
    """A service with a cache over a database that changes and fails, and a service without one for each dataset."""

    def __init__(self, stack, folder, new):
        self.met = Counter()
        self.known = {}
        self.packs = []
        self.models = []
        for number, edit in enumerate(EDITS):
            seed_dir = folder / str(number)
            copy_docs(seed_dir)
            if edit:
                change(seed_dir, *edit)
            own = new().model_copy(update={"seed_dir": seed_dir, "cache_bytes": 0})
            prepare(own)
            self.packs.append(read_packs(seed_dir, own.packs))
            self.models.append(stack.enter_context(plain(stack.enter_context(serving(create_app(own))))))
        self.settings = new()
        prepare(self.settings)
        self.engine = writing_engine(self.settings.url)
        stack.callback(self.engine.dispose)
        self.app, client, self.look = stack.enter_context(watched(self.settings))
        self.client = stack.enter_context(plain(client.base_url))
        self.file = Path(self.settings.url.database)
        self.spoilt = None

    def whole(self, number, asked):
        """The answer to GET that a dataset gives, which is asked for once."""
        if (number, asked) not in self.known:
            self.known[number, asked] = raw(self.models[number], "GET", asked.url, asked.headers)
        return self.known[number, asked]

    def load(self, number):
        """Load a dataset."""
        load(self.engine, self.packs[number])

    def fail(self):
        """Spoil the file."""
        self.spoilt = self.file.read_bytes()
        self.file.write_bytes(b"not a database" * 1000)

    def recover(self):
        """Mend what `fail` did."""
        self.file.write_bytes(self.spoilt)
        self.spoilt = None


class CachedService(RuleBasedStateMachine):
    """What may happen to a service with a cache."""

    def __init__(self, world):
        super().__init__()
        self.world = world
        world.load(0)
        world.app.cache.clear()
        world.look()
        # The dataset in the database, and the one that the last look found which succeeded.
        self.held = self.served = 0
        # What was asked since the dataset was changed.
        self.asked = set()

    def teardown(self):
        """Leave the database as the next run needs it."""
        if self.world.spoilt:
            self.world.recover()

    @precondition(lambda self: not self.world.spoilt)
    @rule(number=st.sampled_from(range(len(EDITS))))
    def load(self, number):
        """Load a dataset, be it the same."""
        self.world.load(number)
        self.held = number

    @rule()
    def look(self):
        """Let the service look for a new dataset."""
        self.world.look()
        if not self.world.spoilt:
            self.served = self.held

    @precondition(lambda self: not self.world.spoilt)
    @rule()
    def fail(self):
        """Take the database away."""
        self.world.fail()

    @precondition(lambda self: self.world.spoilt)
    @rule()
    def recover(self):
        """Bring the database back."""
        self.world.recover()

    @rule(
        asked=requests(),
        method=st.sampled_from(["GET", "HEAD"]),
        has=st.sampled_from([*ENTITY_TAGS]),
        of=st.sampled_from(range(len(EDITS))),
    )
    def ask(self, asked, method, has, of):
        """Ask what may have been asked before or not, with an entity tag of any dataset."""
        self.check(asked, method, has, of)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), method=st.sampled_from(["GET", "HEAD"]), has=st.sampled_from([*ENTITY_TAGS]))
    def ask_again(self, data, method, has):
        """Ask what was asked before, with the entity tag of what was given."""
        self.check(data.draw(st.sampled_from(sorted(self.asked, key=str))), method, has, self.served)

    def check(self, asked, method, has, of):
        """Send a request and hold the answer against that of the model."""
        tag = self.world.whole(of, asked)[1].get("etag", '"none"')
        sent = asked.headers | ({"If-None-Match": ENTITY_TAGS[has].format(tag)} if ENTITY_TAGS[has] else {})
        whole = self.world.whole(self.served, asked)
        named = {"any": {whole[1].get("etag")}, "strong": {tag}, "weak": {tag}, "list": {tag}}
        expected = answer_to(method, named.get(has, set()), whole)

        assert raw(self.world.client, method, asked.url, sent) == expected
        self.world.met[expected[0]] += 1
        self.world.met["again" if asked in self.asked else "first", "away" if self.world.spoilt else "there"] += 1
        self.world.met["late"] += self.held != self.served
        self.asked.add(asked)


# What a 304 repeats of the 200, and what each answer has of its own.
REPEATED = ("access-control-allow-origin", "access-control-expose-headers", "cache-control", "etag", "vary")
OWN = ("date", "x-request-id")


def answer_to(method, tags, whole):
    """What a client is sent that has representations of these entity tags."""
    status, headers, content = whole
    if headers.get("etag") in tags and status == 200 and "etag" in headers:
        return 304, {name: headers[name] for name in headers if name in REPEATED + OWN}, b""
    return status, headers, content if method == "GET" else b""


@pytest.fixture(scope="module")
def world(new_database, tmp_path_factory):
    """All that the runs of the machine share."""
    with ExitStack() as stack:
        yield World(stack, tmp_path_factory.mktemp("datasets"), partial(new_database, "sqlite"))


@pytest.mark.slow
def test_the_cache_cannot_be_told_from_none(world):
    bounds = settings(
        max_examples=30,
        stateful_step_count=50,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    run_state_machine_as_test(partial(CachedService, world), settings=bounds)

    times = {(asked, store) for asked in ("first", "again") for store in ("there", "away")}
    assert {200, 301, 304, 404, 422, "late"} | times <= {name for name, number in world.met.items() if number}
