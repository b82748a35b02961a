"""`virt-taxonomy lookup` and `identify`: the answers of the API without a service."""

import csv
import io
import json
import subprocess
import sys

import pytest

from app import terminal
from app.packs.prepare import prepare
from app.settings import Settings
from tests.support.databases import both_databases

PROGRAM = [sys.executable, "-m", "virtualization_taxonomy"]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The environment of an operator whose database is loaded."""
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('database')}/a%20b.db")
    prepare(settings)
    return settings.database_url


@pytest.fixture
def operator(environment, loaded):
    """A function that runs a command, given its arguments and its input."""

    def run(*arguments, given="", **variables):
        return subprocess.run(  # noqa: S603 (our own command)
            [*PROGRAM, *arguments],
            env=environment | {"TAXONOMY_DATABASE_URL": loaded} | variables,
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            check=False,
        )

    return run


VALUES = ["VMware ESXi 7.0.3", "none", "vm-other", "裸金属架构", "VirutalBox"]
TABLE = """\
VALUE              MATCH            MEANING
VMware ESXi 7.0.3  part             VMware ESXi (hypervisors/vmware-esxi)
none               not-virtualized  in systemd-detect-virt
vm-other           unspecified      in systemd-detect-virt
裸金属架构         part             Bare-metal (hypervisor-types/bare-metal)
VirutalBox         none             did you mean VirtualBox?
"""


def test_values_are_arguments_or_lines_and_the_table_is_aligned(operator):
    given = "\ufeff" + "\r\n\n".join(f" {value} " for value in VALUES)
    answers = [operator("lookup", *VALUES), operator("lookup", given=given)]
    shown = [[line.partition(", ")[0] for line in answer.stdout.decode().splitlines()] for answer in answers]

    assert shown == [TABLE.splitlines()] * 2
    assert [answer.returncode for answer in answers] == [1, 1]
    assert [answer.stderr for answer in answers] == [b"", b""]


def test_the_exit_status_is_0_if_everything_is_known(operator):
    assert operator("lookup", "kvm", "none").returncode == 0


@both_databases
def test_the_json_is_that_of_the_api(operator, empty, client):
    prepare(empty)
    asked = {"values": VALUES, "scheme": ["systemd-detect-virt"], "lang": "zh"}
    arguments = ("lookup", *VALUES, "--scheme", "systemd-detect-virt", "--lang", "zh", "--json")

    answer = operator(*arguments, TAXONOMY_DATABASE_URL=empty.database_url)

    assert json.loads(answer.stdout) == client.post("/lookup", json=asked).json()


def test_without_a_database_the_packs_answer(operator, tmp_path):
    url = f"sqlite:///{tmp_path}/missing.db"
    answer = operator("lookup", "KVMKVMKVM", TAXONOMY_DATABASE_URL=url)

    assert answer.stdout.decode().splitlines()[1] == "KVMKVMKVM  identifier  KVM (hypervisors/kvm)"
    assert not (tmp_path / "missing.db").exists()


UNUSABLE = [
    ({"TAXONOMY_PACKS": "nope", "TAXONOMY_DATABASE_URL": "sqlite:///none.db"}, "/seed/nope:1: there is no such pack; "),
    ({"TAXONOMY_DATABASE_URL": "mysql://x"}, "TAXONOMY_DATABASE_URL: "),
    ({"TAXONOMY_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "The database cannot be used: "),
]


@pytest.mark.parametrize(("variables", "message"), UNUSABLE, ids=[message[:20] for _, message in UNUSABLE])
def test_what_cannot_be_read_is_said_in_one_line(operator, variables, message):
    answer = operator("lookup", "x", **variables)

    assert (answer.returncode, answer.stdout) == (2, b"")
    assert message in answer.stderr.decode()
    assert answer.stderr.count(b"\n") == 1


def test_the_csv_table_is_safe_for_spreadsheets(operator):
    answer = operator("lookup", "--csv", given="KVMKVMKVM\n=1+1\nVMware ESXi 7.0\n")

    assert [*csv.DictReader(io.StringIO(answer.stdout.decode()))] == [
        dict(zip(terminal.LOOKUP_COLUMNS, row, strict=True))
        for row in (
            ("KVMKVMKVM", "identifier", "kvm", "KVM", "", "", "", ""),
            ("'=1+1", "none", "", "", "", "", "", ""),
            ("VMware ESXi 7.0", "part", "vmware-esxi", "VMware ESXi", "7.0", "", "", ""),
        )
    ]


def test_a_long_input_is_answered_from_the_beginning(operator):
    values = [f"host {number}" for number in range(terminal.AT_ONCE * 2 + 1)]
    lines = operator("lookup", given="\n".join(values)).stdout.decode().splitlines()

    assert [line.rpartition("  none")[0].strip() for line in lines[1:]] == values


FACTS = {"dmi-sys-vendor": "VMware, Inc.", "cpuid": ["VMwareVMware"]}
NONE = {"systemd-detect-virt": "none"}
INPUTS = [
    (FACTS, ["virtual"], 0),
    ([FACTS, NONE], ["virtual", "physical"], 0),
    ({"hosts": [NONE, {}]}, ["physical", "unknown"], 1),
]


@pytest.mark.parametrize(("given", "verdicts", "status"), INPUTS, ids=["object", "array", "body"])
def test_hosts_are_identified_from_json(operator, client, given, verdicts, status):
    answer = operator("identify", "--json", given=json.dumps(given))
    results = json.loads(answer.stdout)["results"]
    hosts = given["hosts"] if "hosts" in given else given if isinstance(given, list) else [given]

    assert ([result["verdict"] for result in results], answer.returncode) == (verdicts, status)
    assert {"results": results} == client.post("/identify", json={"hosts": hosts}).json()


def test_a_host_is_identified_from_arguments(operator):
    answer = operator("identify", "systemd-detect-virt=kvm", "virt-what=kvm", "virt-what=aws", "dmi-sys-vendor=QEMU")

    assert answer.stdout.decode() == (
        "VERDICT  RUNS ON OR HOSTS  BECAUSE\n"
        "virtual  KVM               dmi-sys-vendor=QEMU, systemd-detect-virt=kvm, virt-what=kvm\n"
    )


MISTAKES = [
    (("lookup", "kvm", "--scheme", "cpid"), "", "'cpid' is not a scheme: did you mean 'cpuid'?"),
    (("lookup", "kvm", "--lang", "fr"), "", "'fr' is not a language of the dataset: write en or zh."),
    (("lookup", "kvm", "--json", "--csv"), "", "Give either --json or --csv."),
    (("identify", "kvm"), "", "'kvm' is not a fact: write SCHEME=VALUE, for example systemd-detect-virt=kvm."),
    (("identify",), "{", "The input is not JSON: "),
    (("identify",), "1", "Give an object of facts, an array of such objects, or the body of POST /identify."),
    (("identify",), "[1]", "Host 0 is not an object. "),
    (("identify",), '{"cpuid": 1}', "Host 0: cpuid must be a string or an array of strings."),
    (("identify",), '{"cpid": "x"}', "'cpid' is not a scheme: did you mean 'cpuid'?"),
]


@pytest.mark.parametrize(("arguments", "given", "message"), MISTAKES, ids=[message[:30] for *_, message in MISTAKES])
def test_a_mistake_ends_the_command_with_one_line(operator, arguments, given, message):
    answer = operator(*arguments, given=given)

    assert (answer.returncode, answer.stdout) == (2, b"")
    assert answer.stderr.decode().startswith(message)
    assert answer.stderr.count(b"\n") == 1


def test_input_that_is_no_utf_8_and_output_that_breaks_lines_are_harmless(operator):
    answer = operator("lookup", given=b"caf\xe9\x1b[31m\xe2\x80\xaex\n")

    assert answer.stdout.decode().splitlines()[1].startswith("caf\ufffd\ufffd[31m\ufffdx")


def test_the_default_database_is_that_of_the_settings():
    assert Settings.model_fields["database_url"].default == terminal.DEFAULT_DATABASE
