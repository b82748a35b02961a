"""wrk, the load generator: found or installed, run, and its report read."""

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
    """The version of wrk, which is installed if this is Debian and we are root."""
    if not shutil.which("wrk"):
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise BenchmarkError("wrk is missing: on Debian, run `sudo apt-get install wrk`.")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "wrk"], check=True)
    said = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False).stdout
    return said.split()[1]


@dataclass(frozen=True)
class Urls:
    """Which paths of `urls.lua` to ask for, over how many generated hypervisors, and from which number on."""

    kind: str
    size: int = 1
    first: int = 0

    def arguments(self) -> list[str]:
        """The arguments of the script."""
        return ["--", self.kind, str(self.size), str(self.first)]


@dataclass(frozen=True)
class Rate:
    """What wrk saw; times in milliseconds."""

    requests: int
    per_second: float
    median: float
    p99: float
    errors: int


def read_report(report: str) -> Rate:
    """Read what wrk prints; answers of 400 and above, broken connections and time-outs are errors."""

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
    """Ask a server as fast as it answers, for a path again and again or for ever new ones."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(round(seconds), 1)}s", "--latency"]
    command += [f"--header={name}: {value}" for name, value in (headers or {}).items()]
    if isinstance(path, Urls):
        command += ["--script", str(SCRIPT), f"http://{HOST}:{port}/", *path.arguments()]
    else:
        command += [f"http://{HOST}:{port}{path}"]
    ended = subprocess.run(pinned(core, command), capture_output=True, text=True, check=False, timeout=seconds + 30)
    if ended.returncode:
        raise BenchmarkError(f"wrk failed: {ended.stdout} {ended.stderr}")
    return read_report(ended.stdout)


def typical(rates: Sequence[Rate]) -> Rate:
    """The median of several rounds; errors are added up."""
    return Rate(
        requests=sum(rate.requests for rate in rates),
        per_second=median(rate.per_second for rate in rates),
        median=median(rate.median for rate in rates),
        p99=median(rate.p99 for rate in rates),
        errors=sum(rate.errors for rate in rates),
    )
