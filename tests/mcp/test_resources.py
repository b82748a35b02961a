"""The resources, the completion of their addresses, and the prompt."""

import json
import re
from importlib.metadata import version

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

ENTRY = "taxonomy://{collection}/{id}"
PROMPT = "normalize-inventory"


def read(call, uri):
    """The JSON of a resource."""
    (content,) = call("read_resource", uri).contents
    assert (content.uri, content.mime_type) == (uri, "application/json")
    return json.loads(content.text)


def error(call, method, *arguments, **options):
    """The message of an error."""
    with pytest.raises(MCPError) as raised:
        call(method, *arguments, **options)
    return raised.value


def test_the_resources_are_listed(call):
    assert [resource.uri for resource in call("list_resources").resources] == ["taxonomy://dataset", "taxonomy://tree"]
    assert [each.uri_template for each in call("list_resource_templates").resource_templates] == [ENTRY]


def test_the_dataset_and_an_entry_are_those_of_the_api(call, service):
    assert read(call, "taxonomy://dataset") == service.get("/dataset").json()
    entry = read(call, "taxonomy://virtualization-types/container")
    assert entry == {
        "ref": "virtualization-types/container",
        **service.get("/virtualization-types/container").json(),
    }


def test_the_tree_has_every_entry_once(call, service):
    def refs(entry):
        below = [each for value in entry.values() if isinstance(value, list) for each in value]
        return [entry["ref"], *(ref for each in below for ref in refs(each))]

    tree = read(call, "taxonomy://tree")
    assert tree["concepts"][0]["virtualization_types"][6] == {
        "ref": "virtualization-types/container",
        "name": "Container virtualization",
        "examples": [{"ref": "examples/docker", "name": "Docker", "type": "container"}],
    }
    listed = [ref for concept in tree["concepts"] for ref in refs(concept)]
    assert len({*listed}) == len(listed) == sum(service.get("/dataset").json()["counts"].values())


LISTED = "concepts, virtualization-types, examples, hypervisor-types, hypervisors"
MISSING = [
    ("taxonomy://hypervisors/esxi", "There is no 'esxi' in hypervisors. Did you mean 'hypervisors/vmware-esxi'?"),
    ("taxonomy://hypervisors/zzzzzz", "There is no 'zzzzzz' in hypervisors. list_entries lists the entries."),
    ("https://example.com/", f"Write collection/id, for example hypervisors/kvm; the collections are {LISTED}."),
]


@pytest.mark.parametrize(("uri", "hint"), MISSING)
def test_a_resource_that_does_not_exist_is_an_error_that_says_where_to_look(call, request, uri, hint):
    missing = error(call, "read_resource", uri)

    code = -32002 if "legacy" in request.node.callspec.params["call"] else -32602
    assert (missing.code, missing.message, missing.data) == (code, f"Resource not found. {hint}", {"uri": uri})


COMPLETIONS = [
    ("collection", "hyper", None, ["hypervisor-types", "hypervisors"]),
    ("collection", "", None, ["concepts", "virtualization-types", "examples", "hypervisor-types", "hypervisors"]),
    ("id", "vmware", "hypervisors", ["vmware-esxi", "vmware-workstation"]),
    ("id", "VMware E", "hypervisors", ["vmware-esxi"]),
    ("id", "vmware", None, []),
    ("id", "vmware", "nope", []),
    ("nope", "", None, []),
]


@pytest.mark.parametrize(("name", "begun", "collection", "values"), COMPLETIONS)
def test_an_address_is_completed(call, name, begun, collection, values):
    argument, context = {"name": name, "value": begun}, {"collection": collection} if collection else None
    reference = ResourceTemplateReference(type="ref/resource", uri=ENTRY)
    completion = call("complete", reference, argument, context_arguments=context).completion

    assert (completion.values, completion.total, completion.has_more) == (values, len(values), False)


def test_the_scheme_of_the_prompt_is_completed(call):
    reference = PromptReference(type="ref/prompt", name=PROMPT)
    completion = call("complete", reference, {"name": "scheme", "value": "systemd"}).completion

    assert completion.values == ["systemd-detect-virt"]
    assert call("complete", reference, {"name": "inventory", "value": "k"}).completion.values == []
    unknown = error(
        call, "complete", PromptReference(type="ref/prompt", name="nope"), {"name": "scheme", "value": "systemd"}
    )
    assert unknown.message == f"Only {PROMPT} and {ENTRY} have arguments."


def test_the_prompt_says_how_to_normalize_what_is_given(call):
    assert [prompt.name for prompt in call("list_prompts").prompts] == [PROMPT]
    given = {"inventory": "web-1 kvm\nweb-2 {vmware}", "scheme": "systemd-detect-virt"}
    (message,) = call("get_prompt", PROMPT, given).messages

    assert message.role == "user"
    assert 'with scheme ["systemd-detect-virt"]' in message.content.text
    assert message.content.text.endswith("<inventory>\nweb-1 kvm\nweb-2 {vmware}\n</inventory>")


PROMPT_FAULTS = [
    ("normalise-inventory", {}, "Unknown prompt. Did you mean normalize-inventory?"),
    (PROMPT, {}, "inventory: Missing. Give the strings of the inventory, one a line."),
    (PROMPT, {"inventori": "kvm"}, "Unknown argument. Did you mean inventory?"),
    (PROMPT, {"inventory": "kvm", "scheme": "cpuidd"}, "Unknown scheme. Did you mean cpuid?"),
]


@pytest.mark.parametrize(("name", "given", "message"), PROMPT_FAULTS)
def test_the_prompt_refuses_what_it_does_not_take(call, name, given, message):
    refused = error(call, "get_prompt", name, given)

    assert (refused.code, refused.message) == (-32602, message)


def test_an_unknown_tool_and_a_cursor_are_refused(call):
    assert error(call, "call_tool", "identify_hosts", {}).message == "Unknown tool. Did you mean identify_host?"
    for method in ("list_tools", "list_resources", "list_resource_templates", "list_prompts"):
        assert error(call, method, cursor="2").message == "The list is whole: ask for it without a cursor."


def test_a_client_is_told_what_the_server_is_and_can(call, request):
    client = call.client
    legacy = "legacy" in request.node.callspec.params["call"]

    assert client.protocol_version == ("2025-11-25" if legacy else "2026-07-28")
    assert (client.server_info.name, client.server_info.version) == (
        "virtualization-taxonomy",
        version("virtualization-taxonomy-api"),
    )
    assert len(re.findall(r"\.(?= |$)", client.instructions)) == 3
    assert {name for name, capability in client.server_capabilities if capability} == {
        "completions",
        "prompts",
        "resources",
        "tools",
    }


def test_lists_are_fresh_for_an_hour_and_resources_until_the_next_look(call, request):
    legacy = "legacy" in request.node.callspec.params["call"]
    listed, read = call("list_tools", cache_mode="bypass"), call("read_resource", "taxonomy://tree")

    # The old revision has no such fields.
    assert (listed.ttl_ms, listed.cache_scope) == ((0, "private") if legacy else (3_600_000, "public"))
    assert (read.ttl_ms, read.cache_scope) == ((0, "private") if legacy else (2000, "public"))
