"""Releasing a pack: its history, and the version that it has from then on."""

import json
import re
from collections import Counter
from contextlib import suppress
from datetime import date
from typing import Any

import yaml

from app.packs.changes import ReleaseSeed
from app.packs.faults import PackError, printable
from app.packs.files import ReadFile, entries_of
from app.packs.history import (
    HISTORY_FILE,
    differing_fields,
    digests_of,
    find_changes,
    find_moved_schemes,
    order_problem,
)
from app.packs.load import read_packs
from app.packs.references import References
from app.packs.texts import MISMATCHES, RELEASE
from app.settings import Settings

HEADER = "# What each release changed. `virt-taxonomy release` writes this file.\n"


def release_pack(settings: Settings, name: str, version: str, day: date) -> str:
    """Write `changes.yaml`, and the version into the pack's description; say in one line what the release changes.

    Raises `PackError` unless the version is higher than the last, the day not before it, and something has changed.
    """
    packs = read_packs(settings.seed_dir, [*dict.fromkeys([*settings.packs, name])], releasing=True)
    pack = next(pack for pack in packs if pack.header.id == name)
    header = pack.header_file
    last = pack.releases[0] if pack.releases else None

    def refuse(reason: str) -> PackError:
        return PackError([header.fault(["pack", "version"], reason)])

    if not re.fullmatch(RELEASE, version):
        raise refuse(f"'{printable(version)}' {MISMATCHES[RELEASE]}")
    differing = differing_fields(pack)
    changes = [*find_changes(pack, differing, References.to(entries_of(packs)))]
    schemes = find_moved_schemes(differing) if last else []
    made = ReleaseSeed(version=version, date=day.isoformat(), changes=changes, url_templates=schemes)
    if last and (problem := order_problem(made, last)):
        raise refuse(problem)
    if last and version != pack.header.version and not differing:
        raise refuse(f"nothing differs from {last.version}, the last release")
    written = with_version(header, version)
    content = {
        "releases": [each.model_dump(mode="json", exclude_defaults=True) for each in (made, *pack.releases)],
        "released": digests_of(pack),
    }
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, default_flow_style=None, width=2**16)
    header.path.with_name(HISTORY_FILE).write_text(HEADER + text, encoding="utf-8")
    header.path.write_bytes(written)
    numbers = Counter(change.change for change in changes)
    described = ", ".join(f"{number} {change}" for change, number in numbers.items())
    return f"{name} {version}, {day}: {described or 'no entry changed'}"


def with_version(header: ReadFile, version: str) -> bytes:
    """Return the file that describes the pack with another version, and with every other character as it is.

    Raises `PackError` if the version is written in a way that cannot be replaced.
    """
    node: Any = header.node
    for key in ("pack", "version"):
        node = next(value for name, value in reversed(node.value) if name.value == key)
    data = header.path.read_bytes()
    if node.value == version:
        return data
    with suppress(UnicodeDecodeError, yaml.YAMLError):
        text = data.decode()
        # The parser does not count a byte order mark.
        start, end = (mark.index + text.startswith("\ufeff") for mark in (node.start_mark, node.end_mark))
        text = f"{text[:start]}{json.dumps(version)}{text[end:]}"
        if yaml.load(text, yaml.CSafeLoader)["pack"]["version"] == version:
            return text.encode()
    raise PackError([header.fault(["pack", "version"], f'write `version: "{version}"` here, and release again')])
