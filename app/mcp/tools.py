"""The tools: a question of the API each, with brief answers, since every character costs the model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic_core import from_json

from app.mcp.answers import (
    Asked,
    Got,
    Hit,
    HitMatch,
    Hits,
    IdentifiedHost,
    Listed,
    MissingRef,
    ResolvedValue,
    ResolvedValues,
)
from app.mcp.arguments import (
    Arguments,
    AskTaxonomy,
    GetEntries,
    IdentifyHost,
    ListEntries,
    ResolveIdentifiers,
    SearchTaxonomy,
)
from app.mcp.entries import MissingEntryError, read_brief, read_entry, shorten_record
from app.mcp.faults import read_arguments
from app.queries.collections import LISTS
from app.queries.dataset import read_scheme_ids
from app.queries.entries import Records
from app.queries.hints import explain_empty_list
from app.queries.identify import identify
from app.queries.lists import filters_of, read_page
from app.queries.lookup import printable, resolve_values
from app.queries.refusals import Bilingual, Fault, Refused, list_words, refuse_unknown
from app.queries.search import SearchParams, read_hits
from app.shapes.results import HitPublic
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import Language


def identify_host(reader: Reader, arguments: IdentifyHost, _: str) -> IdentifiedHost:
    """Say what the facts of a host say."""
    facts = {printable(scheme): values for scheme, values in arguments.facts.items()}
    refuse_unknown("facts", [*facts], reader.derive(read_scheme_ids))
    facts = {scheme: [*map(printable, values)] for scheme, values in facts.items()}
    (result,) = identify(reader, [facts], arguments.lang)
    records = Records(reader, arguments.lang)
    return {
        "verdict": result["verdict"],
        "entries": [read_brief(records, item["resource"], item["id"]) for item in result["items"]],
        "because": [
            {
                "scheme": fact["scheme"],
                "value": fact["value"],
                "match": fact["match"],
                "matched": fact["matched"],
                "verdict": fact["verdict"],
                "refs": [f"{item['resource']}/{item['id']}" for item in fact["items"]],
                "source": fact["source"],
            }
            for fact in result["because"]
        ],
        "unrecognized": result["unrecognized"],
    }


def resolve_identifiers(reader: Reader, arguments: ResolveIdentifiers, _: str) -> ResolvedValues:
    """Say what strings denote."""
    found = resolve_values(
        reader,
        arguments.values,
        arguments.lang,
        schemes=arguments.scheme or (),
        resources=arguments.resource or (),
    )
    records, results = Records(reader, arguments.lang), []
    for result in found:
        denoted = [
            {
                **read_brief(records, item["resource"], item["id"]),
                "match": item["match"],
                "matched": item["matched"],
                **({"scheme": item["scheme"]} if item["scheme"] else {}),
            }
            for item in result["items"]
        ]
        rest = {name: result[name] for name in ("rest", "not_virtualized", "hosts", "unspecified", "nearest", "reason")}
        given = {name: value for name, value in rest.items() if value}
        whole = {"value": result["value"], "match": result["match"], "entries": denoted, **given}
        results.append(cast("ResolvedValue", whole))
    return {"results": results}


def search_taxonomy(reader: Reader, arguments: SearchTaxonomy, _: str) -> Hits:
    """Find entries by words."""
    params = SearchParams.model_construct(
        q=arguments.query, resource=arguments.resource or [], limit=arguments.limit, offset=0, facet=[]
    )
    page = read_hits(reader, params, arguments.lang)
    records, hits = Records(reader, arguments.lang), []
    for found in page.items:
        hit: HitPublic = from_json(found)
        record = records.read(hit["resource"], hit["id"])
        matched = [HitMatch(field=match["field"], value=match["value"]) for match in hit["matched"]]
        hits.append(Hit(**shorten_record(hit["resource"], record), summary=record["summary"], matched=matched))
    answer: Hits = {"total": page.total, "hits": hits}
    if page.hint:
        answer["hint"] = page.hint.translate(arguments.lang)
    return answer


def list_entries(reader: Reader, arguments: ListEntries, _: str) -> Listed:
    """List a collection. Raises `Refused` for a filter that it does not have."""
    table, model = COLLECTIONS[arguments.collection].table, LISTS[arguments.collection]
    own = {"collection", "lang"}
    given = {name: value for name, value in arguments if name not in own and value is not None}
    known = list_words([*filters_of(model)])
    if unknown := sorted({*given} - {*model.model_fields}):
        detail = Bilingual(f"{table.resource} have no such filter.", f"{table.resource} 没有这个筛选条件。")
        hint = Bilingual(f"Leave it out; the filters are {known.en}.", f"请去掉该参数；筛选条件有 {known.zh}。")
        raise Refused([Fault(name, detail, hint) for name in unknown])
    params = read_arguments(given, model)
    page = read_page(reader, table, params, arguments.lang)
    answer: Listed = {
        "total": page.total,
        "entries": [shorten_record(table.resource, from_json(record)) for record in page.items],
    }
    if page.facets:
        answer["facets"] = page.facets
    if not page.total and (hint_or_none := explain_empty_list(reader, table, params, where_values_are)):
        answer["hint"] = hint_or_none.translate(arguments.lang)
    return answer


def ask_taxonomy(reader: Reader, arguments: AskTaxonomy, _: str) -> Asked:
    """Answer a question in words."""
    from app.queries.ask.asking import ask  # noqa: PLC0415 (nothing of it is loaded before the first question)

    said = ask(reader, printable(arguments.question), arguments.lang)
    records = Records(reader, said["lang"])
    answer: Asked = {
        "answered": said["answered"],
        "answer": said["answer"],
        "entries": [read_brief(records, entry["resource"], entry["id"]) for entry in said["entries"]],
        "sources": [source["title"] for source in said["sources"]] if said["answered"] else [],
    }
    return answer if said["answered"] else {**answer, "reason": said["reason"], "suggestions": said["suggestions"]}


def where_values_are(name: str) -> str:
    """Say which call lists the values of a field."""
    return "list_entries" if name == "id" else f'list_entries {{"facet": ["{name}"]}}'


def get_entries(reader: Reader, arguments: GetEntries, prefix: str) -> Got:
    """Read whole entries."""
    entries, missing = [], []
    for ref in map(printable, arguments.refs):
        try:
            entries.append(read_entry(reader, ref, arguments.lang, prefix, by_name=True))
        except MissingEntryError as error:
            missing.append(MissingRef(ref=ref, hint=error.hint.translate(arguments.lang)))
    return {"entries": entries, "missing": missing} if missing else {"entries": entries}


@dataclass(frozen=True)
class Tool:
    """A tool: what a model is told of it, its arguments, and the function that answers.

    `answer` takes the arguments and the path prefix of the service.
    """

    name: Literal[
        "identify_host", "resolve_identifiers", "search_taxonomy", "list_entries", "get_entries", "ask_taxonomy"
    ]
    title: str
    description: str
    arguments: type[Arguments]
    result: Any
    answer: Callable[[Reader, Any, str], Any]

    def describe(self, schemes: Sequence[str]) -> str:
        """Describe the tool to the model; what takes facts names the schemes that they can have."""
        return (
            f"{self.description} Schemes: {', '.join(schemes)}." if self.name == "identify_host" else self.description
        )


TOOLS: Sequence[Tool] = (
    Tool(
        "identify_host",
        "Identify a host",
        "Say whether a host is virtual, and on what it runs, from what tools report on it (systemd-detect-virt, DMI, "
        "CPUID, ...). All facts of one host go into one call. `conflict`: no machine can report all of them.",
        IdentifyHost,
        IdentifiedHost,
        identify_host,
    ),
    Tool(
        "resolve_identifiers",
        "Resolve strings",
        "Say which entries strings denote, up to 100 at a time, such as those of an inventory: every exact meaning, or "
        "a known name with a version, an edition or a role behind it. Nothing is guessed: `none` is an answer.",
        ResolveIdentifiers,
        ResolvedValues,
        resolve_identifiers,
    ),
    Tool(
        "search_taxonomy",
        "Search the taxonomy",
        "Find entries by words in their names, identifiers, characteristics and summaries, in English and Chinese. "
        "To know what a string means, use resolve_identifiers.",
        SearchTaxonomy,
        Hits,
        search_taxonomy,
    ),
    Tool(
        "list_entries",
        "List entries",
        "List a collection in the order of its source, narrowed by filters: several values of one filter mean or, "
        "several filters and. For example all bare-metal hypervisors, or how many entries each vendor has.",
        ListEntries,
        Listed,
        list_entries,
    ),
    Tool(
        "get_entries",
        "Get whole entries",
        "Get every field of up to 20 entries: summary, aliases, identifiers, vendor, licence, remark, and the sources "
        "that support each of them. A null field means that no source says.",
        GetEntries,
        Got,
        get_entries,
    ),
    Tool(
        "ask_taxonomy",
        "Ask a question",
        "Answer a question in words about the entries, or say why there is no answer: what something is, of which "
        "type, who makes it, which are of a type and how many, what a tool's string means. Nothing is guessed.",
        AskTaxonomy,
        Asked,
        ask_taxonomy,
    ),
)


def language_of(arguments: Mapping[str, Any]) -> Language:
    """Return the language in which to refuse arguments, whether or not they are valid."""
    given = arguments.get("lang")
    return (Language.of(given) if isinstance(given, str) else None) or Language.EN
