"""`/concepts`: the glossary."""

import pytest

from app.main import create_app
from app.packs.prepare import prepare
from tests.support.http import ids
from tests.support.packs import change
from tests.support.servers import client_of


@pytest.mark.parametrize("query", ["", "pack=docs"])
def test_the_glossary_is_in_the_document_s_order(client, query):
    assert ids(client.get(f"/concepts?{query}")) == ["virtualization", "virtual-machine", "hypervisor"]


def test_characteristics_come_in_the_language_of_the_answer(client):
    concept = {lang: client.get(f"/concepts/virtualization?lang={lang}").json() for lang in ("en", "zh")}

    assert concept["en"]["characteristics"] == ["Agility", "Flexibility", "Scalability"]
    assert concept["zh"]["characteristics"] == ["敏捷性", "灵活性", "扩展性"]


def test_a_name_with_a_slash_leads_to_its_entry(empty, seed_dir):
    change(seed_dir, "concepts.yaml", lambda content: content["concepts"][2]["aliases"]["en"].append("VM/Monitor"))
    settings = empty.model_copy(update={"seed_dir": seed_dir})
    prepare(settings)
    with client_of(create_app(settings)) as client:
        for path in ("VM%2FMonitor", "VM/Monitor", "vm%2fmonitor"):
            response = client.get(f"/concepts/{path}")

            assert (response.status_code, response.headers["location"]) == (301, "/concepts/hypervisor")


@pytest.mark.parametrize("alias", ["VMM", "Virtual%20machin%20monitor", "虚拟机监视器"])
def test_the_document_s_spellings_lead_to_the_concept(client, alias):
    response = client.get(f"/concepts/{alias}")

    assert (response.status_code, response.headers["location"]) == (301, "/concepts/hypervisor")
