"""`/identify`: what the facts of hosts say."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.api.openapi_responses import BODY_RESPONSES
from app.api.responses import answer_document
from app.api.router import Router
from app.queries.identify import FactParams, HostsBody, identify
from app.shapes.results import IdentifyPublic

router = Router(prefix="/identify", tags=["find"])


@router.get("", response_model=IdentifyPublic, response_description="The result.", summary="Identify a host")
def identify_host(request: Request, params: Annotated[FactParams, Query()]) -> Response:
    """Say whether a host is virtual and on what it runs, from its facts.

    Each parameter is the id of a scheme, and its value what that tool or field reports on the host; repeat one that
    reports several values, such as `virt-what`. The facts must agree: the answer has the entries that all of them
    allow, and facts that no machine can report together are a `conflict`. A value that is not known says nothing, so it
    is no proof that a machine is physical.
    """
    return answer_document(
        request, params.lang, lambda reader, lang: {"results": identify(reader, [params.facts], lang)}
    )


@router.post(
    "",
    response_model=IdentifyPublic,
    response_description="One result for each host.",
    summary="Identify hosts",
    responses=BODY_RESPONSES,
)
def identify_hosts(request: Request, body: HostsBody) -> Response:
    """Say for up to 1,000 hosts what `GET /identify` says for one; nothing is stored."""
    return answer_document(
        request,
        body.lang,
        lambda reader, lang: {"results": identify(reader, body.hosts, lang, place="hosts[{}].")},
    )
