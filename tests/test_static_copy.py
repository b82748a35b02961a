"""The promise that a static copy answers what the service answers, and is whole or not there."""

import json
import subprocess
from contextlib import ExitStack

import httpx
import pytest
import yaml

from app.main import create_app
from app.packs.prepare import prepare
from app.settings import Settings
from app.static_copy import write_copy
from app.store.collections import COLLECTIONS
from tests.support.commands import COMMAND, fails_in_one_line, run
from tests.support.http import urls_in
from tests.support.packs import add_acme, add_lab, copy_docs
from tests.support.servers import client_of, eventually, serving_files

PREFIX = "/taxonomy"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A copy under a path prefix: its folder, a client of a file server, one of the service, one of its pages."""
    folder = tmp_path_factory.mktemp("published")
    settings = Settings(
        database_url=f"sqlite:///{folder}/lab.db",
        seed_dir=add_lab(copy_docs(folder / "packs")),
        packs=("docs", "lab"),
        root_path=PREFIX,
        base_uri="https://example.github.io/taxonomy/",
    )
    prepare(settings)
    write_copy(settings, folder / "www" / "taxonomy")
    with ExitStack() as stack:
        files = stack.enter_context(httpx.Client(base_url=stack.enter_context(serving_files(folder / "www"))))
        services = [stack.enter_context(client_of(create_app(settings, static=static))) for static in (False, True)]
        yield folder / "www" / "taxonomy", files, *services


def requests(folder):
    """The request that each file of a copy answers."""
    return json.loads((folder / "files.json").read_text(encoding="utf-8"))


def found(folder):
    """The files of a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_what_the_service_answers_with_its_media_type(published):
    folder, files, service, pages = published
    for file, url in requests(folder).items():
        copied = files.get(f"{PREFIX}/{file}")
        answered = (pages if file.endswith("index.html") else service).get(url)

        assert (copied.status_code, answered.status_code) == (200, 200), file
        assert copied.content == answered.content, file
        if "." in file:
            assert copied.headers["content-type"] == answered.headers["content-type"].partition(";")[0], file


def test_the_copy_has_every_get_in_both_languages(published):
    folder, _, service, _ = published
    lists = {name: service.get(f"/{name}").json()["items"] for name in COLLECTIONS}
    expected = {"openapi.json": "/openapi.json", "export.jsonld": "/export.jsonld"}
    for name, items in lists.items():
        expected[f"{name}.jsonld"] = f"/{name}.jsonld"
        for path in (f"{name}/{item['id']}" for item in items):
            expected |= {path: f"/{path}", f"{path}.jsonld": f"/{path}.jsonld"}
    for above, lang in (("", ""), ("zh/", "lang=zh")):
        query, more = (f"?{lang}", f"&{lang}") if lang else ("", "")
        expected[f"{above}index.html"] = f"/?lang={lang.removeprefix('lang=') or 'en'}"
        expected |= {f"{above}{name}.json": f"/{name}{query}" for name in ("taxonomy", "dataset", "export")}
        expected |= {f"{above}{file}": f"/{file}{query}" for file in ("export.zip", "changes.atom")}
        for name, items in (lists | {"changes": []}).items():
            expected[f"{above}{name}.json"] = f"/{name}?limit=1000{more}"
            expected[f"{above}{name}.csv"] = f"/{name}.csv{query}"
            expected |= {f"{above}{name}/{item['id']}.json": f"/{name}/{item['id']}{query}" for item in items}
    copied = requests(folder)

    assert {file: url for file, url in copied.items() if not file.startswith("explorer/")} == expected
    assert found(folder) == {*copied, "files.json"}


def test_every_link_in_an_answer_leads_to_what_the_service_has_there(published):
    folder, files, service, _ = published
    answers = {file for file in folder.rglob("*.json") if file.name != "openapi.json"}
    links = {url for file in answers for url in urls_in(json.loads(file.read_bytes()))}

    assert len(links) == 30
    for link in links:
        assert files.get(link).content == service.get(link.removeprefix(PREFIX)).content


