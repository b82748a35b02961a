"""The promise that OpenRefine itself cleans a list with `/reconcile`, in its browser and with its server."""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections import Counter

import httpx
import pytest

from app.main import create_app
from app.packs.prepare import prepare
from tests.support.servers import eventually, serving
from tools.resolve_report import STRINGS
from tools.tables import read_table

pytestmark = pytest.mark.slow

SECONDS = 60
# What it calls the lines of a text.
COLUMN = "Column 1"
ENGINE = {"facets": [], "mode": "row-based"}


class OpenRefine:
    """The commands of a running OpenRefine, as its own pages send them."""

    def __init__(self, port):
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS)

    def send(self, command, form=None, files=None, **query):
        """The response to a command."""
        token = {"csrf_token": self.client.get("/command/core/get-csrf-token").json()["token"]}
        form = {name: each if isinstance(each, str) else json.dumps(each) for name, each in (form or {}).items()}
        url = f"/command/core/{command}"
        if files:
            return self.client.post(url, params=query | token, data=form, files=files)
        return self.client.post(url, params=query, data=form | token)

    def make_project(self, cells):
        """The id of a project whose only column has these cells."""
        lines = "\n".join(cells).encode()
        form = {"project-name": "strings", "format": "text/line-based", "options": {"encoding": "UTF-8"}}
        files = {"project-file": ("list.txt", lines, "text/plain")}
        return self.send("create-project-from-upload", form, files).headers["location"].rpartition("=")[2]

    def run(self, command, project, **form):
        """Run a process on a project until it ends."""
        assert self.send(command, form | {"engine": ENGINE}, project=project).json()["code"] in ("ok", "pending")
        running = {"params": {"project": project}}
        assert eventually(
            lambda: not self.client.get("/command/core/get-processes", **running).json()["processes"], SECONDS
        )

    def cells(self, project):
        """The text of each cell of the first column, with what OpenRefine knows of it."""
        page = self.send("get-rows", project=project, start=0, limit=1000).json()
        recons = page["pool"]["recons"]
        cells = [row["cells"][0] for row in page["rows"]]
        return [(cell["v"], recons[str(cell["r"])]) for cell in cells]


@pytest.fixture(scope="module")
def openrefine(tmp_path_factory):
    """OpenRefine on a free port, with a folder of its own."""
    if (command := shutil.which("openrefine")) is None:
        pytest.skip("OpenRefine is not installed; on Debian it is the package openrefine.")
    folder = tmp_path_factory.mktemp("openrefine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["-p", str(port), "-i", "127.0.0.1", "-d", str(folder), "-m", "512M", "-x", "refine.headless=true"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 (our own command)
            [command, *options],
            env=os.environ | {"HOME": str(folder)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    running = OpenRefine(port)

    def answers():
        try:
            return running.client.get("/command/core/get-csrf-token").is_success
        except httpx.TransportError:
            return False

    try:
        assert eventually(answers, SECONDS), (folder / "log").read_text()
        yield running
    finally:
        running.client.close()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def service(new_database):
    """The URL of the reconciliation service of both packs."""
    settings = new_database("sqlite").model_copy(update={"packs": ("docs", "field")})
    prepare(settings)
    with serving(create_app(settings)) as url:
        yield f"{url}/reconcile"


def test_its_server_matches_real_strings_and_adds_what_the_entities_have(openrefine, service):
    strings = read_table(STRINGS)
    project = openrefine.make_project([row["string"] for row in strings])
    manifest = httpx.get(service).json()
    spaces = {name: manifest[name] for name in ("identifierSpace", "schemaSpace")}
    config = {"mode": "standard-service", "service": service, "type": None, "columnDetails": [], "limit": 0} | spaces
    openrefine.run("reconcile", project, columnName=COLUMN, config=config | {"autoMatch": True})

    verdicts = Counter()
    for row, (cell, recon) in zip(strings, openrefine.cells(project), strict=True):
        meant = {meaning.removeprefix("out:") for meaning in row["meaning"].split("|")}
        assert cell == row["string"].strip()
        verdicts[recon["j"], recon["j"] == "none" or recon["m"]["id"].partition("/")[2] in meant] += 1
    assert verdicts == {("matched", True): 88, ("none", True): 164}

    extension = {"properties": [{"id": "type", "name": "Type"}, {"id": "vendor", "name": "Vendor"}]}
    where = {"baseColumnName": COLUMN, "columnInsertIndex": "1", "endpoint": service, "extension": extension}
    openrefine.run("extend-data", project, **where, **spaces)
    exported = openrefine.send("export-rows", {"format": "csv", "engine": ENGINE}, project=project)
    assert "\nKVM,Bare-metal,Linux kernel community\n" in exported.text


def test_its_page_adds_the_service_shows_previews_and_completes_names(browser, openrefine, service):
    project = openrefine.make_project(["KVMKVMKVM", "vmware", "PowerEdge R650"])
    page = browser.new_page(base_url=str(openrefine.client.base_url), viewport={"width": 1400, "height": 900})
    # Its default service is on the internet.
    page.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith(service) else None)

    page.goto(f"/project?project={project}")
    page.locator(".column-header-menu").nth(1).click()
    page.get_by_text("Reconcile", exact=True).hover()
    page.get_by_text("Start reconciling").click()
    page.get_by_role("button", name="Add Standard Service").click()
    page.locator("form .input-container input").fill(service)
    page.get_by_role("button", name="Add Service").click()
    page.locator("[bind=typeContainer]", has_text="Hypervisor").wait_for()
    page.get_by_role("button", name="Start reconciling").click()

    candidate = page.locator("a.data-table-recon-topic", has_text="VMware ESXi")
    assert candidate.get_attribute("href") == service.replace("reconcile", "#/hypervisors/vmware-esxi")
    # It draws the table again when it has drawn the facets.
    page.get_by_text("best candidate's score").wait_for()
    page.wait_for_load_state("networkidle")
    candidate.hover()
    page.frame_locator("iframe").get_by_role("heading", name="VMware ESXi").wait_for()
    page.mouse.move(5, 5)
    page.get_by_text("Search for match").last.click()
    page.locator(".dialog-body input[type=text], .dialog-body input:not([type])").first.fill("proxm")
    suggestion = page.locator(".fbs-item", has_text="Proxmox Virtual Environment")
    suggestion.hover()
    page.locator(".fbs-flyout-pane, .fbs-flyoutpane", has_text="Proxmox Virtual Environment (Hypervisor)").wait_for()
    suggestion.click()
    page.locator("td", has_text="Proxmox Virtual Environment").first.wait_for()
    page.close()

    cells = [(text, recon["j"], recon.get("m", {}).get("id")) for text, recon in openrefine.cells(project)]
    assert cells == [
        ("KVMKVMKVM", "matched", "hypervisors/kvm"),
        ("vmware", "none", None),
        ("PowerEdge R650", "matched", "hypervisors/proxmox-ve"),
    ]
    # No call had to be repeated as a script.
    assert [url for url in asked if "callback=" in url] == []
