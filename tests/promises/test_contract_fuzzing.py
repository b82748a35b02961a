"""The promise that no request, however odd, gets an answer that the OpenAPI document does not announce."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.main import create_app
from tests.support.streams import served

pytestmark = pytest.mark.slow

# A request whose line is too long is refused before anything in it is read.
CONFIGURATION = """[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 415, 422, 428, 429, 431, "5xx"]
"""


def test_schemathesis_finds_nothing_with_all_its_checks(settings, tmp_path):
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
    with served(create_app(settings)) as port:
        finished = subprocess.run(  # noqa: S603 (our own command)
            [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                f"http://127.0.0.1:{port}/openapi.json",
                "--checks=all",
                "--max-examples=10",
                # It writes an object in a form in another way than `encoding` says, in which it has to be JSON.
                "--exclude-operation-id=reconcile_many_values",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "No issues found" in finished.stdout
