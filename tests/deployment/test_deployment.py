"""The promise that what deploys the service is valid, and names only what the service has."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from urllib.parse import urlsplit

import pytest
import typer
import yaml

from app.cli import cli
from app.settings import PREFIX, PROJECT, Settings
from tests.support.commands import answers, started
from tests.support.urls import DOCUMENT

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES = list(yaml.safe_load_all((PROJECT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")))
OPERATING = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = ["Dockerfile", "compose.yaml", "deploy/kubernetes.yaml", "deploy/taxonomy.conf", "docs/operating.md"]
SERVICES = [service for service in COMPOSE["services"].values() if "build" in service]
WORKLOADS = [
    document["spec"]["template"]["spec"] for document in KUBERNETES if document["kind"] in ("Job", "Deployment")
]
CONTAINERS = [
    container for pod in WORKLOADS for container in [*pod.get("initContainers", []), *pod["containers"]]
]  # fmt: skip
PORT = "8000"


def instructions(name):
    """What the Dockerfile says behind an instruction, each time."""
    return re.findall(rf"^ *(?:HEALTHCHECK .* )?{name} +(.*)$", DOCKERFILE, re.MULTILINE)


def installed(lock):
    """The names and versions that a lock pins, with their hashes."""
    pins = re.split(r"\n(?=\S)", (PROJECT / lock).read_text(encoding="utf-8"))
    return {(pin.split()[0], frozenset(re.findall(r"--hash=(\S+)", pin))) for pin in pins}


@pytest.mark.parametrize(
    "validator",
    [
        ["check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        ["kubernetes_validate", "--strict", "deploy/kubernetes.yaml"],
    ],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.slow
def test_the_schemas_of_compose_and_kubernetes_allow_the_files(validator):
    checked = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", *validator], cwd=PROJECT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("file", FILES)
def test_every_variable_is_a_setting(file):
    text = (PROJECT / file).read_text(encoding="utf-8")
    known = {PREFIX + name.upper() for name in Settings.model_fields}

    assert set(re.findall(r"\bTAXONOMY_[A-Z_]+[A-Z]\b", text)) - known == set()


def test_the_settings_of_kubernetes_are_valid_and_agree(monkeypatch):
    (data,) = (document["data"] for document in KUBERNETES if document["kind"] == "ConfigMap")
    for name, value in data.items():
        monkeypatch.setenv(name, value)
    settings = Settings()

    assert urlsplit(settings.base_uri).hostname in settings.allowed_hosts
    assert [pack for pack in settings.packs if not (settings.seed_dir / pack).is_dir()] == []


def test_every_command_and_option_exists():
    commands = typer.main.get_command(cli).commands
    said = [
        *(service["command"] for service in SERVICES),
        *(container["args"] for container in CONTAINERS),
        *(json.loads(command) for command in instructions("CMD")[-1:]),
        *(shlex.split(command) for command in re.findall(r"`virt-taxonomy ([^`]+)`", OPERATING)),
    ]

    assert [command for command in said if command[0] not in commands] == []
    assert [
        option
        for name, *options in said
        for option in options
        if option.startswith("--")
        and option not in {known for parameter in commands[name].params for known in parameter.opts}
    ] == []
    assert [json.loads(point) for point in instructions("ENTRYPOINT")] == [["virt-taxonomy"]]
    assert "virt-taxonomy" in PYPROJECT["project"]["scripts"]


def test_every_path_that_is_probed_exists():
    paths = DOCUMENT["paths"]
    probed = {
        container[probe]["httpGet"]["path"]
        for container in CONTAINERS
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        if probe in container
    } | set(re.findall(r"/(?:livez|readyz|metrics)\b", DOCKERFILE))

    assert probed == {"/readyz", "/livez"}
    assert probed - paths.keys() == set()


def test_every_container_has_limits_and_the_service_the_same_everywhere():
    limited = {
        name: (service.get("mem_limit"), service.get("pids_limit")) for name, service in COMPOSE["services"].items()
    }

    assert [name for name, limits in limited.items() if None in limits] == []
    assert {service["mem_limit"].replace("m", "Mi") for service in SERVICES} == {
        container["resources"]["limits"]["memory"] for container in CONTAINERS
    }


def test_the_port_is_the_same_everywhere():
    (service,) = (document for document in KUBERNETES if document["kind"] == "Service")
    ports = [port for container in CONTAINERS for port in container.get("ports", [])]

    assert instructions("EXPOSE") == [PORT]
    assert f"TAXONOMY_PORT={PORT}" in DOCKERFILE
    assert ports == [{"name": service["spec"]["ports"][0]["targetPort"], "containerPort": int(PORT)}]
    assert f"http://serve:{PORT};" in (PROJECT / "deploy" / "taxonomy.conf").read_text(encoding="utf-8")
    assert "serve" in COMPOSE["services"]


def test_the_version_is_the_same_everywhere():
    version = PYPROJECT["project"]["version"]
    images = {service["image"] for service in SERVICES} | {container["image"] for container in CONTAINERS}
    (job,) = (document["metadata"]["name"] for document in KUBERNETES if document["kind"] == "Job")

    assert f'org.opencontainers.image.version="{version}"' in DOCKERFILE
    assert images == {f"virt-taxonomy:{version}"}
    assert job == f"virt-taxonomy-prepare-{version}"


def test_nothing_runs_as_root_or_writes_beside_its_data():
    (user,) = instructions("USER")
    number = int(user.split(":")[0])

    assert user == f"{number}:{number}"
    assert number > 0
    assert [(service["user"], service["read_only"], service["cap_drop"]) for service in SERVICES] == [
        (user, True, ["ALL"])
    ] * 3
    assert {(pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsNonRoot"]) for pod in WORKLOADS} == {
        (number, True)
    }
    assert [container["securityContext"] for container in CONTAINERS] == [
        {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    ] * 3
    assert [pod["enableServiceLinks"] for pod in WORKLOADS] == [False, False]


def test_a_new_volume_belongs_to_the_user_of_the_image():
    (user,) = instructions("USER")
    (volume,) = instructions("VOLUME")
    copies = [line.split() for line in instructions("COPY") if line.endswith(f" {volume}")]

    assert [[option for option in copy if option.startswith("--chown")] for copy in copies] == [[f"--chown={user}"]]
    assert instructions("WORKDIR")[-1] == volume
    assert f"TAXONOMY_DATABASE_URL=sqlite:///{volume}/" in DOCKERFILE


def test_no_container_can_gain_privileges():
    services = COMPOSE["services"].values()

    assert [(service["cap_drop"], service["security_opt"]) for service in services] == [
        (["ALL"], ["no-new-privileges:true"])
    ] * len(services)


def test_all_of_kubernetes_is_in_one_namespace_with_a_network_policy():
    (namespace,) = (document["metadata"]["name"] for document in KUBERNETES if document["kind"] == "Namespace")
    (policy,) = (document["spec"] for document in KUBERNETES if document["kind"] == "NetworkPolicy")
    others = [document["metadata"] for document in KUBERNETES if document["kind"] != "Namespace"]

    assert {metadata["namespace"] for metadata in others} == {namespace}
    assert (policy["podSelector"], policy["policyTypes"]) == ({}, ["Ingress", "Egress"])


def test_only_the_steps_that_write_get_the_owner_of_the_database():
    urls = {name: service["environment"]["TAXONOMY_DATABASE_URL"] for name, service in COMPOSE["services"].items()
            if "build" in service}  # fmt: skip
    secrets = {
        container["name"]: variable["valueFrom"]["secretKeyRef"]["name"]
        for container in CONTAINERS
        for variable in container["env"]
        if variable["name"] == "TAXONOMY_DATABASE_URL"
    }

    assert {name: re.findall(r"//(\w+):", url) for name, url in urls.items()} == {
        "migrate": ["taxonomy"],
        "seed": ["taxonomy"],
        "serve": ["taxonomy_serving"],
    }
    assert secrets == {
        "migrate": "virt-taxonomy-owner",
        "seed": "virt-taxonomy-owner",
        "serve": "virt-taxonomy-serving",
    }


def test_the_files_that_are_named_exist():
    copied = [
        path
        for line in re.findall(r"^COPY +(?!--)(.*)$", DOCKERFILE, re.MULTILINE)
        for path in line.split()[:-1]
    ]  # fmt: skip
    mounted = [
        mount.split(":")[0]
        for service in COMPOSE["services"].values()
        for mount in service.get("volumes", [])
        if mount.startswith(".")
    ]
    allowed = re.findall(r"^!(.*)$", (PROJECT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)

    assert [path for path in [*copied, *mounted] if not (PROJECT / path).exists()] == []
    assert sorted(copied) == sorted(allowed)


def test_what_is_in_flight_has_its_time_to_be_finished():
    (serving,) = (pod for pod in WORKLOADS if "terminationGracePeriodSeconds" in pod)
    before = serving["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert Settings().shutdown_seconds + before < serving["terminationGracePeriodSeconds"]
    assert Settings().shutdown_seconds < int(COMPOSE["services"]["serve"]["stop_grace_period"].removesuffix("s"))


def test_the_time_until_a_new_revision_is_everywhere_is_that_of_the_settings():
    poll, age = Settings().cache_poll_seconds, Settings().cache_max_age
    shown = re.findall(r"\| ([\d.]+) \+ (\d+) × (\d) = ([\d.]+) \|", OPERATING)

    assert len(shown) == 4
    assert shown == [(f"{poll:g}", f"{age}", count, f"{poll + age * int(count):g}") for _, _, count, _ in shown]


@pytest.mark.parametrize("lock", ["requirements-run.lock", "requirements-build.lock"])
def test_the_image_gets_what_was_tested(lock):
    assert installed(lock) - installed("requirements.lock") == set()


def test_the_image_gets_every_dependency():
    pinned = {pin.split("==")[0] for pin, _ in installed("requirements-run.lock")}

    assert {re.split(r"[\[>]", wanted)[0] for wanted in PYPROJECT["project"]["dependencies"]} - pinned == set()


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--no-prepare",), 1)])
@pytest.mark.slow
def test_the_health_check_tells_whether_the_service_is_ready(environment, arguments, code):
    check = json.loads(instructions("CMD")[0])
    with started(environment, *arguments) as (_, url):
        assert answers(f"{url}/livez")
        checked = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, *check[1:]],
            env=environment | {"TAXONOMY_PORT": url.rpartition(":")[2]},
            capture_output=True,
            check=False,
        )

    assert check[0] == "python"
    assert checked.returncode == code
