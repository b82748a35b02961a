"""Copies of the docs pack, and how to change them."""

import shutil

import yaml

from app.settings import PROJECT

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


def copy_docs(folder):
    """A folder of packs that holds a copy of the docs pack."""
    shutil.copytree(DOCS, folder / "docs")
    return folder


def add_acme(folder):
    """Put a pack with one hypervisor beside the docs pack."""
    own = folder / "acme"
    own.mkdir()
    (own / "pack.yaml").write_text(ACME, encoding="utf-8")


def change(folder, name, edit):
    """Edit the content of a file of the docs pack."""
    path = folder / "docs" / name
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    edit(content)
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
