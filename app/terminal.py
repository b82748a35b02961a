"""``virt-taxonomy lookup | identify``: the answers of `/lookup` and `/identify` without a service.

They read the SQLite file of the service with nothing but SQLite's driver, so that they answer at once; where there is
none, they load the packs.
"""

import csv
import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from unicodedata import east_asian_width
from urllib.parse import quote, unquote

import typer

from app.folding import nearest
from app.queries.facts import Facts, identify_hosts
from app.queries.lexicon import Words, read_lexicon
from app.queries.meanings import Narrowing, find_meanings

if TYPE_CHECKING:
    from app.shapes.results import HostResult, LookupResult

# As `Settings` has it, which takes too long to import.
DEFAULT_DATABASE = "sqlite:///virt-taxonomy.db"
# Values that are read from the input before the first are answered.
AT_ONCE = 1000
# A cell of a table is shortened to this many columns of the terminal.
WIDEST = 60
LOOKUP_COLUMNS = ("value", "match", "ids", "names", "rest", "not_virtualized", "unspecified", "nearest")

commands = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Scheme = Annotated[
    list[str], typer.Option("--scheme", help="Match only identifiers of this scheme; repeat to allow several.")
]
Lang = Annotated[str, typer.Option(help="Language of the names: en or zh.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the JSON of the API.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print a CSV table.")]


class UsageError(Exception):
    """Ends a command with one line that says what to write."""


def open_dataset() -> sqlite3.Connection:
    """Open the dataset of the service: its SQLite file if that has been loaded, else a copy of what it would serve."""
    url = os.environ.get("TAXONOMY_DATABASE_URL", DEFAULT_DATABASE)
    path = Path(unquote(url.removeprefix("sqlite:///")))
    if url.startswith("sqlite:///") and path.is_file():
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            if connection.execute('SELECT "match" FROM term LIMIT 1').fetchone():
                return connection
        except sqlite3.Error:
            connection.close()
    return copy_dataset(packs=url.startswith("sqlite:"))


def copy_dataset(*, packs: bool) -> sqlite3.Connection:
    """Copy what the service would serve, from the packs or from its database. Raises `UsageError` if that fails."""
    # Imported here, because it takes ten times as long as all the rest.
    from pydantic import ValidationError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from app.packs.faults import PackError  # noqa: PLC0415
    from app.packs.prepare import copy_database, copy_packs  # noqa: PLC0415
    from app.settings import Settings, explain_setting  # noqa: PLC0415
    from app.store.inspection import describe_error  # noqa: PLC0415

    try:
        settings = Settings()
        snapshot = copy_packs(settings) if packs else copy_database(settings)
        return snapshot.connections.pop()
    except PackError as error:
        raise UsageError(str(error)) from None
    except ValidationError as error:
        raise UsageError("\n".join(map(explain_setting, error.errors()))) from None
    except DBAPIError as error:
        raise UsageError(f"The database cannot be used: {describe_error(error)}") from None


