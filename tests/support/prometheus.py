"""A Prometheus that scrapes what a test gives it."""

import subprocess
from contextlib import contextmanager
from shutil import which

import httpx
import pytest
import yaml

from tests.support.commands import answers, free_port

needs_prometheus = pytest.mark.skipif(which("promtool") is None, reason="needs Prometheus")


@contextmanager
def prometheus(folder, jobs, rules=()):
    """The base URL of a Prometheus that scrapes the URL of each job every second."""
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(file) for file in rules],
        "scrape_configs": [
            {"job_name": name, "metrics_path": f"/{path}", "static_configs": [{"targets": [target]}]}
            for name, url in jobs.items()
            for target, _, path in [url.removeprefix("http://").partition("/")]
        ],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yaml",
        f"--storage.tsdb.path={folder}/prometheus",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--log.level=error",
    ]
    with subprocess.Popen(command) as process:  # noqa: S603 (our configuration)
        try:
            assert answers(f"{url}/-/ready")
            yield url
        finally:
            process.terminate()


def queried(url, expression):
    """What a query of Prometheus finds: the labels and the value of each series."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": expression}).json()
    assert answer["status"] == "success", answer
    return [(series["metric"], float(series["value"][1])) for series in answer["data"]["result"]]
