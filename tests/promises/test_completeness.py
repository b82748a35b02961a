"""The promise that nothing is without a test: every filter, every setting, every route."""

from pathlib import Path

import pytest

from app.api import openapi
from app.main import create_app
from app.settings import PREFIX, Settings

HERE = Path(__file__).parent.parent
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in HERE.rglob("test_*.py") if path != Path(__file__))
OPERATIONS = list(openapi.operations(create_app().openapi()))
PARAMETERS = sorted(
    (path, parameter["name"])
    for path, operation in OPERATIONS
    for parameter in operation.get("parameters", [])
    if parameter["in"] == "query"
)
ON_EVERY_LIST = {"q", "facet", "sort", "limit", "offset", "lang", "format"}


@pytest.mark.parametrize("path", [path for path, _ in OPERATIONS])
def test_every_route_is_asked_by_a_test(path):
    assert f'"{path.split("{")[0]}' in TESTS


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, name in PARAMETERS if name not in ON_EVERY_LIST])
def test_every_filter_of_every_list_is_used_by_a_test_of_its_resource(path, name):
    module = HERE / "api" / f"test_{path.strip('/').replace('-', '_')}.py"

    assert f"{name}=" in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(ON_EVERY_LIST))
def test_every_parameter_of_all_lists_is_used_by_a_test(name):
    assert f"{name}=" in (HERE / "api" / "test_lists.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_used_by_a_test(name):
    assert PREFIX + name.upper() in TESTS
