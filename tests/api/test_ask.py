"""`/ask`: what is answered, with which facts, and what is refused."""

import pytest

from app.main import create_app
from app.queries.ask.grammar import read_file
from app.store.tables import Language
from tests.support.servers import client_of
from tools import ask_report
from tools.tables import read_table

QUESTIONS = read_table(ask_report.QUESTIONS)
EXAMPLES = [
    pytest.param(intent, question, id=question)
    for lang in Language
    for intent, content in read_file(lang)["intents"].items()
    for question in content["examples"]
]


def ask(client, question, **parameters):
    """The answer to a question."""
    response = client.get("/ask", params={"question": question, **parameters})
    assert response.status_code == 200, response.text
    return response.json()


def refs(answer):
    """The entries that an answer names."""
    return {entry["url"].removeprefix("/") for entry in answer["entries"]}


def facts_of(client, same_as):
    """The entries that the same request of the API returns, by path; of a look-up, by reference."""
    got = client.get(same_as).json()
    found = got.get("items") or [item for result in got.get("results", []) for item in result["items"]] or [got]
    return {entry["url"].removeprefix("/"): entry for entry in found if "url" in entry}


@pytest.mark.parametrize(("intent", "question"), EXAMPLES)
def test_the_examples_of_an_intent_are_understood_as_it(client, intent, question):
    answer = ask(client, question)

    assert answer["intent"] == intent
    assert answer["answered"] or answer["reason"] == "not-stated"


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["question"])
def test_nothing_wrong_is_answered(client, field, row):
    client = {"docs": client, "docs,field": field}[row["packs"]]
    answer = ask(client, row["question"])

    assert ask_report.judge(row, answer) in ("right", "missed", "refused"), answer
    if answer["answered"]:
        # The same request returns what is named.
        path = answer["same_as"].partition("?")[0].strip("/")
        assert refs(answer) <= {*facts_of(client, answer["same_as"]), path}


def test_the_report_is_that_of_the_questions():
    report = ask_report.build_report()

    assert report == ask_report.REPORT.read_text(encoding="utf-8"), "run make ask-report"


def test_an_answer_has_its_excerpts_its_sources_and_the_same_request(client):
    answer = ask(client, "Is KVM a bare-metal hypervisor?")
    entry = client.get("/hypervisors/kvm?lang=en").json()
    kvm = {"id": "kvm", "name": "KVM", "url": "/hypervisors/kvm", "resource": "hypervisors"}
    cited = {
        source["title"]: {"type", "remark"} & {*source["supports"]}
        for source in entry["sources"]
        if {"type", "remark"} & {*source["supports"]}
    }

    assert {source["title"]: {*source["supports"]} for source in answer.pop("sources")} == cited
    assert answer == {
        "question": "Is KVM a bare-metal hypervisor?",
        "answered": True,
        "intent": "is-type",
        "lang": "en",
        "answer": "Yes. KVM is of the type Bare-metal.",
        "reason": None,
        "entries": [kvm],
        "excerpts": [
            {"name": "KVM", "url": "/hypervisors/kvm", "field": "type", "text": "Bare-metal"},
            {"name": "KVM", "url": "/hypervisors/kvm", "field": "remark", "text": entry["remark"]},
        ],
        "same_as": "/hypervisors/kvm?lang=en",
        "nearest": [],
        "suggestions": [],
    }


def test_a_null_field_is_said_to_be_stated_by_no_source(client):
    answer = ask(client, "OpenStack 基于什么？")

    assert (answer["answered"], answer["reason"], answer["answer"], answer["same_as"]) == (
        False,
        "not-stated",
        "没有来源说明 OpenStack 基于什么。",
        None,
    )
    assert answer["suggestions"] == ["OpenStack 是什么？", "OpenStack 属于哪种类型？", "OpenStack 的厂商是谁？"]


@pytest.mark.parametrize(
    ("question", "reason", "nearest"),
    [
        ("Who makes Nutanix AHV?", "unknown-entry", []),
        ("What is VirutalBox?", "unknown-entry", ["VirtualBox"]),
        ("Why is KVM hosted?", "unsupported-question", []),
        ("hyper-v for mac", "unsupported-question", []),
        ("KVM 8教程", "unsupported-question", []),
        ("Who makes Microsoft VirtualBox?", "unsupported-question", []),
        ("bare-metal hypervisors that are hosted", "unsupported-question", []),
        ("What is the best hypervisor?", "unsupported-question", []),
        ("What is KVM? Who makes it?", "several-questions", []),
        ("?!", "unsupported-question", []),
        ("什么是半虚拟化？", "unknown-entry", ["库虚拟化", "虚拟化", "网络虚拟化"]),
    ],
)
def test_a_refusal_says_why(client, question, reason, nearest):
    answer = ask(client, question)

    assert (answer["answered"], answer["answer"], answer["reason"]) == (False, None, reason)
    assert [entry["name"] for entry in answer["nearest"]] == nearest
    assert len(answer["suggestions"]) == 3
    assert all(ask(client, suggestion)["answered"] for suggestion in answer["suggestions"])
    assert len(answer["excerpts"]) <= 3


def test_the_language_of_an_answer_is_that_of_the_question_unless_given(client):
    assert ask(client, "Xen 的厂商是谁？", lang="en")["answer"] == "The vendor of Xen is Xen Project."
    assert ask(client, "How do you say 虚拟机 in English?")["answer"] == "虚拟机 is Virtual machine in English."
    assert client.get("/ask?question=KVM 是什么").headers["content-language"] == "zh"


def test_the_same_request_is_under_the_path_prefix(settings):
    with client_of(create_app(settings.model_copy(update={"root_path": "/taxonomy"}))) as client:
        answer = client.get("/ask?question=What is KVM?").json()

    assert answer["same_as"] == "/taxonomy/hypervisors/kvm?lang=en"
    assert answer["entries"][0]["url"] == "/taxonomy/hypervisors/kvm"
