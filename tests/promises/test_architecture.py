"""The promise that the plan in `app/__init__.py` is the house that stands."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest

import app
from app.packs.prepare import prepare
from app.settings import PROJECT, Settings

# The names in the first column of the plan.
PLAN = re.findall(r"\w+", " ".join(re.findall(r"^    (.{20})", app.__doc__, re.MULTILINE)))
MODULES = {
    ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((PROJECT / "app").rglob("*.py"))
}
LONGEST_FILE = 300
LONGEST_FUNCTION = 60
# Words that tell of no content.
DRAWERS = {"utils", "helpers", "common", "core", "base", "services", "managers"}


def place(module):
    """Where a module stands in the plan."""
    return PLAN.index(module.split(".")[1])


def imports(module):
    """The modules of the application that a module imports."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "app":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "app")


def test_the_plan_names_everything_in_the_application():
    assert sorted(PLAN) == sorted({module.split(".")[1] for module in MODULES if "." in module})


@pytest.mark.parametrize("module", [module for module in MODULES if "." in module])
def test_a_module_imports_only_what_stands_above_it(module):
    assert [other for other in imports(module) if place(other) > place(module)] == []


def test_no_import_leads_in_a_circle():
    TopologicalSorter({module: {*imports(module)} for module in MODULES}).prepare()


@pytest.mark.slow
@pytest.mark.parametrize("package", ["store", "shapes", "packs", "queries", "formats"])
def test_what_stands_above_the_api_loads_no_http_and_no_templates(package):
    modules = [module for module in MODULES if module.startswith(f"app.{package}")]
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"

    printed = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=PROJECT)  # noqa: S603 (our own)

    assert {"fastapi", "starlette", "uvicorn", "jinja2"} & {*printed.split()} == set()


# Creates and loads a database, starts the service, and asks for a list.
FIRST_ANSWER = """
import asyncio, sys
import app.cli
from app.main import create_app
from app.packs.prepare import prepare
from app.settings import Settings

async def answer():
    sent, state, service = [], {}, create_app()
    async def send(message):
        sent.append(message)
    async def receive():
        if not sent:
            return {"type": "lifespan.startup"}
        await asked.wait()
        return {"type": "lifespan.shutdown"}
    asked = asyncio.Event()
    lifespan = asyncio.create_task(service({"type": "lifespan", "state": state}, receive, send))
    while not sent:
        await asyncio.sleep(0.01)
    await service({
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/hypervisors",
        "raw_path": b"/hypervisors", "query_string": b"type=bare-metal", "root_path": "", "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"127.0.0.1"), (b"accept-language", b"zh")], "state": state,
    }, receive, send)
    asked.set()
    await lifespan
    assert [message.get("status") for message in sent if "status" in message] == [200]

prepare(Settings())
asyncio.run(answer())
print(*sys.modules)
"""


@pytest.mark.slow
def test_the_first_answer_loads_nothing_that_it_does_not_need(environment):
    def modules():
        printed = subprocess.check_output([sys.executable, "-c", FIRST_ANSWER], env=environment, text=True)  # noqa: S603
        return {*printed.split()}

    unneeded = {
        "alembic",
        "mako",
        "jinja2",
        "pygments",
        "psycopg",
        "httpx",
        "pytest",
        "rich",
        "mcp",
        "mcp_types",
        "hassil",
    }
    assert unneeded & modules() == set()
    # The database is loaded by now.
    assert (unneeded | {"yaml", "app.packs.content"}) & modules() == set()


@pytest.mark.slow
def test_a_look_up_on_the_command_line_loads_nothing_that_serves(environment):
    program = (
        "import sys; import virtualization_taxonomy.__main__ as command\ntry: command.main()\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    prepare(Settings(database_url=environment["TAXONOMY_DATABASE_URL"]))
    arguments = [sys.executable, "-c", program, "lookup", "kvm"]
    finished = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)  # noqa: S603

    assert finished.stdout.splitlines()[-1] == "kvm    id     KVM (hypervisors/kvm)"
    unneeded = {
        "fastapi",
        "starlette",
        "sqlalchemy",
        "sqlmodel",
        "pydantic_settings",
        "yaml",
        "alembic",
        "httpx",
        "app.settings",
    }
    assert unneeded & {*finished.stderr.split()} == set()


def test_a_package_says_what_it_holds_and_exports_nothing():
    for module, path in MODULES.items():
        if path.name == "__init__.py":
            assert [type(node) for node in ast.parse(path.read_text(encoding="utf-8")).body] == [ast.Expr], module


def test_files_and_functions_are_short_and_no_name_is_a_drawer():
    for module, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST_FILE, module
        assert DRAWERS.isdisjoint(module.split(".")), module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{module}: {node.name}"
