"""The promise that the wheel installs one package, which works from any folder, beside any other `app`."""

import re
import subprocess
import sys
import sysconfig
import venv

import httpx
import pytest

from app.settings import PROJECT
from tests.support.commands import answers, started

pytestmark = pytest.mark.slow

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(*command, **options):
    """What a command prints, which must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout  # noqa: S603 (our own)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of an environment that holds the wheel, made from the sdist, and its dependencies; no checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "venv")
    (packages,) = folder.glob("venv/lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    run(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", folder, cwd=PROJECT)
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, *folder.glob("*.tar.gz"))
    run(*PIP, "--python", folder / "venv", "install", "--no-deps", *folder.glob("*.whl"))
    return folder / "venv"


@pytest.fixture
def elsewhere(environment, tmp_path):
    """The environment of someone whose project has folders of the same names, and who has no home."""
    for name in ("app", "migrations", "seed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('the package of another project')", "utf-8")
    return environment | {"PYTHONPATH": ".", "HOME": ""}


def test_the_wheel_installs_one_package(installed):
    assert {path.name.partition("-")[0] for path in installed.glob("lib/python*/site-packages/*")} == {
        "dependencies.pth",
        "virtualization_taxonomy",
        "virtualization_taxonomy_api",
    }


def test_the_installed_command_serves_beside_another_app(installed, elsewhere, tmp_path):
    with started(
        elsewhere,
        prefix=["env", f"--chdir={tmp_path}"],
        program=[installed / "bin" / "virt-taxonomy"],
        TAXONOMY_WORKERS="2",
    ) as (process, url):
        assert answers(f"{url}/readyz")
        listed = httpx.get(f"{url}/hypervisors?type=bare-metal").json()
        page = httpx.get(f"{url}/")
        files = [httpx.get(page.url.join(file)) for file in re.findall(r'src="([^"]+)"', page.text)]

    assert listed["total"] == 5
    assert [file.status_code for file in files] == [200] * 2
    assert process.returncode == 0


def test_the_installed_package_runs_the_commands(installed, elsewhere, tmp_path):
    def printed(command):
        """What a command prints, run as a module."""
        return run(installed / "bin" / "python", "-m", "virtualization_taxonomy", command, env=elsewhere, cwd=tmp_path)

    assert printed("check") == "docs: no errors.\n"
    assert printed("export-openapi") == (PROJECT / "openapi.json").read_text(encoding="utf-8")
    assert printed("export-schema") == (PROJECT / "seed" / "pack.schema.json").read_text(encoding="utf-8")
