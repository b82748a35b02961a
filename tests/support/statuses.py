"""Answers of every status, each provoked from a real server."""

import json
import sqlite3
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.main import create_app
from app.settings import Settings
from app.store.collections import COLLECTIONS
from tests.support.streams import exchange, served

HEADER_SECONDS = 2.0
# The headers that provoke an answer of a status; for others the path, the query or the server does.
HEADERS = {
    304: "If-None-Match: *\r\n",
    400: "Host: second.example\r\n",
    406: "Accept: application/xml\r\n",
    412: 'If-Match: "another"\r\n',
    413: "Content-Type: application/json\r\nContent-Length: 2000000\r\n",
    415: "Content-Type: text/csv\r\nContent-Length: 0\r\n",
    431: f"X-Long: {'x' * 70_000}\r\n",
}
REMOVED = "vmware-gsx"
QUERIES = {422: "typ=hosted"}


def write_request(url, status):
    """The bytes that provoke an answer of a status; those for a 408 have no end."""
    path, _, query = url.partition("?")
    host = "other.example" if status == 421 else "127.0.0.1"
    method = "POST" if status in (413, 415) else "GET"
    head = f"{method} {path}?{QUERIES.get(status, query)} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    return (head + HEADERS.get(status, "") + ("" if status == 408 else "\r\n")).encode()


@contextmanager
def provoking(settings, folder):
    """A function that asks for a URL in the way that provokes an answer of a status.

    For a 410, a release has removed the entry; for a 500, a record in the database is no JSON; for a 503, there is no
    database.
    """
    broken, missing = (Settings(database_url=f"sqlite:///{folder}/{name}.db") for name in ("broken", "missing"))
    with sqlite3.connect(settings.database_url.removeprefix("sqlite:///")) as whole:
        whole.execute("VACUUM INTO ?", [f"{folder}/broken.db"])
    with sqlite3.connect(Path(folder, "broken.db")) as copy:
        copy.execute("UPDATE concept SET record_en = '{'")
        for number, resource in enumerate(COLLECTIONS, 1):
            change = {"pack": "docs", "version": "1.1.0", "resource": resource, "id": REMOVED}
            record = json.dumps(change | {"replaced_by": [{"url": "/hypervisors/vmware-workstation"}]})
            row = (-number, "docs", "2026-12-01", resource, REMOVED, "removed", record, record)
            copy.execute("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    with ExitStack() as stack:
        strict, broken, missing = (
            stack.enter_context(served(create_app(each), header_seconds=HEADER_SECONDS))
            for each in (settings.model_copy(update={"allowed_hosts": ("127.0.0.1",)}), broken, missing)
        )

        def ask(url, status):
            port = {410: broken, 500: broken, 503: missing}.get(status, strict)
            (answer,) = exchange(port, write_request(url, status), half_close=False)
            return answer

        yield ask