def open_words(lang: str, schemes: Iterable[str]) -> Words:
    """Open the words of the dataset. Raises `UsageError` for a scheme or a language that it does not have."""
    if lang not in ("en", "zh"):
        raise UsageError(f"'{lang}' is not a language of the dataset: write en or zh.")
    connection = open_dataset()
    lexicon = read_lexicon(connection)
    for scheme in schemes:
        if scheme not in lexicon.schemes:
            near = nearest(scheme, lexicon.schemes, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"the schemes are {', '.join(lexicon.schemes)}."
            raise UsageError(f"'{scheme}' is not a scheme: {hint}")
    return Words(connection, lexicon, lang)


def read_lines(values: Sequence[str]) -> Iterator[str]:
    """Yield the values, or if there are none, the lines of the standard input that are not empty."""
    if values:
        yield from values
        return
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        if text := line.strip("\ufeff\r\n\t "):
            yield text


@commands.command()
def lookup(
    values: Annotated[list[str] | None, typer.Argument(help="The strings; by default, the lines of the input.")] = None,
    scheme: Scheme = [],  # noqa: B006 (Typer makes a list for each call)
    lang: Lang = "en",
    *,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Say what strings mean; the exit status is 1 if any of them is unknown."""
    if as_json and as_csv:
        raise UsageError("Give either --json or --csv.")
    words = open_words(lang, scheme)
    lines = read_lines(values or ())
    found: list[LookupResult] = []
    unknown = False
    header = True
    while batch := [*islice(lines, AT_ONCE)]:
        results = find_meanings(words, batch, Narrowing(schemes=scheme))
        unknown |= any(result["match"] == "none" for result in results)
        if as_json:
            found += results
        elif as_csv:
            print_csv(LOOKUP_COLUMNS, map(lookup_cells, results), header=header)
        else:
            print_table(("VALUE", "MATCH", "MEANING"), [lookup_row(result) for result in results], header=header)
        header = False
    if as_json:
        print_json(found)
    if unknown:
        raise typer.Exit(1)


def lookup_cells(result: "LookupResult") -> list[str]:
    """Make the cells of a result, in the order of `LOOKUP_COLUMNS`."""
    ids, names = ("; ".join(item[field] for item in result["items"]) for field in ("id", "name"))
    schemes = ("; ".join(result[mark]) for mark in ("not_virtualized", "unspecified"))
    return [result["value"], result["match"], ids, names, result["rest"] or "", *schemes, "; ".join(result["nearest"])]


def lookup_row(result: "LookupResult") -> tuple[str, str, str]:
    """Make the row of a result for people."""
    meaning = ", ".join(f"{item['name']} ({item['url'][1:]})" for item in result["items"])
    if result["nearest"]:
        meaning = f"did you mean {' or '.join(result['nearest'])}?"
    elif not meaning and (schemes := result["not_virtualized"] or result["unspecified"]):
        meaning = f"in {', '.join(schemes)}"
    return result["value"], result["match"], meaning


@commands.command()
def identify(
    facts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Facts of one host, such as systemd-detect-virt=kvm; by default, the input, which is JSON: an object "
            "of facts, an array of such objects, or the body of POST /identify."
        ),
    ] = None,
    lang: Lang = "en",
    *,
    as_json: AsJson = False,
) -> None:
    """Say whether hosts are virtual and on what they run; the exit status is 1 if any is unknown or a conflict."""
    hosts = [parse_facts(facts)] if facts else read_hosts(sys.stdin.buffer.read())
    words = open_words(lang, dict.fromkeys(scheme for host in hosts for scheme in host))
    results = identify_hosts(words, hosts)
    if as_json:
        print_json(results)
    else:
        print_table(
            ("VERDICT", "RUNS ON OR HOSTS", "BECAUSE"), [identify_row(result) for result in results], header=True
        )
    if any(result["verdict"] in ("unknown", "conflict") for result in results):
        raise typer.Exit(1)


def parse_facts(facts: Sequence[str]) -> Facts:
    """Read ``scheme=value`` arguments. Raises `UsageError` for one that has no ``=``."""
    read: dict[str, list[str]] = {}
    for fact in facts:
        scheme, equals, value = fact.partition("=")
        if not equals:
            raise UsageError(f"'{fact}' is not a fact: write SCHEME=VALUE, for example systemd-detect-virt=kvm.")
        read.setdefault(scheme, []).append(value)
    return read


def read_hosts(content: bytes) -> list[Facts]:
    """Read the facts of hosts from JSON. Raises `UsageError` if it is something else."""
    try:
        given = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The input is not JSON: {error}.") from None
    if isinstance(given, dict):
        given = given.get("hosts", [given])
    shape = "Give an object of facts, an array of such objects, or the body of POST /identify."
    if not isinstance(given, list):
        raise UsageError(shape)
    hosts: list[Facts] = []
    for number, host in enumerate(given):
        if not isinstance(host, dict):
            raise UsageError(f"Host {number} is not an object. {shape}")
        read = {scheme: [value] if isinstance(value, str) else value for scheme, value in host.items()}
        for scheme, values in read.items():
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                raise UsageError(f"Host {number}: {scheme} must be a string or an array of strings.")
        hosts.append(read)
    return hosts


def identify_row(result: "HostResult") -> tuple[str, str, str]:
    """Make the row of a result for people."""
    reasons = [f"{fact['scheme']}={fact['value']}" for fact in result["because"]]
    return result["verdict"], ", ".join(item["name"] for item in result["items"]), ", ".join(reasons)


def print_json(results: Sequence[Mapping[str, Any]]) -> None:
    """Print what the API answers."""
    typer.echo(json.dumps({"results": results}, ensure_ascii=False, indent=2))


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[str]], *, header: bool) -> None:
    """Print a table that a spreadsheet opens without running a cell as a formula."""
    from app.formats.spreadsheet import cell  # noqa: PLC0415 (as in `open_dataset`)

    writer = csv.writer(sys.stdout)
    if header:
        writer.writerow(columns)
    writer.writerows(map(cell, row) for row in rows)


def width(text: str) -> int:
    """Count the columns that a text takes in a terminal."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def fit(text: str) -> str:
    """Shorten a text that is too wide, and escape what would break the line."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    while width(text) > WIDEST:
        text = f"{text[:-2]}…"
    return text


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, header: bool) -> None:
    """Print aligned columns; the last is as long as it is."""
    shown = [[*map(fit, row[:-1]), row[-1]] for row in ([columns, *rows] if header else rows)]
    widths = [max(map(width, cells)) for cells in zip(*shown, strict=True)]
    for row in shown:
        cells = [cell + " " * (space - width(cell)) for cell, space in zip(row[:-1], widths, strict=False)]
        typer.echo("  ".join([*cells, row[-1]]).rstrip())


def main() -> None:
    """Run a command; an error that the user can correct ends it with one line."""
    try:
        commands()
    except UsageError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except BrokenPipeError:
        # The reader, such as `head`, has enough; Python would complain as it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
