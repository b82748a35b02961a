"""The problem document (RFC 9457), and the exception that ends a request with one."""

from collections.abc import Mapping, Sequence
from enum import Enum

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from app.api.negotiation import PROBLEM_JSON
from app.path_prefix import prefix_of
from app.queries.refusals import Bilingual, Fault, join_sentences, shorten
from app.store.tables import Language

# The headers of every 503: the state of the service may soon be another.
UNAVAILABLE_HEADERS = {"Cache-Control": "no-store", "Retry-After": "5"}
ALLOWED_METHODS = "GET, HEAD, OPTIONS"
POSTED_METHODS = "GET, HEAD, OPTIONS, POST"
USE_GET = Bilingual("Use GET.", "请使用 GET。")


class ParameterFault(BaseModel):
    """What is wrong with one parameter or one value of a body, and how to fix it."""

    parameter: str = Field(description="The parameter's name, or the path of the value: `hosts[3].cpuid`.")
    detail: str = Field(description="What is wrong with it.")
    hint: str | None = Field(description="What to write instead; null if there is no suggestion.")
    allowed: list[str] = Field(description="Known names or values to use instead; may be empty.")


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

    BAD_REQUEST = 400, Bilingual("Bad request", "请求有误")
    CROSS_ORIGIN = 403, Bilingual("Cross-origin request not allowed", "不允许跨域请求")
    NOT_FOUND = 404, Bilingual("Not found", "未找到")
    METHOD_NOT_ALLOWED = 405, Bilingual("Method not allowed", "不允许的方法")
    NOT_ACCEPTABLE = 406, Bilingual("Not acceptable", "没有可接受的格式")
    REQUEST_TIMEOUT = 408, Bilingual("Request timeout", "请求超时")
    GONE = 410, Bilingual("Gone", "已删除")
    CONTENT_TOO_LARGE = 413, Bilingual("Content too large", "请求体过大")
    UNSUPPORTED_MEDIA_TYPE = 415, Bilingual("Unsupported media type", "不支持的媒体类型")
    PRECONDITION_FAILED = 412, Bilingual("Precondition failed", "前提条件不满足")
    MISDIRECTED = 421, Bilingual("Misdirected request", "请求发到了错误的主机")
    INVALID_PARAMETER = 422, Bilingual("Invalid parameter", "参数无效")
    HEAD_TOO_LARGE = 431, Bilingual("Request header fields too large", "请求头过大")
    INTERNAL_ERROR = 500, Bilingual("Internal error", "内部错误")
    UNAVAILABLE = 503, Bilingual("Unavailable", "暂时不可用")

    def __init__(self, status: int, title: Bilingual) -> None:
        self.status = status
        self.title = title

    @property
    def type(self) -> str:
        """The URI reference that identifies the kind (RFC 9457, section 3.1.1)."""
        return f"/problems/{self.name.lower().replace('_', '-')}"


class ProblemError(Exception):
    """Ends a request with a problem document; one whose `detail` is a `str` is in English only."""

    def __init__(
        self,
        kind: Kind,
        detail: Bilingual | str,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail if isinstance(detail, str) else detail.en)
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.headers = headers

    def language(self, wanted: Language) -> Language:
        """Return the language of the problem document for a client that wants a language."""
        return Language.EN if isinstance(self.detail, str) else wanted

    def document(self, scope: Scope, wanted: Language) -> Problem:
        """Make the problem document for a request of a client that wants a language."""
        lang = self.language(wanted)
        return Problem(
            type=prefix_of(scope) + self.kind.type,
            title=self.kind.title.translate(lang),
            status=self.kind.status,
            detail=self.detail if isinstance(self.detail, str) else self.detail.translate(lang),
            instance=scope["path"],
            errors=[
                ParameterFault(
                    parameter=fault.parameter,
                    detail=fault.detail.translate(lang),
                    hint=fault.hint.translate(lang) if fault.hint else None,
                    allowed=list(fault.allowed),
                )
                for fault in self.faults
            ],
        )

    def response(self, scope: Scope, wanted: Language) -> Response:
        """Make a JSON response, without negotiating the media type."""
        headers = {"Content-Language": self.language(wanted), **(self.headers or {})}
        return JSONResponse(self.document(scope, wanted).model_dump(), self.kind.status, headers, PROBLEM_JSON)


def unavailable(detail: Bilingual | str) -> ProblemError:
    """Make the refusal of a request that can be answered later; a `str` says what an operator must do until then."""
    if not isinstance(detail, str):
        detail = join_sentences(detail, Bilingual("Try again in a few seconds.", "请过几秒再试。"))
    return ProblemError(Kind.UNAVAILABLE, detail, headers=UNAVAILABLE_HEADERS)


def method_not_allowed(method: str, allowed: str = ALLOWED_METHODS) -> ProblemError:
    """Make the refusal of a method that a path does not have."""
    method = method[:20]
    detail = Bilingual(f"{method} is not allowed: this API is read-only.", f"不允许 {method}：本 API 只读。")
    hint = Bilingual("Use GET or POST.", "请使用 GET 或 POST。") if allowed == POSTED_METHODS else USE_GET
    detail = join_sentences(detail, hint)
    return ProblemError(Kind.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})


def origin_not_allowed(origin: str) -> ProblemError:
    """Make the refusal of an origin that the operator does not name."""
    quoted = shorten(origin)
    detail = Bilingual(
        f"TAXONOMY_CORS_ORIGINS does not allow pages of {quoted.en} to read this API.",
        f"TAXONOMY_CORS_ORIGINS 不允许来源{quoted.zh}的网页读取本 API。",
    )
    return ProblemError(Kind.CROSS_ORIGIN, detail)
