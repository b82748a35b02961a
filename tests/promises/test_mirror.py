"""The promise that who follows `/changes` from nothing has what `/export` has, release by release.

The mirror is the recipe of `docs/recipes.md` as it stands.
"""

import json
import os
import re
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, event, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.packs.history import differing_fields
from app.packs.load import read_packs
from app.packs.prepare import prepare
from app.packs.release import release_pack
from app.settings import PROJECT, Settings
from app.shapes.entries import SHAPES
from app.store.collections import COLLECTIONS
from app.store.tables import Language
from tests.support.packs import write
from tests.support.servers import watched

pytestmark = pytest.mark.slow

RECIPES = (PROJECT / "docs" / "recipes.md").read_text(encoding="utf-8")
MIRROR = re.search(r"## Mirror\n.*?```python\n(.*?)```", RECIPES, re.DOTALL)[1]
FIRST = date(2026, 1, 1)
# The second pack extends entries of the first, and refers to them.
PACKS = ("base", "more")


def text(words):
    """A text in both languages."""
    return {"en": f"{words}.", "zh": f"{words}。"}


def entry(id, **fields):
    """An entry of a pack, and the sources of what it says."""
    sources = [{"source": "list", "supports": ["name", "summary", *(each for each in FACTS if fields.get(each))]}]
    return {"id": id, "labels": text(id), "summary": text(f"About {id}"), **fields, "sources": sources}


FACTS = ("aliases", "vendor", "based_on", "related", "deprecated", "identifiers")


class Packs:
    """Two packs whose content changes; each change is chosen by numbers."""

    def __init__(self):
        self.number = 0
        self.headers = {pack: text(pack) for pack in PACKS}
        self.works = dict.fromkeys(PACKS, "A list")
        self.template = "https://example.com/{value}"
        self.products = {"base": {}, "more": {}}
        self.aliases = []
        for _ in range(3):
            self.add(0, 0)

    def all(self):
        """The products of both packs, by id."""
        return self.products["base"] | self.products["more"]

    def choose(self, number):
        """One of the products."""
        products = [*self.all().values()]
        return products[number % len(products)]

    def add(self, first, second):
        """Add a product that refers to others."""
        self.number += 1
        pack = PACKS[first % 2]
        others = [*self.products["base"], *(self.products[pack] if pack == "more" else [])]
        related = [others[second % len(others)]] if others and first % 3 else []
        id = f"product-{self.number}"
        self.products[pack][id] = {
            "id": id,
            "resource": ("hypervisors", "examples")[second % 2],
            "type": second % 4 // 2,
            "words": id,
            "related": related,
            "based_on": related if second % 3 else [],
            "values": [id] if first % 2 else [],
            "replaced_by": None,
        }

    def rename(self, first, second):
        """Give a product another name, which others show."""
        self.choose(first)["words"] += f" {second}"

    def move(self, first, second):
        """Put a product below another type."""
        self.choose(first)["type"] = second % 2

    def refer(self, first, second):
        """Let a product refer to another one, or to none."""
        product, other = self.choose(first), self.choose(second)
        own = product["id"] in self.products["base"]
        known = self.products["base"] if own else self.all()
        product["related"] = [other["id"]] if other is not product and other["id"] in known else []

    def deprecate(self, first, second):
        """Deprecate a product in favour of another one, or take that back."""
        product, other = self.choose(first), self.choose(second)
        known = self.products["base"] if product["id"] in self.products["base"] else self.all()
        allowed = other is not product and other["id"] in known
        product["replaced_by"] = None if product["replaced_by"] is not None else [other["id"]] * allowed

    def remove(self, first, second):
        """Remove a product, and all references to it."""
        products = self.products[PACKS[second % 2]]
        if len(self.products["base"]) < 2 or not products:
            return
        id = [*products][first % len(products)]
        del products[id]
        for product in self.all().values():
            for field in ("related", "based_on", "replaced_by"):
                if id in (product[field] or []):
                    product[field] = []
        self.aliases = [alias for alias in self.aliases if alias[0] != id]

    def reorder(self, first, _):
        """Change the order of a pack's products."""
        pack = PACKS[first % 2]
        self.products[pack] = dict(reversed(self.products[pack].items()))

    def extend(self, first, second):
        """Add a name to a product of the first pack, or take the last one away."""
        if second % 3 and (ids := [*self.products["base"]]):
            self.number += 1
            self.aliases.append((ids[first % len(ids)], f"Alias {self.number}"))
        elif self.aliases:
            self.aliases.pop()

    def cite(self, first, second):
        """Give a work another title, and a pack another description."""
        self.works[PACKS[first % 2]] = f"List {second}"
        self.headers[PACKS[second % 2]] = text(f"Pack {first}")

    def relocate(self, first, _):
        """Move the pages about identifiers."""
        self.template = f"https://example.com/{first}/{{value}}"

    def content(self, pack):
        """The content of a pack but for its header."""
        content = {
            "sources": [{"id": "list", "title": self.works[pack], "url": None}],
            **{resource: [] for resource in COLLECTIONS},
        }
        if pack == "base":
            scheme = {"id": "tool", "title": "Tool", "description": text("A tool"), "url": None}
            content["schemes"] = [scheme | {"url_template": self.template}]
            content["concepts"] = [entry("root")]
            for kind in ("virtualization-types", "hypervisor-types"):
                content[kind] = [entry(f"{kind}-{number}", concept="root") for number in range(2)]
        for product in self.products[pack].values():
            kind = "hypervisor-types" if product["resource"] == "hypervisors" else "virtualization-types"
            fields = {name: product[name] for name in ("related", "based_on") if product[name]}
            if product["replaced_by"] is not None:
                fields["deprecated"] = {"reason": text("Old"), "replaced_by": product["replaced_by"]}
            if product["values"]:
                fields["identifiers"] = {"tool": product["values"]}
            made = entry(product["id"], type=f"{kind}-{product['type']}", **fields)
            content[product["resource"]].append(made | {"labels": text(product["words"])})
        for id, alias in self.aliases if pack == "more" else []:
            citation = {"source": "list", "supports": ["aliases"]}
            resource = self.products["base"][id]["resource"]
            content[resource].append({"extends": id, "aliases": {"en": [alias]}, "sources": [citation]})
        return content


