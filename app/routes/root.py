"""`/`: where a person who types the bare address arrives."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from app import policy

router = APIRouter()


@router.get("/", include_in_schema=False)
async def get_root() -> RedirectResponse:
    """Lead to the documentation."""
    return RedirectResponse("/docs", 307, {policy.POLICY: policy.PAGE})
