"""`/export`: the whole dataset in one file, as JSON, as tables, as SKOS."""

import csv
import io
import json
import warnings
from collections import Counter
from zipfile import ZipFile

import pytest
from pydantic import ValidationError
from rdflib import DCTERMS, OWL, RDF, SKOS, BNode, Graph, Literal, URIRef

from app.settings import Settings

LISTS = ["concepts", "virtualization-types", "examples", "hypervisor-types", "hypervisors"]
BASE = "urn:virtualization-taxonomy:"
SCHEME = URIRef(f"{BASE}taxonomy")
UP = {
    "virtualization-types": ("concept", "concepts"),
    "examples": ("type", "virtualization-types"),
    "hypervisor-types": ("concept", "concepts"),
    "hypervisors": ("type", "hypervisor-types"),
}

FORMATS = [
    ("format=json", "application/json", "json"),
    ("format=csv", "application/zip", "zip"),
    ("format=jsonld", "application/ld+json", "jsonld"),
]


@pytest.mark.parametrize(("query", "media_type", "suffix"), FORMATS)
def test_a_format_is_asked_for_by_name_or_by_media_type(client, query, media_type, suffix):
    by_name = client.get(f"/export?{query}", headers={"Accept": "application/xml"})
    by_type = client.get("/export", headers={"Accept": media_type})
    address = "/export" if suffix == "json" else f"/export.{suffix}"
    by_address = client.get(address, headers={"Accept": "application/xml"} if suffix != "json" else {})

    assert {response.headers["content-type"] for response in (by_name, by_type, by_address)} == {media_type}
    assert by_name.content == by_type.content == by_address.content
    assert by_address.headers["content-disposition"] == by_name.headers["content-disposition"]
    name = f"virtualization-taxonomy-docs-1.0.0-{client.get('/dataset').json()['revision']}.{suffix}"
    assert by_name.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "Accept" in by_name.headers["vary"].split(", ")


def test_without_a_wish_it_is_json(client):
    assert client.get("/export").content == client.get("/export?format=json").content


# The fields that only the export has, each with the field of which it holds every language.
TRANSLATED = {
    "summaries": "summary",
    "remarks": "remark",
    "aliases_by_language": "aliases",
    "characteristics_by_language": "characteristics",
    "deprecated_reasons": None,
}


def listed(client, lang):
    """The entries of every list in a language."""
    return {resource: client.get(f"/{resource}?lang={lang}").json()["items"] for resource in LISTS}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_json_holds_the_dataset_and_every_list_as_they_are(client, lang):
    response = client.get(f"/export?lang={lang}")
    exported = response.json()

    assert [*exported] == ["dataset", *LISTS]
    assert exported.pop("dataset") == client.get(f"/dataset?lang={lang}").json()
    assert {
        resource: [{name: entry[name] for name in entry if name not in TRANSLATED} for entry in entries]
        for resource, entries in exported.items()
    } == listed(client, lang)
    assert response.headers["content-language"] == lang


def in_language(entry, lang, names):
    """An exported entry as the lists show it in a language."""
    texts = {name: entry[field] and entry[field][lang] for field, name in TRANSLATED.items() if name and field in entry}
    aliases = [*entry["aliases_by_language"]["en"], *entry["aliases_by_language"]["zh"]]
    shown = entry | texts | {"name": entry["labels"][lang], "aliases": aliases}
    for field in {"examples", "hypervisors"} & {*shown}:
        shown[field] = [reference | {"name": names[reference["url"]]} for reference in shown[field]]
    return {name: value for name, value in shown.items() if name not in TRANSLATED}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_lists_of_both_languages_can_be_made_from_the_json_of_one(client, everything, lang):
    names = {entry["url"]: entry["labels"][lang] for _, entry, _ in entries(everything)}

    assert {
        resource: [in_language(entry, lang, names) for entry in everything[resource]] for resource in LISTS
    } == listed(client, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_the_packs_and_schemes_are_is_there_in_both_languages(client, everything, lang):
    described = client.get(f"/dataset?lang={lang}").json()

    for name, fields in (("packs", ("title", "description")), ("schemes", ("description",))):
        assert [
            each | {field: each[f"{field}s"][lang] for field in fields} for each in everything["dataset"][name]
        ] == described[name]


def test_aliases_are_of_the_same_languages_as_in_skos(client, graph, everything):
    for _, entry, uri in entries(everything):
        assert {(label.language, str(label)) for label in graph.objects(uri, SKOS.altLabel)} == {
            (lang, alias) for lang, aliases in entry["aliases_by_language"].items() for alias in aliases
        }


def tables(client, lang):
    """The rows of every table in the zip."""
    response = client.get(f"/export.zip?lang={lang}")
    assert response.headers["content-language"] == lang
    with ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {name: rows_of(archive.read(name)) for name in archive.namelist()}


def rows_of(content):
    """The rows of a table, each by column."""
    return [*csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)]


