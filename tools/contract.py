"""What is generated and committed, and the command that writes it: ``python -m tools.contract``."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from app.api import openapi
from app.cli import format_json
from app.main import create_app
from app.packs.content import pack_schema
from app.packs.load import prepare
from app.settings import PROJECT, Settings
from tests.support.servers import serving

OPENAPI = PROJECT / "openapi.json"
PACK_SCHEMA = PROJECT / "seed" / "pack.schema.json"


def example_answers(client: httpx.Client) -> dict[str, dict[str, Any]]:
    """The answer to each operation's example request in each media type that is text, shortened as the examples are."""
    answers = {}
    for path, operation in openapi.operations(create_app().openapi()):
        url = openapi.example_request(path, operation)
        answers[operation["operationId"]] = {
            media_type: openapi.shorten_answer(content(client.get(url, headers={"Accept": media_type})))
            for media_type in openapi.media_types(operation)
            if media_type != "application/zip"
        }
    return answers


def content(response: httpx.Response) -> Any:
    """What a response holds: a text, or what its JSON says."""
    response.raise_for_status()
    return response.text if response.headers["content-type"].startswith("text/") else response.json()


def write() -> None:
    """Write everything that is generated."""
    with TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/contract.db")
        prepare(settings)
        with serving(create_app(settings)) as base_url, httpx.Client(base_url=base_url) as client:
            answers = example_answers(client)
    for path, document in (
        (openapi.EXAMPLE_ANSWERS, lambda: answers),
        (OPENAPI, lambda: create_app().openapi()),
        (PACK_SCHEMA, pack_schema),
    ):
        Path(path).write_text(format_json(document()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
