"""Exception handlers: every error becomes a problem document, as a page for clients that prefer HTML, else as JSON."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.negotiation import HTML, JSON, LANGUAGES, PROBLEM_JSON, preferred_language, preferred_media_type
from app.api.problems import Kind, Problem, ProblemError, unavailable
from app.api.state import state_of
from app.queries.refusals import Refused, shorten, suggest
from app.store.readiness import NotLoadedError

# A client that prefers plain JSON to HTML also gets the problem document as JSON.
OFFERED = (JSON, PROBLEM_JSON, HTML)
ALLOWED_METHODS = "GET, HEAD, OPTIONS"

# Renders a problem document as a page, in a language and with headers.
ProblemPage = Callable[[Problem, str, Mapping[str, str]], Response]
logger = logging.getLogger("app")


class ProblemHandlers:
    """Turns exceptions into problem documents; `page` renders one as HTML."""

    def __init__(self, page: ProblemPage) -> None:
        self.page = page

    def install(self, app: FastAPI) -> None:
        """Register the handlers with an application."""
        app.exception_handler(ProblemError)(self.answer)
        app.exception_handler(Refused)(self.answer_refused)
        app.exception_handler(HTTPException)(self.answer_unrouted)
        app.exception_handler(DBAPIError)(self.answer_outage)
        app.exception_handler(PoolTimeoutError)(self.answer_outage)
        app.exception_handler(NotLoadedError)(self.answer_outage)
        app.exception_handler(Exception)(self.answer_bug)

    def answer(self, request: Request, error: ProblemError) -> Response:
        """Answer with a problem document, in the client's preferred media type and language."""
        path: str = request.scope["path"]
        if preferred_media_type(request.headers.get("accept"), OFFERED) != HTML:
            return error.response(path)
        wanted = request.query_params.get("lang")
        lang = wanted if wanted in LANGUAGES else preferred_language(request.headers.get("accept-language"), LANGUAGES)
        return self.page(error.document(path), lang, error.headers or {})

    def answer_refused(self, request: Request, refused: Refused) -> Response:
        """Answer 422 to a question with invalid parameters."""
        return self.answer(request, ProblemError(Kind.INVALID_PARAMETER, str(refused), refused.faults))

    def answer_unrouted(self, request: Request, error: HTTPException) -> Response:
        """Answer a path or a method that no route has; OPTIONS succeeds on every path that exists."""
        if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return self.answer(request, ProblemError(Kind.NOT_FOUND, explain_missing_path(request)))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ALLOWED_METHODS})
        detail = f"{request.method[:20]} is not allowed: this API is read-only. Use GET."
        return self.answer(request, ProblemError(Kind.METHOD_NOT_ALLOWED, detail, headers={"Allow": ALLOWED_METHODS}))

    def answer_outage(self, request: Request, error: Exception) -> Response:
        """Answer 503 while the database cannot be read, and log why."""
        logger.error("The database cannot be read: %s", error)
        return self.answer(request, unavailable("The dataset cannot be read at the moment."))

    def answer_bug(self, request: Request, _: Exception) -> Response:
        """Answer 500 after an unexpected exception, which uvicorn logs."""
        detail = "The service failed; the error has been logged."
        return self.answer(request, ProblemError(Kind.INTERNAL_ERROR, detail))


def explain_missing_path(request: Request) -> str:
    """Say that a path does not exist, and suggest a similar one."""
    path: str = request.scope["path"]
    if path != "/" and path.endswith("/"):
        hint: str | None = f"Did you mean {shorten(path.rstrip('/'))}?"
    else:
        hint = suggest(path, list(state_of(request)["operations"]))
    return f"There is nothing at {shorten(path)}. " + (hint or "The API's paths are listed at /docs.")
