"""The command line: ``python -m benchmarks [hits] [growth] [memory]``; a run of all parts writes RESULTS.md."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import growth, hits, memory
from benchmarks.load import install_wrk
from benchmarks.peers import install_peers
from benchmarks.processes import BenchmarkError, Cores
from benchmarks.report import Section, circumstances, targets_text

RESULTS = Path(__file__).with_name("RESULTS.md")
PARTS = ("hits", "growth", "memory")
LIMIT_SECONDS = 1800


def parse_arguments() -> argparse.Namespace:
    """Parse the command line, and refuse unknown parts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the service and its peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; without one, all of them")
    parser.add_argument("--rounds", type=int, default=5, help="rounds against the peers")
    parser.add_argument("--seconds", type=float, default=3, help="seconds per round against the peers")
    parser.add_argument("--growth-rounds", type=int, default=2, help="rounds at each size")
    parser.add_argument("--growth-seconds", type=float, default=1, help="seconds per question and round at each size")
    parser.add_argument("--urls", type=int, default=1_000_000, help="distinct URLs before the memory is measured")
    parser.add_argument("--memory-seconds", type=float, default=1000, help="maximum seconds for that")
    given = parser.parse_args()
    if unknown := [part for part in given.parts if part not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return given


def measure(given: argparse.Namespace, missing: dict[str, str]) -> list[Section]:
    """Run the requested parts, with the servers on one core and the clients on another."""
    cores = Cores.available()
    parts: dict[str, Callable[[], Section]] = {
        "hits": lambda: hits.measure(cores, given.rounds, given.seconds, missing),
        "growth": lambda: growth.measure(cores, given.growth_rounds, given.growth_seconds),
        "memory": lambda: memory.measure(cores, given.urls, given.memory_seconds),
    }
    sections = []
    for name, part in parts.items():
        if name in (given.parts or PARTS):
            print(f"Measuring {name} …", file=sys.stderr, flush=True)
            sections.append(part())
            print(f"{sections[-1].text()}\n", flush=True)
    return sections


def main() -> None:
    """Measure, print the results, and write them if all parts ran."""
    given = parse_arguments()
    # Servers are stopped as the stack unwinds, so every signal that ends the run must unwind it, the time-out included.
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(stop, lambda number, _: sys.exit(f"Stopped: {signal.Signals(number).name}."))
    signal.alarm(LIMIT_SECONDS)
    try:
        wrk = install_wrk()
        versions, missing = install_peers() if "hits" in (given.parts or PARTS) else ({}, {})
        began = time.perf_counter()
        sections = measure(given, missing)
    except BenchmarkError as error:
        sys.exit(str(error))
    verdicts = targets_text([target for section in sections for target in section.targets])
    where = circumstances({"wrk": wrk, **versions}, time.perf_counter() - began)
    print(f"{verdicts}\n\n{where}")
    if not given.parts:
        texts = ["# Benchmarks\n\nWritten by `make bench`.", where, verdicts, *(section.text() for section in sections)]
        RESULTS.write_text("\n\n".join(texts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
