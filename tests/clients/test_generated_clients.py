"""The promise that generated clients do what their users write, with types, against the running service."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import PROJECT
from app.store.collections import COLLECTIONS

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
NODE_TOOLS = PROJECT / "node_modules" / ".bin"
# openapi-python-client needs other versions of packages than the project.
PYTHON_TOOLS = PROJECT / ".venv" / "clients" / "bin"


def run(*command, **options):
    """What a command prints; all that it says if it fails."""
    finished = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)  # noqa: S603 (our own commands)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture
def node_tools():
    """The folder of the commands that npm has installed."""
    if not NODE_TOOLS.exists():
        pytest.skip("node_modules is missing; make check installs it.")
    return NODE_TOOLS


@pytest.fixture
def python_tools():
    """The folder of the commands of openapi-python-client."""
    if not PYTHON_TOOLS.exists():
        pytest.skip("openapi-python-client is not installed; make .venv/clients/.installed installs it.")
    return PYTHON_TOOLS


ENTRIES = {
    "page": ["kvm", "xen"],
    "entry": ["vmware-esxi", "VMware ESXi"],
    "lookup": [["identifier", ["vmware-esxi", "vmware-workstation"]]],
    "hits": [["container", ["name"]]],
    "export": ["virtualization", "virtual-machine", "hypervisor"],
}
HOSTED = ["vmware-workstation", "hyper-v", "virtualbox", "parallels-desktop"]
NEAR = ["virtualbox"]


def test_a_client_of_openapi_python_client_answers_its_program(python_tools, base_url, tmp_path):
    path = {"PATH": f"{python_tools}{os.pathsep}{os.environ['PATH']}"}
    run(
        python_tools / "openapi-python-client",
        "generate",
        f"--url={base_url}/openapi.json",
        f"--output-path={tmp_path / 'generated'}",
        f"--config={HERE / 'openapi-python-client.yaml'}",
        "--meta=none",
        "--fail-on-warning",
        env=os.environ | path,
    )
    shutil.copy(HERE / "program.py", tmp_path)
    run(
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--follow-imports=silent",
        "program.py",
        cwd=tmp_path,
    )

    assert json.loads(run(python_tools / "python", "program.py", base_url, cwd=tmp_path)) == ENTRIES | {
        "facets": {"active": 3, "discontinued": 2},
        "table": ["\ufeffid", *HOSTED],
        "skos": True,
        "archive": [f"{name}.csv" for name in [*COLLECTIONS, "identifiers", "sources", "packs", "schemes"]],
        "missing": [404, NEAR],
        "refused": [422, "limit"],
        "unchanged": [304, None],
    }


def test_a_client_of_openapi_typescript_answers_its_program(node_tools, base_url, tmp_path):
    run(node_tools / "openapi-typescript", f"{base_url}/openapi.json", f"--output={tmp_path / 'contract.d.ts'}")
    shutil.copy(HERE / "program.ts", tmp_path)
    (tmp_path / "address.ts").write_text(f'export const baseUrl = "{base_url}";\n', encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(PROJECT / "node_modules")
    options = ["--target", "es2024", "--lib", "es2024,dom,dom.iterable", "--module", "nodenext"]
    run(
        node_tools / "tsc",
        "--strict",
        "--noUncheckedIndexedAccess",
        *options,
        "program.ts",
        cwd=tmp_path,
    )

    assert json.loads(run("node", "program.js", cwd=tmp_path)) == ENTRIES | {
        "facets": [{"value": "active", "count": 3}, {"value": "discontinued", "count": 2}],
        "table": ["id", *HOSTED, ""],
        "skos": ["@context", "@graph"],
        "archive": True,
        "missing": [
            404,
            {
                "parameter": "id",
                "detail": "There is no 'virtualbax' in hypervisors.",
                "hint": "The nearest ids: virtualbox",
                "allowed": NEAR,
            },
        ],
        "refused": [
            422,
            {
                "parameter": "limit",
                "detail": "'0' is not a whole number from 1 to 1000.",
                "hint": None,
                "allowed": [],
            },
        ],
        "unchanged": 304,
        "mistakes": [{"typ": ["hosted"]}, "type-1"],
    }


def test_redocly_finds_nothing_to_improve(node_tools):
    found = json.loads(
        run(
            node_tools / "redocly",
            "lint",
            "openapi.json",
            "--extends=recommended",
            "--format=json",
            cwd=PROJECT,
            env=os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        )
    )

    assert found["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}


def test_spectral_finds_nothing_to_improve(node_tools, tmp_path):
    ruleset = tmp_path / "spectral.yaml"
    ruleset.write_text("extends: [spectral:oas]\n", encoding="utf-8")

    assert (
        json.loads(
            run(
                node_tools / "spectral",
                "lint",
                f"--ruleset={ruleset}",
                "--format=json",
                "--quiet",
                "openapi.json",
                cwd=PROJECT,
            )
        )
        == []
    )
