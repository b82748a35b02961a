"""The tools: what a model is told of them, what they answer, and what they refuse."""

import json
import re

import pytest

from app.mcp.arguments import ListEntries
from app.mcp.tools import TOOLS
from app.queries.collections import LISTS
from app.queries.lists import filters_of
from app.settings import PROJECT
from tools.contract import MCP_TOOLS

# A valid call of each tool.
CALLS = {
    "identify_host": {"facts": {"cpuid": "KVMKVMKVM"}},
    "resolve_identifiers": {"values": ["kvm"]},
    "search_taxonomy": {"query": "kvm"},
    "list_entries": {"collection": "hypervisors"},
    "get_entries": {"refs": ["hypervisors/kvm"]},
    "ask_taxonomy": {"question": "What is KVM?"},
}
KVM = {"ref": "hypervisors/kvm", "name": "KVM", "type": "bare-metal"}
ESXI = {"ref": "hypervisors/vmware-esxi", "name": "VMware ESXi", "type": "bare-metal"}
WORKSTATION = {"ref": "hypervisors/vmware-workstation", "name": "VMware Workstation", "type": "hosted"}


def answer(call, tool, **arguments):
    """The answer of a tool, which must not refuse; it is the same as data and as text."""
    result = call("call_tool", tool, arguments)
    assert not result.is_error, result.content[0].text
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def refusal(call, tool, arguments):
    """What a tool says as it refuses arguments."""
    result = call("call_tool", tool, arguments)
    assert (result.is_error, result.structured_content, len(result.content)) == (True, None, 1)
    return result.content[0].text


def test_the_list_of_tools_is_the_committed_one(call):
    tools = call("list_tools").model_dump(mode="json", by_alias=True, exclude_none=True)["tools"]

    assert tools == json.loads(MCP_TOOLS.read_text(encoding="utf-8"))
    assert {json.dumps(tool["annotations"], sort_keys=True) for tool in tools} == {
        '{"destructiveHint": false, "idempotentHint": true, "openWorldHint": false, "readOnlyHint": true}'
    }
    assert [tool["name"] for tool in tools] == [*CALLS]


def test_no_schema_has_references_and_each_refuses_what_it_does_not_name(call):
    for tool in call("list_tools").tools:
        assert "$ref" not in json.dumps([tool.input_schema, tool.output_schema])
        assert tool.input_schema["additionalProperties"] is False


def test_the_arguments_of_a_list_are_the_filters_of_all_lists():
    known = {name for model in LISTS.values() for name in filters_of(model)}

    assert {*ListEntries.model_fields} == known | {"collection", "facet", "limit", "offset", "lang"}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_tool_refuses_an_unknown_argument(call, tool):
    assert answer(call, tool.name, **CALLS[tool.name])
    assert refusal(call, tool.name, CALLS[tool.name] | {"langg": "en"}) == "langg: Unknown key. Did you mean 'lang'?"
    assert refusal(call, tool.name, CALLS[tool.name] | {"lang": "zh", "zzz": 1}).startswith("zzz：未知的键。可写：")


def test_a_host_is_identified_by_all_its_facts(call):
    facts = {"dmi-product-name": "VMware7,1", "virt-what": ["vmware", "nope"]}
    identified = answer(call, "identify_host", facts=facts)
    sources = [fact.pop("source") for fact in identified["because"]]

    refs = [ESXI["ref"], WORKSTATION["ref"]]
    assert identified == {
        "verdict": "virtual",
        "entries": [ESXI, WORKSTATION],
        "because": [
            {"scheme": scheme, "value": value, "match": "exact", "matched": value, "verdict": "virtual", "refs": refs}
            for scheme, value in (("dmi-product-name", "VMware7,1"), ("virt-what", "vmware"))
        ],
        "unrecognized": [{"scheme": "virt-what", "value": "nope"}],
    }
    assert [source["title"] for source in sources] == ["DMI product name", "virt-what"]


