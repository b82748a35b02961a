"""The promise that `check` refuses every text that a database would, or that would not be seen as it is written."""

import pytest
from jsonschema import Draft202012Validator

from app.packs.content import pack_schema
from app.packs.faults import PackError
from app.packs.prepare import prepare
from tests.support.databases import both_databases, content_of
from tests.support.packs import change

FIELDS = {
    "labels.en": lambda entry, text: entry["labels"].update(en=text),
    "aliases.en[0]": lambda entry, text: entry.setdefault("aliases", {}).update(en=[text]),
    "summary.zh": lambda entry, text: entry["summary"].update(zh=text),
    "identifiers.cpuid[0]": lambda entry, text: entry["identifiers"].update(cpuid=[text]),
    "vendor": lambda entry, text: entry.update(vendor=text),
    "website": lambda entry, text: entry.update(website=f"https://example.com/{text}"),
}
UNSAFE = [
    chr(code)
    for codes in (range(0x20), range(0x7F, 0xA0), [0x61C, 0x200E, 0x200F], range(0x2028, 0x202F), range(0x2066, 0x206A))
    for code in codes
]
SOME_UNSAFE = ["\0", "\t", "\n", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u2066"]
UNASSIGNED = ["\u0378", "\ufffe", "\U000e0000"]
INVISIBLE = ["\u200b", "\u0301", "\u00ad\u2060", "\ufeff"]


def loaded_with(settings, seed_dir, texts):
    """Load the docs pack with texts in fields of the first hypervisor."""

    def edit(content):
        for field, text in texts.items():
            FIELDS[field](content["hypervisors"][0], text)

    change(seed_dir, "hypervisors.yaml", edit)
    return prepare(settings.model_copy(update={"seed_dir": seed_dir}))


def faults_with(settings, seed_dir, texts):
    """The reasons for which texts are refused, by field."""
    with pytest.raises(PackError) as refusal:
        loaded_with(settings, seed_dir, texts)
    assert all(line.isprintable() for line in str(refusal.value).splitlines())
    return {fault.where.removeprefix("hypervisors[0]."): fault.reason for fault in refusal.value.faults}


@pytest.mark.parametrize("character", SOME_UNSAFE + UNASSIGNED, ids=ascii)
def test_an_unsafe_or_unassigned_character_is_refused_in_every_field(settings, seed_dir, character):
    faults = faults_with(settings, seed_dir, dict.fromkeys(FIELDS, f"a{character}b"))

    assert faults.keys() == FIELDS.keys()


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_a_text_of_which_nothing_is_seen_is_refused(settings, seed_dir, text):
    fields = FIELDS.keys() - {"website"}
    faults = faults_with(settings, seed_dir, dict.fromkeys(fields, text))

    assert faults.keys() == fields
    assert {reason.split()[7] for reason in faults.values()} == {f"U+{ord(text[0]):04X}"}
    assert all(reason.startswith("contains nothing that can be seen, only ") for reason in faults.values())


@pytest.mark.parametrize("path", ["<b>", '"', " b", "{b}", "\\", "`", "^", "|"])
def test_a_url_has_no_character_that_no_url_has(settings, seed_dir, path):
    assert "is not a URL" in faults_with(settings, seed_dir, {"website": path})["website"]


KEPT = {
    "labels.en": "Ünï 中文 العربية עברית 👩\u200d💻 ﷺ",
    "aliases.en[0]": "ﬁﬀ",
    "identifiers.cpuid[0]": "  lrpepyh vr ",
    "summary.zh": "\U00020000 \u2019 \u00ab",
    "website": "虚拟化?a=b#c(d)",
    # As long as a name may be, of characters that do not repeat, four bytes each.
    "vendor": "".join(map(chr, range(0x20000, 0x20000 + 200))),
}


@both_databases
def test_every_other_text_is_loaded_as_it_is(empty, seed_dir):
    loaded_with(empty, seed_dir, KEPT)

    row = content_of(empty)["hypervisor"][0]
    assert row["name_en"] == KEPT["labels.en"]
    assert row["aliases_en"] == [KEPT["aliases.en[0]"]]
    assert row["identifiers"][1] == {
        "scheme": "cpuid",
        "value": KEPT["identifiers.cpuid[0]"],
        "match": "exact",
        "url": None,
    }
    assert row["summary_zh"] == KEPT["summary.zh"]
    assert row["website"] == f"https://example.com/{KEPT['website']}"
    assert row["vendor"] == KEPT["vendor"]


def test_editors_refuse_the_same_characters():
    schema = pack_schema()
    validator = Draft202012Validator(schema["$defs"]["LocalizedName"])

    assert validator.is_valid({"en": "a b", "zh": "好"})
    assert [ascii(text) for text in UNSAFE if validator.is_valid({"en": f"a{text}b", "zh": "好"})] == []
