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

from app.api.json_body import read_body, receive_body
from app.api.negotiation import FORM, JSON
from app.api.openapi_responses import QUESTION_RESPONSES, Responses
from app.api.query_string import read_query
from app.api.state import state_of
from app.queries.parameters import FormBody, NoParams

EntryId = Annotated[str, Path(description="The entry's id, or an alias that no other entry has.")]

# FastAPI's names for the special parameters that it would inject into an endpoint.
SPECIAL_PARAMETERS = (
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)


class DirectRoute(APIRoute):
    """A route that calls its endpoint with `request`, the query model `params`, and the `str` parameters of the path.

    An endpoint for POST has the model of its `body` instead of `params`: a `FormBody`, or that of JSON, whose requests
    have no query. FastAPI only documents these parameters, because resolving them its way takes a third of the response
    time. An endpoint that declares anything else, such as a dependency, is refused at import: it would not run. FastAPI
    itself handles a route without any of them, and ignores its query string.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # The name of the endpoint: stable, and readable in generated clients.
        super().__init__(path, endpoint, **options | {"operation_id": endpoint.__name__})
        self.model: type[BaseModel] | None = None
        self.body_model: type[BaseModel] | None = None
        self.on_loop = iscoroutinefunction(self.endpoint)
        has_model = self.dependant.query_params or self.dependant.body_params
        if has_model and (unrun := next(unrun_declarations(self.dependant), None)):
            raise TypeError(
                f"{self.path}: {self.name} declares {unrun}, which would not run. An endpoint with query "
                "parameters takes `request`, their model as `params` and `str` parameters of the path; one for POST "
                "takes `request` and the model of its body as `body`."
            )
        for field in self.dependant.query_params:
            self.model = cast("type[BaseModel]", field.field_info.annotation)
        for field in self.dependant.body_params:
            self.body_model = cast("type[BaseModel]", field.field_info.annotation)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the query string, call the endpoint and send its response; one that is no coroutine runs in a thread."""
        if self.body_model is not None and scope["method"] == "POST":
            await self.handle_body(Request(scope, receive), self.body_model, send)
            return
        if self.model is None or scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        params = read_query(scope["query_string"], self.model)
        request = Request(scope, receive)
        answer = partial(self.endpoint, request, params=params, **scope["path_params"])
        with suppress(ClientDisconnect):
            response = await (answer() if self.on_loop else state_of(request)["threads"].run(answer, receive))
            await response(scope, receive, send)

    async def handle_body(self, request: Request, model: type[BaseModel], send: Send) -> None:
        """Read the body, call the endpoint and send its response; what takes long runs in a thread.

        A form and the query string are one: some clients only let their user give the URL.
        """
        query = request.scope["query_string"]
        is_form = issubclass(model, FormBody)
        if not is_form:
            read_query(query, NoParams)
        state = state_of(request)

        def answer() -> Response:
            body = read_query(query + b"&" + data, model) if is_form else read_body(data, model)
            response: Response = self.endpoint(request, body=body)
            response.headers["Cache-Control"] = "no-store"
            return response

        with suppress(ClientDisconnect), state["bodies"].counting() as count:
            data = await receive_body(request, FORM if is_form else JSON, count)
            response = await state["threads"].run(answer, request.receive)
            await response(request.scope, request.receive, send)


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
    for field in dependant.body_params:
        if field.name != "body" or not is_model(field.field_info.annotation) or dependant.query_params:
            yield f"the body parameter `{field.name}`"
    others = [field.name for field in (*dependant.header_params, *dependant.cookie_params)]
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
