"""Servers: starting them on one core, waiting until they answer, measuring their memory, stopping them."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 5
POLL_SECONDS = 0.005


class BenchmarkError(Exception):
    """Ends the run with one sentence."""


@dataclass(frozen=True)
class Cores:
    """The core of the servers and the core of the load generator."""

    server: int
    load: int

    @classmethod
    def available(cls) -> Self:
        """Choose two of the cores that this process may use."""
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:  # noqa: PLR2004 (one for each side)
            raise BenchmarkError("Two cores are needed: one for the server, one for the load generator.")
        return cls(cores[0], cores[1])


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """Pin a command to one core."""
    return ["taskset", "--cpu-list", str(core), *command]


def free_port() -> int:
    """Find a free port of the loopback interface."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Answer:
    """A complete HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    content: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header; None if the response does not have it."""
        return next((value for key, value in self.headers if key.lower() == name), None)


def ask(port: int, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request to a server on this machine."""
    connection = HTTPConnection(HOST, port, timeout=START_SECONDS)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response: HTTPResponse = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    seconds_to_first_answer: float

    def read_all(self, name: str) -> Iterator[str]:
        """Read a file of /proc for the server and for each of its child processes."""
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(FileNotFoundError, ProcessLookupError):
                if os.getpgid(int(folder.name)) == self.process.pid:
                    yield (folder / name).read_text(encoding="utf-8")

    def resident_mebibytes(self) -> float:
        """Sum the resident memory."""
        sizes = [re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE) for status in self.read_all("status")]
        return sum(int(size[1]) for size in sizes if size) / 1024

    def processor_seconds(self) -> float:
        """Sum the processor time so far, in user and in kernel mode."""
        # The fields after the name of the command, which may contain spaces.
        fields = [status.rpartition(")")[2].split() for status in self.read_all("stat")]
        return sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and its children, with SIGKILL if SIGTERM does not help."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def running(
    command: Sequence[str], port: int, path: str, core: int, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server in an empty folder of its own, and yield it once it answers 200 at the path; always stop it."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        began = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                pinned(core, command),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            while not is_answering(port, path):
                if process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                    raise BenchmarkError(f"{command[0]} did not answer 200 at {path}:\n{tail}")
                time.sleep(POLL_SECONDS)
            yield Server(process, port, time.perf_counter() - began)
        finally:
            stop(process)


def is_answering(port: int, path: str) -> bool:
    """Whether a server answers 200 at a path."""
    try:
        return ask(port, path).status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
