"""`/reconcile/preview` and `/reconcile/flyout`: what clients of `/reconcile` show of entities, types and properties."""

from typing import Annotated, cast

from fastapi import Query, Request, Response
from starlette.exceptions import HTTPException

from app.api.negotiation import HTML
from app.api.problems import Kind, ProblemError
from app.api.responses import accepted_media_type, answer_document, answer_language
from app.api.router import Router
from app.api.state import open_dataset
from app.pages.rendering import render_page, templates
from app.path_prefix import prefix_of
from app.queries.entities import TYPES, Entities, Property, describe_property, describe_type, resource_of
from app.queries.parameters import QueryText, ScriptParams, TextParams
from app.queries.refusals import Bilingual, join_sentences, refuse_unknown, shorten
from app.server.security_headers import FRAMED_POLICY, POLICY_HEADER
from app.shapes.entries import Record
from app.store.snapshot import Reader
from app.store.tables import Language, Resource

router = Router(prefix="/reconcile", include_in_schema=False)


KINDS = ("entity", "type", "property")


class PreviewParams(TextParams):
    """The parameters of a preview."""

    id: QueryText


class FlyoutParams(ScriptParams):
    """The parameters of a flyout."""

    id: QueryText


def read_entity(reader: Reader, id: str, lang: Language) -> Record:
    """Read an entity, with the name of its type. Raises `ProblemError` if there is none."""
    record = Entities(reader, lang).read(id)
    if record is None:
        quoted = shorten(id)
        detail = Bilingual(f"There is no entity {quoted.en}.", f"没有实体{quoted.zh}。")
        hint = Bilingual("Write the collection and the id: hypervisors/kvm", "请写明集合和 id：hypervisors/kvm")
        raise ProblemError(Kind.NOT_FOUND, join_sentences(detail, hint))
    return {**record, "type_name": describe_type(resource_of(id), lang)["name"]}


@router.get("/preview")
def get_preview(request: Request, params: Annotated[PreviewParams, Query()]) -> Response:
    """Show an entity on a small page, which pages of any origin may frame."""
    accepted_media_type(request, HTML)
    lang = answer_language(request, params.lang)
    with open_dataset(request) as reader:
        entity = read_entity(reader, params.id, lang)
    headers = {POLICY_HEADER: FRAMED_POLICY}
    return render_page("preview.html", lang, prefix_of(request.scope), headers=headers, entity=entity)


def describe(reader: Reader, kind: str, id: str, lang: Language) -> Record:
    """Describe an entity, a type or a property. Raises `Refused` or `ProblemError` if there is none."""
    if kind == "entity":
        return read_entity(reader, id, lang)
    if kind == "type":
        refuse_unknown("id", [id], [*TYPES])
        return {**describe_type(cast("Resource", id), lang), "type_name": id, "summary": ""}
    refuse_unknown("id", [id], [*Property])
    return {**describe_property(Property[id.upper()], lang), "type_name": id, "summary": ""}


@router.get("/flyout/{kind}")
def get_flyout(request: Request, kind: str, params: Annotated[FlyoutParams, Query()]) -> Response:
    """Return a few words on a suggestion, as HTML in JSON."""
    if kind not in KINDS:
        raise HTTPException(404)
    template = templates().get_template("flyout.html")

    def read(reader: Reader, lang: Language) -> dict[str, str]:
        return {"id": params.id, "html": template.render(entity=describe(reader, kind, params.id, lang))}

    return answer_document(request, params.lang, read, params.callback)
