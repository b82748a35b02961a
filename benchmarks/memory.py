"""The memory of a worker after requests for very many distinct URLs, all of which can be cached."""

import time
from itertools import count

from app.settings import Settings
from benchmarks.contenders import ours
from benchmarks.load import Rate, Urls, load
from benchmarks.processes import Cores
from benchmarks.report import Section, Target, number, table

ROUND_SECONDS = 5
# The distance between the numbers of two rounds' URLs, so that no URL occurs twice.
ROUND = 10_000_000
MEBIBYTE = 1024 * 1024
# The memory that a worker may use in addition to the cache.
MEBIBYTES_BESIDE_CACHE = 110


def measure(cores: Cores, urls: int, seconds: float) -> Section:
    """Request that many distinct URLs, or as many as the time allows, and measure the server's memory."""
    rates: list[Rate] = []
    began = time.perf_counter()
    with ours().serving(cores.server) as server:
        before = server.resident_mebibytes()
        for turn in count():
            rates.append(load(server.port, Urls("mixed", first=turn * ROUND), cores.load, ROUND_SECONDS))
            asked = sum(rate.requests for rate in rates)
            if asked >= urls or time.perf_counter() - began > seconds:
                break
        after = server.resident_mebibytes()
    bound = int(Settings.model_fields["cache_bytes"].default) / MEBIBYTE
    errors = sum(rate.errors for rate in rates)
    body = [[number(asked), number(before), number(after), number(bound), number(errors)]]
    notes = ["One URL of eight answers with records, the others with an empty list."]
    if asked < urls:
        notes.append(f"Not all of {urls:,}: the time was up after {seconds:g} s.")
    return Section(
        "A worker's memory",
        [
            table(["distinct URLs", "RSS before, MiB", "after, MiB", "cache bound, MiB", "errors"], body),
            "\n".join(f"* {note}" for note in notes),
        ],
        [
            Target(
                f"RSS after {urls:,} distinct URLs",
                bound + MEBIBYTES_BESIDE_CACHE,
                after if asked >= urls else None,
                " MiB",
                at_most=True,
            )
        ],
    )
