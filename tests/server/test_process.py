"""The promise that workers do not outlive their supervisor."""

import os
import signal

import httpx
import psutil
import pytest

from tests.support.commands import answers, started, status
from tests.support.servers import eventually


@pytest.mark.slow
def test_workers_end_with_a_supervisor_that_is_killed(environment):
    with started(environment, TAXONOMY_WORKERS="2") as (process, url):
        assert answers(f"{url}/readyz")
        workers = psutil.Process(process.pid).children(recursive=True)
        # A connection that is open keeps no worker.
        with httpx.Client(base_url=url) as client:
            client.get("/livez")
            os.kill(process.pid, signal.SIGKILL)
            _, alive = psutil.wait_procs(workers, timeout=30)
            for worker in alive:
                worker.kill()

            assert alive == []
        assert eventually(lambda: status(url) is None, seconds=5)

    said = f'"logger":"app","message":"The supervisor {process.pid} has ended, and this worker with it"'
    assert process.printed.count(said) == 2
