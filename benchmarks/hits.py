"""The filtered list, against the peers: requests per second, processor time, percentiles, memory, first answer."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from statistics import median

from benchmarks.contenders import (
    BARE,
    CACHE_OFF,
    FASTIFY_NAME,
    LIST,
    OURS,
    STARLETTE,
    STOCK,
    Contender,
    contenders,
    records_in,
)
from benchmarks.load import CONNECTIONS, Rate, Urls, load, typical
from benchmarks.processes import Answer, BenchmarkError, Cores, Server, ask
from benchmarks.report import Section, Target, number, ratio, table

HIT = "ours, hit"
NOT_MODIFIED = "ours, 304"
MISS = "ours, miss"
PEERS = (STARLETTE, FASTIFY_NAME, "json-server", "ROAPI", "Datasette")
STARTS = 3
WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Row:
    """One row of the table: a server, and the request that is measured."""

    name: str
    contender: str
    path: str | Urls
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The measurements of one row."""

    row: Row
    bytes: int
    rate: Rate
    # Of the server's processor time, for each request.
    microseconds: float
    mebibytes: float


def rows(there: Mapping[str, Contender], conditional: Mapping[str, str]) -> list[Row]:
    """List the rows of the installed servers; `conditional` is the header that ours answers with 304."""
    return [
        Row(BARE, BARE, LIST),
        Row(HIT, OURS, LIST),
        Row(NOT_MODIFIED, OURS, LIST, conditional),
        Row(MISS, OURS, Urls("list")),
        Row(CACHE_OFF, CACHE_OFF, LIST),
        *(Row(name, name, there[name].path) for name in (STOCK, *PEERS) if name in there),
    ]


def conditional_header(server: Server, answer: Answer) -> dict[str, str]:
    """Return the header that our service answers with 304. Raises `BenchmarkError` if it sends the list again."""
    header = {"If-None-Match": answer.header("etag") or ""}
    if (status := ask(server.port, LIST, header).status) != HTTPStatus.NOT_MODIFIED:
        raise BenchmarkError(f"{OURS} answers {status} to its own entity tag, not 304.")
    return header


def refuse_other_records(name: str, answer: Answer, expected: Answer) -> None:
    """Raise `BenchmarkError` if a server answers with other entries than ours."""
    ids, wanted = ({record["id"] for record in records_in(each)} for each in (answer, expected))
    if ids != wanted:
        raise BenchmarkError(f"{name} answers with {sorted(ids)}, not with {sorted(wanted)}.")


def measure_starts(contender: Contender, core: int) -> float:
    """Measure the seconds from a server's start to its first answer, as the median of several starts."""
    seconds = []
    for _ in range(STARTS):
        with contender.serving(core) as server:
            seconds.append(server.seconds_to_first_answer)
    return median(seconds)


def measure(cores: Cores, rounds: int, seconds: float, missing: Mapping[str, str]) -> Section:
    """Measure the servers in turn in each round, so that noise on the machine affects all of them."""
    with contenders(cores.server) as found, ExitStack() as stack:
        there = {name: contender for name, contender in found.items() if name not in missing}
        starts = {name: measure_starts(contender, cores.server) for name, contender in there.items()}
        started = {name: stack.enter_context(contender.serving(cores.server)) for name, contender in there.items()}
        answers = {name: ask(server.port, there[name].path) for name, server in started.items()}
        for name, answer in answers.items():
            refuse_other_records(name, answer, answers[OURS])
        to_measure = rows(there, conditional_header(started[OURS], answers[OURS]))
        rates: dict[str, list[Rate]] = {row.name: [] for row in to_measure}
        processor: dict[str, list[float]] = {row.name: [] for row in to_measure}
        for turn in range(rounds + 1):
            for row in to_measure:
                # Distinct URLs continue where the previous round ended.
                asked = sum(rate.requests + CONNECTIONS for rate in rates[row.name])
                path = replace(row.path, first=asked) if isinstance(row.path, Urls) else row.path
                lasting = WARM_UP_SECONDS if turn == 0 else seconds
                server = started[row.contender]
                before = server.processor_seconds()
                rate = load(server.port, path, cores.load, lasting, headers=row.headers)
                processor[row.name].append((server.processor_seconds() - before) / rate.requests * 1e6)
                rates[row.name].append(rate)
        results = {
            row.name: Result(
                row,
                0 if row.name == NOT_MODIFIED else len(answers[row.contender].content),
                typical(rates[row.name][1:]),
                median(processor[row.name][1:]),
                started[row.contender].resident_mebibytes(),
            )
            for row in to_measure
        }
    return Section(
        "Beside the peers", blocks(results, starts, there, missing, rounds, seconds), targets(results, starts)
    )


