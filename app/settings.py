"""What a deployment may change, each setting described once; the README's table is made from here."""

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "TAXONOMY_"
PROJECT = Path(__file__).resolve().parent.parent

CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Settings by environment variables: the field's name in capitals behind ``TAXONOMY_``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    allowed_hosts: CommaSeparated = Field(
        ("*",),
        description="Host names under which the API is asked, separated by commas; `*.example.com` are all below it, "
        "`*` is any. Probes and metrics answer under any.",
    )
    trusted_proxies: CommaSeparated = Field(
        ("127.0.0.1",),
        description="Addresses and networks of proxies, separated by commas, whose X-Forwarded-For is believed.",
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="How log lines look: `json`, `text`, or by `auto` text on a terminal and JSON elsewhere."
    )
    log_hits: bool = Field(
        default=False, description="Whether requests that are answered out of memory are logged like the others."
    )
    header_seconds: float = Field(
        10.0, gt=0, description="How long a client may take to send a request's line and headers."
    )
    shutdown_seconds: int = Field(
        10, ge=1, description="How long what is in flight may take to be finished when the service is told to stop."
    )
    workers: int = Field(1, ge=1, description="How many processes serve.")
    database_url: str = Field(
        "sqlite:///virt-taxonomy.db",
        description="Where the dataset is stored: `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.",
    )
    database_pool_size: int = Field(
        10, ge=2, description="How many connections to the database each process opens at most."
    )
    database_connect_seconds: int = Field(
        2,
        ge=2,
        description="How long to wait for a connection to PostgreSQL, for one that others use, "
        "and for a server that has gone silent.",
    )
    database_statement_seconds: float = Field(
        10.0, gt=0, description="How long a statement may take on PostgreSQL before it is given up."
    )
    seed_dir: Path = Field(PROJECT / "seed", description="The folder that holds the packs, one folder each.")
    packs: CommaSeparated = Field(("docs",), description="The packs to load, separated by commas.")
    cors_origins: CommaSeparated = Field(
        ("*",), description="Origins whose pages may read the API, separated by commas; `*` is any."
    )
    base_uri: str = Field(
        "urn:virtualization-taxonomy:",
        description="What the URIs of exported concepts start with; "
        "the service's public address with a slash at its end makes them lead to the entries.",
    )

    cache_bytes: int = Field(
        64 * 1024 * 1024, ge=0, description="How many bytes of memory each process spends on answers; 0 keeps none."
    )
    cache_max_age: int = Field(
        60, ge=0, description="How many seconds browsers and proxies may keep an answer before they ask again."
    )
    cache_stale_if_error: int = Field(
        86400, ge=0, description="How many seconds longer they may use it while the service does not answer."
    )
    cache_poll_seconds: float = Field(
        2.0, gt=0, description="How often each process looks for a new revision: how late it is noticed at most."
    )

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown_variables(cls, values: Any) -> Any:
        """Refuse a misspelled variable: the environment source itself would silently pass it over."""
        known = [PREFIX + name.upper() for name in cls.model_fields]
        for variable in os.environ:
            if variable.upper().startswith(PREFIX) and variable.upper() not in known:
                near = get_close_matches(variable.upper(), known, n=1)
                raise ValueError(
                    f"{variable} is no setting; "
                    + (f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}.")
                )
        return values

    @field_validator("packs", "cors_origins", "allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def split_at_commas(cls, value: Any) -> Any:
        """Read ``docs,field`` as two values."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("packs")
    @classmethod
    def refuse_no_packs(cls, packs: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse an empty dataset and a pack named twice."""
        if not packs:
            raise ValueError("name at least one pack, for example docs")
        if len(set(packs)) < len(packs):
            raise ValueError("a pack is named twice")
        return packs

    @field_validator("base_uri")
    @classmethod
    def refuse_no_base(cls, base_uri: str) -> str:
        """Refuse a base to which a path cannot be added."""
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*(?<=[/#:])", base_uri):
            raise ValueError("write a URI that ends with a slash, a hash or a colon, for example https://example.com/")
        return base_uri

    @model_validator(mode="after")
    def refuse_unusable_database(self) -> Self:
        """Refuse a database that this service cannot open, without repeating a password."""
        try:
            url = self.url
        except ArgumentError:
            raise ValueError(
                "database_url: this is not a database URL; write for example sqlite:///virt-taxonomy.db"
            ) from None
        if url.drivername not in ("sqlite", "postgresql+psycopg"):
            raise ValueError(
                f"database_url: '{url.drivername}' cannot be used; write sqlite:///FILE or postgresql+psycopg://…"
            )
        if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
            raise ValueError("database_url: an SQLite database must be a file, for example sqlite:///virt-taxonomy.db")
        return self

    @property
    def url(self) -> URL:
        """The database URL; the bare and the legacy name of PostgreSQL mean psycopg."""
        url = make_url(self.database_url)
        return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url
