"""The promise that no setting is without a test: one is marked with it, and gives it to the service."""

from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from app.settings import PROJECT, Settings

TESTS = Path(__file__).parent.parent


@cache
def proved():
    """The settings with which tests are marked; `conftest` fails a test that does not give its own."""
    modules = [
        import_module(".".join(path.relative_to(PROJECT).with_suffix("").parts)) for path in TESTS.rglob("test_*.py")
    ]
    return {
        name
        for module in modules
        for test in vars(module).values()
        for mark in getattr(test, "pytestmark", [])
        if callable(test) and mark.name == "setting"
        for name in mark.args
    }


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_proved_by_a_test(name):
    assert name in proved()
