"""wrk, the load generator: installing it, running it and reading its report."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.processes import HOST, BenchmarkError, pinned

SCRIPT = Path(__file__).with_name("urls.lua")
CONNECTIONS = 32
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def install_wrk() -> str:
    """Return the version of wrk; install it first if necessary, which needs Debian and root."""
    if not shutil.which("wrk"):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise BenchmarkError("wrk is missing: on Debian, run `sudo apt-get install wrk`.")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "wrk"], check=True)
    output = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout
    return output.split()[1]


@dataclass(frozen=True)
class Urls:
    """A sequence of URLs from `urls.lua`: their kind, the number of generated hypervisors, the first URL's number."""

    kind: str
    size: int = 1
    first: int = 0

    def arguments(self) -> list[str]:
        """Return the arguments for the script."""
        return ["--", self.kind, str(self.size), str(self.first)]


@dataclass(frozen=True)
class Rate:
    """The result of a run of wrk; times are in milliseconds."""

    requests: int
    per_second: float
    median: float
    p99: float
    errors: int


def read_report(report: str) -> Rate:
    """Parse the report of wrk; status codes from 400, broken connections and time-outs count as errors."""

    def milliseconds(percentile: int) -> float:
        number, unit = re.search(rf"^ +{percentile}% +([\d.]+)([a-z]+)", report, re.MULTILINE).groups()  # type: ignore[union-attr]
        return float(number) * MILLISECONDS[unit]

    errors = [int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", report)]
    errors += [int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", report)]
    rate = re.search(r"Requests/sec: +([\d.]+)", report)
    requests = re.search(r"(\d+) requests in", report)
    if not rate or not requests:
        raise BenchmarkError(f"wrk said: {report}")
    return Rate(int(requests[1]), float(rate[1]), milliseconds(50), milliseconds(99), sum(errors))


def load(
    port: int,
    path: str | Urls,
    core: int,
    seconds: float,
    *,
    connections: int = CONNECTIONS,
    headers: Mapping[str, str] | None = None,
) -> Rate:
    """Send requests as fast as the server answers, for one path or for a sequence of URLs."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(round(seconds), 1)}s", "--latency"]
    command += [f"--header={name}: {value}" for name, value in (headers or {}).items()]
    if isinstance(path, Urls):
        command += ["--script", str(SCRIPT), f"http://{HOST}:{port}/", *path.arguments()]
    else:
        command += [f"http://{HOST}:{port}{path}"]
    completed = subprocess.run(pinned(core, command), capture_output=True, text=True, check=False, timeout=seconds + 30)
    if completed.returncode:
        raise BenchmarkError(f"wrk failed: {completed.stdout} {completed.stderr}")
    return read_report(completed.stdout)


def typical(rates: Sequence[Rate]) -> Rate:
    """Take the medians of several rounds, and the sums of their requests and errors."""
    return Rate(
        requests=sum(rate.requests for rate in rates),
        per_second=median(rate.per_second for rate in rates),
        median=median(rate.median for rate in rates),
        p99=median(rate.p99 for rate in rates),
        errors=sum(rate.errors for rate in rates),
    )
