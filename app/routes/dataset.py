"""`/dataset`: what is being served."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import one_document
from app.listing import TextParams
from app.parameters import Router
from app.queries import dataset
from app.schemas import DatasetPublic

router = Router(prefix="/dataset", tags=["dataset"])


@router.get("", response_model=DatasetPublic)
def get_dataset(request: Request, params: Annotated[TextParams, Query()]) -> Response:
    """Read what is being served: version, revision, packs, counts, languages, identifier schemes, sources."""
    return one_document(request, params, dataset)
