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
    the `scheme`. With `resource`, only ids of that collection count. `rest` is what no part covers.
    """

    parts: tuple[tuple[str, ...], ...]
    scheme: str | None = None
    resource: str | None = None
    rest: str = ""


CPE = re.compile(r"cpe:(?:2\.3:|/)([aho]):([^:]+):([^:]+)(?::.*)?", re.IGNORECASE)
LIBVIRT = re.compile(r"([a-z]+)(?:\+[a-z]+)?://", re.IGNORECASE)
OURS = re.compile(r"(?:.*[/:])?([a-z-]+)/([^/?#]+)")
# The words that may follow a name: versions, builds and editions, and what the thing is or does there.
NUMBER = r"(?:(?:version|release|build|update|patch|ver\.?|rel\.?)[-_.: ]?|[vur]|sp|rc)?\d[\w.+~:-]*"
HASH = "build[ :]+[0-9a-f]{6,}"
EDITION = "edition|enterprise|standard|professional|datacenter|essentials|community|lts|x64|x86_64"
ROLE = "hosts?|guests?|containers?|hypervisors?|vms?|architecture|platform|nodes?|clusters?"
CHINESE_ROLE = "架构|主机|平台|容器|虚拟机|虚拟化|技术"
# A run of separators counts from its beginning only, so that a long one takes no longer than it is.
FOLLOWING = re.compile(
    rf"(?:(?<=[^\s,;(/_-])[\s,;(/_-]++(?:{NUMBER}|{HASH}|{EDITION}|{ROLE})[),;]*"
    rf"|(?:(?<=[^\s(（])[\s(（]++)?(?:{CHINESE_ROLE})[)）]*)$",
    re.IGNORECASE,
)
JOINT = re.compile(r"\s+(?:on|with|and|or|over)\s+|\s*[+/&、]\s*|\s*[()（）]\s*", re.IGNORECASE)
NEGATION = re.compile(r"\b(?:without|no|not|non)\b|[非无未不]", re.IGNORECASE)
# No value has more words behind a name than this, or more parts.
LONGEST = 6


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


def shorten(value: str) -> tuple[str, ...]:
    """Cut off, one after the other, the words that may follow a name; the value itself comes first."""
    found = [value]
    while len(found) <= LONGEST and (following := FOLLOWING.search(found[-1])) and following.start():
        found.append(found[-1][: following.start()].strip())
    return tuple(found)


def read_name(value: str) -> Iterator[Reading]:
    """Read a name that is followed only by versions, builds, editions and roles."""
    if len(spellings := shorten(value)) > 1:
        yield Reading((spellings[1:],))


def read_joined(value: str) -> Iterator[Reading]:
    """Read several names that are joined, each of which may be followed by such words."""
    parts = [part for part in JOINT.split(value) if part]
    if 1 < len(parts) <= LONGEST:
        yield Reading(tuple(map(shorten, parts)))


RULES: tuple[Callable[[str], Iterator[Reading]], ...] = (
    read_cpe,
    read_own_path,
    read_libvirt_uri,
    read_name,
    read_joined,
)


def readings(value: str) -> list[Reading]:
    """Return what a value without needless white space may consist of, the first reading first.

    One that denies something has none.
    """
    if NEGATION.search(value):
        return []
    return [reading for rule in RULES for reading in rule(value)]
