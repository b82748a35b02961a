"""The report: Markdown tables, targets with verdicts, the machine and the versions."""

import os
import platform
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "sqlalchemy", "sqlmodel", "psycopg")
NOT_MEASURED = "n/a"


@dataclass(frozen=True)
class Target:
    """A figure with its bound; `value` is None if this run could not measure it."""

    figure: str
    bound: float
    value: float | None
    unit: str = ""
    at_most: bool = False

    def row(self) -> list[str]:
        """Format the target as a row of a table."""
        wanted = f"{'at most' if self.at_most else 'at least'} {self.bound:g}{self.unit}"
        if self.value is None:
            return [self.figure, wanted, NOT_MEASURED, NOT_MEASURED]
        reached = self.value <= self.bound if self.at_most else self.value >= self.bound
        return [self.figure, wanted, f"{self.value:.2f}{self.unit}", "reached" if reached else "**not reached**"]


@dataclass(frozen=True)
class Section:
    """A part of the results: its heading, its paragraphs and tables, and its targets."""

    title: str
    blocks: list[str]
    targets: list[Target]

    def text(self) -> str:
        """Format the section as Markdown."""
        return "\n\n".join([f"## {self.title}", *self.blocks])


def width(text: str) -> int:
    """Count the columns of a text in a terminal, where a Chinese character has two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format a Markdown table, with all columns but the first aligned to the right."""
    widths = [max(width(row[column]) for row in [header, *rows]) for column in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            " " * (wide - width(cell)) + cell if column else cell + " " * (wide - width(cell))
            for column, (cell, wide) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [f"{'-' * (wide - 1)}:" if column else "-" * wide for column, wide in enumerate(widths)]
    return "\n".join([line(header), line(rule), *map(line, rows)])


def targets_text(targets: Sequence[Target]) -> str:
    """Format the targets with their verdicts as Markdown."""
    rows = [target.row() for target in targets]
    return f"## Targets\n\n{table(['figure', 'wanted', 'measured', 'verdict'], rows)}"


def number(value: float, digits: int = 0, unit: str = "") -> str:
    """Format a number for a table."""
    return f"{value:,.{digits}f}{unit}"


def ratio(value: float, to: float) -> str:
    """Format a quotient for a table; the divisor is zero if a server never answered."""
    return f"{value / to:.2f}" if to else NOT_MEASURED


def processor() -> str:
    """Read the model name of the processor."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def circumstances(tools: dict[str, str], seconds: float) -> str:
    """Describe the run: its date and duration, the machine and the versions."""
    versions = {name: version(name) for name in PACKAGES} | {"SQLite": sqlite3.sqlite_version} | tools
    system = f"{platform.system()} {platform.release()}; Python {platform.python_version()}"
    return "\n".join(
        [
            f"* {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, in {seconds / 60:.1f} minutes.",
            f"* {processor()}, {os.cpu_count()} cores; {system}.",
            f"* {', '.join(f'{name} {found}' for name, found in versions.items())}.",
        ]
    )
