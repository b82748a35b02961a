"""The promise that an endpoint declares nothing that would not run."""

from typing import Annotated

import pytest
from fastapi import BackgroundTasks, Body, Cookie, Depends, Header, Query, Request, Response

from app.api.router import Router
from app.queries.parameters import TextParams

Params = Annotated[TextParams, Query()]


def dependency():
    """What FastAPI would run first."""


def depends(request: Request, params: Params, extra: Annotated[str, Depends(dependency)]): ...


def header(request: Request, params: Params, token: Annotated[str, Header()]): ...


def cookie(request: Request, params: Params, token: Annotated[str, Cookie()]): ...


def body(request: Request, params: Params, text: Annotated[str, Body()]): ...


def loose(request: Request, q: str): ...


def beside(request: Request, params: Params, q: Annotated[str, Query()]): ...


def renamed(request: Request, question: Params): ...


def converted(request: Request, params: Params, id: int): ...


def response(request: Request, params: Params, response: Response): ...


def tasks(request: Request, params: Params, later: BackgroundTasks): ...


def no_request(params: Params): ...


def honest(request: Request, params: Params, id: str): ...


UNRUN = [
    (depends, "the dependency `dependency`"),
    (header, "the parameter `token`"),
    (cookie, "the parameter `token`"),
    (body, "the body parameter `text`"),
    (loose, "the query parameter `q`"),
    (beside, "the query parameter `q`"),
    (renamed, "the query parameter `question`"),
    (converted, "the path parameter `id`, which is no `str`"),
    (response, "the parameter `response`"),
    (tasks, "the parameter `later`"),
    (no_request, "no `request`"),
]


@pytest.mark.parametrize(("endpoint", "named"), UNRUN, ids=[endpoint.__name__ for endpoint, _ in UNRUN])
def test_an_endpoint_that_declares_what_would_not_run_is_refused(endpoint, named):
    with pytest.raises(TypeError) as refused:
        Router().get("/things/{id}" if endpoint is converted else "/things", response_model=None)(endpoint)

    assert f": {endpoint.__name__} declares {named}, which would not run. " in str(refused.value)


def test_a_dependency_of_the_route_is_refused_too():
    with pytest.raises(TypeError, match="the dependency `dependency`"):
        Router().get("/things/{id}", response_model=None, dependencies=[Depends(dependency)])(honest)


def test_an_honest_endpoint_is_taken():
    router = Router()
    router.get("/things/{id}", response_model=None)(honest)

    assert [route.path for route in router.routes] == ["/things/{id}"]
