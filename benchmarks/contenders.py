"""The servers of the comparison: their commands, and the path at which each serves the same list."""

import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers import FASTIFY, JSON_SERVER, PYTHON, ROOT, node
from benchmarks.processes import HOST, Answer, Server, ask, free_port, running

LIST = "/hypervisors?type=bare-metal"
OURS = "ours"
CACHE_OFF = "ours, cache off"
BARE = "bare uvicorn"
STOCK = "stock FastAPI + SQLModel"
STARLETTE = "bare Starlette + sqlite3"
FASTIFY_NAME = "Fastify + better-sqlite3"
DATASETTE_LIST = (
    "/records/hypervisors.json?type=bare-metal&_shape=objects"
    "&_json=labels&_json=aliases&_json=related&_json=identifiers&_json=sources&_json=based_on"
)
ROAPI_LIST = "/api/tables/hypervisors?filter[type]=%27bare-metal%27"


@dataclass(frozen=True)
class Contender:
    """A server: its command, which contains `{port}`, and its path of the list."""

    name: str
    command: list[str]
    path: str = LIST
    environment: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def serving(self, core: int) -> Iterator[Server]:
        """Run the server on one core."""
        port = free_port()
        command = [part.replace("{port}", str(port)).replace("{another}", str(free_port())) for part in self.command]
        with running(command, port, self.path, core, self.environment) as server:
            yield server


def ours(name: str = OURS, **settings: str) -> Contender:
    """Our service as `virt-taxonomy serve` runs it, with an SQLite file that it creates in its folder."""
    command = [str(Path(sys.executable).with_name("virt-taxonomy")), "serve", "--port", "{port}"]
    return Contender(name, command, environment=variables(settings))


def ours_on(database_url: str) -> Contender:
    """Our service without its cache, on a database that is already loaded."""
    environment = variables({"database_url": database_url, "cache_bytes": "0"})
    return uvicorn(OURS, "app.main:create_app", "--factory", **environment)


def variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Turn settings of our service into environment variables."""
    return {f"TAXONOMY_{setting.upper()}": value for setting, value in settings.items()}


def uvicorn(name: str, application: str, *options: str, **environment: str) -> Contender:
    """An ASGI application on uvicorn, with the options that our service uses."""
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(ROOT), application, "--port", "{port}", *options]
    command += ["--loop", "uvloop", "--http", "httptools", "--log-level", "warning", "--no-access-log"]
    return Contender(name, [*command, "--no-server-header"], environment=environment)


def write_records(folder: Path, records: list[dict[str, Any]]) -> None:
    """Write the records for the peers: an SQLite table, json-server's file and a JSON list."""
    (folder / "records.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    (folder / "db.json").write_text(json.dumps({"hypervisors": records}, ensure_ascii=False), encoding="utf-8")
    connection = sqlite3.connect(folder / "records.db")
    columns = ", ".join(f'"{name}" TEXT' for name in records[0])
    connection.execute(f"CREATE TABLE hypervisors ({columns}, PRIMARY KEY (id))")
    connection.execute("CREATE INDEX hypervisors_type ON hypervisors (type)")
    for record in records:
        values = [
            json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            for value in record.values()
        ]
        connection.execute(f"INSERT INTO hypervisors VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 (only question marks)
    # For the servers that send ready objects, as ours does.
    connection.execute("CREATE TABLE documents (position INTEGER PRIMARY KEY, type TEXT, json TEXT)")
    connection.execute("CREATE INDEX documents_type ON documents (type, position)")
    documents = [(record["type"], json.dumps(record, ensure_ascii=False, separators=(",", ":"))) for record in records]
    connection.executemany("INSERT INTO documents (type, json) VALUES (?, ?)", documents)
    connection.commit()
    connection.close()


def write_answer(path: Path, answer: Answer) -> None:
    """Write an answer for `constant.py`, without the date, which uvicorn adds."""
    headers = [(name, value) for name, value in answer.headers if name.lower() != "date"]
    path.write_text(json.dumps({"headers": headers, "content": answer.content.decode()}), encoding="utf-8")


@contextmanager
def contenders(core: int) -> Iterator[dict[str, Contender]]:
    """Make the servers of the comparison, by name; all serve the records that ours answers with."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ours().serving(core) as server:
            write_records(folder, json.loads(ask(server.port, "/hypervisors?limit=1000").content)["items"])
            write_answer(folder / "answer.json", ask(server.port, LIST))
        json_server = [node(), str(JSON_SERVER), "--quiet"]
        roapi = [str(PYTHON / "roapi"), "--addr-http", f"{HOST}:{{port}}", "--addr-postgres", f"{HOST}:{{another}}"]
        datasette = [str(PYTHON / "datasette"), "serve", "--host", HOST]
        records = str(folder / "records.db")
        fastify = [node(), str(ROOT / "benchmarks" / "fastify.js"), str(FASTIFY), records, "{port}"]
        found = [
            uvicorn(BARE, "benchmarks.constant:app", BENCHMARK_ANSWER=str(folder / "answer.json")),
            ours(),
            ours(CACHE_OFF, cache_bytes="0"),
            uvicorn(STOCK, "benchmarks.stock:app", BENCHMARK_DATABASE_URL=f"sqlite:///{records}"),
            uvicorn(STARLETTE, "benchmarks.bare_sqlite:app", BENCHMARK_RECORDS=records),
            Contender(FASTIFY_NAME, fastify),
            Contender("json-server", [*json_server, "--host", HOST, "--port", "{port}", str(folder / "db.json")]),
            Contender("ROAPI", [*roapi, "--table", f"hypervisors={folder / 'records.json'}"], ROAPI_LIST),
            Contender("Datasette", [*datasette, "--port", "{port}", records], DATASETTE_LIST),
        ]
        yield {contender.name: contender for contender in found}


def records_in(answer: Answer) -> list[dict[str, Any]]:
    """Extract the records of a list, in the format of any contender."""
    content = json.loads(answer.content)
    records: list[dict[str, Any]] = content if isinstance(content, list) else content.get("items", content.get("rows"))
    return records
