"""The promise that any number of processes serve one database, and come up whoever is first."""

import json
import os
import signal
from contextlib import ExitStack, suppress

import httpx
import psutil
import pytest

from app.packs.prepare import prepare
from tests.support.commands import answers, run, started
from tests.support.databases import both_databases, content_of
from tests.support.http import problem
from tests.support.packs import change
from tests.support.servers import eventually

pytestmark = pytest.mark.slow

BARE_METAL = "/hypervisors?type=bare-metal"


@both_databases
def test_ten_that_start_at_once_on_an_empty_database_migrate_and_load_it_once(environment, empty):
    with ExitStack() as stack:
        servers = [
            stack.enter_context(started(environment, TAXONOMY_DATABASE_URL=empty.database_url)) for _ in range(10)
        ]
        ready = [answers(f"{url}/readyz") for _, url in servers]
        totals = [httpx.get(f"{url}{BARE_METAL}").json()["total"] for _, url in servers]

    assert ready == [True] * 10
    assert totals == [5] * 10
    assert [process.returncode for process, _ in servers] == [0] * 10
    assert [table for table, rows in content_of(empty).items() if table == "dataset" and len(rows) != 1] == []


@both_databases
def test_no_prepare_starts_before_the_database_is_there_and_is_ready_once_it_is(environment, empty):
    variables = {"TAXONOMY_DATABASE_URL": empty.database_url}
    with started(environment, "--no-prepare", **variables) as (process, url):
        assert answers(f"{url}/livez")
        before = httpx.get(f"{url}/readyz")
        prepare(empty)
        assert answers(f"{url}/readyz")
        answer = httpx.get(f"{url}{BARE_METAL}")

    assert problem(before)["status"] == 503
    assert answer.json()["total"] == 5
    started_line, *_ = [json.loads(line) for line in process.printed.splitlines()]
    assert started_line["database"] == empty.url.render_as_string()
    assert "revision" not in started_line
    assert process.returncode == 0


def asked(client):
    """The process that answers a client's one connection, and the revision that it serves."""
    response = client.get("/dataset")
    stream = response.extensions["network_stream"]
    # Both ports: closed connections of other tests are still listed, without a process.
    ends = [stream.get_extra_info(end)[1] for end in ("server_addr", "client_addr")]
    owner = next(
        found.pid
        for found in psutil.net_connections("tcp")
        if found.raddr and [found.laddr.port, found.raddr.port] == ends
    )
    return owner, response.json()["revision"]


def children_of(process):
    """The process ids of the children of a process."""
    return {child.pid for child in psutil.Process(process.pid).children()}


def test_every_worker_serves_a_new_revision_and_a_lost_one_is_replaced(environment, seed_dir):
    variables = {"TAXONOMY_WORKERS": "2", "TAXONOMY_CACHE_POLL_SECONDS": "0.1", "TAXONOMY_SEED_DIR": str(seed_dir)}
    with started(environment, **variables) as (process, url), ExitStack() as stack:
        assert answers(f"{url}/readyz")
        workers = {}

        def seen(revision):
            """The processes that have answered with a revision, after one more request over a new connection."""
            client = stack.enter_context(httpx.Client(base_url=url))
            with suppress(httpx.TransportError):
                worker, served = asked(client)
                workers.setdefault(served, set()).add(worker)
            return workers.get(revision, set())

        first = httpx.get(f"{url}/dataset").json()["revision"]
        assert eventually(lambda: len(seen(first)) == 2, seconds=60)
        change(seed_dir, "pack.yaml", lambda content: content["pack"].update(version="9"))
        seeded = run(environment, "seed", **variables)
        second = seeded.stdout.split()[-1]
        assert eventually(lambda: seen(second) == workers[first], seconds=60)
        lost, left = sorted(workers[second])
        before = children_of(process)
        os.kill(lost, signal.SIGKILL)
        # The supervisor waits for an answer of a stopped worker before it looks at the next one.
        assert eventually(lambda: children_of(process) - before, seconds=60)
        # Both wait for connections on one socket, and the one that was there may get them all.
        os.kill(left, signal.SIGSTOP)
        assert eventually(lambda: len(seen(second)) == 3, seconds=60)
        os.kill(left, signal.SIGCONT)
        metrics = httpx.get(f"{url}/metrics").text

    (successor,) = workers[second] - workers[first]
    logged = [json.loads(line) for line in process.printed.splitlines()]
    of_supervisor = [line["message"] for line in logged if line["pid"] == process.pid]
    assert of_supervisor[3:] == [
        f"Worker {lost} ended with exit code -9 and was replaced by {successor}",
        "Stopping: requests in progress have 10 seconds to finish",
        of_supervisor[-1],
    ]
    assert of_supervisor[-1].startswith("Stopped after ")
    changes = f"Serving revision {second} (was {first}), docs 9"
    assert {line["pid"] for line in logged if line["message"] == changes} == workers[first]
    assert "\ntaxonomy_worker_restarts_total 1.0\n" in metrics
    assert first != second
    assert process.returncode == 0
