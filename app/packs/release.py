"""Releasing a pack: its history, and the version that it has from then on."""

import json
import re
from collections import Counter
from datetime import date

import yaml

from app.packs.changes import ReleaseSeed
from app.packs.faults import PackError
from app.packs.files import ReadFile, entries_of
from app.packs.history import differing_fields, digests_of, find_changes
from app.packs.load import read_packs
from app.packs.references import References
from app.settings import Settings

FILE = "changes.yaml"
HEADER = "# What each release changed. `virt-taxonomy release` writes this file.\n"


def version_key(version: str) -> list[tuple[int, str]]:
    """Make the key by which versions are sorted: numbers by their value, letters by their order."""
    return [(int(part or 0), letters) for part, letters in re.findall(r"(\d*)([^\d.-]*)", version) if part or letters]


def release_pack(settings: Settings, name: str, version: str, day: date) -> str:
    """Write `changes.yaml`, and the version into the pack's description; say in one line what the release changes.

    Raises `PackError` unless the version is higher than the last, the day not before it, and something has changed.
    """
    packs = read_packs(settings.seed_dir, [*settings.packs, *({name} - {*settings.packs})], releasing=name)
    pack = next(pack for pack in packs if pack.header.id == name)
    header = next(file for file in pack.files if file.content.pack)
    last = pack.releases[0] if pack.releases else None

    def refuse(reason: str) -> PackError:
        return PackError([header.fault(["pack", "version"], reason)])

    if last and version_key(version) <= version_key(last.version):
        raise refuse(f"{version} is not higher than {last.version}, the last release")
    if last and day.isoformat() < last.date:
        raise refuse(f"{day} is before {last.date}, the day of the last release")
    if last and not differing_fields(pack):
        raise refuse(f"nothing differs from {last.version}, the last release")
    changes = [*find_changes(pack, References.to(entries_of(packs)))]
    made = ReleaseSeed(version=version, date=day.isoformat(), changes=changes)
    content = {
        "releases": [each.model_dump(mode="json", exclude_defaults=True) for each in (made, *pack.releases)],
        "released": digests_of(pack),
    }
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, default_flow_style=None, width=2**16)
    header.path.with_name(FILE).write_text(HEADER + text, encoding="utf-8")
    write_version(header, version)
    numbers = Counter(change.change for change in changes)
    described = ", ".join(f"{number} {change}" for change, number in numbers.items())
    return f"{name} {version}, {day}: {described or 'no entry changed'}"


def write_version(header: ReadFile, version: str) -> None:
    """Replace the version in the file that describes the pack, and nothing else."""
    description = next(value for key, value in header.node.value if key.value == "pack")
    node = next(value for key, value in description.value if key.value == "version")
    lines = header.path.read_bytes().decode().split("\n")
    line = lines[node.start_mark.line]
    lines[node.start_mark.line] = line[: node.start_mark.column] + json.dumps(version) + line[node.end_mark.column :]
    header.path.write_bytes("\n".join(lines).encode())
