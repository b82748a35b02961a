"""The peers: servers that publish a list without any code, and Fastify, installed into a folder of their own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".bench"
PYTHON = FOLDER / "python" / "bin"
JSON_SERVER = FOLDER / "node" / "node_modules" / "json-server" / "lib" / "cli" / "bin.js"
FASTIFY = FOLDER / "fastify"
# The newest stable versions; json-server's 1.x has been a beta for years, and better-sqlite3 13 needs Node.js 22.
PINS = {
    "Datasette": "datasette==0.65.5",
    "ROAPI": "roapi==0.12.7",
    "json-server": "json-server@0.17.4",
    "Fastify + better-sqlite3": "fastify@5.12.8 better-sqlite3@12.11.1",
}


def run(command: Sequence[str]) -> str:
    """Run a command, and return its output."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def install(name: str) -> None:
    """Install one peer. Raises `CalledProcessError` or `OSError` if this machine cannot install it."""
    if name == "json-server":
        if not JSON_SERVER.exists():
            run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FOLDER / "node"), PINS[name]])
    elif name.startswith("Fastify"):
        if not (FASTIFY / "node_modules").exists():
            FASTIFY.mkdir(parents=True, exist_ok=True)
            # The driver is compiled as it is installed, which newer versions of npm must be told to allow.
            (FASTIFY / "package.json").write_text(
                json.dumps({"allowScripts": {"better-sqlite3": True}}), encoding="utf-8"
            )
            run(
                ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FASTIFY), *PINS[name].split()]
            )
    elif not (PYTHON / name.lower()).exists():
        if not PYTHON.exists():
            run([sys.executable, "-m", "venv", str(PYTHON.parent)])
        run([str(PYTHON / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PINS[name]])


def version(name: str) -> str:
    """Return the version that a peer reports."""
    if name == "json-server":
        return f"{run(['node', str(JSON_SERVER), '--version'])} (Node.js {run(['node', '--version'])})"
    if name.startswith("Fastify"):
        return f"{PINS[name]} (Node.js {run(['node', '--version'])})"
    return run([str(PYTHON / name.lower()), "--version"]).split()[-1]


def install_peers() -> tuple[dict[str, str], dict[str, str]]:
    """Install the peers; return the versions of those that succeeded, and the errors of the others."""
    versions: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, pin in PINS.items():
        try:
            install(name)
            versions[name] = version(name)
        except subprocess.CalledProcessError as error:
            missing[name] = f"{pin} cannot be installed: {(error.stderr or '').strip().splitlines()[-1:]}"
        except OSError as error:
            missing[name] = f"{pin} cannot be installed: {error}"
    return versions, missing


def node() -> str:
    """Find the path of Node.js."""
    return shutil.which("node") or "node"
