"""The list without a framework's help: Starlette and the driver of SQLite, the ceiling of Python."""

import json
import os
import sqlite3

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

connection = sqlite3.connect(os.environ["BENCHMARK_RECORDS"], check_same_thread=False)
LISTED = "SELECT json FROM documents WHERE type = ? ORDER BY position LIMIT ? OFFSET ?"
COUNTED = "SELECT count(*) FROM documents WHERE type = ?"


async def list_hypervisors(request: Request) -> Response:
    """List the hypervisors of a type."""
    query = request.query_params
    limit, offset = int(query.get("limit", 100)), int(query.get("offset", 0))
    items = [row[0] for row in connection.execute(LISTED, (query["type"], limit, offset))]
    (total,) = connection.execute(COUNTED, (query["type"],)).fetchone()
    rest = json.dumps({"total": total, "limit": limit, "offset": offset})
    return Response('{"items":[' + ",".join(items) + "]," + rest[1:], media_type="application/json")


app = Starlette(routes=[Route("/hypervisors", list_hypervisors)])
