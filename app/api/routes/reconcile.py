"""`/reconcile`: the Reconciliation Service API 0.2, with which OpenRefine and its like match tables with entries."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import BODY_RESPONSES
from app.api.responses import answer_document
from app.api.router import Router
from app.api.state import state_of
from app.path_prefix import base_of
from app.queries.candidates import find_candidates
from app.queries.entities import TYPES, describe_type
from app.queries.parameters import MOST_POSTED
from app.queries.reconcile import ReconcileBody, ReconcileParams, extend_entities
from app.queries.refusals import Bilingual, Fault, Refused
from app.queries.suggestions import (
    NarrowedParams,
    ProposalParams,
    SuggestParams,
    propose_properties,
    suggest_entities,
    suggest_properties,
    suggest_types,
)
from app.shapes.reconciliation import (
    ExtensionPublic,
    ManifestPublic,
    ProposalPublic,
    ResultsPublic,
    SuggestionsPublic,
    SuggestPublic,
    TermsPublic,
)
from app.store.tables import Language

router = Router(prefix="/reconcile", tags=["reconcile"])

VERSION = "0.2"
NAME = Bilingual("Virtualization Taxonomy", "虚拟化分类")
# Every entry is one in the SKOS export, whose URIs consist of the setting `base_uri` and the id of the entity.
SCHEMA_SPACE = "http://www.w3.org/2004/02/skos/core#Concept"
# The size of a preview in pixels.
WIDTH, HEIGHT = 420, 240
ONE_OF_BOTH = Bilingual("Give either queries or extend.", "请给出 queries 或 extend 之一。")


@router.get(
    "",
    response_model=ResultsPublic | ManifestPublic,
    response_description="The candidates for each query, or without queries the manifest of the service.",
    summary="Reconcile strings",
)
def reconcile_values(request: Request, params: Annotated[ReconcileParams, Query()]) -> Response:
    """Find the entities that strings may denote, by the Reconciliation Service API 0.2 of OpenRefine and its like.

    An entity is an entry: its id is `hypervisors/kvm`, its type `hypervisors`. Candidates are what `/lookup` finds. One
    is a `match` if it is the only exact meaning of the string that the types and the properties of the query allow. The
    property `scheme` is the scheme that the string comes from.

    Without `queries`, the response is the manifest of the service, which says where its other parts are. With `extend`,
    it contains what entities have in properties, as that of a POST does; with `callback`, it is a script (JSONP).
    """
    if params.queries is None and params.extend is None:
        response = answer_document(
            request, params.lang, lambda _, lang: make_manifest(request, lang, params.lang), params.callback
        )
        # It contains the host, which the caches of others may leave out of their key.
        response.headers["Cache-Control"] = "private, no-cache"
        return response
    return answer_queries(request, params, params.callback)


@router.post(
    "",
    response_model=ResultsPublic | ExtensionPublic,
    response_description="The candidates for each query, or the values of entities.",
    summary="Reconcile many strings",
    responses=BODY_RESPONSES,
)
def reconcile_many_values(request: Request, body: ReconcileBody) -> Response:
    """Answer up to 1,000 queries as `GET /reconcile` does, or return what up to 1,000 entities have in properties."""
    if body.queries is None and body.extend is None:
        raise Refused([Fault("queries", Bilingual("Missing.", "缺少该参数。"), ONE_OF_BOTH)])
    return answer_queries(request, body)


def answer_queries(request: Request, asked: ReconcileBody, callback: str | None = None) -> Response:
    """Answer with candidates, or with the values of entities."""
    queries, extend = asked.queries, asked.extend
    if extend is None:
        return answer_document(
            request, asked.lang, lambda reader, lang: find_candidates(reader, queries or {}, lang), callback
        )
    if queries is not None:
        raise Refused(
            [Fault("extend", Bilingual("Given together with queries.", "与 queries 同时给出。"), ONE_OF_BOTH)]
        )
    return answer_document(request, asked.lang, lambda reader, lang: extend_entities(reader, extend, lang), callback)


@router.get(
    "/suggest/entity",
    response_model=SuggestionsPublic,
    response_description="The entities.",
    summary="Suggest entities",
)
def suggest_entity(request: Request, params: Annotated[NarrowedParams, Query()]) -> Response:
    """Suggest entities of which a name, an alias or an id begins with what was typed."""
    return answer_document(
        request, params.lang, lambda reader, lang: {"result": suggest_entities(reader, params, lang)}, params.callback
    )


@router.get("/suggest/type", response_model=TermsPublic, response_description="The types.", summary="Suggest types")
def suggest_type(request: Request, params: Annotated[SuggestParams, Query()]) -> Response:
    """Suggest types of which the name or the id begins with what was typed."""
    return answer_document(
        request, params.lang, lambda _, lang: {"result": suggest_types(params, lang)}, params.callback
    )


@router.get(
    "/suggest/property",
    response_model=TermsPublic,
    response_description="The properties.",
    summary="Suggest properties",
)
def suggest_property(request: Request, params: Annotated[NarrowedParams, Query()]) -> Response:
    """Suggest properties of which the name or the id begins with what was typed."""
    return answer_document(
        request, params.lang, lambda _, lang: {"result": suggest_properties(params, lang)}, params.callback
    )


@router.get(
    "/extend/propose",
    response_model=ProposalPublic,
    response_description="The properties.",
    summary="Propose properties",
)
def propose_for_type(request: Request, params: Annotated[ProposalParams, Query()]) -> Response:
    """List the properties in which the entities of a type can have values."""
    return answer_document(request, params.lang, lambda _, lang: propose_properties(params, lang), params.callback)


def make_manifest(request: Request, lang: Language, given: Language | None) -> ManifestPublic:
    """Make the manifest in a language; with a language that was given, its URLs lead to answers in that one."""
    base = base_of(request.scope)
    query = f"?lang={given}" if given else ""
    joined = f"{query}&" if query else "?"

    def suggest(kind: str) -> SuggestPublic:
        return {
            "service_url": base,
            "service_path": f"/reconcile/suggest/{kind}{query}",
            "flyout_service_url": base,
            "flyout_service_path": f"/reconcile/flyout/{kind}{joined}id=${{id}}",
        }

    return {
        "versions": [VERSION],
        "name": NAME.translate(lang),
        "identifierSpace": state_of(request)["base_uri"],
        "schemaSpace": SCHEMA_SPACE,
        "defaultTypes": [describe_type(resource, lang) for resource in TYPES],
        "documentation": f"{base}/docs",
        "logo": f"{base}/favicon.ico",
        "serviceVersion": request.app.version,
        "view": {"url": f"{base}/{query}#/{{{{id}}}}"},
        "preview": {"url": f"{base}/reconcile/preview{joined}id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": {"entity": suggest("entity"), "type": suggest("type"), "property": suggest("property")},
        # The client appends the parameters to this URL, so it can have none.
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/reconcile/extend/propose"},
            "property_settings": [],
        },
        "batchSize": MOST_POSTED,
    }