def test_strings_are_resolved_and_nothing_is_guessed(call):
    values = ["KVMKVMKVM", "VMware ESXi 7.0", "VirutalBox", "none", ""]
    resolved = answer(call, "resolve_identifiers", values=values)["results"]

    marks = resolved[3].pop("not_virtualized")
    assert resolved == [
        {
            "value": "KVMKVMKVM",
            "match": "identifier",
            "entries": [KVM | {"match": "identifier", "matched": "KVMKVMKVM", "scheme": "cpuid"}],
        },
        {
            "value": "VMware ESXi 7.0",
            "match": "part",
            "entries": [ESXI | {"match": "id", "matched": "vmware-esxi"}],
            "rest": "7.0",
        },
        {"value": "VirutalBox", "match": "none", "entries": [], "nearest": ["VirtualBox"]},
        {"value": "none", "match": "not-virtualized", "entries": []},
        {"value": "", "match": "none", "entries": [], "reason": "The value is empty."},
    ]
    assert "systemd-detect-virt" in marks


def test_schemes_and_collections_narrow_what_a_string_denotes(call):
    def refs(**arguments):
        (result,) = answer(call, "resolve_identifiers", **arguments)["results"]
        return [entry["ref"] for entry in result["entries"]]

    assert refs(values=["docker"]) == ["examples/docker"]
    assert refs(values=["docker"], resource=["hypervisors"]) == []
    assert refs(values=["oracle"], scheme=["systemd-detect-virt"]) == ["hypervisors/virtualbox"]


def test_a_search_says_why_it_found_an_entry(call, service):
    found = answer(call, "search_taxonomy", query="容器", limit=2, lang="zh", resource=["virtualization-types"])
    summary = service.get("/virtualization-types/container?lang=zh").json()["summary"]

    assert found == {
        "total": 1,
        "hits": [
            {
                "ref": "virtualization-types/container",
                "name": "容器虚拟化",
                "summary": summary,
                "matched": [{"field": "name", "value": "容器虚拟化"}],
            }
        ],
    }
    assert answer(call, "search_taxonomy", query="virtulbox") == {
        "total": 0,
        "hits": [],
        "hint": "Did you mean 'virtualbox'?",
    }
    assert len(answer(call, "search_taxonomy", query="i")["hits"]) == 5


def test_a_question_has_the_answer_of_the_api(call, service):
    asked = answer(call, "ask_taxonomy", question="Which hypervisors are by Microsoft?", lang="zh")
    chinese = answer(call, "ask_taxonomy", question="微软有哪些虚拟机监控器")
    refused = answer(call, "ask_taxonomy", question="Why is KVM fast?")
    api = service.get("/ask?question=Why is KVM fast?").json()

    assert asked["answer"] == "共 2 个：Hyper-V Server、Hyper-V。"
    assert chinese == asked
    assert [entry["ref"] for entry in asked["entries"]] == ["hypervisors/hyper-v-server", "hypervisors/hyper-v"]
    assert (asked["answered"], asked["sources"] != []) == (True, True)
    assert refused == {
        "answered": False,
        "answer": None,
        "entries": [KVM],
        "sources": [],
        "reason": "unsupported-question",
        "suggestions": api["suggestions"],
    }


def test_a_list_has_what_the_api_lists(call, service):
    listed = answer(call, "list_entries", collection="hypervisors", type=["bare-metal"], facet=["type"], limit=3)
    answered = service.get("/hypervisors?type=bare-metal&limit=3&facet=type").json()

    assert listed == {
        "total": 5,
        "entries": [
            {"ref": f"hypervisors/{item['id']}", "name": item["name"], "type": item["type"]}
            for item in answered["items"]
        ],
        "facets": {"type": [{"value": "bare-metal", "count": 5}]},
    }
    rest = answer(call, "list_entries", collection="hypervisors", type=["bare-metal"], offset=3)
    assert [entry["ref"] for entry in rest["entries"]] == ["hypervisors/rhev-hypervisor", "hypervisors/hyper-v-server"]
    assert answer(call, "list_entries", collection="concepts", q="hypervisor") == {
        "total": 1,
        "entries": [{"ref": "concepts/hypervisor", "name": "Hypervisor"}],
    }
    assert answer(call, "list_entries", collection="hypervisors", vendor=["zzz"]) == {
        "total": 0,
        "entries": [],
        "hint": 'No entry in hypervisors has the vendor \'zzz\'. list_entries {"facet": ["vendor"]} lists the values.',
    }


