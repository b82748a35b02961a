"""How a request reaches its endpoint.

The API's routes are made by the `Router` here, so that none can forget to refuse what it does not declare.
"""

import asyncio
from functools import partial
from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from app.api.negotiation import CSV, JSON_LD, ZIP
from app.api.problems import Problem
from app.api.query_string import read_query
from app.api.state import state_of

EntryId = Annotated[str, Path(description="The entry's id, or an alias that no other entry has.")]

REFUSALS: dict[int | str, dict[str, Any]] = {
    406: {"model": Problem, "description": "The response has no media type that Accept allows."},
    422: {"model": Problem, "description": "A parameter is unknown, repeated or out of range."},
    500: {"model": Problem, "description": "The service failed."},
    503: {"model": Problem, "description": "The dataset cannot be read at the moment."},
}
NOT_THERE: dict[int | str, dict[str, Any]] = {
    301: {"description": "The id is an alias; `Location` is the entry's URL."},
    404: {"model": Problem, "description": "No such entry; the response suggests similar ids."},
}
# The media types of a successful answer beside JSON.
AS_TABLE: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}, "description": "The matching entries."}
}
AS_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            ZIP: {"schema": {"type": "string", "format": "binary"}},
            JSON_LD: {"schema": {"type": "object"}},
        },
        "description": "The whole dataset.",
    }
}
# Where FastAPI notes what else it would give an endpoint.
GIVEN = (
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
)


class DirectRoute(APIRoute):
    """A route whose endpoint takes the request, its query string as `params`, and the parts of its path.

    FastAPI documents these parameters; they are read here and only once, since FastAPI's own way takes a third of the
    time of an answer. Anything else that FastAPI would run for an endpoint is refused at import, because it would not
    run here. A route without `params` is left to FastAPI, which ignores the query string.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.model: type[BaseModel] | None = None
        if self.dependant.query_params:
            if unrun := what_would_not_run(self.dependant):
                raise TypeError(
                    f"{self.path}: {self.name} declares {unrun}, which would not run. An endpoint with query "
                    "parameters takes `request`, their model as `params` and `str` parameters of the path."
                )
            self.model = cast("type[BaseModel]", self.dependant.query_params[0].field_info.annotation)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the query string, call the endpoint in a thread and send its answer."""
        if self.model is None or scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        params = read_query(scope["query_string"], self.model)
        request = Request(scope, receive)
        answer = partial(self.endpoint, request, params=params, **scope["path_params"])
        response = await asyncio.get_running_loop().run_in_executor(state_of(request)["threads"], answer)
        await response(scope, receive, send)


def what_would_not_run(dependant: Dependant) -> str | None:
    """Name what an endpoint declares and a `DirectRoute` would not run; None if there is nothing."""
    if dependant.request_param_name != "request":
        return "no `request`"
    for field in dependant.query_params:
        if field.name != "params" or not is_model(field.field_info.annotation):
            return f"the query parameter `{field.name}`"
    for field in dependant.path_params:
        if field.field_info.annotation is not str:
            return f"the path parameter `{field.name}`, which is no `str`"
    for field in [*dependant.header_params, *dependant.cookie_params, *dependant.body_params]:
        return f"the parameter `{field.name}`"
    for other in dependant.dependencies:
        return f"the dependency `{getattr(other.call, '__name__', other.call)}`"
    return next((f"the parameter `{name}`" for given in GIVEN if (name := getattr(dependant, given))), None)


def is_model(annotation: Any) -> bool:
    """Whether a parameter is declared as a Pydantic model."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


class Router(APIRouter):
    """A router whose routes are all strict, and documented as such."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=DirectRoute, responses=REFUSALS, **options)
