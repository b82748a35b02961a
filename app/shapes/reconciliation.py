"""The JSON shapes of the Reconciliation Service API 0.2, by the Entity Reconciliation Community Group of the W3C.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/ says what each field means.
"""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypeAliasType, TypedDict


class NamedPublic(TypedDict):
    """An entity, a type or a property."""

    id: Annotated[str, Field(description="Its id: `hypervisors/kvm`, `hypervisors`, `vendor`.")]
    name: Annotated[str, Field(description="Its name, in the language of the response.")]


class CandidatePublic(NamedPublic):
    """An entity that a string may denote."""

    description: Annotated[str, Field(description="The summary of the entry.")]
    type: Annotated[list[NamedPublic], Field(description="Its type, the collection that the entry belongs to.")]
    score: Annotated[
        int,
        Field(
            description="How it was found: by its id (100), its name (90), an alias (80), an identifier (70), a part "
            "of the string (50), its properties alone (30), or as a name that is spelled like the string (10)."
        ),
    ]
    match: Annotated[
        bool, Field(description="Whether it is the only meaning of the string: no part of it, nor what comes near.")
    ]


class CandidatesPublic(TypedDict):
    """The candidates for one query."""

    result: Annotated[list[CandidatePublic], Field(description="The candidates, the best first; may be empty.")]


ResultsPublic = TypeAliasType(
    "ResultsPublic",
    Annotated[dict[str, CandidatesPublic], Field(description="The candidates for each query, under its key.")],
)


class TextPublic(TypedDict):
    """A value that is a text."""

    str: Annotated[str, Field(description="The text.")]


Value = TextPublic | NamedPublic


class ExtensionPublic(TypedDict):
    """What entities have in properties."""

    meta: Annotated[list[NamedPublic], Field(description="The properties, in the order of the request.")]
    rows: Annotated[
        dict[str, dict[str, list[Value]]],
        Field(description="For each entity, the values that it has in each property; none if there is no such entity."),
    ]


class SuggestionPublic(NamedPublic):
    """An entity whose name begins with what was typed."""

    description: Annotated[str, Field(description="The summary of the entry.")]
    notable: Annotated[list[str], Field(description="The id of its type.")]


class SuggestionsPublic(TypedDict):
    """Suggested entities."""

    result: Annotated[list[SuggestionPublic], Field(description="Up to 20 entities, the best match first.")]


class TermsPublic(TypedDict):
    """Suggested types or properties."""

    result: Annotated[list[NamedPublic], Field(description="Up to 20 types or properties.")]


class ProposalPublic(TypedDict):
    """The properties that entities of a type have."""

    properties: Annotated[list[NamedPublic], Field(description="The properties.")]
    type: Annotated[str, Field(description="The id of the type; empty for every type.")]
    limit: Annotated[int, Field(description="The maximum number of properties.")]


class TemplatePublic(TypedDict):
    """Where to find something about an entity."""

    url: Annotated[str, Field(description="The URL, in which `{{id}}` stands for the id of the entity.")]


class PreviewPublic(TemplatePublic):
    """Where to find a small page about an entity, for an `iframe`."""

    width: Annotated[int, Field(description="The width of the page in pixels.")]
    height: Annotated[int, Field(description="The height of the page in pixels.")]


class PlacePublic(TypedDict):
    """Where to find a service: at the URL that is joined of both."""

    service_url: Annotated[str, Field(description="The beginning of the URL.")]
    service_path: Annotated[str, Field(description="The rest of the URL.")]


class SuggestPublic(PlacePublic):
    """Where to find suggestions, and a few words on each."""

    flyout_service_url: Annotated[str, Field(description="The beginning of the URL of the words on a suggestion.")]
    flyout_service_path: Annotated[str, Field(description="The rest of it, in which `${id}` stands for its id.")]


class SuggestsPublic(TypedDict):
    """Where to find suggestions of each kind."""

    entity: Annotated[SuggestPublic, Field(description="Of entities.")]
    type: Annotated[SuggestPublic, Field(description="Of types.")]
    property: Annotated[SuggestPublic, Field(description="Of properties.")]


class ExtendPublic(TypedDict):
    """What can be asked of entities."""

    propose_properties: Annotated[PlacePublic, Field(description="Where to find the properties of a type.")]
    property_settings: Annotated[list[str], Field(description="The settings of properties: none.")]


class ManifestPublic(TypedDict):
    """What a reconciliation service offers, and where; every URL begins with the address of the request."""

    versions: Annotated[list[str], Field(description="The versions of the API that it speaks.")]
    name: Annotated[str, Field(description="Its name.")]
    identifierSpace: Annotated[str, Field(description="What precedes the id of an entity in its URI.")]
    schemaSpace: Annotated[str, Field(description="The URI of the class of all entities.")]
    defaultTypes: Annotated[list[NamedPublic], Field(description="The types: the five collections.")]
    documentation: Annotated[str, Field(description="The page about it.")]
    logo: Annotated[str, Field(description="Its picture.")]
    serviceVersion: Annotated[str, Field(description="The version of the software.")]
    view: Annotated[TemplatePublic, Field(description="Where people find an entity.")]
    preview: Annotated[PreviewPublic, Field(description="Where they find a small page about it.")]
    suggest: Annotated[SuggestsPublic, Field(description="Where to find suggestions.")]
    extend: Annotated[ExtendPublic, Field(description="Where to find properties, of which a POST returns the values.")]
    batchSize: Annotated[int, Field(description="The maximum number of queries in one request.")]
