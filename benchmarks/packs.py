"""Datasets of any size: the docs pack and a generated one."""

from pathlib import Path

import yaml

from app.packs.checks import find_faults
from app.packs.content import ExampleSeed, HypervisorSeed, PackFile, PackSeed
from app.packs.files import Pack, ReadFile
from app.packs.load import read_packs
from app.packs.localized import Localized, LocalizedName, LocalizedNames
from app.packs.works import CitationSeed, SupportedField, WorkSeed
from app.settings import Settings
from app.store.tables import Status
from benchmarks.processes import BenchmarkError

NAME = "generated"
SIZES = (20, 1_000, 10_000, 100_000)
# This many hypervisors share a vendor, so that a filter by vendor matches the same number at any size.
PER_VENDOR = 10
SUPPORTS: list[SupportedField] = [
    "name", "aliases", "summary", "type", "vendor", "license", "website", "identifiers",
]  # fmt: skip
CITATION = CitationSeed(source="catalogue", section="Products", supports=SUPPORTS)
STATUS_CITATION = CitationSeed(source="catalogue", section="Support", supports=["status"])
EXAMPLE_TYPES = ("server", "network", "desktop", "application", "storage", "library", "container")


def hypervisor(number: int) -> HypervisorSeed:
    """Generate a hypervisor; `urls.lua` searches for its words."""
    return HypervisorSeed(
        id=f"hv-{number:06}",
        labels=LocalizedName(en=f"Cirrus {number:06} Server", zh=f"云监控器 {number:06}"),
        aliases=LocalizedNames(en=[f"CRS{number:06}"], zh=[f"监控程序{number:06}"]),
        summary=Localized(
            en=f"Release {number:06} of a generated product that runs virtual machines, as large datasets have many.",
            zh=f"生成的第 {number:06} 个产品，用于运行虚拟机，使数据集达到所需的规模。",
        ),
        identifiers={"dmi-product-name": [f"CIRRUS-{number:06}-HVM"]},
        type=("bare-metal", "hosted")[number % 2],
        vendor=f"Maker {number // PER_VENDOR:05}",
        license=("Apache-2.0", "proprietary", "GPL-2.0-only")[number % 3],
        status=list(Status)[number % 2],
        website=f"https://example.com/products/{number}",
        sources=[CITATION, STATUS_CITATION],
    )


def example(number: int) -> ExampleSeed:
    """Generate an example of a virtualization type."""
    return ExampleSeed(
        id=f"ex-{number:06}",
        labels=LocalizedName(en=f"Stratus {number:06} Suite", zh=f"层云套件 {number:06}"),
        aliases=LocalizedNames(en=[f"STR{number:06}"], zh=[f"套件{number:06}"]),
        summary=Localized(
            en=f"Edition {number:06} of a generated product, as large datasets have many.",
            zh=f"生成的第 {number:06} 个示例，使数据集达到所需的规模。",
        ),
        identifiers={"dmi-product-name": [f"STRATUS-{number:06}-STE"]},
        type=EXAMPLE_TYPES[number % len(EXAMPLE_TYPES)],
        vendor=f"Maker {number // PER_VENDOR:05}",
        license=("Apache-2.0", "proprietary", "GPL-2.0-only")[number % 3],
        website=f"https://example.com/suites/{number}",
        sources=[CITATION],
    )


def generate_pack(size: int) -> Pack:
    """Generate a pack of that many entries, half of them hypervisors and half examples."""
    header = PackSeed(
        id=NAME,
        version="1",
        title=Localized(en="Generated entries", zh="生成的条目"),
        description=Localized(en="Entries that show how answers slow down.", zh="用于测量规模影响的条目。"),
    )
    half = size // 2
    content = PackFile(
        pack=header,
        sources=[WorkSeed(id="catalogue", title="A generated catalogue", url=None)],
        hypervisors=[hypervisor(number) for number in range(half)],
        examples=[example(number) for number in range(half)],
    )
    # Only error messages need the YAML nodes of a file, so an empty one will do.
    node = yaml.ScalarNode("", "", yaml.Mark(NAME, 0, 0, 0, "", 0))
    return Pack(header, [ReadFile(Path(NAME), node, content)])


def packs(size: int) -> list[Pack]:
    """Make the docs pack and a generated one. Raises `BenchmarkError` if the loader would refuse them."""
    together = [*read_packs(Settings().seed_dir, ["docs"]), generate_pack(size)]
    if fault := next(find_faults(together), None):
        raise BenchmarkError(f"The generated pack is not valid: {fault}")
    return together
