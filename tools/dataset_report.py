"""What the packs contain and on what it rests; ``python -m tools.dataset_report`` writes it to `docs/dataset.md`."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from app.packs.content import EntrySeed, ProductSeed
from app.packs.files import Pack, PackEntry, entries_of
from app.packs.load import read_packs
from app.settings import PROJECT
from app.store.collections import COLLECTIONS
from app.store.tables import Reading, RemarkKind

REPORT = PROJECT / "docs" / "dataset.md"
# ruff: noqa: E501 (in the page, a sentence is a line)
HEAD = """# What the dataset contains, and on what it rests

`make dataset-report` writes this page from the packs in `seed/`.
Every vendor, licence, status, website, remark, relation and identifier has a source that says it: `virt-taxonomy check` refuses a pack in which one has none.
A field that no source supports is empty; a remark says where sources disagree.
"""
# The fields that may be unknown.
FACTS = ("vendor", "license", "status", "website")


def table(head: list[str], rows: list[list[object]]) -> Iterator[str]:
    """Write a table in Markdown."""
    yield ""
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(map(str, row))} |"


def write_counts(entries: list[PackEntry]) -> Iterator[str]:
    """Count the entries, their names and identifiers by collection."""
    yield "\n### Entries"
    rows: list[list[object]] = []
    for resource in COLLECTIONS:
        own = [entry.seed for entry in entries if entry.collection.resource == resource]
        names = sum(len(seed.aliases.en) + len(seed.aliases.zh) for seed in own)
        identifiers = sum(len(values) for seed in own for values in seed.identifiers.values())
        disputed = sum(seed.remark is not None and seed.remark_kind is RemarkKind.DISPUTED for seed in own)
        rows.append([resource, len(own), names, identifiers, sum(seed.remark is not None for seed in own), disputed])
    yield from table(["collection", "entries", "aliases", "identifiers", "remarks", "of these disputed"], rows)


def write_sources(pack: Pack) -> Iterator[str]:
    """Count the sources by what they are."""
    works = [*pack.works.values()]
    kinds = Counter(work.kind or "not said" for work in works)
    copies = sum(work.read is Reading.COPY for work in works)
    yield "\n### Sources"
    yield from table(
        ["kind", "sources", "share"],
        [[kind, number, f"{number / len(works):.0%}"] for kind, number in kinds.most_common()],
    )
    yield f"\n{copies} of the {len(works)} were read as a copy."


def write_unknown(seeds: list[EntrySeed]) -> Iterator[str]:
    """Count the facts of products that no source says, and name the products."""
    products = [seed for seed in seeds if isinstance(seed, ProductSeed)]
    yield "\n### Unknown"
    rows: list[list[object]] = []
    for fact in FACTS:
        lacking = [seed.id for seed in products if getattr(seed, fact) is None]
        rows.append([fact, len(products) - len(lacking), len(lacking), ", ".join(lacking)])
    yield from table(["fact", "known", "unknown", "of"], rows)


def write_disputes(entries: list[PackEntry]) -> Iterator[str]:
    """List the remarks on sources that contradict each other."""
    disputed = [entry.seed for entry in entries if entry.seed.remark and entry.seed.remark_kind is RemarkKind.DISPUTED]
    if disputed:
        yield "\n### Where sources disagree\n"
        yield from (f"* **{seed.labels.en or seed.labels.zh}**: {seed.remark and seed.remark.en}" for seed in disputed)


def build_report() -> str:
    """Build the page."""
    packs = read_packs(PROJECT / "seed", ["docs", "field"])
    by_pack = {
        pack: [*found]
        for pack, found in groupby(
            sorted(entries_of(packs), key=lambda entry: packs.index(entry.pack)), key=lambda entry: entry.pack.header.id
        )
    }
    lines = []
    for pack in packs:
        entries = by_pack[pack.header.id]
        lines += [f"\n## Pack `{pack.header.id}` {pack.header.version}", *write_counts(entries), *write_sources(pack)]
        lines += [*write_unknown([entry.seed for entry in entries]), *write_disputes(entries)]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    REPORT.write_text(build_report(), encoding="utf-8")
