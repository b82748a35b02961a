"""Routing: from a request to its endpoint.

Every route of the API is made by `Router`, so that each refuses undeclared parameters.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from inspect import iscoroutinefunction
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from app.api.negotiation import CSV, JSON_LD, ZIP
from app.api.openapi_responses import QUESTION_RESPONSES, Responses
from app.api.query_string import read_query
from app.api.state import state_of

EntryId = Annotated[str, Path(description="The entry's id, or an alias that no other entry has.")]

# FastAPI's names for the special parameters that it would inject into an endpoint.
SPECIAL_PARAMETERS = (
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)


class CsvResponse(Response):
    """What an endpoint that answers with CSV declares; else FastAPI would document JSON."""

    media_type = CSV


class ZipResponse(Response):
    """What an endpoint that answers with a zip archive declares."""

    media_type = ZIP


class JsonLdResponse(Response):
    """What an endpoint that answers with JSON-LD declares."""

    media_type = JSON_LD


class DirectRoute(APIRoute):
    """A route that calls its endpoint with `request`, the query model `params`, and the `str` parameters of the path.

    FastAPI only documents these parameters, because resolving them its way takes a third of the response time. An
    endpoint that declares anything else, such as a dependency, is refused at import: it would not run. FastAPI itself
    handles a route without `params`, and ignores its query string.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # The name of the endpoint: stable, and readable in generated clients.
        super().__init__(path, endpoint, **options | {"operation_id": endpoint.__name__})
        self.model: type[BaseModel] | None = None
        self.on_loop = iscoroutinefunction(self.endpoint)
        if self.dependant.query_params:
            if unrun := next(unrun_declarations(self.dependant), None):
                raise TypeError(
                    f"{self.path}: {self.name} declares {unrun}, which would not run. An endpoint with query "
                    "parameters takes `request`, their model as `params` and `str` parameters of the path."
                )
            self.model = cast("type[BaseModel]", self.dependant.query_params[0].field_info.annotation)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the query string, call the endpoint and send its response; one that is no coroutine runs in a thread."""
        if self.model is None or scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        params = read_query(scope["query_string"], self.model)
        request = Request(scope, receive)
        answer = partial(self.endpoint, request, params=params, **scope["path_params"])
        with suppress(ClientDisconnect):
            response = await (answer() if self.on_loop else state_of(request)["threads"].run(answer, receive))
            await response(scope, receive, send)


def unrun_declarations(dependant: Dependant) -> Iterator[str]:
    """Name each declaration of an endpoint that a `DirectRoute` would not run."""
    if dependant.request_param_name != "request":
        yield "no `request`"
    for field in dependant.query_params:
        if field.name != "params" or not is_model(field.field_info.annotation):
            yield f"the query parameter `{field.name}`"
    for field in dependant.path_params:
        if field.field_info.annotation is not str:
            yield f"the path parameter `{field.name}`, which is no `str`"
    others = [field.name for field in (*dependant.header_params, *dependant.cookie_params, *dependant.body_params)]
    others += [name for attribute in SPECIAL_PARAMETERS if (name := getattr(dependant, attribute))]
    for name in others:
        yield f"the parameter `{name}`"
    for other in dependant.dependencies:
        yield f"the dependency `{getattr(other.call, '__name__', other.call)}`"


def is_model(annotation: Any) -> bool:
    """Whether a parameter's type is a Pydantic model."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


class Router(APIRouter):
    """A router of `DirectRoute`s; `responses` are those that OpenAPI declares for all of them."""

    def __init__(self, responses: Responses = QUESTION_RESPONSES, **options: Any) -> None:
        super().__init__(route_class=DirectRoute, responses=responses, **options)
