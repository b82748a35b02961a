"""The one error body (RFC 9457), how it is worded, and the handlers that write it."""

import logging
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.api.negotiation import LANGUAGES, preferred_language, preferred_media_type
from app.pages import rendering

MEDIA_TYPE = "application/problem+json"
# Who prefers JSON of whatever kind gets the problem document as such.
OFFERED = ("application/json", MEDIA_TYPE, rendering.HTML)
METHODS = "GET, HEAD, OPTIONS"
RETRY_AFTER_SECONDS = 5
# How many characters of what a client sent are repeated to it.
ECHO = 60

logger = logging.getLogger("app")


class ParameterError(BaseModel):
    """What is wrong with one parameter, and what to do about it."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    parameter: str = Field(description="The parameter's name.")
    detail: str = Field(description="What is wrong with it.")
    hint: str | None = Field(default=None, description="What to write instead, where that can be told.")
    allowed: list[str] = Field(default=[], description="The known names or values; empty where any would do.")


class Problem(BaseModel):
    """An error, as RFC 9457 writes it."""

    type: str = Field(description="The kind of problem, to tell problems apart.")
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status code.")
    detail: str = Field(description="What went wrong with this request.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[ParameterError] = Field(description="Each parameter at fault; empty where none is.")


KINDS = {
    "bad-request": (400, "Bad request"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Method not allowed"),
    "not-acceptable": (406, "Not acceptable"),
    "request-timeout": (408, "Request timeout"),
    "misdirected": (421, "Misdirected request"),
    "invalid-parameter": (422, "Invalid query parameter"),
    "head-too-large": (431, "Request header fields too large"),
    "internal-error": (500, "Internal error"),
    "unavailable": (503, "Unavailable"),
}


class ProblemError(Exception):
    """Ends a request with a problem document; `kind` is a key of `KINDS`."""

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: Sequence[ParameterError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers


def shorten(text: str) -> str:
    """A client's text as it is repeated to it: in quotation marks, and not all of it if it is long."""
    return f"'{text[:ECHO]}…'" if len(text) > ECHO else f"'{text}'"


def nearest(word: str, words: Sequence[str]) -> str | None:
    """A question that names the word that was probably meant."""
    near = get_close_matches(word[:200], words, n=1)
    return f"Did you mean '{near[0]}'?" if near else None


def unknown_parameter(name: str, known: Sequence[str]) -> ParameterError:
    """The refusal of a parameter that an endpoint does not have."""
    return ParameterError(
        parameter=name[:ECHO], detail="Unknown parameter.", hint=nearest(name, known), allowed=list(known)
    )


def unknown_value(parameter: str, value: str, known: Sequence[str]) -> ParameterError:
    """The refusal of a value outside a closed vocabulary."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 1 and all(part in known for part in parts):
        hint: str | None = "To allow several, repeat the parameter: " + "&".join(
            f"{parameter}={part}" for part in parts
        )
    else:
        hint = nearest(value, known)
    return ParameterError(
        parameter=parameter, detail=f"{shorten(value)} is not a known value.", hint=hint, allowed=list(known)
    )


def invalid(errors: Sequence[ParameterError]) -> ProblemError:
    """The refusal of a request for its parameters."""
    said = [f"{error.parameter}: {error.detail} {error.hint or ''}".strip() for error in errors[:3]]
    return ProblemError("invalid-parameter", " ".join(said), errors[:20])


def described(path: str, error: ProblemError) -> Problem:
    """The problem document of an error."""
    status, title = KINDS[error.kind]
    return Problem(
        type=f"/problems/{error.kind}",
        title=title,
        status=status,
        detail=error.detail,
        instance=path,
        errors=error.errors,
    )


def problem_at(path: str, error: ProblemError) -> Response:
    """A problem document as a response, whatever media type the client prefers."""
    problem = described(path, error)
    return JSONResponse(problem.model_dump(), problem.status, error.headers, MEDIA_TYPE)


def problem_response(request: Request, error: ProblemError) -> Response:
    """A problem document in answer to a request: as a page if the client prefers one, else as JSON."""
    path = request.url.path
    if preferred_media_type(request.headers.get("accept"), OFFERED) != rendering.HTML:
        return problem_at(path, error)
    wished = request.query_params.get("lang")
    lang = wished if wished in LANGUAGES else preferred_language(request.headers.get("accept-language"), LANGUAGES)
    problem = described(path, error)
    return rendering.page("problem.html", lang, status=problem.status, headers=error.headers, problem=problem)


def write_routing_problem(request: Request, error: HTTPException) -> Response:
    """Answer what the router refused: a path that does not exist, a method that is not served."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": METHODS})
        detail = f"{request.method[:20]} is not served: this API is read-only. Use GET."
        return problem_response(request, ProblemError("method-not-allowed", detail, headers={"Allow": METHODS}))
    paths = list(request.app.openapi()["paths"])
    path = request.url.path
    hint = f"Did you mean '{path.rstrip('/')}'?" if path != "/" and path.endswith("/") else nearest(path, paths)
    detail = f"There is nothing at {shorten(path)}. " + (hint or "The API's paths are listed at /docs.")
    return problem_response(request, ProblemError("not-found", detail))


def write_database_problem(request: Request, error: Exception) -> Response:
    """Answer while the database cannot be read."""
    logger.error("The database cannot be read: %s", error)
    detail = "The dataset cannot be read at the moment. Try again in a few seconds."
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem_response(request, ProblemError("unavailable", detail, headers=headers))


def write_internal_problem(request: Request, _: Exception) -> Response:
    """Answer after a fault of ours; the server logs it."""
    return problem_response(
        request, ProblemError("internal-error", "This is a fault of the service; it has been logged.")
    )


def install(app: FastAPI) -> None:
    """Let every error leave the application as a problem document."""
    app.exception_handler(ProblemError)(problem_response)
    app.exception_handler(HTTPException)(write_routing_problem)
    app.exception_handler(DBAPIError)(write_database_problem)
    app.exception_handler(PoolTimeoutError)(write_database_problem)
    # The dataset's one row is missing: nothing is loaded yet.
    app.exception_handler(NoResultFound)(write_database_problem)
    app.exception_handler(Exception)(write_internal_problem)