# The columns of a table in one language, each with the start of the columns in every language.
COLUMNS = {"name": "label", "summary": "summary", "remark": "remark", "characteristics": "characteristics"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_tables_of_both_languages_can_be_made_from_the_zip_of_one(client, lang):
    found = tables(client, "en")

    assert [*found] == [f"{name}.csv" for name in [*LISTS, "identifiers", "sources", "packs", "schemes"]]
    for resource in LISTS:
        mirrored = [
            row | {name: row[f"{column}_{lang}"] for name, column in COLUMNS.items() if name in row}
            for row in found[f"{resource}.csv"]
        ]
        shown = rows_of(client.get(f"/{resource}.csv?lang={lang}").content)
        assert [{name: row[name] for name in shown[0]} for row in mirrored] == shown


def test_the_zip_tells_the_language_of_each_alias(client, everything):
    found = tables(client, "zh")

    assert [
        (row["id"], row["aliases_en"], row["aliases_zh"]) for resource in LISTS for row in found[f"{resource}.csv"]
    ] == [
        (entry["id"], *("; ".join(entry["aliases_by_language"][lang]) for lang in ("en", "zh")))
        for _, entry, _ in entries(everything)
    ]


def test_the_zip_describes_the_packs_and_schemes_in_both_languages(client, everything):
    found = tables(client, "en")

    for name in ("packs", "schemes"):
        expected = []
        for described in everything["dataset"][name]:
            cells = {
                field: "; ".join(value) if isinstance(value, list) else value or ""
                for field, value in described.items()
                if not isinstance(value, dict)
            }
            for field in {"titles", "descriptions"} & {*described}:
                cells |= {f"{field[:-1]}_{lang}": text for lang, text in described[field].items()}
            expected.append(cells)
        assert found[f"{name}.csv"] == expected


def test_the_zip_has_a_row_for_each_identifier_and_source(client, everything):
    found = tables(client, "en")

    assert found["identifiers.csv"] == [
        {"resource": resource, "id": entry["id"], **identifier, "url": identifier["url"] or ""}
        for resource, entry, _ in entries(everything)
        for identifier in entry["identifiers"]
    ]
    assert found["sources.csv"] == [
        {
            "resource": resource,
            "id": entry["id"],
            "title": source["title"],
            "section": source["section"] or "",
            "url": source["url"] or "",
            "supports": "; ".join(source["supports"]),
            "kind": source["kind"] or "",
            "read": source["read"],
        }
        for resource, entry, _ in entries(everything)
        for source in entry["sources"]
    ]


@pytest.fixture(scope="module")
def everything(client):
    """The dataset as JSON."""
    return client.get("/export").json()


def triples(client):
    """The JSON-LD as rdflib reads it."""
    with warnings.catch_warnings():
        # The parser of rdflib 7 uses a class of its own that it calls deprecated.
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return Graph().parse(data=client.get("/export?format=jsonld").text, format="json-ld")


@pytest.fixture(scope="module")
def graph(client):
    """The dataset as triples."""
    return triples(client)


def entries(everything):
    """Every entry of the dataset, with its collection and its URI."""
    return [
        (resource, entry, URIRef(f"{BASE}{resource}/{entry['id']}"))
        for resource in LISTS
        for entry in everything[resource]
    ]


def test_jsonld_needs_nothing_from_elsewhere(client):
    response = client.get("/export?format=jsonld&lang=zh")
    document = response.json()

    assert response.headers["content-language"] == "en, zh"
    assert [*document] == ["@context", "@graph"]
    assert all(isinstance(term, str | dict) for term in document["@context"].values())
    assert "@import" not in document["@context"]
    assert document == client.get("/export?format=jsonld&lang=en").json()


def test_skos_has_one_scheme_with_the_version(graph, everything):
    assert [*graph.subjects(RDF.type, SKOS.ConceptScheme)] == [SCHEME]
    assert [*graph.objects(SCHEME, OWL.versionInfo)] == [Literal("docs-1.0.0")]
    assert [*graph.objects(SCHEME, DCTERMS.identifier)] == [Literal(everything["dataset"]["revision"])]
    assert {*graph.objects(SCHEME, DCTERMS.title)} == {
        Literal("Virtualization Taxonomy", lang="en"),
        Literal("虚拟化分类", lang="zh"),
    }


def test_every_entry_is_a_concept_of_the_scheme_and_nothing_else_is(graph, everything):
    concepts = {*graph.subjects(RDF.type, SKOS.Concept)}

    assert concepts == {uri for _, _, uri in entries(everything)} == {*graph.subjects(SKOS.inScheme, SCHEME)}
    assert Counter(uri.removeprefix(BASE).split("/")[0] for uri in concepts) == everything["dataset"]["counts"]


def test_a_concept_has_one_preferred_label_a_language_and_its_aliases_for_others(graph, everything):
    for _, entry, uri in entries(everything):
        preferred, others = [*graph.objects(uri, SKOS.prefLabel)], [*graph.objects(uri, SKOS.altLabel)]

        assert {label.language: str(label) for label in preferred} == entry["labels"]
        assert len(preferred) == 2
        assert {str(label) for label in others} == {*entry["aliases"]}
        assert {label.language for label in others} <= {"en", "zh"}
        assert {*others} & {*preferred} == set()


def test_aliases_keep_their_language(graph):
    assert {*graph.objects(URIRef(f"{BASE}hypervisor-types/hosted"), SKOS.altLabel)} == {
        *(Literal(label, lang="en") for label in ("hosted hypervisor", "type-2", "type 2", "type-2 hypervisor")),
        *(Literal(label, lang="zh") for label in ("寄居", "宿主模型")),
    }


def test_only_the_concepts_are_on_top_and_everything_else_is_below_one(graph, everything):
    top = {uri for resource, _, uri in entries(everything) if resource == "concepts"}

    assert {*graph.objects(SCHEME, SKOS.hasTopConcept)} == {*graph.subjects(SKOS.topConceptOf, SCHEME)} == top
    for resource, entry, uri in entries(everything):
        if resource in UP:
            field, above = UP[resource]
            assert [*graph.objects(uri, SKOS.broader)] == [URIRef(f"{BASE}{above}/{entry[field]}")]
            assert {*graph.transitive_objects(uri, SKOS.broader)} & top
        assert uri not in {*graph.transitive_objects(uri, SKOS.broader)} - {uri}
        assert {*graph.objects(uri, SKOS.narrower)} == {*graph.subjects(SKOS.broader, uri)}


def test_texts_come_in_both_languages(graph, everything, client):
    chinese = client.get("/export?lang=zh").json()
    for (_, entry, uri), (_, entry_zh, _) in zip(entries(everything), entries(chinese), strict=True):
        for field, predicate in (("summary", SKOS.definition), ("remark", SKOS.scopeNote)):
            texts = {Literal(entry[field], lang="en"), Literal(entry_zh[field], lang="zh")} if entry[field] else set()
            assert {*graph.objects(uri, predicate)} == texts
        assert {str(note) for note in graph.objects(uri, SKOS.note)} == {
            *entry.get("characteristics", []),
            *entry_zh.get("characteristics", []),
        }


def test_notations_are_the_id_and_each_identifier_with_its_scheme(graph, everything):
    for _, entry, uri in entries(everything):
        assert {*graph.objects(uri, SKOS.notation)} == {
            Literal(entry["id"]),
            *(
                Literal(identifier["value"], datatype=URIRef(f"{BASE}schemes/{identifier['scheme']}"))
                for identifier in entry["identifiers"]
                if identifier["match"] == "exact"
            ),
        }


def test_sources_are_works_or_sections_of_works(graph, everything):
    for _, entry, uri in entries(everything):
        found = []
        for source in graph.objects(uri, DCTERMS.source):
            section = graph.value(source, DCTERMS.bibliographicCitation)
            work = graph.value(source, DCTERMS.isPartOf) if section else source
            found.append(
                {
                    "title": str(graph.value(work, DCTERMS.title)),
                    "section": str(section) if section else None,
                    "url": None if isinstance(work, BNode) else str(work),
                }
            )
        cited = [{name: source[name] for name in ("title", "section", "url")} for source in entry["sources"]]
        assert sorted(map(json.dumps, found)) == sorted({json.dumps(source) for source in cited})


@pytest.mark.parametrize("base", ["", "taxonomy/", "https://example.com", "https://example.com/a b/", "urn:<x>:"])
def test_a_base_to_which_no_path_can_be_added_is_refused(base):
    with pytest.raises(ValidationError, match="write a URI that ends with a slash, a hash or a colon"):
        Settings(base_uri=base)
