"""The promise that the recipes of `docs/recipes.md` run as they stand."""

import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from shutil import which

import pytest

from app.settings import PROJECT
from tests.clients.test_generated_clients import PYTHON_TOOLS

pytestmark = pytest.mark.slow

RECIPES = (PROJECT / "docs" / "recipes.md").read_text(encoding="utf-8")
needs_jq = pytest.mark.skipif(which("jq") is None, reason="needs jq")


def recipe(language, number=0):
    """A recipe in a language."""
    return re.findall(rf"```{language}\n((?s:.*?))```", RECIPES)[number]


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
            [each.replace("http://127.0.0.1:8000", base_url) for each in command],
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


@needs_jq
@pytest.mark.parametrize("number", [0, 1], ids=["command", "curl"])
def test_the_shell_lists_what_nobody_knows(run, tmp_path, number):
    (tmp_path / "inventory.txt").write_text("kvm\nPowerEdge R650\n裸金属架构\nVirutalBox\n", encoding="utf-8")

    assert run("/bin/bash", "-c", recipe("sh", number)) == "PowerEdge R650\nVirutalBox\n"


def test_python_replaces_free_text_by_ids(run, python_tools):
    given = "host,hypervisor\nweb-1,VMware ESXi 7.0.3\nweb-2,vmware\ndb-1,unknown\n"

    assert run(str(python_tools / "python"), "-c", recipe("python"), given=given) == (
        "web-1 vmware-esxi\nweb-2 ? vmware ['vmware-esxi', 'vmware-workstation']\ndb-1 ? unknown []\n"
    )


def test_ansible_identifies_a_host(run, python_tools, tmp_path, base_url):
    (tmp_path / "playbook.yaml").write_text(recipe("yaml").replace("http://127.0.0.1:8000", base_url), encoding="utf-8")
    inventory = f"host ansible_connection=local ansible_python_interpreter={python_tools / 'python'}\n"
    (tmp_path / "inventory").write_text(inventory, encoding="utf-8")
    command = [str(python_tools / "ansible-playbook"), "-i", "inventory", "playbook.yaml"]

    printed = run(*command, HOME=str(tmp_path), LC_ALL="C.UTF-8", ANSIBLE_LOCALHOST_WARNING="false")

    assert re.search(r'"msg": "(virtual|physical|unknown|conflict): ', printed), printed
    assert "failed=0" in printed


class NetBox(BaseHTTPRequestHandler):
    """Answers as NetBox does to the calls of the recipe."""

    written: dict[str, str]

    def answer(self, content):
        """Answer with JSON."""
        body = json.dumps(content).encode()
        self.send_response(200)
        for name, value in (
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("API-Version", "4.4"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        """List the cluster types."""
        names = ["VMware ESXi 8.0", "Nobody's", "KVM"]
        types = [
            {"id": number, "name": name, "description": "", "url": f"http://{self.headers['Host']}/api/x/{number}/"}
            for number, name in enumerate(names, 1)
        ]
        self.answer({"count": len(types), "next": None, "previous": None, "results": types})

    def do_PATCH(self):
        """Note what is written."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).written[self.path.rstrip("/").rpartition("/")[2]] = content["description"]
        self.answer(content)

    def log_message(self, *_):
        """Print nothing."""


def test_netbox_learns_what_its_cluster_types_denote(run, python_tools):
    NetBox.written = {}
    with HTTPServer(("127.0.0.1", 0), NetBox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        printed = run(
            str(python_tools / "python"),
            "-c",
            recipe("python", 1),
            NETBOX_URL=f"http://127.0.0.1:{server.server_port}",
            NETBOX_TOKEN="0123456789abcdef",  # noqa: S106 (nobody's token)
        )
        server.shutdown()

    assert printed == "VMware ESXi 8.0 -> vmware-esxi\nKVM -> kvm\n"
    assert NetBox.written == {"1": "VMware ESXi (/hypervisors/vmware-esxi)", "3": "KVM (/hypervisors/kvm)"}
