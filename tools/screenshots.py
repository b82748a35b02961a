"""Photographs of the explorer, and what its first paint takes: ``python -m tools.screenshots``.

Of the docs pack, and of the docs pack beside 150 entries with long names.
"""

import shutil
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from app.main import create_app
from app.packs.prepare import prepare
from app.settings import PROJECT, Settings
from app.store.tables import Language
from tests.support.packs import copy_docs, write_long_names
from tests.support.servers import serving

FOLDER = PROJECT / ".screenshots"
BEST = PROJECT / "docs" / "explorer.png"
SIZES = {
    "desk": {"width": 1440, "height": 900},
    "tablet": {"width": 1024, "height": 768},
    "phone": {"width": 390, "height": 844},
}
# What is photographed: the fragment of the address, and what must be there first.
VIEWS = {
    "tree": ("", ".branches path[d]"),
    "entry": ("#/hypervisors/kvm", "#entry .summary"),
    "last": ("#/hypervisors/{last}", "#entry .summary"),
    "table": ("#/hypervisors?type=hosted", "#rows table"),
    "lookup": ("#/lookup?value=kvm&value=vmware&value=microsoft&value=none", "#resolved tbody tr"),
    "search": ("#/search?q=v", "#hits li"),
}
# For each set of packs, the last entry that is photographed.
PACKS = {("docs",): "parallels-desktop", ("docs", "long"): "long-hypervisors-71"}
RUNS = 5


def photograph(browser: Browser, base_url: str, packs: tuple[str, ...]) -> None:
    """Every view in every size, colour scheme and language."""
    FOLDER.mkdir(exist_ok=True)
    for (size, viewport), scheme, lang in product(SIZES.items(), ("light", "dark"), Language):
        for view, (fragment, sight) in VIEWS.items():
            context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.goto(f"{base_url}/?lang={lang}{fragment.format(last=PACKS[packs])}")
            page.locator(sight).first.wait_for(state="attached")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{packs[-1]}-{view}-{size}-{scheme}-{lang}.png")
            context.close()
    if packs == ("docs",):
        shutil.copy(FOLDER / "docs-entry-desk-light-en.png", BEST)


def measure(browser: Browser, base_url: str) -> dict[str, float]:
    """What Chromium says of a first visit: the bytes on the wire until the first paint, and the milliseconds."""
    context = browser.new_context(viewport=SIZES["desk"])
    page = context.new_page()
    page.goto(f"{base_url}/?lang=en")
    page.wait_for_load_state("networkidle")
    timing = page.evaluate(
        """() => {
          const [visit] = performance.getEntriesByType("navigation");
          const [paint] = performance.getEntriesByName("first-contentful-paint");
          const [interactive] = performance.getEntriesByName("interactive");
          const loaded = [visit, ...performance.getEntriesByType("resource")];
          const before = loaded.filter((entry) => entry.startTime < paint.startTime && entry.initiatorType !== "fetch");
          const bytes = (entries) => entries.reduce((sum, entry) => sum + entry.transferSize, 0);
          return {
            first: bytes(before), all: bytes(loaded), paint: paint.startTime, interactive: interactive.startTime
          };
        }"""
    )
    context.close()
    return timing


def main() -> None:
    """Photograph and measure a service of each set of packs."""
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = write_long_names(copy_docs(Path(name)))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for packs in PACKS:
            settings = Settings(database_url=f"sqlite:///{name}/{packs[-1]}.db", seed_dir=folder, packs=packs)
            prepare(settings)
            with serving(create_app(settings)) as base_url:
                for run in range(1, RUNS + 1):
                    timing = measure(browser, base_url)
                    print(
                        f"{', '.join(packs)}, visit {run}: {timing['first'] / 1000:.1f} kB until the first paint at "
                        f"{timing['paint']:.0f} ms, interactive at {timing['interactive']:.0f} ms; "
                        f"{timing['all'] / 1000:.1f} kB in all"
                    )
                photograph(browser, base_url, packs)
        browser.close()


if __name__ == "__main__":
    main()