def blocks(
    results: Mapping[str, Result],
    starts: Mapping[str, float],
    there: Mapping[str, Contender],
    missing: Mapping[str, str],
    rounds: int,
    seconds: float,
) -> list[str]:
    """Make the table and its notes."""
    bare, miss = results[BARE], results[MISS]
    header = ["", "requests/s", "to bare", "miss to it", "processor", "to bare", "to miss"]
    header += ["p50", "p99", "errors", "answer", "RSS", "first answer"]
    body = [
        [
            name,
            number(result.rate.per_second),
            ratio(result.rate.per_second, bare.rate.per_second),
            ratio(miss.rate.per_second, result.rate.per_second),
            number(result.microseconds, 0, " µs"),
            ratio(result.microseconds, bare.microseconds),
            ratio(result.microseconds, miss.microseconds),
            number(result.rate.median, 2, " ms"),
            number(result.rate.p99, 2, " ms"),
            number(result.rate.errors),
            number(result.bytes, 0, " B"),
            number(result.mebibytes, 0, " MiB"),
            number(starts[result.row.contender], 2, " s"),
        ]
        for name, result in results.items()
    ]
    notes = [
        (
            f"`wrk -t1 -c{CONNECTIONS}` on one core, the server on another; the median of {rounds} rounds of "
            f"{seconds:g} s, in turn."
        ),
        "Processor time is that of the server for each request, in user and kernel mode: it holds on a busy machine.",
        "A miss asks for a new URL each time (`limit`, `sort`, `lang`, `pack` vary), for the same records each time.",
        "A slow server accepts one connection a turn of its loop: its p99 holds the wait of a round's first requests.",
        "RSS is after the load; the rows of one server share it.",
        (
            f"The first answer is that to the list, after a start in an empty folder (the median of {STARTS}): "
            "ours makes and loads its database, the others find theirs ready."
        ),
        *missing.values(),
    ]
    return [
        table(header, body),
        "\n".join(f"* {note}" for note in notes),
        "\n".join(f"* {name} is asked for `{contender.path}`." for name, contender in there.items()),
    ]


def targets(results: Mapping[str, Result], starts: Mapping[str, float]) -> list[Target]:
    """List the targets of this part."""

    def divided(one: str, other: str, value: Callable[[Rate], float] = lambda rate: rate.per_second) -> float | None:
        return value(results[one].rate) / value(results[other].rate) if one in results and other in results else None

    def costs(peer: str, ours: str) -> float | None:
        return results[peer].microseconds / results[ours].microseconds if peer in results else None

    return [
        Target("processor time: bare uvicorn / hit", 0.9, costs(BARE, HIT)),
        Target("processor time: bare uvicorn / 304", 1.1, costs(BARE, NOT_MODIFIED)),
        Target("processor time: ROAPI / miss", 2, costs("ROAPI", MISS)),
        Target("processor time: stock FastAPI + SQLModel / miss", 8, costs(STOCK, MISS)),
        Target("processor time: bare Starlette + sqlite3 / miss", 0.7, costs(STARLETTE, MISS)),
        Target("processor time: Fastify + better-sqlite3 / miss", 1, costs(FASTIFY_NAME, MISS)),
        Target("hit p99 / bare uvicorn p99", 3, divided(HIT, BARE, lambda rate: rate.p99), at_most=True),
        Target("start of stock FastAPI + SQLModel / empty folder to our first answer", 1, starts[STOCK] / starts[OURS]),
        Target("errors", 0, sum(result.rate.errors for result in results.values()), at_most=True),
    ]
