"""The promise that the search box of the explorer answers questions, from the keyboard as well."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

ANSWERS = [
    (
        "zh",
        "裸金属型有哪些",
        "共 5 个：KVM、Xen、VMware ESXi、RHEV Hypervisor、Hyper-V Server。",
        "/hypervisors?type=bare-metal",
    ),
    (
        "en",
        "what is vmware in systemd-detect-virt",
        "In systemd-detect-virt, vmware means VMware ESXi, VMware Workstation.",
        "/lookup?value=vmware&scheme=systemd-detect-virt",
    ),
    ("en", "what is openstack based on", "No source says what OpenStack is based on.", None),
]


def asked(page, lang, question):
    """The page after a question was typed."""
    page.goto(f"/?lang={lang}")
    page.wait_for_selector(".tree.drawn")
    page.keyboard.press("/")
    page.keyboard.type(question)
    return page.locator("#answer")


@pytest.mark.parametrize(("lang", "question", "said", "same_as"), ANSWERS)
def test_a_question_has_its_answer_above_the_hits(page, lang, question, said, same_as):
    answer = asked(page, lang, question)

    expect(answer.locator(".said")).to_have_text(said)
    if same_as is None:
        expect(answer.locator("a")).to_have_count(0)
        return
    assert Axe().run(page, context=".search").response["violations"] == []
    # The keyboard reaches the sources and the request behind the answer, and the answer stays open.
    while page.evaluate("document.activeElement.className") != "same-as":
        page.keyboard.press("Tab")
    expect(answer).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{same_as}*")


def test_what_is_no_question_has_no_answer(page):
    answer = asked(page, "en", "kvm xen")
    expect(page.locator("#search-status")).not_to_be_empty()
    expect(answer).to_be_empty()

    page.locator("#search").fill("What is KVM?")
    expect(answer.locator(".said")).to_contain_text("KVM: ")
    page.locator("#search").fill("vmware")
    expect(page.locator("#hits [role=option]").first).to_be_visible()
    expect(answer).to_be_empty()


def test_a_question_of_more_words_than_a_search_has_an_answer(page):
    answer = asked(page, "en", "please can you tell me what is the difference between kvm and xen")

    expect(answer.locator(".said")).to_contain_text("Vendor: Linux kernel community (KVM), Xen Project (Xen).")
    expect(page.locator("#search-status")).to_be_empty()
