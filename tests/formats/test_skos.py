"""The promise that the export is valid SKOS, by its integrity conditions and by Skosify."""

import logging
from pathlib import Path

import pyshacl
import pytest
import skosify
from rdflib import RDF, SH, SKOS, Graph, Literal, URIRef

from app.main import create_app
from app.packs.prepare import prepare
from tests.api.test_export import BASE, triples
from tests.support.servers import client_of

SHAPES = Graph().parse(Path(__file__).with_name("skos.ttl"))


@pytest.fixture(scope="module")
def both(new_database):
    """A client of a server of the packs `docs` and `field`."""
    settings = new_database("sqlite").model_copy(update={"packs": ("docs", "field")})
    prepare(settings)
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module", params=["lab", "both"])
def exported(request):
    """An export as triples."""
    return triples(request.getfixturevalue(request.param))


def faults(graph, **options):
    """The constraints that a graph does not meet, each with the path of the concept."""
    _, report, _ = pyshacl.validate(graph, shacl_graph=SHAPES, **options)
    return {
        (
            report.value(result, SH.focusNode).removeprefix(BASE),
            report.value(result, SH.sourceConstraintComponent).fragment.removesuffix("ConstraintComponent"),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


def test_the_export_meets_the_conditions_of_skos_and_ours(exported):
    assert faults(exported, meta_shacl=True) == set()


def test_skosify_warns_of_nothing(exported, caplog):
    with caplog.at_level(logging.WARNING):
        # It changes what it is given.
        skosify.skosify(Graph() + exported)

    assert caplog.messages == []


# What breaks an export where it is added to an entry or, after a minus, taken away, and the constraint that finds it.
BROKEN = [
    ("concepts/hypervisor", "skos:broader <concepts/hypervisor>", "SPARQL"),
    ("concepts/virtual-machine", "- skos:topConceptOf ?any", "Xone"),
    ("concepts/virtualization", "- skos:prefLabel ?any", "MinCount"),
    ("virtualization-types/server", "skos:prefLabel 'Another'@en", "UniqueLang"),
    ("virtualization-types/network", "skos:altLabel 'réseau'@fr", "Node"),
    ("virtualization-types/desktop", "skos:altLabel 'no language'", "Node"),
    ("virtualization-types/application", "- skos:definition ?any", "MinCount"),
    ("virtualization-types/storage", "skos:broader <concepts/hypervisor>", "MaxCount"),
    ("virtualization-types/library", "- skos:inScheme ?any", "MinCount"),
    ("hypervisor-types/bare-metal", "skos:related <hypervisors/rhev-hypervisor>", "Disjoint"),
    ("examples/docker", "skos:topConceptOf <taxonomy>", "Xone"),
    ("examples/wine", "dct:isReplacedBy <examples/docker>", "Or"),
    ("examples/nas", "dct:isReplacedBy <examples/none>", "Class"),
    ("examples/kubernetes", "dct:source []", "Xone"),
    ("examples/openstack", "- skos:notation ?any", "QualifiedMinCount"),
    ("hypervisors/xen", "skos:altLabel 'Xen'@en", "Disjoint"),
    ("hypervisors/kvm", "a skos:ConceptScheme", "Not"),
    ("hypervisors/vmware-esxi", "skos:related <hypervisor-types/bare-metal>", "Disjoint"),
    ("hypervisors/hyper-v", "- skos:broader ?any", "Equals"),
    ("hypervisors/virtualbox", "skos:notation 'another'", "QualifiedMaxCount"),
    ("taxonomy", "- skos:hasTopConcept ?any", "MinCount"),
]


def test_each_fault_would_be_found(lab):
    graph = triples(lab)
    for path, triple, _ in BROKEN:
        removed = triple.startswith("- ")
        subject, wanted = f"<{BASE}{path}>", triple.removeprefix("- ").replace("<", f"<{BASE}")
        graph.update(
            "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX dct: <http://purl.org/dc/terms/> "
            f"{'DELETE WHERE' if removed else 'INSERT DATA'} {{ {subject} {wanted} }}"
        )

    assert {(path, constraint) for path, _, constraint in BROKEN} - faults(graph) == set()


def test_skosify_is_heard(lab, caplog):
    graph = triples(lab)
    graph.add((xen := URIRef(f"{BASE}hypervisors/xen"), SKOS.altLabel, Literal("Xen", lang="en")))
    skosify.skosify(graph)

    assert caplog.messages == [f"Resource {xen} has 'Xen'@en as both prefLabel and altLabel; removing altLabel"]
