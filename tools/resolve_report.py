"""How many strings of real inventories look-ups find; ``python -m tools.resolve_report`` writes it to `docs/`.

`strings.tsv` has strings from public fact dumps, exports, bug reports and exam papers, each with what an expert says it
means: ids of entries, any of which is right; `out:` before one that a pack may lack; `none` for a machine that is not
virtualized, `n/a` for no product.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.packs.prepare import copy_packs
from app.queries.lexicon import Words
from app.queries.lookup import read_words
from app.queries.meanings import Narrowing, find_meanings
from app.settings import PROJECT, Settings
from app.store.tables import Language
from tools.tables import read_table

STRINGS = Path(__file__).with_name("strings.tsv")
DETECTORS = Path(__file__).with_name("detectors.tsv")
REPORT = PROJECT / "docs" / "resolving.md"
# ruff: noqa: E501 (in the page, a sentence is a line)
HEAD = """# How well look-ups resolve real strings

`make resolve-report` writes this page.
It looks up the strings in [tools/strings.tsv](../tools/strings.tsv), which stand in public fact dumps, exports, bug reports and exam papers, without a `scheme`, and compares the answers with what an expert says they mean.
A string counts as found if the answer has one of its meanings; it is wrong if the answer has entries but none of these.
Strings are counted once, not by how often fleets report them.

It also looks up, with their `scheme`, the values that the tables of detectors and other tools have, which are in [tools/detectors.tsv](../tools/detectors.tsv).
Such a value is told apart if the scheme says that it means a machine that is not virtualized, or that is virtualized by an unnamed product.
"""
COLUMNS = ("found", "told apart", "missed", "wrong", "without an entry")


def judge(meanings: set[str], known: set[str], result: Mapping[str, Any]) -> str:
    """Compare a result with the meanings of a string, given the ids of all entries."""
    found = {item["id"] for item in result["items"]}
    if found and not found & meanings:
        return "wrong"
    if not meanings & known:
        return "without an entry"
    if found or ("none" in meanings and result["match"] == "not-virtualized"):
        return "found"
    return "missed"


def judge_value(meanings: set[str], known: set[str], result: Mapping[str, Any]) -> str:
    """Compare the result for a value of a detector with its meanings, given the ids of all entries."""
    found = {item["id"] for item in result["items"]}
    if found:
        return "found" if found & meanings else "wrong"
    if result["match"] in ("not-virtualized", "unspecified"):
        return "told apart"
    return "missed" if meanings & known or meanings <= {"none", "unspecified"} else "without an entry"


def write_detectors(words: Words, known: set[str]) -> list[str]:
    """Look up the values of detectors, and describe the result."""
    schemes: dict[str, Counter[str]] = defaultdict(Counter)
    listed: dict[str, list[str]] = defaultdict(list)
    for row in read_table(DETECTORS):
        meanings = set(row["meaning"].split("|"))
        if row["scheme"] not in words.lexicon.schemes:
            verdict = "without an entry"
        else:
            (result,) = find_meanings(words, [row["value"]], Narrowing((row["scheme"],)))
            verdict = judge_value(meanings, known, result)
        schemes[row["scheme"]][verdict] += 1
        listed[verdict].append(f"`{row['scheme']}` `{row['value']}`")
    total = sum(schemes.values(), Counter())
    named = total["found"] + total["missed"] + total["wrong"]
    return [
        "\n### Values of detectors\n",
        f"Of {named} values that mean an entry, {total['found']} are found ({total['found'] / named:.0%}) and {total['wrong']} are answered wrongly; {total['told apart']} are told apart, and {total['without an entry']} are of products that the packs lack.\n",
        f"| scheme | {' | '.join(COLUMNS)} |",
        "|---|---|---|---|---|---|",
        *(
            f"| {scheme} | {' | '.join(str(schemes[scheme][column]) for column in COLUMNS)} |"
            for scheme in sorted(schemes)
        ),
        *(
            f"\n{verdict.capitalize()}: {', '.join(listed[verdict])}."
            for verdict in ("missed", "wrong")
            if listed[verdict]
        ),
    ]


def write_report(packs: Sequence[str]) -> str:
    """Look up the strings in the dataset of some packs, and describe the result."""
    strings = read_table(STRINGS)
    with copy_packs(Settings(packs=tuple(packs))).reader() as reader:
        known = {id for (id,) in reader.connection.execute("SELECT DISTINCT entry_id FROM term")}
        words = read_words(reader, Language.EN)
        results = find_meanings(words, [row["string"] for row in strings])
        detectors = write_detectors(words, known)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    listed: dict[str, list[str]] = defaultdict(list)
    for row, result in zip(strings, results, strict=True):
        meanings = {meaning.removeprefix("out:") for meaning in row["meaning"].split("|")}
        verdict = judge(meanings, known, result)
        kinds[row["kind"]][verdict] += 1
        ids = ", ".join(item["id"] for item in result["items"])
        listed[verdict].append(f"| `{row['string']}` | {row['meaning'].replace('|', ', ')} | {ids} |")
    total = sum(kinds.values(), Counter())
    named = total["found"] + total["missed"]
    lines = [
        f"\n## Packs: {', '.join(packs)}\n",
        f"Of {named} strings whose meaning the packs have, {total['found']} are found ({total['found'] / named:.0%}); {total['wrong']} of all {len(strings)} are answered wrongly.\n",
        "| kind | found | missed | wrong | without an entry |",
        "|---|---|---|---|---|",
    ]
    columns = ("found", "missed", "wrong", "without an entry")
    lines += [f"| {kind} | {' | '.join(str(kinds[kind][column]) for column in columns)} |" for kind in sorted(kinds)]
    for verdict in ("missed", "wrong"):
        if listed[verdict]:
            lines += [
                f"\n### {verdict.capitalize()}\n",
                "| string | means | answered |",
                "|---|---|---|",
                *listed[verdict],
            ]
    return "\n".join([*lines, *detectors]) + "\n"


def build_report() -> str:
    """Build the page."""
    return HEAD + write_report(["docs"]) + write_report(["docs", "field"])


if __name__ == "__main__":
    REPORT.write_text(build_report(), encoding="utf-8")
