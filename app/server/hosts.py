"""The outermost layer: the allowed hosts, the trusted proxies and the path prefix."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api.negotiation import request_language
from app.api.problems import Kind, ProblemError
from app.path_prefix import PREFIX_HINT_EN, PREFIX_HINT_ZH, is_path_prefix, put_under
from app.queries.refusals import Bilingual, shorten
from app.server.request_log import RequestLog
from app.server.security_headers import HEADERS

# Orchestrators and monitoring request these by the address of a process, not by the host name of the service.
INTERNAL = ("/livez", "/readyz", "/metrics")
FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto"}
FORWARDED_PREFIX = b"x-forwarded-prefix"
LONGEST_HOST = 256
# RFC 9110, section 7.2: a name or an address, and a port.
HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|([\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(:\d*)?", re.ASCII)
ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


@lru_cache(maxsize=256)
def is_host(text: bytes) -> bool:
    """Whether a text of at most `LONGEST_HOST` bytes is a host, with or without a port."""
    return HOST.fullmatch(text) is not None


def is_well_formed(host: bytes) -> bool:
    """Whether a Host header has a value that it may have."""
    return len(host) <= LONGEST_HOST and is_host(host)


def find_fault(scope: Scope) -> Bilingual | None:
    """Say what is wrong with the Host headers of a request (RFC 9112, section 3.2); None if nothing is."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) > 1:
        return Bilingual("The request has more than one Host header.", "请求中有多个 Host 头。")
    if not hosts and scope["http_version"] == "1.1":
        return Bilingual(
            "The request has no Host header, which HTTP/1.1 requires.", "请求缺少 Host 头，HTTP/1.1 要求有。"
        )
    if hosts and not is_well_formed(hosts[0]):
        quoted = shorten(hosts[0].decode("latin-1"))
        return Bilingual(
            f"{quoted.en} is not a host: write a name of at most {LONGEST_HOST} bytes.",
            f"{quoted.zh}不是主机名：请写不超过 {LONGEST_HOST} 字节的主机名。",
        )
    return None


def use_target_host(target: bytes, scope: Scope) -> None:
    """Let the host of an absolute target count instead of the Host header (RFC 9112, section 3.2.2)."""
    absolute = ABSOLUTE.match(target)
    if absolute is None:
        return
    headers = scope["headers"]
    if scope["http_version"] == "1.0" and all(name != b"host" for name, _ in headers):
        headers.append((b"host", b""))
    # An ill-formed Host header is refused whatever the target.
    headers[:] = [
        (name, absolute[1] if name == b"host" and is_well_formed(value) else value) for name, value in headers
    ]


class TrustedHosts:
    """Refuses requests for hosts that are not `allowed`: host names, `*.example.com` for subdomains, or `*` for any.

    From proxies at `trusted` addresses it accepts the client's address and scheme (X-Forwarded-For, -Proto), and the
    path prefix (X-Forwarded-Prefix) unless all requests have the prefix `root_path`.
    """

    def __init__(
        self, app: ASGIApp, log: RequestLog, *, allowed: Sequence[str], trusted: Sequence[str], root_path: str
    ) -> None:
        self.app = app
        self.log = log
        self.behind_proxy: Any = ProxyHeadersMiddleware(cast("Any", app), list(trusted))
        self.root_path = root_path
        self.any_host = "*" in allowed
        self.names = {name.lower() for name in allowed}
        self.domains = tuple(name[1:].lower() for name in allowed if name.startswith("*."))
        self.is_allowed = lru_cache(maxsize=256)(self.matches)

    def matches(self, host: bytes) -> bool:
        """Whether the value of a Host header is allowed; the port is ignored."""
        name = host.decode("latin-1").lower()
        name = name if name.endswith("]") else name.rpartition(":")[0] or name
        return name in self.names or name.endswith(self.domains)

    def read_prefix(self, scope: Scope) -> str:
        """Read the prefix of a request that a proxy has passed on; empty if that is not a trusted one.

        Raises `ProblemError` if it is none, or if there are two.
        """
        client = scope.get("client")
        if (client[0] if client else None) not in self.behind_proxy.trusted_hosts:
            return ""
        given = b",".join(value for name, value in scope["headers"] if name == FORWARDED_PREFIX).decode("latin-1")
        if not is_path_prefix(given):
            quoted, hint = shorten(given), Bilingual(PREFIX_HINT_EN, PREFIX_HINT_ZH)
            detail = Bilingual(
                f"X-Forwarded-Prefix: {quoted.en} is not a path prefix; {hint.en}.",
                f"X-Forwarded-Prefix：{quoted.zh}不是路径前缀；{hint.zh}。",
            )
            raise ProblemError(Kind.BAD_REQUEST, detail)
        return given

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request for no host, for two, or for one that is not allowed; or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id")
        if given is not None or self.log.log_hits:
            send = self.log.follow(scope, send, given)
        path = scope["path"]
        if self.root_path or FORWARDED_PREFIX in headers:
            try:
                put_under(scope, self.root_path or self.read_prefix(scope))
            except ProblemError as problem:
                await self.refuse(problem, scope, receive, send)
                return
        host = headers.get(b"host")
        # Written out, since every request passes here: whether there is one Host header, and a well-formed one.
        if host is None or len(headers) < len(scope["headers"]) or len(host) > LONGEST_HOST or not is_host(host):
            fault = find_fault(scope)
            if fault is not None:
                await self.refuse(ProblemError(Kind.BAD_REQUEST, fault), scope, receive, send)
                return
        if not self.any_host and path not in INTERNAL:
            host = host or b""
            if not self.is_allowed(host):
                quoted = shorten(host.decode("latin-1"))
                detail = Bilingual(
                    f"This service does not answer to the host {quoted.en}.", f"本服务不响应发往主机{quoted.zh}的请求。"
                )
                await self.refuse(ProblemError(Kind.MISDIRECTED, detail), scope, receive, send)
                return
        if FORWARDED.isdisjoint(headers):
            await self.app(scope, receive, send)
        else:
            await self.behind_proxy(scope, receive, send)

    async def refuse(self, problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem document."""
        response = problem.response(scope, request_language(scope))
        response.raw_headers += HEADERS
        await response(scope, receive, self.log.follow_miss(scope, send))
