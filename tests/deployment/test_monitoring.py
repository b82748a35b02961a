"""The promise that the alert rules and the dashboard work with the metrics that the service exports."""

import json
import re
import shutil
import subprocess
import sys

import httpx
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client.parser import text_string_to_metric_families

from app.settings import PROJECT
from tests.deployment.test_deployment import CONTAINERS, KUBERNETES, OPERATING
from tests.support.commands import answers, started
from tests.support.prometheus import needs_prometheus, prometheus, queried
from tests.support.servers import eventually

RULES = PROJECT / "deploy" / "alerts.yaml"
RULE_TESTS = PROJECT / "tests" / "deployment" / "alerts.yaml"
ALERTS = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((PROJECT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
MONITORING = OPERATING.partition("## Monitoring")[2].partition("\n## ")[0]
METRIC = re.compile(r"\b(?:up|taxonomy_\w+|process_\w+)\b")


def shown():
    """The queries of each panel of the dashboard, by its title."""
    return {panel["title"]: [target["expr"] for target in panel["targets"]] for panel in DASHBOARD["panels"]}


def test_the_metrics_that_are_explained_shown_and_made_alerts_of_exist(client):
    client.get("/hypervisors")
    published = client.get("/metrics").text
    samples = {sample.name for family in text_string_to_metric_families(published) for sample in family.samples}
    rows = re.findall(r"^\| (`[a-z_`, ]+) \|", MONITORING, re.MULTILINE)
    explained = {name for row in rows for name in re.findall(r"\w+", row)}
    variables = [each["query"]["query"] for each in DASHBOARD["templating"]["list"] if each["type"] == "query"]
    used = {rule["alert"]: {*METRIC.findall(rule["expr"])} for rule in ALERTS}
    used |= {
        name: {*METRIC.findall(" ".join(queries))} for name, queries in {**shown(), "variables": variables}.items()
    }

    assert explained == {
        name for name in re.findall(r"^# TYPE (\w+) ", published, re.MULTILINE) if not name.endswith("_created")
    }
    # Prometheus itself makes `up`.
    assert {user: names - samples for user, names in used.items() if not names or names - samples} == {
        "TaxonomyAbsent": {"up"},
        "TaxonomyNotReady": {"up"},
    }


def test_the_alert_about_memory_is_about_the_limit_of_the_containers():
    (limit,) = {container["resources"]["limits"]["memory"].removesuffix("Mi") for container in CONTAINERS}
    (rule,) = (rule for rule in ALERTS if rule["alert"] == "TaxonomyMemory")

    assert rule["expr"].endswith(f"> 0.9 * {limit} * 1024 * 1024")


def unread(written, read):
    """The values of a document that are not in another, as which it was read."""
    if isinstance(written, dict) and isinstance(read, dict):
        return [f"{key}.{path}" for key, value in written.items() for path in unread(value, read.get(key))]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        return [
            f"{place}.{path}" for place, pair in enumerate(zip(written, read, strict=True)) for path in unread(*pair)
        ]
    return [] if written == read else [repr(written)]


def test_grafana_knows_every_field_of_the_dashboard():
    register_default_plugins()

    assert unread(DASHBOARD, json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))) == []


def test_the_panels_of_the_dashboard_do_not_overlap():
    places = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(places) == len(set(places))
    assert {x for x, _ in places} == set(range(24))


def promtool(*arguments, folder=PROJECT):
    """What promtool says of files that are right."""
    finished = subprocess.run(  # noqa: S603 (our own files)
        ["promtool", *arguments],  # noqa: S607 (as an operator calls it)
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@needs_prometheus
def test_every_alert_fires_when_it_should_and_no_sooner():
    tests = [
        test for group in yaml.safe_load(RULE_TESTS.read_text())["tests"] for test in group.get("alert_rule_test", [])
    ]

    assert {test["alertname"] for test in tests if test["exp_alerts"]} == {rule["alert"] for rule in ALERTS}
    assert f"{len(ALERTS)} rules found" in promtool("check", "rules", RULES)
    assert "SUCCESS" in promtool("test", "rules", RULE_TESTS)


@needs_prometheus
def test_prometheus_takes_the_configuration_of_the_documentation(tmp_path):
    shutil.copy(RULES, tmp_path)
    configuration = yaml.safe_load(re.search(r"```yaml\n(.*?)```", MONITORING, re.DOTALL)[1])
    # Debian builds Prometheus without Kubernetes.
    found = [job.pop("kubernetes_sd_configs") for job in configuration["scrape_configs"]]
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")

    assert found == [[{"role": "pod", "namespaces": {"names": [KUBERNETES[0]["metadata"]["name"]]}}]]
    assert "SUCCESS: 1 rule files found" in promtool("check", "config", "prometheus.yaml", folder=tmp_path)


@needs_prometheus
@pytest.mark.slow
def test_every_panel_shows_data_of_the_service_and_no_alert_fires(environment, tmp_path):
    values = {"$__rate_interval": "1m", "$job": "virt-taxonomy", "$instance": ".+"}

    def empty(url):
        return [
            (panel, expression)
            for panel, expressions in shown().items()
            for expression in expressions
            if not queried(url, re.sub(r"\$\w+", lambda name: values[name[0]], expression))
        ]

    # A process of its own, because one alert is about memory, and tests fill that of theirs.
    program = [sys.executable, "-m", "virtualization_taxonomy"]
    with (
        started(environment, program=program) as (_, base_url),
        prometheus(tmp_path, {"virt-taxonomy": f"{base_url}/metrics"}, [RULES]) as url,
    ):
        assert answers(f"{base_url}/readyz")
        for number in range(100):
            httpx.get(f"{base_url}/hypervisors", params={"limit": 1 + number // 2})
        assert eventually(lambda: not empty(url), seconds=20), empty(url)
        rules = httpx.get(f"{url}/api/v1/rules").json()["data"]["groups"][0]["rules"]

    assert [(rule["name"], rule["health"], rule["state"]) for rule in rules] == [
        (rule["alert"], "ok", "inactive") for rule in ALERTS
    ]
