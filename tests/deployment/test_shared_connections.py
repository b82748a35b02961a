"""The promise that clients behind a proxy which shares its connections get the answers to their own requests."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from tests.deployment.test_proxy import folder as folder  # noqa: PLC0414 (a fixture)
from tests.support.commands import answers, free_port, started

pytestmark = pytest.mark.proxy

CONFIGURATION = """
pid {folder}/nginx.pid;
error_log stderr crit;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    upstream service {{ server {service}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_request_buffering {buffering};
            proxy_next_upstream off;
        }}
    }}
}}
"""
REQUESTS = 400


@contextmanager
def sharing_proxy(folder, service, buffering):
    """The URL of nginx, which keeps a few connections to the service for all its clients."""
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(
        CONFIGURATION.format(folder=folder, service=urlsplit(service).netloc, port=port, buffering=buffering),
        encoding="utf-8",
    )
    command = ["nginx", "-p", folder, "-c", file, "-e", "stderr", "-g", "daemon off;"]
    with subprocess.Popen(command) as process:  # noqa: S603 (our configuration)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def ask(client, number):
    """What was wrong with the answer to a request; None if nothing was."""
    path = f"/nope-{number}"
    size = 1_000 + number * 7_919 % 1_000_000

    def send():
        return client.request("POST" if number % 4 == 0 else "GET", path, content=bytes(size))

    try:
        response = send() if number % 4 < 2 else client.get(path)
    except httpx.RemoteProtocolError:
        # An answer that came before the whole request is lost if nginx resets the connection on which the rest arrives.
        if number % 4 >= 2:
            raise
        response = send()
    right = response.status_code == 404 and response.json()["instance"] == path
    return None if right else (number, response.status_code, response.text[:200])


@pytest.mark.slow
@pytest.mark.parametrize("buffering", ["on", "off"])
def test_no_client_gets_the_answer_to_another_request(folder, environment, settings, buffering):
    with (
        started(environment, TAXONOMY_DATABASE_URL=settings.database_url) as (_, service),
        sharing_proxy(folder, service, buffering) as url,
        # nginx may close a client's connection after an answer that came before its whole request.
        httpx.Client(base_url=url, timeout=30, limits=httpx.Limits(max_keepalive_connections=0)) as client,
        ThreadPoolExecutor(8) as clients,
    ):
        assert answers(f"{service}/readyz")
        assert answers(f"{url}/readyz")
        wrong = list(filter(None, clients.map(lambda number: ask(client, number), range(REQUESTS))))

    assert wrong == []
