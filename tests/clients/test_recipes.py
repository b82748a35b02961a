"""The promise that the recipes of `docs/recipes.md` run as they stand, and print what it shows."""

import json
import os
import re
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import pytest
import yaml

from app.settings import PROJECT
from app.store.collections import COLLECTIONS
from tests.clients.test_generated_clients import PYTHON_TOOLS
from tests.support.prometheus import needs_prometheus, prometheus, queried
from tests.support.servers import eventually

pytestmark = pytest.mark.slow

SERVICE = "http://127.0.0.1:8000"
RECIPES = (PROJECT / "docs" / "recipes.md").read_text(encoding="utf-8")
needs_jq = pytest.mark.skipif(which("jq") is None, reason="needs jq")


def blocks(title):
    """The code blocks of a section: what is given, the recipe, what it prints."""
    return re.findall(r"```\w+\n((?s:.*?))```", RECIPES.partition(f"\n## {title}\n")[2].partition("\n## ")[0])


@pytest.fixture
def python_tools():
    """The folder of the commands that the recipes use."""
    if not (PYTHON_TOOLS / "ansible-playbook").exists():
        pytest.skip("Ansible is not installed; make .venv/clients/.installed installs it.")
    return PYTHON_TOOLS


@pytest.fixture
def run(base_url, environment, tmp_path):
    """A function that runs a recipe against the service, and returns what it prints."""

    def run(*command, given="", **variables):
        commands = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        finished = subprocess.run(  # noqa: S603 (the document's own commands)
            [str(each).replace(SERVICE, base_url) for each in command],
            env=environment | {"PATH": commands} | variables,
            input=given,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    return run


@contextmanager
def answered(handler):
    """The base URL of a server that answers as a handler does."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@needs_jq
@pytest.mark.parametrize("number", [1, 2], ids=["command", "curl"])
def test_the_shell_lists_what_nobody_knows(run, tmp_path, number):
    inventory, *_, printed = recipe = blocks("Shell")
    (tmp_path / "inventory.txt").write_text(inventory, encoding="utf-8")

    assert run("/bin/bash", "-c", recipe[number]) == printed


def test_python_replaces_free_text_by_ids(run, python_tools):
    inventory, program, printed = blocks("Python")

    assert run(python_tools / "python", "-c", program, given=inventory) == printed


def test_pandas_joins_an_inventory_with_the_list(run, python_tools, tmp_path):
    inventory, program, printed = blocks("pandas")
    (tmp_path / "inventory.csv").write_text(inventory, encoding="utf-8")

    assert run(python_tools / "python", "-c", program) == printed


# The facts that Ansible gathers of a guest of ESXi, one of QEMU, a host of KVM and a machine without either.
FACTS = {
    "web-1": ("VMware", "guest", "VMware, Inc.", "VMware7,1"),
    "web-2": ("kvm", "guest", "QEMU", "Standard PC (Q35 + ICH9, 2009)"),
    "db-1": ("kvm", "host", "Dell Inc.", "PowerEdge R650"),
    "db-2": ("NA", "NA", "Dell Inc.", "PowerEdge R650"),
}
FACT_NAMES = ("virtualization_type", "virtualization_role", "system_vendor", "product_name")
GIVEN_FACTS = {name: f"{{{{ given[{number}] }}}}" for number, name in enumerate(FACT_NAMES)}
# Gathers the facts of this machine, and takes those of the others from the inventory.
GATHERING = [
    {"hosts": "here", "gather_facts": True},
    {"hosts": "all,!here", "tasks": [{"ansible.builtin.set_fact": {"cacheable": True, **GIVEN_FACTS}}]},
]


def test_ansible_identifies_hosts(run, python_tools, tmp_path, base_url):
    playbook, printed = blocks("Ansible")
    here = {"ansible_connection": "local", "ansible_python_interpreter": str(python_tools / "python")}
    hosts = {name: {"given": [*facts]} for name, facts in FACTS.items()} | {"here": here}
    for name, text in {
        "inventory.yaml": yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False),
        "facts.yaml": yaml.safe_dump(GATHERING),
        "playbook.yaml": playbook.replace(SERVICE, base_url),
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    said = run(
        python_tools / "ansible-playbook",
        *("-i", "inventory.yaml", "facts.yaml", "playbook.yaml"),
        HOME=str(tmp_path),
        LC_ALL="C.UTF-8",
        ANSIBLE_GATHERING="explicit",
        ANSIBLE_FORKS="1",
        ANSIBLE_LOCALHOST_WARNING="false",
    )

    assert printed in said
    assert re.search(r'ok: \[here\] => \{\n    "msg": "(virtual|physical|unknown|conflict)\b', said), said


class NetBox(BaseHTTPRequestHandler):
    """Answers what NetBox 4.6 has answered to the recipe, which `netbox.json` records."""

    recorded: list[dict]
    asked: list[tuple]

    def answer(self):
        """Note the request, and answer as NetBox did."""
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = (f"{self.command} {self.path}", json.loads(sent) if sent else None)
        self.asked.append(request)
        (answer,) = (each["answer"] for each in self.recorded if (each["request"], each["body"]) == request)
        body = json.dumps(answer).replace("http://netbox.example.com", f"http://{self.headers['Host']}").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("API-Version", "4.6")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PATCH = answer  # noqa: N815 (as http.server calls them)

    def log_message(self, *_):
        """Print nothing."""


def test_netbox_learns_what_its_cluster_types_and_platforms_denote(run, python_tools, base_url):
    program, printed = blocks("NetBox")
    recording = Path(__file__).with_name("netbox.json").read_text(encoding="utf-8")
    NetBox.recorded, NetBox.asked = json.loads(recording.replace(SERVICE, base_url)), []
    with answered(NetBox) as url:
        variables = {"NETBOX_URL": url, "NETBOX_TOKEN": "0123456789abcdef"}
        assert run(python_tools / "python", "-c", program, **variables) == printed

    assert NetBox.asked == [(each["request"], each["body"]) for each in NetBox.recorded]


def test_a_mirror_reads_again_only_what_has_changed(run, python_tools, client, tmp_path):
    program, _, printed = blocks("Mirror")

    assert run(python_tools / "python", "-c", program) + run(python_tools / "python", "-c", program) == printed
    mirror = json.loads((tmp_path / "taxonomy.json").read_text(encoding="utf-8"))["entries"]
    assert mirror == {entry["url"]: entry for each in COLLECTIONS for entry in client.get(f"/{each}").json()["items"]}


# What the node exporter says of five machines; the labels that differ from machine to machine are of no account.
MACHINES = [
    ("VMware, Inc.", "VMware20,1", "None", "VMware, Inc."),
    ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "pc-q35-8.2", "SeaBIOS"),
    ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "pc-q35-8.2", "SeaBIOS"),
    ("Microsoft Corporation", "Virtual Machine", "Hyper-V UEFI Release v4.1", "Microsoft Corporation"),
    # A label that is missing, and characters that the text format escapes.
    ("Dell Inc.", 'PowerEdge "R650" \\\\', None, "Dell Inc."),
]
DMI_LABELS = ("system_vendor", "product_name", "product_version", "bios_vendor")


def dmi_info(number, machine):
    """The series of `node_dmi_info` of a machine."""
    labels = {label: value for label, value in zip(DMI_LABELS, machine, strict=True) if value is not None}
    given = ",".join(f"{label}={json.dumps(value)}" for label, value in {**labels, "product_uuid": str(number)}.items())
    return f"node_dmi_info{{{given}}} 1\n"


class TextFiles(SimpleHTTPRequestHandler):
    """Exports the files of a folder, as the node exporter does."""

    extensions_map = {".prom": "text/plain; version=0.0.4"}

    def log_message(self, *_):
        """Print nothing."""


@needs_prometheus
def test_prometheus_joins_the_machines_with_their_entries(run, python_tools, tmp_path):
    program, query, printed = blocks("Prometheus")
    (tmp_path / "node.prom").write_text("".join(map(dmi_info, range(5), MACHINES)), encoding="utf-8")
    with (
        answered(partial(TextFiles, directory=tmp_path)) as files,
        prometheus(tmp_path, {"node": f"{files}/node.prom", "identified": f"{files}/virtualization.prom"}) as url,
    ):
        assert eventually(lambda: len(queried(url, "node_dmi_info")) == len(MACHINES), seconds=20)
        assert run(python_tools / "python", "-c", program.replace("http://127.0.0.1:9090", url)) == ""
        assert eventually(lambda: queried(url, "virtualization_info"), seconds=20)
        found = queried(url, query)

    lines = [
        f"{{{', '.join(f'{label}={json.dumps(value)}' for label, value in sorted(labels.items()))}}} {value:g}\n"
        for labels, value in found
    ]
    assert "".join(sorted(lines)) == printed
