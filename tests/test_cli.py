"""The command line, as an operator meets it: what it prints, and how it ends."""

import os
import shutil
import socket
import subprocess
import time
import tomllib

import httpx
import pytest

from app.settings import PROJECT
from app.store.migration import known_versions
from tests.support.commands import COMMAND, answers, fails_in_one_line, free_port, run, started
from tests.support.databases import both_databases, content_of
from tests.support.packs import add_acme, change


@pytest.fixture
def port():
    """A port that was free a moment ago."""
    return free_port()


def served(environment, *arguments, **variables):
    """What a started server printed and answers, before it is told to stop."""
    with subprocess.Popen(  # noqa: S603 (our own command)
        [*COMMAND, "serve", *arguments],
        env=environment | variables | {"PYTHONUNBUFFERED": "1", "TAXONOMY_LOG_FORMAT": "text"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        printed = [process.stdout.readline().strip() for _ in range(5)]
        for _ in range(200):
            try:
                answer = httpx.get(printed[3])
                break
            except httpx.ConnectError:
                time.sleep(0.05)
        process.terminate()
        _, errors = process.communicate(timeout=20)
    return printed, answer, process.returncode, errors


@pytest.mark.setting("host", "port", "packs")
@pytest.mark.slow
def test_serve_makes_the_database_and_prints_the_urls_worth_opening(environment, port, tmp_path):
    printed, answer, code, errors = served(
        environment, TAXONOMY_HOST="127.0.0.1", TAXONOMY_PORT=str(port), TAXONOMY_PACKS="docs"
    )

    assert printed[1:] == [
        f"http://127.0.0.1:{port}{path}" for path in ("/", "/docs", "/hypervisors?type=bare-metal", "/taxonomy")
    ]
    assert answer.json()["total"] == 5
    assert (tmp_path / "new.db").exists()
    assert code == 0
    said = [line.split(" INFO ")[1].split()[0] for line in errors.splitlines()]
    assert said == ["schema", "docs", "Starting", "Serving", "request", "Stopping:", "Stopped"]


@pytest.mark.slow
def test_options_beat_variables(environment, port):
    printed, answer, _, _ = served(
        environment, "--host", "127.0.0.1", "--port", str(port), TAXONOMY_HOST="192.0.2.1", TAXONOMY_PORT="1"
    )

    assert printed[1] == f"http://127.0.0.1:{port}/"
    assert answer.status_code == 200


def test_a_port_that_is_taken_is_said(environment, port, tmp_path):
    with socket.create_server(("127.0.0.1", port)):
        line = fails_in_one_line(run(environment, "serve", "--port", str(port)))

    assert line == (
        f"Cannot listen on 127.0.0.1 port {port}: Address already in use. "
        "Choose another port (--port, TAXONOMY_PORT) or address (--host, TAXONOMY_HOST)."
    )
    assert not (tmp_path / "new.db").exists()


SETTINGS = [
    ({"TAXONOMY_PORT": "eighty"}, "TAXONOMY_PORT: Input should be a valid integer"),
    ({"TAXONOMY_PORT": "0"}, "TAXONOMY_PORT: Input should be greater than or equal to 1"),
    ({"TAXONOMY_PROT": "8000"}, "TAXONOMY_PROT is not a setting; did you mean TAXONOMY_PORT?"),
    ({"TAXONOMY_DATABASE_URL": "mysql://x"}, "'mysql' cannot be used; write sqlite:///FILE or postgresql+psycopg://"),
    ({"TAXONOMY_DATABASE_URL": "nonsense"}, "this is not a database URL; write for example sqlite:///virt-taxonomy.db"),
    ({"TAXONOMY_DATABASE_URL": "sqlite://"}, "an SQLite database must be a file"),
    (
        {"TAXONOMY_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"},
        "postgresql+psycopg://u:***@127.0.0.1:1/x cannot be used",
    ),
    (
        {"TAXONOMY_DATABASE_URL": "postgresql://127.0.0.1:1/x?user=u&password=secret"},
        "The database postgresql+psycopg://127.0.0.1:1/x cannot be used: ",
    ),
    ({"TAXONOMY_DATABASE_URL": "postgresql://u:secret/x"}, "TAXONOMY_DATABASE_URL: this is not a database URL"),
    ({"TAXONOMY_DATABASE_URL": "postgresql://u:s@secret@127.0.0.1/x"}, "and in the password %40 for @"),
    ({"TAXONOMY_DATABASE_URL": "sqlite:///x.db?mode=ro"}, "an SQLite URL takes no parameters; write sqlite:///FILE"),
    ({"TAXONOMY_HOST": ""}, "TAXONOMY_HOST: write an address, for example 127.0.0.1, or 0.0.0.0 for every address"),
    ({"TAXONOMY_HOST": "no.such.host.invalid"}, "Cannot listen on no.such.host.invalid: it is neither an address of "),
    ({"TAXONOMY_HOST": "a" * 64}, "it is neither an address of this machine nor a name that leads to one."),
    ({"TAXONOMY_ALLOWED_HOSTS": ""}, "TAXONOMY_ALLOWED_HOSTS: name at least one host, for example api.example.com"),
    ({"TAXONOMY_ALLOWED_HOSTS": "a.example:80"}, "'a.example:80' is not a host name; write it without scheme, port"),
    ({"TAXONOMY_ALLOWED_HOSTS": "http://a.example"}, "'http://a.example' is not a host name; write it without scheme"),
    ({"TAXONOMY_ALLOWED_HOSTS": "::1"}, "for example api.example.com, *.example.com or [::1]"),
    ({"TAXONOMY_TRUSTED_PROXIES": "nonsense"}, "TAXONOMY_TRUSTED_PROXIES: 'nonsense' is not an address or a network"),
    (
        {"TAXONOMY_TRUSTED_PROXIES": "10.1.2.3/8"},
        "'10.1.2.3/8' is an address in a network; write the network, 10.0.0.0/8",
    ),
    ({"TAXONOMY_TRUSTED_PROXIES": "*,10.0.0.0/8"}, "* trusts every address; write it alone, or leave it out"),
    (
        {"TAXONOMY_ROOT_PATH": "taxonomy"},
        "TAXONOMY_ROOT_PATH: 'taxonomy' is not a path prefix; write a path such as /taxon",
    ),
    (
        {"TAXONOMY_ROOT_PATH": "/taxonomy/"},
        "'/taxonomy/' is not a path prefix; write a path such as /taxonomy or /tools/",
    ),
    ({"TAXONOMY_CORS_ORIGINS": "https://a.example/"}, "TAXONOMY_CORS_ORIGINS: 'https://a.example/' is not an origin"),
    ({"TAXONOMY_CORS_ORIGINS": "https://a.example:443"}, "and the port if it is not the scheme's own"),
    ({"TAXONOMY_CORS_ORIGINS": "a.example"}, "'a.example' is not an origin; write scheme and host in lower case"),
    (
        {"TAXONOMY_PACKS": "../docs"},
        "TAXONOMY_PACKS: '../docs' is a path; write the names of folders in TAXONOMY_SEED_DIR",
    ),
    ({"TAXONOMY_PACKS": "/etc"}, "TAXONOMY_PACKS: '/etc' is a path; write the names of folders in TAXONOMY_SEED_DIR"),
    ({"TAXONOMY_PACKS": ""}, "TAXONOMY_PACKS: name at least one pack, for example docs"),
    ({"TAXONOMY_PACKS": "docs,docs"}, "TAXONOMY_PACKS: a pack is named twice"),
    ({"TAXONOMY_PACKS": "dcos"}, "dcos:1: there is no such pack"),
    ({"TAXONOMY_SEED_DIR": "/nowhere"}, "/nowhere/docs:1: there is no such pack; /nowhere has: none"),
]


@pytest.mark.parametrize(("variables", "expected"), SETTINGS)
def test_a_bad_setting_is_said_in_one_line(environment, port, variables, expected):
    line = fails_in_one_line(run(environment, "serve", **({"TAXONOMY_PORT": str(port)} | variables)))

    assert expected in line
    assert "secret" not in line


TAKEN = {
    "TAXONOMY_ALLOWED_HOSTS": "api.example.com,*.Example.org,localhost,192.0.2.1,[::1]",
    "TAXONOMY_TRUSTED_PROXIES": "192.0.2.1,10.0.0.0/8,::1,fd00::/8",
    "TAXONOMY_CORS_ORIGINS": "https://a.example,http://localhost:9001,https://[::1]:8443,chrome-extension://abc,*",
}


def test_every_form_of_a_name_that_can_match_is_accepted(environment):
    assert run(environment, "check", **TAKEN).returncode == 0


def test_the_password_is_not_shown_where_the_database_is(environment):
    database = "postgresql://127.0.0.1:1/x?user=u&password=secret"
    with started(environment, "--no-prepare", TAXONOMY_DATABASE_URL=database) as (process, url):
        assert answers(f"{url}/livez")

    assert '"database":"postgresql+psycopg://127.0.0.1:1/x"' in process.printed
    assert "secret" not in process.printed


# Root may read what nobody may, unless it starts without that privilege.
UNPRIVILEGED = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []


# A folder of mode 444 can be listed but not entered.
@pytest.mark.parametrize(
    ("path", "mode"), [("docs/pack.yaml", 0), ("docs", 0), ("docs", 0o444), (".", 0), (".", 0o444)]
)
@pytest.mark.slow
def test_what_may_not_be_read_is_said(environment, seed_dir, path, mode):
    closed = seed_dir / path
    closed.chmod(mode)
    try:
        checked = run(environment, "check", prefix=UNPRIVILEGED, TAXONOMY_SEED_DIR=str(seed_dir))
    finally:
        closed.chmod(0o755)

    assert checked.returncode == 1
    assert {line.partition(":1: ")[2] for line in checked.stderr.splitlines()} == {"cannot be read: Permission denied"}


@pytest.mark.slow
def test_several_workers_without_a_folder_for_their_counters_say_so(environment, port, tmp_path):
    arguments = ["serve", "--workers", "2", "--port", str(port)]
    line = fails_in_one_line(run(environment, *arguments, prefix=["prlimit", "--fsize=0"]))

    assert line.startswith("Several workers share their counters in a temporary folder, and none can be made.")
    assert not (tmp_path / "new.db").exists()


def test_a_path_that_cannot_be_written_is_said(environment, port):
    url = "sqlite:////nowhere/new.db"
    line = fails_in_one_line(run(environment, "serve", "--port", str(port), TAXONOMY_DATABASE_URL=url))

    assert line == "The database sqlite:////nowhere/new.db cannot be used: unable to open database file"


@pytest.mark.setting("seed_dir")
def test_a_broken_pack_is_said_and_makes_no_database(environment, port, tmp_path):
    shutil.copytree(PROJECT / "seed", tmp_path / "seed")
    file = tmp_path / "seed" / "docs" / "examples.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("type: container", "type: contianer"), encoding="utf-8")

    line = fails_in_one_line(run(environment, "serve", "--port", str(port), TAXONOMY_SEED_DIR=str(tmp_path / "seed")))
    assert "examples.yaml:" in line
    assert "there is no 'contianer' in virtualization-types; did you mean 'container'?" in line
    assert not (tmp_path / "new.db").exists()


def without_an_alias(content):
    content["concepts"][1]["aliases"]["en"].pop()


def rename_and_remove(content):
    content["hypervisors"][0]["labels"]["en"] = "Kernel VM"
    content["hypervisors"].pop()


def next_version(content):
    content["pack"]["version"] = "1.1.0"


# The packs that are loaded, what is done to them before, and what `seed` says of it.
LOADS = [
    ("docs", None,
     ("docs 1.0.0: 27 added (virtualization, virtual-machine, hypervisor, server, network, desktop, application, "
      "storage, library, container, and 17 more); revision none -> {new}")),
    ("docs", None, "docs 1.0.0: unchanged; revision {old}"),
    ("docs", ("hypervisors.yaml", rename_and_remove),
     "docs 1.0.0: 1 changed (kvm), 1 removed (parallels-desktop); revision {old} -> {new}"),
    ("docs", ("pack.yaml", next_version), "docs 1.0.0 -> 1.1.0: no entry changed; revision {old} -> {new}"),
    ("docs,acme", ("concepts.yaml", without_an_alias),
     "docs 1.1.0: 1 changed (virtual-machine); acme 7: 1 added (acmevisor); revision {old} -> {new}"),
    ("docs", None, "docs 1.1.0: no entry changed; acme 7: 1 removed (acmevisor); revision {old} -> {new}"),
]  # fmt: skip


@pytest.mark.setting("database_url")
@both_databases
def test_migrate_and_seed_say_what_they_do_and_a_dry_run_what_would_be_done(environment, empty, seed_dir):
    def printed(*arguments, **variables):
        finished = run(environment, *arguments, TAXONOMY_DATABASE_URL=empty.database_url, **variables)
        assert (finished.returncode, finished.stderr) == (0, "")
        return finished.stdout

    add_acme(seed_dir)
    newest = known_versions()[-1]
    assert printed("migrate") == f"schema none -> {newest}\n"
    assert printed("migrate") == f"The schema is up to date ({newest})\n"
    old = "none"
    for packs, edit, expected in LOADS:
        if edit:
            change(seed_dir, *edit)
        variables = {"TAXONOMY_SEED_DIR": str(seed_dir), "TAXONOMY_PACKS": packs}
        before = content_of(empty)
        foretold = printed("seed", "--dry-run", **variables)
        unchanged = content_of(empty) == before
        said = printed("seed", **variables)
        new = content_of(empty)["dataset"][0]["revision"]

        assert unchanged
        assert foretold == said == expected.format(old=old, new=new) + "\n"
        old = new


@pytest.mark.parametrize("arguments", [["seed"], ["seed", "--dry-run"]])
def test_seed_before_migrate_says_what_to_do(environment, tmp_path, arguments):
    line = fails_in_one_line(run(environment, *arguments))
    assert line == "There is no database file: run `virt-taxonomy migrate`."
    assert not (tmp_path / "new.db").exists()

    (tmp_path / "new.db").touch()
    line = fails_in_one_line(run(environment, *arguments))
    assert line == "The database has no schema yet: run `virt-taxonomy migrate`."


def test_the_version_is_said_whatever_the_settings(environment):
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = run(environment, "--version", TAXONOMY_PORT="none")

    assert (said.returncode, said.stdout, said.stderr) == (0, f"virt-taxonomy {project['version']}\n", "")


def test_check_needs_no_database(environment, tmp_path):
    checked = run(environment, "check")

    assert (checked.returncode, checked.stdout) == (0, "docs: no errors.\n")
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    ("command", "file"), [("export-openapi", "openapi.json"), ("export-schema", "seed/pack.schema.json")]
)
def test_what_is_exported_is_what_is_committed(environment, command, file):
    assert run(environment, command).stdout == (PROJECT / file).read_text(encoding="utf-8")
