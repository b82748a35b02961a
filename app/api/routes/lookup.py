"""`/lookup`: the entries that given strings denote."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.responses import answer_document
from app.api.router import Router
from app.api.state import state_of
from app.queries.lookup import LookupParams, is_short_lookup, resolve_values
from app.shapes.results import LookupPublic

router = Router(prefix="/lookup", tags=["find"])


@router.get(
    "", response_model=LookupPublic, response_description="One result for each value.", summary="Look up values"
)
async def lookup_values(request: Request, params: Annotated[LookupParams, Query()]) -> Response:
    """Resolve up to 100 ids, names, aliases and identifiers.

    Matching ignores case, compatibility forms, white space, hyphens, `_`, `®`, `™`, and quotation marks and full stops
    at the ends, and takes Traditional Chinese for Simplified; but an identifier that matches character for character
    beats one that does not. The response lists every entry that a value denotes and does not choose between equals.

    A value that nothing matches exactly may denote entries by a part (`match` is `part`): a name that is followed by a
    version, a build, an edition or a role, names that are joined, each of them known, a CPE with any version, a
    connection URI of libvirt, or a URI or path of this service. `rest` is what was cut off.
    """

    def answer() -> Response:
        return answer_document(request, params, lambda reader, lang: {"results": resolve_values(reader, params, lang)})

    return answer() if is_short_lookup(params) else await state_of(request)["threads"].run(answer, request.receive)
