"""The arguments of the tools: one strict model each, from which the tool's input schema is made."""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from typing_extensions import TypeAliasType

from app.queries.identify import Values
from app.queries.parameters import MOST_VALUES, BodyText, Flag, Omittable, QueryText, ResourceName, read_language
from app.queries.refusals import QUOTED_CHARACTERS, SUMMARIZED, Bilingual
from app.queries.search import refuse_unless_words
from app.queries.vocabularies import ConceptId, PackId, ProductId, SchemeId
from app.store.tables import Language, RemarkKind, Resource, Status

MOST_HITS = 20
MOST_LISTED = 50
MOST_ENTRIES = 20
Value = TypeVar("Value")


def refuse_joined(given: Any) -> Any:
    """Raise `ValueError` for ids in one text, separated by commas, and show them as an array."""
    texts = given if isinstance(given, list) else [given]
    if all(isinstance(text, str) for text in texts) and (given is not texts or any("," in text for text in texts)):
        array = json.dumps(
            [part.strip()[:QUOTED_CHARACTERS] for text in texts for part in text.split(",")][:SUMMARIZED]
        )
        raise ValueError(Bilingual(f"Must be an array: write {array}.", f"必须是数组：请写 {array}。"))
    return given


Texts = Annotated[list[Value], Field(min_length=1, max_length=MOST_VALUES)]
# No id and no name of a field contains a comma.
Several = Annotated[Texts[Value], BeforeValidator(refuse_joined)]
# The ids of hypervisor types and of virtualization types; `app.mcp.schemas` lists both.
TypeId = TypeAliasType("TypeId", QueryText)


class Arguments(BaseModel):
    """The arguments of every tool."""

    model_config = ConfigDict(extra="forbid")

    lang: Annotated[
        Language, BeforeValidator(read_language), Field(description="The language of names, summaries and errors.")
    ] = Language.EN


class IdentifyHost(Arguments):
    """The arguments of `identify_host`."""

    facts: Annotated[
        dict[str, Values],
        Field(
            min_length=1,
            description="What is known of the host: for each scheme (a tool or a field that a tool reads), the string "
            "or strings that it reports, unchanged.",
            examples=[{"systemd-detect-virt": "vmware", "dmi-product-name": "VMware7,1"}],
        ),
    ]


class ResolveIdentifiers(Arguments):
    """The arguments of `resolve_identifiers`."""

    values: Annotated[
        list[BodyText],
        Field(
            min_length=1,
            max_length=MOST_VALUES,
            description="The strings, as they were found: what tools report, names, aliases, ids, CPEs, libvirt URIs.",
            examples=[["vmware", "KVMKVMKVM", "Hyper-V 2019"]],
        ),
    ]
    scheme: Annotated[
        Omittable[Several[SchemeId]],
        Field(description="The schemes that report the values, if known: only what they mean there counts."),
    ] = None
    resource: Annotated[Omittable[Several[ResourceName]], Field(description="Only entries of these collections.")] = (
        None
    )


class AskTaxonomy(Arguments):
    """The arguments of `ask_taxonomy`."""

    lang: Annotated[
        Omittable[Language],
        BeforeValidator(read_language),
        Field(description="The language of the answer; without it, that of the question."),
    ] = None  # type: ignore[assignment]
    question: Annotated[
        QueryText,
        Field(
            description="One question, in English or Chinese, as a person would ask it; name the entry.",
            examples=["Which hypervisors are bare-metal?"],
        ),
    ]


class SearchTaxonomy(Arguments):
    """The arguments of `search_taxonomy`."""

    query: Annotated[
        QueryText,
        AfterValidator(refuse_unless_words),
        Field(description="One to ten words, in English or Chinese; an entry must contain each of them."),
    ]
    resource: Annotated[Omittable[Several[ResourceName]], Field(description="Only entries of these collections.")] = (
        None
    )
    limit: Annotated[int, Field(ge=1, le=MOST_HITS, strict=True, description="The maximum number of hits.")] = 5


Facet = Literal["type", "concept", "broader", "vendor", "license", "status", "based_on", "remark_kind", "pack"]


class ListEntries(Arguments):
    """The arguments of `list_entries`: a collection, and every filter that any list of the API has."""

    collection: Annotated[Resource, Field(description="The collection to list.")]
    type: Annotated[
        Omittable[Several[TypeId]], Field(description="Of hypervisors and examples: only those of one of these types.")
    ] = None
    vendor: Annotated[
        Omittable[Texts[QueryText]],
        Field(description="Of hypervisors and examples: only those by one of these vendors, spelled as in the data."),
    ] = None
    license: Annotated[
        Omittable[Texts[QueryText]],
        Field(description="Of hypervisors and examples: only those under one of these SPDX ids, or `proprietary`."),
    ] = None
    status: Annotated[
        Omittable[Several[Status]],
        Field(description="Of hypervisors and examples: only those with one of these statuses."),
    ] = None
    based_on: Annotated[
        Omittable[Several[ProductId]],
        Field(description="Of hypervisors and examples: only those directly based on a product with one of these ids."),
    ] = None
    concept: Annotated[
        Omittable[Several[ConceptId]], Field(description="Of types: only those of one of these concepts.")
    ] = None
    broader: Annotated[
        Omittable[Several[ConceptId]], Field(description="Of concepts: only those directly below one of these.")
    ] = None
    remark_kind: Annotated[
        Omittable[Several[RemarkKind]],
        Field(description="Only entries with a remark: on sources that contradict each other, or another."),
    ] = None
    deprecated: Annotated[
        Omittable[Flag],
        Field(description="Only entries that are no longer to be used (`true`), or only those in use (`false`)."),
    ] = None
    id: Annotated[Omittable[Texts[QueryText]], Field(description="Only the entries with these ids.")] = None
    pack: Annotated[Omittable[Several[PackId]], Field(description="Only entries of these packs.")] = None
    q: Annotated[
        Omittable[QueryText],
        Field(description="Only entries that contain this text in a name, alias or summary."),
    ] = None
    facet: Annotated[
        Omittable[Several[Facet]], Field(description="Also count all matching entries by the values of these fields.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED, strict=True, description="The maximum number of entries.")] = 20
    offset: Annotated[
        int, Field(ge=0, le=10_000_000, strict=True, description="The number of matching entries to skip.")
    ] = 0


class GetEntries(Arguments):
    """The arguments of `get_entries`."""

    refs: Annotated[
        list[QueryText],
        Field(
            min_length=1,
            max_length=MOST_ENTRIES,
            description="The entries, each as collection/id, as the field `ref` of the other tools' answers has it.",
            examples=[["hypervisors/kvm", "virtualization-types/container"]],
        ),
    ]
