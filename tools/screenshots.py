"""Photographs of the explorer, and what its first paint takes: ``python -m tools.screenshots``."""

import shutil
from itertools import product
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from app.main import create_app
from app.packs.load import prepare
from app.settings import PROJECT, Settings
from app.store.tables import Language
from tests.support.servers import serving

FOLDER = PROJECT / ".screenshots"
BEST = PROJECT / "docs" / "explorer.png"
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
# What is photographed: the fragment of the address, and what must be there first.
VIEWS = {
    "tree": ("", ".branches path[d]"),
    "entry": ("#/hypervisors/kvm", "#entry .summary"),
    "table": ("#/hypervisors?type=hosted", "#rows table"),
    "lookup": ("#/lookup?value=kvm&value=vmware&value=microsoft&value=none", "#resolved tbody tr"),
}
RUNS = 5


def photograph(browser: Browser, base_url: str) -> None:
    """Every view in every size, colour scheme and language."""
    FOLDER.mkdir(exist_ok=True)
    for (size, viewport), scheme, lang in product(SIZES.items(), ("light", "dark"), Language):
        for view, (fragment, sight) in VIEWS.items():
            context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.goto(f"{base_url}/?lang={lang}{fragment}")
            page.locator(sight).first.wait_for(state="attached")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{view}-{size}-{scheme}-{lang}.png")
            context.close()
    shutil.copy(FOLDER / "entry-desk-light-en.png", BEST)


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
    """Photograph and measure a service of the docs pack."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = Settings(database_url=f"sqlite:///{folder}/screenshots.db")
        prepare(settings)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with serving(create_app(settings)) as base_url:
            for run in range(1, RUNS + 1):
                timing = measure(browser, base_url)
                print(
                    f"visit {run}: {timing['first'] / 1000:.1f} kB until the first paint at {timing['paint']:.0f} ms, "
                    f"interactive at {timing['interactive']:.0f} ms; {timing['all'] / 1000:.1f} kB in all"
                )
            photograph(browser, base_url)
        browser.close()


if __name__ == "__main__":
    main()
