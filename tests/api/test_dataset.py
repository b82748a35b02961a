"""`/dataset`: what is being served."""

import re


def test_the_dataset_tells_what_is_served(client):
    dataset = client.get("/dataset").json()

    assert re.fullmatch("[0-9a-f]{16}", dataset.pop("revision"))
    assert [pack["id"] for pack in dataset.pop("packs")] == ["docs"]
    assert "systemd-detect-virt" in [scheme["id"] for scheme in dataset.pop("schemes")]
    assert {"title": "虚拟化介绍", "url": None, "kind": "primary", "read": "work"} in dataset.pop("sources")
    assert dataset == {
        "version": "docs-1.0.0",
        "languages": ["en", "zh"],
        "counts": {
            "concepts": 3,
            "virtualization-types": 7,
            "examples": 6,
            "hypervisor-types": 2,
            "hypervisors": 9,
        },
    }


def test_titles_come_in_the_language_of_the_answer(client):
    packs = {lang: client.get(f"/dataset?lang={lang}").json()["packs"][0] for lang in ("en", "zh")}

    assert packs["en"]["title"].isascii()
    assert not packs["zh"]["title"].isascii()
