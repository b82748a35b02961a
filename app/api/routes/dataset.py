"""`/dataset`: which packs are loaded, and their schemes and sources."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import answer_document
from app.api.router import Router
from app.queries.dataset import read_dataset
from app.queries.parameters import TextParams
from app.shapes.dataset import DatasetPublic

router = Router(prefix="/dataset", tags=["dataset"])


@router.get("", response_model=DatasetPublic, response_description="The dataset.", summary="Describe the dataset")
async def get_dataset(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Get the dataset's version, revision, packs, counts, languages, identifier schemes and sources."""
    return answer_document(request, params.lang, read_dataset)
