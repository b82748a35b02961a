"""The upper bound for any application on uvicorn: sends the service's own headers and bytes, read from a file."""

import json
import os
from pathlib import Path
from typing import Any

ANSWER = json.loads(Path(os.environ["BENCHMARK_ANSWER"]).read_text(encoding="utf-8"))
START: dict[str, Any] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(name.encode(), value.encode()) for name, value in ANSWER["headers"]],
}
BODY: dict[str, Any] = {"type": "http.response.body", "body": ANSWER["content"].encode()}


async def app(scope: dict[str, Any], _: Any, send: Any) -> None:
    """Answer any request."""
    if scope["type"] == "http":
        await send(START)
        await send(BODY)
