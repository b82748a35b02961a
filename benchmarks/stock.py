"""The same list, written as the guides of FastAPI and SQLModel recommend: the baseline for our own code."""

import os
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from sqlalchemy import JSON, func
from sqlmodel import Field, Session, SQLModel, col, create_engine, select

engine = create_engine(os.environ["BENCHMARK_DATABASE_URL"], connect_args={"check_same_thread": False})
app = FastAPI()


class HypervisorBase(SQLModel):
    """The fields of a hypervisor in the API."""

    id: str = Field(primary_key=True)
    url: str
    name: str
    labels: dict[str, str] = Field(sa_type=JSON)
    aliases: list[str] = Field(sa_type=JSON)
    summary: str
    remark: str | None
    remark_kind: str | None
    related: list[dict[str, str]] = Field(sa_type=JSON)
    deprecated: dict[str, Any] | None = Field(sa_type=JSON)
    identifiers: list[dict[str, str | None]] = Field(sa_type=JSON)
    pack: str
    sources: list[dict[str, Any]] = Field(sa_type=JSON)
    vendor: str | None
    license: str | None
    website: str | None
    type: str = Field(index=True)
    status: str | None
    based_on: list[dict[str, str]] = Field(sa_type=JSON)


class Hypervisor(HypervisorBase, table=True):
    """The table of hypervisors."""

    __tablename__ = "hypervisors"


class HypervisorPublic(HypervisorBase):
    """A hypervisor in a response."""


class HypervisorsPublic(SQLModel):
    """A page of hypervisors."""

    items: list[HypervisorPublic]
    total: int


def get_session() -> Iterator[Session]:
    """Open a session for one request."""
    with Session(engine) as session:
        yield session


@app.get("/hypervisors", response_model=HypervisorsPublic)
def list_hypervisors(
    session: Annotated[Session, Depends(get_session)],
    type: str | None = None,
    offset: int = 0,
    limit: Annotated[int, Query(le=1000)] = 100,
) -> Any:
    """List the hypervisors."""
    items = select(Hypervisor)
    total = select(func.count()).select_from(Hypervisor)
    if type is not None:
        items = items.where(col(Hypervisor.type) == type)
        total = total.where(col(Hypervisor.type) == type)
    return {"items": session.exec(items.offset(offset).limit(limit)).all(), "total": session.exec(total).one()}
