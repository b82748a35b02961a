"""The command line in processes of its own.

A command is forked from a process in which the application is imported already, which saves the second that the import
takes. It starts from nothing behind another command (`prefix`), and where it starts workers, which are not forked.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from multiprocessing import get_context

import httpx

from tests.support.servers import eventually

COMMAND = [sys.executable, "-c", "from app.cli import main; main()"]
FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["app.cli", "uvicorn.loops.auto", "uvicorn.lifespan.on", "tests.support.commands"])


def command(arguments, environment, output=os.devnull, errors=os.devnull):
    """What `virt-taxonomy` does with some arguments; runs in a process of its own."""
    from app.cli import main  # noqa: PLC0415 (this module is imported where the application is not wanted)

    os.environ.clear()
    os.environ.update(environment)
    for path, number in ((output, 1), (errors, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), number)
    sys.argv = ["virt-taxonomy", *arguments]
    main()


def free_port():
    """A port of the loopback interface that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def status(url):
    """The status of an answer; None if there is none."""
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return None


def answers(url, expected=200):
    """Whether a server that is starting comes to answer with a status."""
    return eventually(lambda: status(url) == expected, seconds=60)


class Forked:
    """A command in a process that is forked from one which knows the application."""

    def __init__(self, arguments, environment, output, errors):
        sys.audit("tests.command", environment)
        self.process = FORKS.Process(target=command, args=(arguments, environment, output, errors))
        self.process.start()
        self.pid = self.process.pid
        self.terminate, self.kill = self.process.terminate, self.process.kill

    def wait(self, timeout=None):
        """Wait for its end."""
        self.process.join(timeout)
        assert self.process.exitcode is not None
        return self.process.exitcode

    @property
    def returncode(self):
        """The exit code; None while it runs."""
        return self.process.exitcode


@contextmanager
def started(environment, *arguments, prefix=(), program=COMMAND, **variables):
    """The process of a server and its base URL; it is stopped at the end.

    What it printed is in `process.printed` by then.
    """
    base_url = f"http://127.0.0.1:{(port := free_port())}"
    arguments = ["serve", "--port", str(port), *arguments]
    with tempfile.NamedTemporaryFile("r+", encoding="utf-8") as output:
        if prefix or program is not COMMAND or int(variables.get("TAXONOMY_WORKERS", 1)) > 1:
            process = subprocess.Popen(  # noqa: S603 (our own command)
                [*prefix, *program, *arguments], env=environment | variables, stdout=output, stderr=output
            )
        else:
            process = Forked(arguments, environment | variables, output.name, output.name)
        try:
            yield process, base_url
            process.terminate()
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()
            # A command that is not forked shares its place in the file.
            output.seek(0)
            process.printed = output.read()


def run(environment, *arguments, prefix=(), **variables):
    """A command that has ended: its exit code and what it printed."""
    if prefix:
        return subprocess.run(  # noqa: S603 (our own command)
            [*prefix, *COMMAND, *arguments],
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    with (
        tempfile.NamedTemporaryFile("r", encoding="utf-8") as output,
        tempfile.NamedTemporaryFile("r", encoding="utf-8") as errors,
    ):
        code = Forked(arguments, environment | variables, output.name, errors.name).wait(timeout=60)
        return subprocess.CompletedProcess(arguments, code, output.read(), errors.read())


def fails_in_one_line(finished):
    """The line with which a command ended; before it, a server may have logged what it did."""
    assert finished.returncode == 1
    assert finished.stdout == ""
    *logged, line = finished.stderr.splitlines()
    assert {json.loads(record)["level"] for record in logged} <= {"info"}
    return line
