"""`/dataset`: what is being served."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import one_document
from app.api.router import Router
from app.queries.lists import TextParams
from app.queries.lookup import dataset
from app.shapes.entries import DatasetPublic

router = Router(prefix="/dataset", tags=["dataset"])


@router.get("", response_model=DatasetPublic)
def get_dataset(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Read what is being served: version, revision, packs, counts, languages, identifier schemes, sources."""
    return one_document(request, params, dataset)
