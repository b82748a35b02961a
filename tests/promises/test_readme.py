"""The promise that the README is true: its requests run and answer what it says, its tables are complete."""

import os
import re
import subprocess
import sys
from shutil import copytree, which

import pytest

from app.api.problems import Kind
from app.settings import PREFIX, PROJECT, Settings
from app.shapes.entries import SHAPES
from tests.support.commands import run
from tests.support.urls import DOCUMENT

pytestmark = pytest.mark.slow

needs_jq = pytest.mark.skipif(which("jq") is None, reason="needs jq")
README = (PROJECT / "README.md").read_text(encoding="utf-8")
REQUESTS = re.findall(r"```console\n\$ (.+)\n((?s:.*?))```", README)


@needs_jq
@pytest.mark.parametrize(("command", "answer"), REQUESTS, ids=[command[:70] for command, _ in REQUESTS])
def test_a_request_of_the_readme_gets_the_answer_that_it_shows(base_url, tmp_path, command, answer):
    finished = subprocess.run(  # noqa: S603 (the README's own command)
        ["/bin/bash", "-c", command.replace("http://127.0.0.1:8000", base_url)],
        env=os.environ | {"PYTHONWARNINGS": "", "PATH": f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert finished.stdout.strip() == answer.strip()


PROGRAMS = re.findall(r"```python\n((?s:.*?))```\n\n```text\n((?s:.*?))```", README)


@pytest.mark.parametrize(("program", "answer"), PROGRAMS)
def test_a_program_of_the_readme_prints_what_it_shows(base_url, program, answer):
    finished = subprocess.run(  # noqa: S603 (the README's own program)
        [sys.executable, "-c", program.replace("http://127.0.0.1:8000", base_url)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert finished.stdout == answer


def test_the_commands_of_the_readme_are_targets_of_the_makefile():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")

    targets = re.findall(r"^(?:TAXONOMY_\S+ )?make (\w+)$", README, re.MULTILINE)
    assert targets == ["serve", "test", "serve"]
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


def test_every_path_is_in_the_table_of_endpoints():
    assert [path for path in DOCUMENT["paths"] if f"`{path}`" not in README] == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_table_of_settings(name):
    field = Settings.model_fields[name]
    default = ",".join(field.default) if isinstance(field.default, tuple) else str(field.default)

    shown = f"`{default.removeprefix(f'{PROJECT}/')}`" if default else "none"
    row = f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |"
    assert row in README.splitlines()


def test_every_link_to_a_file_leads_to_one():
    files = re.findall(r"\]\((?!https?:)([^)]+)\)", README)

    assert [file for file in files if not (PROJECT / file).exists()] == []


def test_every_field_of_an_entry_is_in_the_table_of_fields():
    fields = set().union(*(shape.model_fields for shape in SHAPES.values()))

    rows = README.partition("### Fields of an entry")[2].partition("###")[0]
    assert fields == {
        name for row in re.findall(r"^\| (`.+?) \|", rows, re.MULTILINE) for name in re.findall("`(.+?)`", row)
    }


def test_every_status_of_a_response_is_in_the_table_of_statuses():
    statuses = {int(status) for path in DOCUMENT["paths"].values() for status in path["get"]["responses"]}
    statuses |= {kind.status for kind in Kind}

    rows = README.partition("### Status codes")[2].partition("\n\n#")[0]
    listed = re.findall(r"^\| ([\d, ]+) \|", rows, re.MULTILINE)
    assert sorted(statuses) == sorted(int(status) for row in listed for status in row.split(", "))


def test_the_pack_of_the_readme_can_be_loaded(environment, tmp_path):
    copytree(PROJECT / "seed" / "docs", tmp_path / "docs")
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "pack.yaml").write_text(re.search(r"```yaml\n((?s:.*?))```", README)[1], encoding="utf-8")

    checked = run(environment, "check", TAXONOMY_SEED_DIR=str(tmp_path), TAXONOMY_PACKS="docs,acme")

    assert (checked.returncode, checked.stdout) == (0, "docs, acme: no errors.\n")
