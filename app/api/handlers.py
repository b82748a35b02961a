"""Exception handlers: every error becomes a problem document, as a page for clients that prefer HTML, else as JSON."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.negotiation import HTML, JSON, PROBLEM_JSON, preferred_media_type, request_language
from app.api.not_found import missing_path
from app.api.problems import (
    ALLOWED_METHODS,
    POSTED_METHODS,
    Kind,
    Problem,
    ProblemError,
    method_not_allowed,
    unavailable,
)
from app.api.state import state_of
from app.path_prefix import prefix_of
from app.queries.refusals import Bilingual, Refused
from app.store.served import NothingServedError
from app.store.tables import Language

# A client that prefers plain JSON to HTML also gets the problem document as JSON.
OFFERED = (JSON, PROBLEM_JSON, HTML)

# Renders a problem document as a page, in a language, with headers and under a path prefix.
ProblemPage = Callable[[Problem, Language, Mapping[str, str], str], Response]


class ProblemHandlers:
    """Turns exceptions into problem documents; `page` renders one as HTML."""

    def __init__(self, page: ProblemPage) -> None:
        self.page = page

    def install(self, app: FastAPI) -> None:
        """Register the handlers with an application."""
        app.exception_handler(ProblemError)(self.answer)
        app.exception_handler(Refused)(self.answer_refused)
        app.exception_handler(HTTPException)(self.answer_unrouted)
        app.exception_handler(NothingServedError)(self.answer_outage)
        app.exception_handler(Exception)(self.answer_bug)

    def answer(self, request: Request, error: ProblemError) -> Response:
        """Answer with a problem document, in the client's preferred media type and language."""
        lang = request_language(request.scope)
        if preferred_media_type(request.headers.get("accept"), OFFERED) != HTML:
            return error.response(request.scope, lang)
        document = error.document(request.scope, lang)
        return self.page(document, error.language(lang), error.headers or {}, prefix_of(request.scope))

    def answer_refused(self, request: Request, refused: Refused) -> Response:
        """Answer 422 to a question with invalid parameters."""
        return self.answer(request, ProblemError(Kind.INVALID_PARAMETER, refused.summary, refused.faults))

    def answer_unrouted(self, request: Request, error: HTTPException) -> Response:
        """Answer a path or a method that no route has; OPTIONS succeeds on every path that exists."""
        if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return self.answer(request, missing_path(request.scope, state_of(request)["paths"]))
        path = request.scope["path"].removeprefix(prefix_of(request.scope))
        allowed = POSTED_METHODS if path in state_of(request)["posted"] else ALLOWED_METHODS
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        return self.answer(request, method_not_allowed(request.method, allowed))

    def answer_outage(self, request: Request, error: NothingServedError) -> Response:
        """Answer 503 until a dataset has been read, and say what an operator must do for that."""
        temporary = Bilingual("The dataset has not been read yet.", "数据集尚未读取。")
        lasting = error.problem.sentence if error.problem and not error.problem.temporary else None
        return self.answer(request, unavailable(lasting or temporary))

    def answer_bug(self, request: Request, _: Exception) -> Response:
        """Answer 500 after an unexpected exception, which uvicorn logs."""
        detail = Bilingual("The service failed; the error has been logged.", "服务出错，错误已记入日志。")
        return self.answer(request, ProblemError(Kind.INTERNAL_ERROR, detail))