class Releases:
    """Writes packs into a folder and releases those that differ."""

    def __init__(self, folder):
        self.settings = Settings(seed_dir=folder, packs=PACKS, database_url=f"sqlite:///{folder}/mirror.db")
        self.day = FIRST
        self.versions = dict.fromkeys(PACKS, 0)
        for pack in PACKS:
            (folder / pack).mkdir()

    def make(self, packs, days):
        """Release what differs, some days after the last time."""
        self.day += timedelta(days=days)
        for pack in PACKS:
            # A pack has its version from the release before.
            header = {"id": pack, "version": str(self.versions[pack]), "title": text(pack)}
            content = {"pack": header | {"description": packs.headers[pack]}, **packs.content(pack)}
            write(self.settings.seed_dir / pack / "pack.yaml", content)
        for pack in PACKS:
            read = read_packs(self.settings.seed_dir, PACKS, releasing=True)
            if differing_fields(next(each for each in read if each.header.id == pack)):
                self.versions[pack] += 1
                release_pack(self.settings, pack, str(self.versions[pack]), self.day)
        prepare(self.settings)


def follow(client, folder, lang):
    """Run the recipe in a folder; return its copy of the entries, and the requests that it has sent."""
    asked = []
    options = f'params={{"lang": "{lang}"}}, event_hooks={{"request": [asked.append]}}'
    program = MIRROR.replace('"http://127.0.0.1:8000"', f'"{client.base_url}", {options}')
    folder.mkdir(exist_ok=True)
    before = Path.cwd()
    os.chdir(folder)
    try:
        exec(compile(program, "mirror.py", "exec"), names := {"asked": asked})  # noqa: S102 (the recipe)
        names["client"].close()
    finally:
        os.chdir(before)
    return json.loads((folder / "taxonomy.json").read_text(encoding="utf-8"))["entries"], asked


def exported(client, lang):
    """The entries of the export, as lists show them, by URL."""
    whole = client.get(f"/export?lang={lang}").json()
    return {
        item["url"]: {name: item[name] for name in SHAPES[resource].model_fields}
        for resource in COLLECTIONS
        for item in whole[resource]
    }


# What a mirror asks for that does not begin anew.
SPARING = re.compile(r"/dataset\?|/changes\?|[?&]id=")
EDITS = ("add", "rename", "move", "refer", "deprecate", "remove", "reorder", "extend", "cite", "relocate")
numbers = st.integers(0, 11)
# The edits before each release, and the days that have passed since the last one.
releases = st.lists(
    st.tuples(st.lists(st.tuples(st.sampled_from(EDITS), numbers, numbers), min_size=1, max_size=5), st.integers(0, 2)),
    min_size=3,
    max_size=5,
)


@example([([("add", 1, 1), ("add", 4, 2)], 0), ([("rename", 0, 1), ("deprecate", 1, 0)], 1), ([("remove", 1, 0)], 0)])
@example([([(edit, first, second) for edit in EDITS], second % 2) for first, second in ((1, 2), (2, 5), (0, 1))])
# To find a shorter failure takes minutes.
@hypothesis_settings(
    deadline=None,
    max_examples=3,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(releases)
def test_a_mirror_that_follows_the_changes_is_the_export_at_each_release(releases):
    packs = Packs()
    with TemporaryDirectory() as name:
        folder = Path(name)
        made = Releases(folder)
        made.make(packs, 0)
        with watched(made.settings) as (_, client, look):
            for number, (edits, days) in enumerate([([], 0), *releases]):
                for edit, first, second in edits:
                    getattr(packs, edit)(first, second)
                if number:
                    made.make(packs, days)
                    look()
                for lang in Language:
                    entries, asked = follow(client, folder / lang, lang)

                    assert entries == exported(client, lang)
                    # It has read what has changed, not every entry.
                    assert [str(each.url) for each in asked if not SPARING.search(str(each.url))] == []
            for change in client.get("/changes?facet=change&limit=1").json()["facets"]["change"]:
                event(change["value"])
