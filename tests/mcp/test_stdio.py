"""`virt-taxonomy mcp`, and what is said where the packages that the protocol needs are not installed."""

import json

import pytest
from mcp.client.stdio import StdioServerParameters, stdio_client

from app.packs.prepare import prepare
from app.settings import Settings
from tests.mcp.conftest import connected
from tests.support.commands import COMMAND, fails_in_one_line, run
from tests.support.packs import change, copy_docs

GET_KVM = {"name": "get_entries", "arguments": {"refs": ["hypervisors/kvm"]}}
# Hides the packages from the process that imports it as it starts.
HIDING = """
from importlib.machinery import PathFinder

find_spec = PathFinder.find_spec
PathFinder.find_spec = lambda name, *given: None if name in ("mcp", "mcp_types") else find_spec(name, *given)
"""
INSTALL = "install it with: pip install 'virtualization-taxonomy-api[mcp]'"


def command(environment, **variables):
    """The transport to a command that a client starts."""
    program, *arguments = [*COMMAND, "mcp"]
    return stdio_client(StdioServerParameters(command=program, args=arguments, env=environment | variables))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_command_answers_without_a_service_and_without_a_database(environment, tmp_path, client, mode):
    with connected(command(environment), mode) as call:
        entries = call("call_tool", **GET_KVM).structured_content["entries"]
        (read,) = call("read_resource", "taxonomy://hypervisors/kvm").contents

    assert entries == [{"ref": "hypervisors/kvm", **client.get("/hypervisors/kvm").json()}]
    assert [json.loads(read.text)] == entries
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_the_command_answers_from_the_database_of_the_service(environment, tmp_path):
    seed_dir = copy_docs(tmp_path)
    change(seed_dir, "hypervisors.yaml", lambda content: content["hypervisors"][0].update(vendor="Nobody"))
    prepare(Settings(database_url=environment["TAXONOMY_DATABASE_URL"], seed_dir=seed_dir))

    with connected(command(environment)) as call:
        (entry,) = call("call_tool", **GET_KVM).structured_content["entries"]

    assert entry["vendor"] == "Nobody"


@pytest.mark.slow
def test_where_the_extra_is_missing_the_start_says_what_to_install(environment, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(HIDING, encoding="utf-8")
    hidden = environment | {"PYTHONPATH": f"{tmp_path}:{environment['PYTHONPATH']}"}
    prefix = ["env", f"PYTHONPATH={hidden['PYTHONPATH']}"]
    needs = f"the Model Context Protocol needs the extra mcp; {INSTALL}"

    assert fails_in_one_line(run(hidden, "mcp", prefix=prefix)) == f"virt-taxonomy mcp: {needs}"
    served = run(hidden, "serve", prefix=prefix, TAXONOMY_MCP="true")
    assert fails_in_one_line(served) == f"TAXONOMY_MCP: {needs}"
    assert run(hidden, "check", prefix=prefix).stdout == "docs: no errors.\n"
