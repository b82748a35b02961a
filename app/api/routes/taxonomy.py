"""`/taxonomy`: the whole tree in one response; its URI is that of the concept scheme."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import LINKED_FORMATS, answer_format, answer_language, json_response
from app.api.router import Router
from app.api.routes.export import answer_export
from app.api.state import open_dataset
from app.queries.taxonomy import TaxonomyParams, read_tree
from app.shapes.dataset import TaxonomyPublic

router = Router(prefix="/taxonomy", tags=["dataset"])


@router.get("", response_model=TaxonomyPublic, response_description="The tree.", summary="Get the taxonomy")
def get_taxonomy(request: Request, params: Annotated[TaxonomyParams, Query()]) -> Response:
    """Get the whole taxonomy as a tree: every entry once, in full, under its parent."""
    lang = answer_language(request, params.lang)
    if answer_format(request, params.format, LINKED_FORMATS) == "jsonld":
        return answer_export(request, "jsonld", lang)
    with open_dataset(request) as reader:
        return json_response(request, {"concepts": read_tree(reader, lang)}, lang)
