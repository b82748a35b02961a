"""The settings of a deployment. A test compares their descriptions with the README."""

import os
import re
from importlib.util import find_spec
from ipaddress import ip_interface
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL

from app.database_url import check_database_url, parse_database_url
from app.folding import nearest
from app.path_prefix import PREFIX_HINT_EN, is_path_prefix

PREFIX = "TAXONOMY_"
PROJECT = Path(__file__).resolve().parent.parent

# What the Origin header and the Host header can contain, so that a value which never matches is refused.
HOST = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]"
ORIGIN = re.compile(rf"\*|[a-z][a-z0-9+.-]*://({HOST})(:\d+)?")
ALLOWED_HOST = re.compile(rf"\*|(\*\.)?({HOST})", re.IGNORECASE)
DEFAULT_PORTS = re.compile(r"http://.*:80|https://.*:443")

MCP_MISSING = (
    "the Model Context Protocol needs the extra mcp; install it with: pip install 'virtualization-taxonomy-api[mcp]'"
)

CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Settings from environment variables: ``TAXONOMY_`` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    allowed_hosts: CommaSeparated = Field(
        ("*",),
        description="Host names that the service answers to, separated by commas; `*.example.com` matches every "
        "subdomain, `*` every host. Probes and metrics answer to any host.",
    )
    trusted_proxies: CommaSeparated = Field(
        ("127.0.0.1",),
        description="Addresses and networks of the proxies whose X-Forwarded-For and X-Forwarded-Prefix are trusted, "
        "separated by commas.",
    )
    root_path: str = Field(
        "",
        description="Path under which a proxy publishes the service, such as `/taxonomy`; the proxy removes it from "
        "requests. By default, that in X-Forwarded-Prefix.",
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto",
        description="Format of the log lines: `json`, `text`, or `auto` for text on a terminal and JSON elsewhere.",
    )
    log_hits: bool = Field(default=False, description="Whether to log requests answered from the cache as well.")
    header_seconds: float = Field(
        10.0, gt=0, description="Seconds within which a client must send the request line and the headers."
    )
    send_seconds: float = Field(
        30.0, gt=0, description="Seconds after which a client that takes nothing of its response is disconnected."
    )
    shutdown_seconds: int = Field(
        10, ge=1, description="Seconds that requests in flight have to finish after the service is told to stop."
    )
    queue_length: int = Field(
        200,
        ge=0,
        description="Text searches, files and pages per process that may wait for a thread; others get a 503 at once.",
    )
    workers: int = Field(1, ge=1, description="Number of worker processes.")
    database_url: str = Field(
        "sqlite:///virt-taxonomy.db",
        repr=False,
        description="Where the dataset is stored: `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.",
    )
    database_connect_seconds: int = Field(
        2,
        ge=2,
        description="Seconds that a process waits for an answer of the database, and for the lock of an SQLite file, "
        "before it reports that the database cannot be read.",
    )
    seed_dir: Path = Field(PROJECT / "seed", description="Folder that contains the packs, one subfolder each.")
    packs: CommaSeparated = Field(("docs",), description="Packs to load, separated by commas.")
    cors_origins: CommaSeparated = Field(
        ("*",), description="Origins whose pages may read the API (CORS), separated by commas; `*` allows any."
    )
    mcp: bool = Field(
        default=False,
        description="Whether to answer the Model Context Protocol at `/mcp`; needs the extra `mcp`.",
    )
    base_uri: str = Field(
        "urn:virtualization-taxonomy:",
        description="Prefix of the URIs in SKOS; set it to the service's public address with a trailing slash, and "
        "they resolve to the entries.",
    )

    cache_bytes: int = Field(
        64 * 1024 * 1024,
        ge=0,
        description="Bytes of memory in each process for cached responses and all else that requests leave behind; "
        "0 disables the cache.",
    )
    cache_max_age: int = Field(
        60, ge=0, description="Seconds for which browsers and proxies may reuse a response before they revalidate it."
    )
    cache_stale_if_error: int = Field(
        86400, ge=0, description="Additional seconds for which they may reuse it while the service fails."
    )
    cache_poll_seconds: float = Field(
        2.0, gt=0, description="Seconds within which each process notices a new revision."
    )

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown_variables(cls, values: Any) -> Any:
        """Refuse a misspelled variable; pydantic-settings would ignore it silently."""
        known = [PREFIX + name.upper() for name in cls.model_fields]
        for variable in os.environ:
            if variable.upper().startswith(PREFIX) and variable.upper() not in known:
                near = nearest(variable.upper(), known, 1)
                raise ValueError(
                    f"{variable} is not a setting; "
                    + (f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}.")
                )
        return values

    @field_validator("packs", "cors_origins", "allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def split_at_commas(cls, value: Any) -> Any:
        """Read ``docs,field`` as two values."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("host")
    @classmethod
    def refuse_no_host(cls, host: str) -> str:
        """Refuse an empty address, which a socket takes for every address of the machine."""
        if not host.strip():
            raise ValueError("write an address, for example 127.0.0.1, or 0.0.0.0 for every address of the machine")
        return host

    @field_validator("packs")
    @classmethod
    def refuse_no_packs(cls, packs: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse an empty list of packs, a path, and a pack that is named twice."""
        if not packs:
            raise ValueError("name at least one pack, for example docs")
        for pack in packs:
            if "/" in pack or pack in (".", ".."):
                raise ValueError(
                    f"'{pack}' is a path; write the names of folders in {PREFIX}SEED_DIR, for example docs"
                )
        if len(set(packs)) < len(packs):
            raise ValueError("a pack is named twice")
        return packs

    @field_validator("allowed_hosts")
    @classmethod
    def refuse_unmatched_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what is no host name, and an empty list, with which every request would be refused."""
        if not hosts:
            raise ValueError("name at least one host, for example api.example.com, or * for every host")
        for host in hosts:
            if not ALLOWED_HOST.fullmatch(host):
                raise ValueError(
                    f"'{host}' is not a host name; write it without scheme, port and path, for example "
                    "api.example.com, *.example.com or [::1]"
                )
        return hosts

    @field_validator("trusted_proxies")
    @classmethod
    def refuse_unmatched_proxies(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what is neither an address nor a network."""
        for proxy in sorted({*proxies} - {"*"}):
            try:
                interface = ip_interface(proxy)
            except ValueError:
                raise ValueError(
                    f"'{proxy}' is not an address or a network; write for example 192.0.2.1, 10.0.0.0/8, or * to trust "
                    "every address"
                ) from None
            if "/" in proxy and interface.ip != interface.network.network_address:
                raise ValueError(f"'{proxy}' is an address in a network; write the network, {interface.network}")
        if "*" in proxies and len(proxies) > 1:
            raise ValueError("* trusts every address; write it alone, or leave it out")
        return proxies

    @field_validator("root_path")
    @classmethod
    def refuse_no_prefix(cls, root_path: str) -> str:
        """Refuse what cannot precede a path."""
        if not is_path_prefix(root_path):
            raise ValueError(f"'{root_path}' is not a path prefix; {PREFIX_HINT_EN}")
        return root_path

    @field_validator("cors_origins")
    @classmethod
    def refuse_unmatched_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what no browser sends as an origin."""
        for origin in origins:
            if not ORIGIN.fullmatch(origin) or DEFAULT_PORTS.fullmatch(origin):
                raise ValueError(
                    f"'{origin}' is not an origin; write scheme and host in lower case, and the port if it is not the "
                    "scheme's own, without a slash at the end: https://app.example.com"
                )
        return origins

    @field_validator("mcp")
    @classmethod
    def refuse_without_extra(cls, mcp: bool) -> bool:  # noqa: FBT001 (Pydantic calls it with the value)
        """Refuse the protocol where the packages that it needs are missing."""
        if mcp and not is_mcp_installed():
            raise ValueError(MCP_MISSING)
        return mcp

    @field_validator("base_uri")
    @classmethod
    def refuse_no_base(cls, base_uri: str) -> str:
        """Refuse a base URI to which a path cannot be appended."""
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*(?<=[/#:])", base_uri):
            raise ValueError("write a URI that ends with a slash, a hash or a colon, for example https://example.com/")
        return base_uri

    @field_validator("database_url")
    @classmethod
    def refuse_unusable_database(cls, database_url: str) -> str:
        """Refuse a database that this service cannot open."""
        check_database_url(database_url)
        return database_url

    @property
    def url(self) -> URL:
        """The database URL, with ``postgresql:`` and the legacy ``postgres:`` resolved to psycopg."""
        return parse_database_url(self.database_url)


def is_mcp_installed() -> bool:
    """Whether the extra `mcp` is installed; its second package came with the version that is needed."""
    return find_spec("mcp_types") is not None


def explain_setting(error: Any) -> str:
    """Turn a Pydantic error into a sentence that names the environment variable."""
    name = f"{PREFIX}{str(error['loc'][0]).upper()}: " if error["loc"] else ""
    return f"{name}{error['msg'].removeprefix('Value error, ')}"
