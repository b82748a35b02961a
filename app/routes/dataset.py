"""`/dataset`: what is being served."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import JSON, answer_language, json_answer, refuse_unless_accepted
from app.listing import TextParams
from app.parameters import Router
from app.queries import dataset
from app.schemas import DatasetPublic

router = Router(prefix="/dataset", tags=["dataset"])


@router.get("", response_model=DatasetPublic)
def get_dataset(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Read what is being served: version, revision, packs, counts, languages, identifier schemes, sources."""
    refuse_unless_accepted(request, JSON)
    lang = answer_language(request, params)
    with request.state.engine.connect() as connection:
        return json_answer(dataset(connection, lang), lang)
