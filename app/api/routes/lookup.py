"""`/lookup`: what given strings mean."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import BODY_RESPONSES
from app.api.responses import answer_document
from app.api.router import Router
from app.api.state import state_of
from app.queries.lookup import LookupBody, LookupParams, is_short_lookup, resolve_values
from app.shapes.results import LookupPublic

router = Router(prefix="/lookup", tags=["find"])


@router.get(
    "", response_model=LookupPublic, response_description="One result for each value.", summary="Look up values"
)
async def lookup_values(request: Request, params: Annotated[LookupParams, Query()]) -> Response:
    """Resolve up to 100 ids, names, aliases and identifiers.

    Matching ignores case, compatibility forms, white space, hyphens, `_`, `®`, `™`, and quotation marks and full stops
    at the ends, and takes Traditional Chinese for Simplified; but in identifiers white space counts. The response lists
    every exact meaning: the entries, and the schemes in which the value means that a machine is not virtualized, or is
    virtualized by an unnamed product. Rules such as "begins with `VMware`" count only for a `scheme` that is given.

    A value that nothing matches exactly may denote entries by a part (`match` is `part`): a name that is followed by a
    version, a build, an edition or a role, names that are joined, each of them known, a CPE with any version, a
    connection URI of libvirt, or a URI or path of this service. `rest` is what was cut off.
    """

    def answer() -> Response:
        return answer_document(
            request,
            params.lang,
            lambda reader, lang: {
                "results": resolve_values(reader, params.value, lang, schemes=params.scheme, resources=params.resource)
            },
        )

    return answer() if is_short_lookup(params) else await state_of(request)["threads"].run(answer, request.receive)


@router.post(
    "",
    response_model=LookupPublic,
    response_description="One result for each value.",
    summary="Look up many values",
    responses=BODY_RESPONSES,
)
def lookup_many_values(request: Request, body: LookupBody) -> Response:
    """Resolve up to 1,000 values, as `GET /lookup` does; nothing is stored.

    A value that cannot be looked up has the match `none` and a `reason`; the others are resolved.
    """
    return answer_document(
        request,
        body.lang,
        lambda reader, lang: {
            "results": resolve_values(reader, body.values, lang, schemes=body.scheme, resources=body.resource)
        },
    )
