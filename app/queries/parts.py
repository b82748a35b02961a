"""What a string that nothing matches exactly may still denote: narrow rules, in the order of `RULES`.

Each rule reads names out of a value. None guesses: a known name somewhere inside a string is no rule, since on the
strings of real inventories it gives two wrong entries for five right ones.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Reading(NamedTuple):
    """What a value may consist of: parts, each of which must be known by the first of its spellings that is.

    Names of concepts do not count, since a word behind them changes what they mean, nor do identifiers unless they have
    the `scheme`, or say of a joined part what another part says by its name. With `resource`, only ids of that
    collection count; of `products`, only names of hypervisors and examples. `rest` is what no part covers.
    """

    parts: tuple[tuple[str, ...], ...]
    scheme: str | None = None
    resource: str | None = None
    rest: str = ""
    products: bool = False


CPE = re.compile(r"cpe:(?:2\.3:|/)([aho]):([^:]+):([^:]+)(?::.*)?", re.IGNORECASE)
LIBVIRT = re.compile(r"([a-z]+)(?:\+[a-z]+)?://", re.IGNORECASE)
OURS = re.compile(r"(?:.*[/:])?([a-z-]+)/([^/?#]+)")
# What neofetch prints for the machines of QEMU.
NEOFETCH = re.compile(r"(KVM)/QEMU( \(Standard PC\b.*\))")
PROGRAM = re.compile(r"/(?:[\w.-]+/)*(?:s?bin|libexec)/([\w.-]+)")
# The line by which Linux logs the firmware: system vendor and product, board, and the version and date of the BIOS.
FIRMWARE = re.compile(r"(?:DMI: |Hardware name: )?(.+?)(?:/([^/]+))?, BIOS (\S.*)")
# The words that may follow a name: versions, builds and editions, and what the thing is or does there.
NUMBER = r"(?:(?:version|release|build|update|patch|service pack|ver\.?|rel\.?)[-_.: ]?|[vur]|sp|rc)?\d[\w.+~:-]*"
HASH = "build[ :]+[0-9a-f]{6,}"
SINCE = "(?:or|and) (?:higher|later|newer|above)"
EDITION = "edition|enterprise|standard|professional|datacenter|essentials|community|lts|x64|x86_64|uefi"
MAKER = r"(?:vmware|citrix systems|red hat),? inc\.?|(?:microsoft|oracle) corporation"
ROLE = (
    "hosts?|guests?|containers?|hypervisors?|vms?|architecture|platform|nodes?|clusters?|dashboard|httpd|hvm|pvh?|"
    r"dom0|domu|paravirtualization|root partition|(?<=\d )server"
)
CHINESE_ROLE = "架构|主机|平台|容器|虚拟机|虚拟化|技术|及以上版本|及更高版本|以上版本"
# A run of separators counts from its beginning only, so that a long one takes no longer than it is.
FOLLOWING = re.compile(
    rf"(?:(?<=[^\s,;(/_-])[\s,;(/_-]++(?:{NUMBER}|{HASH}|{SINCE}|{EDITION}|{MAKER}|{ROLE})[),;]*"
    rf"|(?:(?<=[^\s(（])[\s(（]++)?(?:{CHINESE_ROLE})[)）]*)$",
    re.IGNORECASE,
)
# What the title of a page says before the name of what it belongs to, and what a line of an inventory does.
GREETING = re.compile(
    r"(?:(?:(?:log|sign)[ -]?in(?: to)?|welcome to)\b\s*[-:|]?"
    r"|(?:hypervisor|virtualization)(?: type)?\s*(?:[:=|]|\s-\s))\s*",
    re.IGNORECASE,
)
# What says more about a product whose name precedes it: where it runs, or what it is for.
MORE = re.compile(r"\s+(?=(?:(?:based|running|installed) )?(?:on|with|for|at)\s)|\s*(?=[(（].*[)）]$)", re.IGNORECASE)
JOINT = re.compile(r"\s+(?:on|with|and|or|over)\s+|\s*[+/&、]\s*|\s*[()（）]\s*", re.IGNORECASE)
# An operating system says nothing about what runs on it.
SYSTEM = re.compile(
    r"(?:(?:microsoft )?windows(?: server)?|(?:[a-z]+ )?linux|ubuntu|debian|centos|fedora|rhel|macos|mac os x|freebsd)"
    rf"(?:[\s,-]+(?:{NUMBER}|{EDITION}|server|desktop|gnu/linux))*",
    re.IGNORECASE,
)
MICROSOFT = re.compile(r"^MS\b")
GLOSS = re.compile(r"(?<=[^\x00-\x7f])[(（][A-Za-z0-9 -]+[)）]([^\x00-\x7f])")
LEVEL = re.compile("(?<=.)级(?=虚拟化$)")
NO_LEVEL = re.compile("(?<=[^级])虚拟化$")
NEGATION = re.compile(r"\b(?:without|no|not|non|none|disabled|uninstalled|removed)\b|[非无未不]", re.IGNORECASE)
# No value has more words behind a name than this, or more parts.
MOST_WORDS = 16
MOST_PARTS = 6


def read_cpe(value: str) -> Iterator[Reading]:
    """Read the part, the vendor and the product of a CPE 2.2 or 2.3, whatever its version."""
    if found := CPE.fullmatch(value):
        product = ":".join(found.groups())
        rest = value[found.end(3) :].lstrip(":")
        yield Reading(((f"cpe:2.3:{product}", f"cpe:/{product}"),), scheme="cpe", rest=rest)


def read_own_path(value: str) -> Iterator[Reading]:
    """Read the entry that a URI or a path of this service names."""
    if found := OURS.fullmatch(value):
        resource, id = found.groups()
        yield Reading(((id,),), resource=resource)


def read_libvirt_uri(value: str) -> Iterator[Reading]:
    """Read the driver of a connection URI of libvirt."""
    if found := LIBVIRT.match(value):
        yield Reading(((found[1],),), scheme="libvirt-uri-scheme", rest=value[found.end(1) :])


def read_program(value: str) -> Iterator[Reading]:
    """Read the name of a program from its path, which says where it is installed."""
    if found := PROGRAM.fullmatch(value):
        yield Reading(((found[1],),), rest=value[: found.start(1)])


def read_neofetch(value: str) -> Iterator[Reading]:
    """Read the model that neofetch prints for a machine of QEMU."""
    if found := NEOFETCH.fullmatch(value):
        yield Reading(((found[1],),), rest=value[found.end(1) :])


def shorten(value: str) -> tuple[str, ...]:
    """Cut off, one after the other, the words that may follow a name; the value itself comes first.

    What is left of a Chinese name is also tried as the name of a type: 宿主架构 is 宿主型.
    """
    found = [value]
    while len(found) <= MOST_WORDS and (following := FOLLOWING.search(found[-1])) and following.start():
        found.append(found[-1][: following.start()].strip())
    return tuple(found) if value.isascii() else (*found, *(f"{name}型" for name in found[1:]))


def read_variant(value: str) -> Iterator[Reading]:
    """Read a name in its other usual forms: MS for Microsoft, with or without 级 (level), a gloss in a Chinese name."""
    if value.isascii():
        forms = [MICROSOFT.sub("Microsoft", value)]
    else:
        plain = GLOSS.sub(r"\1", value)
        forms = [plain, LEVEL.sub("", plain), NO_LEVEL.sub("级虚拟化", plain)]
    if others := tuple(form for form in forms if form != value):
        yield Reading((others,))


def read_name(value: str) -> Iterator[Reading]:
    """Read a name that is followed only by versions, builds, editions and roles, in a title after a greeting."""
    greeting = GREETING.match(value)
    spellings = shorten(value[greeting.end() :] if greeting else value)
    if greeting or len(spellings) > 1:
        yield Reading((spellings[0 if greeting else 1 :],))


def read_joined(value: str) -> Iterator[Reading]:
    """Read several names that are joined, each of which may be followed by such words; systems say nothing."""
    parts = [part for part in JOINT.split(value) if part]
    named = [part for part in parts if not SYSTEM.fullmatch(part)]
    if named and 1 < len(parts) <= MOST_PARTS:
        yield Reading(tuple(map(shorten, named)))


def read_subject(value: str) -> Iterator[Reading]:
    """Read the name of a product from a phrase that says where it runs, or more about it in parentheses."""
    if (found := MORE.search(value)) and found.start():
        yield Reading((shorten(value[: found.start()]),), rest=value[found.end() :], products=True)


RULES: tuple[Callable[[str], Iterator[Reading]], ...] = (
    read_cpe,
    read_own_path,
    read_libvirt_uri,
    read_program,
    read_neofetch,
    read_variant,
    read_name,
    read_joined,
    read_subject,
)


def readings(value: str) -> list[Reading]:
    """Return what a value without needless white space may consist of, the first reading first.

    One that denies something has none.
    """
    if NEGATION.search(value):
        return []
    return [reading for rule in RULES for reading in rule(value)]


def strip_firmware(value: str) -> str:
    """Return the vendor and the product in a line about the firmware of a machine, which may be all that it has."""
    found = FIRMWARE.fullmatch(value)
    return found[1] if found else value


def split_firmware(line: str) -> Iterator[tuple[str, str]]:
    """Yield each vendor and product that a line may consist of, since a space joins them and is in both."""
    words = line.split(" ")
    if len(words) <= MOST_WORDS:
        for number in range(1, len(words)):
            yield " ".join(words[:number]), " ".join(words[number:])
