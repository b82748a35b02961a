"""Tables of tab-separated values with a header, in which quotes are ordinary characters."""

import csv
from pathlib import Path


def read_table(path: Path) -> list[dict[str, str]]:
    """Read the rows of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
