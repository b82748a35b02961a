"""The problem document (RFC 9457), and the exception that ends a request with one."""

from collections.abc import Mapping, Sequence
from enum import Enum

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from app.api.negotiation import PROBLEM_JSON
from app.queries.refusals import ParameterFault

RETRY_AFTER_SECONDS = 5


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="The kind of problem, for programs.")
    title: str = Field(description="The kind of problem, for people.")
    status: int = Field(description="The HTTP status code.")
    detail: str = Field(description="What went wrong with this request.")
    instance: str = Field(description="The path of the request.")
    errors: list[ParameterFault] = Field(description="Each invalid parameter; may be empty.")


class Kind(Enum):
    """The kinds of problems, each with its status and title."""

    BAD_REQUEST = 400, "Bad request"
    NOT_FOUND = 404, "Not found"
    METHOD_NOT_ALLOWED = 405, "Method not allowed"
    NOT_ACCEPTABLE = 406, "Not acceptable"
    REQUEST_TIMEOUT = 408, "Request timeout"
    PRECONDITION_FAILED = 412, "Precondition failed"
    MISDIRECTED = 421, "Misdirected request"
    INVALID_PARAMETER = 422, "Invalid query parameter"
    HEAD_TOO_LARGE = 431, "Request header fields too large"
    INTERNAL_ERROR = 500, "Internal error"
    UNAVAILABLE = 503, "Unavailable"

    def __init__(self, status: int, title: str) -> None:
        self.status = status
        self.title = title

    @property
    def type(self) -> str:
        """The URI reference that identifies the kind (RFC 9457, section 3.1.1)."""
        return f"/problems/{self.name.lower().replace('_', '-')}"


class ProblemError(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        faults: Sequence[ParameterFault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.faults = list(faults)
        self.headers = headers

    def document(self, path: str) -> Problem:
        """Make the problem document for a request to a path."""
        return Problem(
            type=self.kind.type,
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            instance=path,
            errors=self.faults,
        )

    def response(self, path: str) -> Response:
        """Make a JSON response, without content negotiation."""
        return JSONResponse(self.document(path).model_dump(), self.kind.status, self.headers, PROBLEM_JSON)


def unavailable(detail: str) -> ProblemError:
    """Make the refusal of a request that can be answered a little later."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return ProblemError(Kind.UNAVAILABLE, f"{detail} Try again in a few seconds.", headers=headers)
