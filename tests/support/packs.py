"""Copies of the docs pack, how to change them, and a pack of long names."""

import re
import shutil
from datetime import date

import yaml

from app.packs.release import release_pack
from app.settings import PROJECT, Settings

DAY = date(2026, 8, 31)
DOCS = PROJECT / "seed" / "docs"
ACME = """
pack: {id: acme, version: "7", title: {en: Acme, zh: 艾克米}, description: {en: Ours., zh: 我们的。}}
sources: [{id: list, title: The list, url: null}]
hypervisors:
  - id: acmevisor
    labels: {en: Acmevisor, zh: 艾克米监控器}
    summary: {en: A hypervisor., zh: 一种虚拟机监控器。}
    type: hosted
    sources: [{source: list, supports: [name, type]}]
"""


# Uses what the docs pack does not: relations, an extension, one language, an entry that is no longer to be used.
LAB = """
pack: {id: lab, version: "1", languages: [en], title: {en: Lab}, description: {en: What we try.}}
sources:
  - {id: wiki, title: The wiki of the lab, url: "https://lab.example/wiki", kind: primary}
  - {id: scan, title: A scanned manual, url: null, kind: secondary, read: copy}
concepts:
  - id: nested-virtualization
    labels: {en: Nested virtualization}
    summary: {en: A hypervisor runs in a virtual machine.}
    remark: {en: Vendors do not agree on the word.}
    remark_kind: disputed
    broader: virtualization
    characteristics: {en: [Depth]}
    sources: [{source: wiki, supports: [name, summary, remark]}]
examples:
  - id: lab-cloud
    labels: {en: Lab Cloud}
    summary: {en: Rents out machines.}
    deprecated: {since: "2026-08", reason: {en: It was renamed.}, replaced_by: [openstack]}
    type: server
    status: discontinued
    based_on: [labvisor, docker]
    sources: [{source: wiki, supports: [name, summary, deprecated, status, based_on]}]
hypervisors:
  - id: labvisor
    labels: {en: Labvisor}
    aliases: {en: [LV]}
    summary: {en: Runs machines for tests.}
    remark: {en: It has no price.}
    related: [xen, examples/docker]
    type: bare-metal
    status: active
    based_on: [kvm]
    sources: [{source: scan, supports: [name, aliases, summary, remark, status, based_on, related]}]
  - extends: kvm
    aliases: {en: [house hypervisor], zh: [自研底座]}
    identifiers: {systemd-detect-virt: [lab-kvm]}
    sources: [{source: wiki, supports: [aliases, identifiers]}]
"""


def copy_docs(folder):
    """A folder of packs that holds a copy of the docs pack, without its history, so that it can be changed."""
    shutil.copytree(DOCS, folder / "docs", ignore=shutil.ignore_patterns("changes.yaml"))
    return folder


def add_acme(folder):
    """Put a pack with one hypervisor beside the docs pack."""
    own = folder / "acme"
    own.mkdir()
    (own / "pack.yaml").write_text(ACME, encoding="utf-8")


def without_deprecation(text):
    """The text of a pack before an entry was deprecated."""
    return re.sub("    deprecated: .*\n", "", text).replace("deprecated, ", "")


def add_lab(folder):
    """Put the pack `lab` beside the docs pack, with a history of two releases."""
    (folder / "lab").mkdir()
    settings = Settings(seed_dir=folder)
    for version, day, content in (("0", date(2026, 7, 31), without_deprecation(LAB)), ("1", DAY, LAB)):
        (folder / "lab" / "pack.yaml").write_text(content, encoding="utf-8")
        release_pack(settings, "lab", version, day)
    return folder


def change(folder, name, edit):
    """Edit the content of a file of the docs pack."""
    path = folder / "docs" / name
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    edit(content)
    write(path, content)


def write(path, content):
    """Write the content of a pack's file."""
    path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), encoding="utf-8")


def rewrite(content):
    """Change the texts of all entries."""
    for entries in content.values():
        for entry in entries if isinstance(entries, list) else []:
            for field in ("labels", "summary"):
                for lang, text in entry.get(field, {}).items():
                    entry[field][lang] = f"{text} (new)"


def without_the_last_hypervisor(content):
    """Take an entry away to which nothing refers."""
    content["hypervisors"].pop()


# Each is longer than a line of the tree; one cannot be broken at a space.
LONG_NAMES = [
    {
        "en": "Enterprise Virtualization Management Platform for Distributed Data Centres",
        "zh": "面向分布式数据中心的企业级虚拟化资源统一管理与调度平台",
    },
    {
        "en": "Hardware-Assisted_Hypervisor_Infrastructure_for_Mission-Critical_Workloads",
        "zh": "为关键业务负载设计并由硬件辅助加速的虚拟机监控器基础设施",
    },
    {
        "en": "Secure Compute Partition Manager with Live Migration and Fault Tolerance",
        "zh": "支持在线迁移与容错的安全计算分区管理系统（长期支持版）",
    },
]
# How many entries of each collection, and the entries of the docs pack or of this one to which they belong in turn.
LONG_COLLECTIONS = {
    "concepts": (4, None, []),
    "virtualization-types": (12, "concept", ["virtualization", "long-concepts-0"]),
    "examples": (56, "type", ["long-virtualization-types-0", "long-virtualization-types-5", "container"]),
    "hypervisor-types": (6, "concept", ["hypervisor", "long-concepts-1"]),
    "hypervisors": (72, "type", ["bare-metal", "long-hypervisor-types-1", "long-hypervisor-types-2"]),
}


def write_long_names(folder):
    """Add a pack of 150 entries with long names, which goes with the docs pack."""

    def entry(collection, number, field, upper):
        name = LONG_NAMES[number % len(LONG_NAMES)]
        text = {lang: f"{label} {number}" for lang, label in name.items()}
        made = {"id": f"long-{collection}-{number}", "labels": text, "summary": text, "remark": text}
        made["aliases"] = {lang: [f"{label} ({number})"] for lang, label in text.items()}
        made["identifiers"] = {"dmi-product-name": [f"{name['en'].replace(' ', '-')}-{number}"]}
        supports = ["name", "aliases", "summary", "remark", "identifiers"]
        if upper:
            made[field] = upper[number % len(upper)]
        if field == "type":
            made |= {"vendor": f"{name['en'].split()[0]} International Holdings", "license": "GPL-2.0-only"}
            supports += ["vendor", "license"]
        return made | {"sources": [{"source": "catalogue", "section": name["en"], "supports": supports}]}

    pack = {
        "pack": {"id": "long", "version": "1", "title": LONG_NAMES[0], "description": LONG_NAMES[0]},
        "sources": [{"id": "catalogue", "title": LONG_NAMES[2]["en"], "url": None}],
    }
    for collection, (size, field, upper) in LONG_COLLECTIONS.items():
        pack[collection] = [entry(collection, number, field, upper) for number in range(size)]
    (folder / "long").mkdir()
    write(folder / "long" / "long.yaml", pack)
    return folder
