"""What is generated and committed, and the command that writes it: ``python -m tools.contract``."""

import json
import logging
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from app.api import openapi
from app.api.negotiation import FORM, JSON, PROBLEM_JSON, ZIP
from app.api.openapi_responses import SHARED
from app.cli import format_json
from app.main import create_app
from app.mcp.server import list_tools
from app.packs.content import pack_schema
from app.packs.prepare import copy_database, prepare
from app.settings import PROJECT, Settings
from tests.support.servers import client_of
from tests.support.statuses import provoking
from tests.support.urls import example_request, media_types

PACK_SCHEMA = PROJECT / "seed" / "pack.schema.json"
# What a model is told of the tools; no client reads the file.
MCP_TOOLS = PROJECT / "tests" / "mcp" / "tools.json"


# A request for each kind of problem.
EXAMPLE_PROBLEMS = dict.fromkeys((400, 406, 408, 412, 421, 422, 431, 503), "/hypervisors?type=bare-metal") | {
    404: "/hypervisors/virtualbax",
    410: "/hypervisors/vmware-gsx",
    413: "/lookup",
    415: "/lookup",
    500: "/taxonomy",
}


def example_problems(settings: Settings, folder: str) -> dict[str, Any]:
    """A problem document of each status that a GET or a POST can be answered with."""
    with provoking(settings, folder) as ask:
        return {str(status): ask(url, status).problem for status, url in sorted(EXAMPLE_PROBLEMS.items())}


def example_answers(client: httpx.Client) -> openapi.Examples:
    """The answer to each operation's example request in each media type that is text, shortened as the examples are."""
    answers: openapi.Examples = {}
    for path, operation in openapi.operations(create_app().openapi()):
        url = example_request(path, operation)
        for media_type in media_types(operation):
            if media_type != ZIP:
                answer = client.get(url, headers={"Accept": media_type})
                answers[operation["operationId"], media_type] = shorten_answer(content(answer))
    for path, operation in openapi.operations(create_app().openapi(), "post"):
        body = openapi.EXAMPLE_BODIES[operation["operationId"]]
        is_form = FORM in operation["requestBody"]["content"]
        sent = {"data": {name: json.dumps(value) for name, value in body.items()}} if is_form else {"json": body}
        answer = client.post(path, **sent)
        answers[operation["operationId"], JSON] = shorten_answer(content(answer))
    return answers


def shorten_answer(answer: Any) -> Any:
    """Shorten an answer for an example: each list ends after its first object.

    A text becomes its first two lines (of CSV, the header and a row); a JSON-LD graph keeps the first object of each
    type (the scheme and a concept).
    """
    if isinstance(answer, str):
        return "".join(answer.splitlines(keepends=True)[:2])
    if isinstance(answer, dict):
        return {
            name: [shorten_answer(next(each)) for _, each in groupby(value, itemgetter("type"))]
            if name == "@graph"
            else shorten_answer(value)
            for name, value in answer.items()
        }
    if isinstance(answer, list):
        objects = [at for at, value in enumerate(answer) if isinstance(value, dict)]
        return [shorten_answer(value) for value in answer[: objects[0] + 1 if objects else None]]
    return answer


def content(response: httpx.Response) -> Any:
    """What a response holds: a text, or what its JSON says."""
    response.raise_for_status()
    return response.json() if "json" in response.headers["content-type"] else response.text


def write() -> None:
    """Write everything that is generated."""
    # The failures are provoked.
    logging.disable()
    with TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/contract.db")
        prepare(settings)
        with client_of(create_app(settings), timeout=60) as client:
            document, answers = client.get("/openapi.json").json(), example_answers(client)
        problems = example_problems(settings, folder)
        with copy_database(settings).reader() as reader:
            save(MCP_TOOLS, list_tools(reader).model_dump(mode="json", by_alias=True, exclude_none=True)["tools"])
    openapi.set_examples(
        document, answers | {(SHARED[status].name, PROBLEM_JSON): problem for status, problem in problems.items()}
    )
    save(openapi.CONTRACT, document)
    save(PACK_SCHEMA, pack_schema())


def save(path: Path, document: Any) -> None:
    """Write a JSON document."""
    path.write_text(format_json(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
