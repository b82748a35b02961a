"""How many questions `/ask` answers, and how many of the answers are right; ``python -m tools.ask_report``.

`questions.tsv` has questions and the packs that they are asked about, half of which cannot be answered: for the others
the entries that a right answer names and a text that it contains, and for these the reasons that may be given.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

from app.packs.prepare import copy_packs
from app.queries.ask.asking import ask
from app.queries.ask.grammar import languages_of
from app.settings import PROJECT, Settings
from app.store.tables import Language
from tools.tables import read_table

QUESTIONS = Path(__file__).with_name("questions.tsv")
REPORT = PROJECT / "docs" / "asking.md"
PACKS = ("docs", "docs,field")
LANGUAGES = {Language.EN: "English", Language.ZH: "Chinese"}
# ruff: noqa: E501 (in the page, a sentence is a line)
HEAD = """# How well questions are answered

`make ask-report` writes this page.
It asks `/ask` the questions in [tools/questions.tsv](../tools/questions.tsv), about the pack `docs` or about `docs` and `field`, half of which the dataset does not answer: on products that are in no pack, on properties that it does not hold, with false presuppositions, and on other things.
An answer is right if it names the entries and has the text that the table expects; every other answer is wrong, also one to a question that cannot be answered.
"""


def judge(row: Mapping[str, str], answer: Mapping[str, Any]) -> str:
    """Compare an answer with what is expected."""
    if not answer["answered"]:
        if row["answerable"] == "yes":
            return "missed"
        return "refused" if answer["reason"] in row["reasons"].split(",") else "refused for another reason"
    named = {entry["url"].removeprefix("/") for entry in answer["entries"]}
    expected = {*filter(None, row["refs"].split(","))}
    is_right = expected <= named and row["contains"].lower() in answer["answer"].lower()
    return "right" if is_right and row["answerable"] == "yes" else "wrong"


def build_report() -> str:
    """Build the page."""
    questions = read_table(QUESTIONS)
    listed: dict[str, list[tuple[str, Language, str, str]]] = defaultdict(list)
    for packs in PACKS:
        with copy_packs(Settings(packs=packs.split(","))).reader() as reader:
            for row in questions:
                if row["packs"] == packs:
                    answer = ask(reader, row["question"], None)
                    lang, *_ = languages_of(row["question"])
                    said = answer["reason"] or answer["answer"]
                    listed[judge(row, answer)].append((packs, lang, row["question"], said))
    lines = [
        "",
        "| packs | questions | right | missed | wrong | refused | refused for another reason |",
        "|---|---|---|---|---|---|---|",
    ]
    verdicts = ("right", "missed", "wrong", "refused", "refused for another reason")
    for packs, (lang, name) in product(PACKS, LANGUAGES.items()):
        counts = [str(sum(one[:2] == (packs, lang) for one in listed[verdict])) for verdict in verdicts]
        lines.append(f"| `{packs}` | {name} | {' | '.join(counts)} |")
    right, wrong, missed = (len(listed[verdict]) for verdict in ("right", "wrong", "missed"))
    unanswerable = sum(row["answerable"] == "no" for row in questions)
    refused = len(listed["refused"]) + len(listed["refused for another reason"])
    lines += [
        "",
        f"Of {right + wrong} answers, {right} are right ({right / (right + wrong):.1%}). Of {right + missed} questions that the dataset answers, {right} are answered ({right / (right + missed):.0%}). Of {unanswerable} that it does not, {refused} are refused ({refused / unanswerable:.1%}).",
    ]
    for verdict in ("wrong", "missed", "refused for another reason"):
        if listed[verdict]:
            lines += [f"\n## {verdict.capitalize()}\n", "| question | answer |", "|---|---|"]
            lines += [f"| {question} | {said} |" for *_, question, said in listed[verdict]]
    return HEAD + "\n".join(lines) + "\n"


def measure(questions: Sequence[Mapping[str, str]]) -> list[float]:
    """Return the processor time that each question takes, in milliseconds, in rising order."""
    times = []
    with copy_packs(Settings()).reader() as reader:
        for row in [*questions[:20], *questions]:
            start = process_time()
            ask(reader, row["question"], None)
            times.append(1000 * (process_time() - start))
    return sorted(times[20:])


if __name__ == "__main__":
    REPORT.write_text(build_report(), encoding="utf-8")
    found = measure(read_table(QUESTIONS))
    print(
        f"processor time of a question: median {found[len(found) // 2]:.1f} ms, 99 of 100 at most {found[-len(found) // 100]:.1f} ms"
    )