def test_whole_entries_are_those_of_the_api(call, service):
    refs = ["hypervisors/kvm", "hypervisors/esxi", "hypervisors/virtualbax", "examples/kvm", "kvm"]
    got = answer(call, "get_entries", refs=refs, lang="zh")

    assert got["entries"] == [
        {"ref": f"hypervisors/{id}", **service.get(f"/hypervisors/{id}?lang=zh").json()}
        for id in ("kvm", "vmware-esxi")
    ]
    assert got["missing"] == [
        {
            "ref": "hypervisors/virtualbax",
            "hint": "hypervisors 中没有“virtualbax”。是否应为“hypervisors/virtualbox”？",
        },
        {"ref": "examples/kvm", "hint": "examples 中没有“kvm”。是否应为“hypervisors/kvm”？"},
        {
            "ref": "kvm",
            "hint": "请写“集合/id”，例如 hypervisors/kvm；集合有 "
            "concepts、virtualization-types、examples、hypervisor-types、hypervisors。",
        },
    ]


REFUSALS = [
    ("identify_host", {}, "facts: Missing, but required."),
    ("identify_host", {"facts": {}}, "facts: Empty; give at least one item."),
    ("identify_host", {"facts": {"cpuid": 5}}, "facts.cpuid: Must be a string or an array of strings."),
    (
        "identify_host",
        {"facts": {"systemd-detect": "kvm"}},
        "facts: 'systemd-detect' is not a known value. Did you mean 'systemd-detect-virt'?",
    ),
    ("resolve_identifiers", {"values": "kvm"}, 'values: Must be an array. Write ["kvm"].'),
    ("resolve_identifiers", {"values": ["x"] * 101}, "values: Has more than 100 items."),
    (
        "resolve_identifiers",
        {"values": ["x"], "scheme": ["cpuid,virt-what"]},
        'scheme: Must be an array: write ["cpuid", "virt-what"].',
    ),
    ("search_taxonomy", {"query": ""}, "query: Empty; give a value or leave the parameter out."),
    (
        "search_taxonomy",
        {"query": " ".join("abcdefghijk")},
        "query: Give one to ten words, without control characters.",
    ),
    ("search_taxonomy", {"query": "x", "limit": 21}, "limit: '21' is not a whole number from 1 to 20."),
    ("search_taxonomy", {"query": "x", "limit": None}, "limit: Null is not a value. Leave it out."),
    ("search_taxonomy", {"query": "x\0"}, "query: Contains a NUL character. Remove it."),
    ("search_taxonomy", {"query": 5}, "query: Must be a string."),
    (
        "list_entries",
        {"collection": "hypervisor"},
        "collection: 'hypervisor' is not a known value. Did you mean 'hypervisors'?",
    ),
    (
        "list_entries",
        {"collection": "hypervisors", "type": ["baremetal"]},
        "type: 'baremetal' is not a known value. Did you mean 'bare-metal'?",
    ),
    (
        "list_entries",
        {"collection": "concepts", "type": ["hosted"]},
        (
            "type: concepts have no such filter. Leave it out; the filters are q, id, remark_kind, pack, deprecated, "
            "broader."
        ),
    ),
    (
        "list_entries",
        {"collection": "concepts", "facet": ["vendor"]},
        "facet[0]: 'vendor' is not a known value. Write one of these: broader, remark_kind, pack.",
    ),
    ("list_entries", {"collection": "concepts", "limit": 51}, "limit: '51' is not a whole number from 1 to 50."),
    ("get_entries", {"refs": ["x"] * 21}, "refs: Has more than 20 items."),
    ("get_entries", {"refs": ["x" * 201]}, "refs: A value is longer than 200 characters."),
    ("get_entries", {"refs": ["x"], "lang": "de"}, "lang: 'de' is not a known value. Write one of these: en, zh."),
]


@pytest.mark.parametrize(("tool", "arguments", "sentence"), REFUSALS)
def test_a_refusal_says_what_to_write(call, tool, arguments, sentence):
    assert refusal(call, tool, arguments) == sentence


def test_the_readme_shows_what_a_model_reads(call):
    (shown,) = re.findall(r"```text\n(\w+) (\{.+\})\n\n(\{.+\})\n```", (PROJECT / "README.md").read_text("utf-8"))
    tool, arguments, answered = shown

    assert call("call_tool", tool, json.loads(arguments)).content[0].text == answered