def test_a_uri_leads_to_its_entry_where_the_copy_is_at_the_base(published):
    folder, files, _, _ = published
    document = json.loads((folder / "hypervisors.jsonld").read_bytes())
    for node in document["@graph"]:
        path = node["id"].removeprefix("https://example.github.io")
        assert files.get(path).json()["url"] == path
        assert files.get(f"{path}.jsonld").json() == {"@context": document["@context"]} | node


@pytest.mark.slow
def test_a_list_that_is_longer_than_a_page_has_several_files(seed_dir, tmp_path):
    concepts = [
        {
            "id": f"term-{number}",
            "labels": {"en": f"Term {number}"},
            "summary": {"en": "One of many."},
            "sources": [{"source": "list", "supports": ["name", "summary"]}],
        }
        for number in range(1_001)
    ]
    pack = {
        "pack": {"id": "many", "version": "1", "languages": ["en"], "title": {"en": "x"}, "description": {"en": "x"}},
        "sources": [{"id": "list", "title": "The list", "url": None}],
        "concepts": concepts,
    }
    (seed_dir / "many").mkdir()
    (seed_dir / "many" / "many.yaml").write_text(yaml.safe_dump(pack), encoding="utf-8")
    write_copy(Settings(seed_dir=seed_dir, packs=("many",)), tmp_path / "site")
    pages = [
        json.loads((tmp_path / "site" / name).read_bytes())["items"] for name in ("concepts.json", "concepts-1000.json")
    ]

    assert [[item["id"] for item in items] for items in pages] == [
        [f"term-{number}" for number in range(1_000)],
        ["term-1000"],
    ]
    assert (tmp_path / "site" / "concepts" / "term-1000.json").exists()


def test_a_later_copy_replaces_an_earlier_one_and_needs_no_database(environment, seed_dir, tmp_path):
    add_acme(seed_dir)
    variables = {"TAXONOMY_SEED_DIR": str(seed_dir), "TAXONOMY_ALLOWED_HOSTS": "api.example.com"}
    site, outcomes = tmp_path / "www" / "site", []
    for packs in ("docs,acme", "docs"):
        finished = run(environment, "export-site", str(site), TAXONOMY_PACKS=packs, **variables)
        assert finished.stdout == f"{site}: {len(requests(site))} files.\n"
        outcomes.append((finished.returncode, finished.stderr, (site / "hypervisors" / "acmevisor.json").exists()))

    assert outcomes == [(0, "", True), (0, "", False)]
    assert [path.name for path in site.parent.iterdir()] == ["site"]
    assert not (tmp_path / "new.db").exists()


@pytest.fixture
def site(environment, tmp_path):
    """A copy in a folder of its own."""
    assert run(environment, "export-site", str(tmp_path / "www" / "site")).returncode == 0
    return tmp_path / "www" / "site"


def spoil(site, what):
    """Change a copy so that it is none, or more than one."""
    if what == "another file":
        (site / "hypervisors" / "notes.txt").write_text("mine", encoding="utf-8")
        return "hypervisors/notes.txt"
    (site / "files.json").unlink()
    return "changes.atom"


@pytest.mark.parametrize("what", ["another file", "no list of files"])
def test_a_folder_with_anything_else_is_refused_and_stays_as_it_is(environment, site, what):
    named = spoil(site, what)
    before = found(site)
    line = fails_in_one_line(run(environment, "export-site", str(site)))

    assert line == (f"{site} has files that are of no earlier copy, such as {named}; name a new or an empty folder.")
    assert found(site) == before


def test_a_file_is_no_folder(environment, tmp_path):
    (tmp_path / "site").write_text("mine", encoding="utf-8")

    assert fails_in_one_line(run(environment, "export-site", str(tmp_path / "site"))) == (
        f"{tmp_path}/site is not a folder."
    )
    assert fails_in_one_line(run(environment, "export-site", str(tmp_path / "site" / "below"))) == (
        f"{tmp_path}/site cannot be written: File exists"
    )


@pytest.mark.slow
def test_a_copy_is_whole_also_if_its_successor_is_killed(environment, site):
    with subprocess.Popen([*COMMAND, "export-site", str(site)], env=environment) as process:  # noqa: S603 (our own)
        assert eventually(lambda: [*site.parent.glob(".site-*/new/*")], seconds=60)
        process.kill()

    assert found(site) == {*requests(site), "files.json"}
    assert run(environment, "export-site", str(site)).returncode == 0
