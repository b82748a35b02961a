"""What a string that nothing matches exactly may still denote: narrow rules, in the order of `RULES`.

Each rule reads names out of a value. None guesses: a known name somewhere inside a string is no rule, since on the
strings of real inventories it gives two wrong entries for five right ones.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from app.queries.part_words import (
    BEFORE,
    BOTH,
    CHINESE_FOLLOWING,
    CHINESE_KIND,
    CPE,
    DIGITS,
    FOLLOWING,
    GLOSS,
    GREETING,
    JOINT,
    KIND,
    LEVEL,
    LIBVIRT,
    MICROSOFT,
    MORE,
    NEGATION,
    NEOFETCH,
    NO_LEVEL,
    OPENSTACK,
    OTHER_THINGS,
    OURS,
    PROGRAM,
    RUNTIME,
    SUITE,
    SYSTEM,
)

# No value has more words behind a name than this, or more parts.
MOST_WORDS = 16
# A version, a build or the like is at most this long.
LONGEST_WORD = 80
MOST_PARTS = 6
MOST_PAIRED = 3
# Only so many shorter names are tried in other forms.
MOST_FORMS = 5


class Reading(NamedTuple):
    """What a value may consist of: parts, each of which must be known by the first of its spellings that is.

    Names of concepts do not count, since a word behind them changes what they mean, nor common words that are names of
    types (`server`), nor identifiers unless they have the `scheme`, are names, are the word of several tools for what
    is named so, or say of a joined part what another part says by its name. With `resource`, only ids of that
    collection count; with `products`, only names of hypervisors and examples; with `glosses`, all names that every part
    has. `rest` is what no part covers.
    """

    parts: tuple[tuple[str, ...], ...]
    scheme: str | None = None
    resource: str | None = None
    rest: str = ""
    products: bool = False
    glosses: bool = False


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


@lru_cache(maxsize=256)
def shorten(value: str) -> tuple[str, ...]:
    """Cut off, one after the other, the words that may follow a name; the value itself comes first.

    What is left of a Chinese name is also tried as the name of a type: 宿主架构 is 宿主型.
    """
    # In lower case, since an expression that ignores case takes twice as long.
    text = value.lower() if value.isascii() else value
    following_words = FOLLOWING if value.isascii() else CHINESE_FOLLOWING
    found, end = [value], len(value)
    while len(found) <= MOST_WORDS:
        following = following_words.search(text, max(0, end - LONGEST_WORD), end)
        if not following or not (start := following.start()):
            break
        if following["component"] and text.endswith(OTHER_THINGS, 0, start):
            break
        found.append(value[:start].rstrip())
        end = len(found[-1])
    return tuple(found) if value.isascii() else (*found, *(f"{name}型" for name in found[1:]))


def read_variant(value: str) -> Iterator[Reading]:
    """Read a name in its other usual forms.

    They are MS for Microsoft, Roman and Chinese numbers of types, Chinese names with or without 级 (level) or with a
    gloss inside.
    """
    if value.isascii():
        whole = KIND.sub(lambda kind: f"{kind[1]}{len(kind[2])}", MICROSOFT.sub("Microsoft", value))
        forms = shorten(whole) if whole != value else ()
    else:
        whole = number_kinds(GLOSS.sub(r"\1", value))
        names = shorten(whole)[:MOST_FORMS]
        forms = tuple(form for name in names for form in (name, *vary_level(name)) if form != value)
    if forms:
        yield Reading((forms,))


def number_kinds(text: str) -> str:
    """Write the kinds of hypervisor as in English: 一型, Ⅰ型 and the 第一类 of 第一类虚拟机监控器 are type 1."""
    return CHINESE_KIND.sub(lambda kind: f" type {DIGITS[kind[kind.lastindex or 0].strip().lower()]} ", text).strip()


def vary_level(name: str) -> tuple[str, ...]:
    """Return a Chinese name with 级, without it, and with it where it has none."""
    return LEVEL.sub("级", name), LEVEL.sub("", name), NO_LEVEL.sub("级虚拟化", name)


def read_name(value: str) -> Iterator[Reading]:
    """Read a name that is followed only by versions, builds, editions and roles, in a title after a greeting."""
    greeting = GREETING.match(value)
    spellings = shorten(value[greeting.end() :] if greeting else value)
    if greeting or len(spellings) > 1:
        yield Reading((spellings[0 if greeting else 1 :],))


def read_after(value: str) -> Iterator[Reading]:
    """Read the name of a product behind the system on which it runs, or behind the name of its maker."""
    if found := BEFORE.match(value):
        yield Reading((shorten(value[found.end() :]),), rest=value[: found.end()].strip(), products=True)


def read_runtime(value: str) -> Iterator[Reading]:
    """Read a product from a URI that has its name and version."""
    if found := RUNTIME.fullmatch(value):
        yield Reading(((found[1],),), rest=found[2], products=True)


def read_openstack(value: str) -> Iterator[Reading]:
    """Read OpenStack from what names its services or releases, which do not stand alone: Rocky is a system too."""
    if found := OPENSTACK.fullmatch(value):
        yield Reading(((found[1],),), rest=found[2].strip(), products=True)


def read_gloss(value: str) -> Iterator[Reading]:
    """Read a name that is followed by its translation or its abbreviation, if both mean the same."""
    if (not value.isascii() or value.endswith(")")) and (found := BOTH.fullmatch(value)):
        first, second = filter(None, found.groups())
        yield Reading(((first,), (second,)), glosses=True)


def read_joined(value: str) -> Iterator[Reading]:
    """Read several names that are joined, each of which may be followed by such words; systems say nothing.

    A suite beside what belongs to it says nothing either where it is not known.
    """
    parts = [part for part in JOINT.split(value) if part]
    named = [part for part in parts if not SYSTEM.fullmatch(part)]
    if named and 1 < len(parts) <= MOST_PARTS:
        yield Reading(tuple(map(shorten, named)))
        if 0 < len(less := [part for part in named if not SUITE.fullmatch(part)]) < len(named):
            yield Reading(tuple(map(shorten, less)))


def read_subject(value: str) -> Iterator[Reading]:
    """Read the name of a product from a phrase that says where it runs, or more about it in parentheses."""
    if (found := MORE.search(value)) and found.start():
        head = value[: found.start()]
        yield Reading((shorten(head),), rest=value[found.end() :], products=head.isascii())


def read_pair(value: str) -> Iterator[Reading]:
    """Read two products that stand side by side."""
    words = value.split(" ")
    if len(words) <= MOST_PAIRED:
        for number in range(1, len(words)):
            yield Reading(((" ".join(words[:number]),), (" ".join(words[number:]),)), products=True)


RULES: tuple[Callable[[str], Iterator[Reading]], ...] = (
    read_cpe,
    read_own_path,
    read_libvirt_uri,
    read_program,
    read_neofetch,
    read_runtime,
    read_variant,
    read_gloss,
    read_name,
    read_openstack,
    read_joined,
    read_after,
    read_subject,
    read_pair,
)


def readings(value: str) -> list[Reading]:
    """Return what a value without needless white space may consist of, the first reading first.

    One that denies something has none.
    """
    if NEGATION.search(value):
        return []
    return [reading for rule in RULES for reading in rule(value)]
