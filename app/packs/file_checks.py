"""The checks of what a pack's files say beside entries: ids, schemes, works, and the languages of every text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from app.packs.faults import PackFault
from app.packs.files import Pack, ReadFile
from app.packs.localized import Localized, PackModel
from app.store.tables import Language

# A file or folder of a repository on a branch, on GitHub and on what has its addresses.
BRANCH = re.compile(
    r"https?://(raw\.githubusercontent\.com/[^/]+/[^/]+|[^/]+/[^/]+/[^/]+/(-/)?(blob|tree|raw|edit|blame))"
    r"/(refs/heads/|HEAD/|main/|master/|trunk/|develop/)"
)
# Sites that copy the pages of others without saying whose they are.
MIRRORS = {"archivegame.org", "cnmilf.com", "hubbry.com", "wikimili.com", "alchetron.com", "knowledgetransfer.net"}


def file_faults(packs: Sequence[Pack]) -> Iterator[PackFault]:
    """Find ids that occur twice, contradictions of schemes, works that cannot be cited, and missing translations."""
    files = [file for pack in packs for file in pack.files]
    yield from repeated_ids("schemes", files)
    yield from scheme_faults(files)
    for pack in packs:
        yield from repeated_ids("sources", pack.files)
        yield from repeated_works(pack.files)
        for file in pack.files:
            yield from work_faults(file)
            yield from translation_faults(file, pack.header.languages)


def repeated_ids(key: Literal["sources", "schemes"], files: Sequence[ReadFile]) -> Iterator[PackFault]:
    """Find ids that occur twice in the lists under one key."""
    seen: set[str] = set()
    for file in files:
        for index, item in enumerate(getattr(file.content, key)):
            if item.id in seen:
                yield file.fault([key, index, "id"], f"'{item.id}' is a duplicate")
            seen.add(item.id)


def repeated_works(files: Sequence[ReadFile]) -> Iterator[PackFault]:
    """Find works of one pack that have the same URL."""
    declared: dict[str, str] = {}
    for file in files:
        for index, work in enumerate(file.content.sources):
            if work.url and (first := declared.setdefault(work.url, work.id)) != work.id:
                yield file.fault(["sources", index, "url"], f"is that of '{first}'; cite '{first}' instead")


def scheme_faults(files: Sequence[ReadFile]) -> Iterator[PackFault]:
    """Find values of a scheme that are said both to name no product and to mean that there is none."""
    for file in files:
        for index, scheme in enumerate(file.content.schemes):
            for number, value in enumerate(scheme.unspecified):
                if value in (*scheme.not_virtualized, *scheme.also_physical, *scheme.hosts):
                    reason = f"'{value}' is also under not_virtualized, also_physical or hosts; it cannot mean both"
                    yield file.fault(["schemes", index, "unspecified", number], reason)


def work_faults(file: ReadFile) -> Iterator[PackFault]:
    """Find works whose URL leads to a branch, which changes, or to a mirror of unknown hands."""
    for index, work in enumerate(file.content.sources):
        if work.url and BRANCH.match(work.url):
            yield file.fault(["sources", index, "url"], "leads to a branch, which changes; write a commit or a tag")
        if work.url and is_mirror(work.url):
            yield file.fault(["sources", index, "url"], "leads to a mirror; cite the work itself")


def is_mirror(url: str) -> bool:
    """Whether a URL is on a host of `MIRRORS` or a subdomain of one."""
    host = urlsplit(url).hostname or ""
    return any(host == mirror or host.endswith(f".{mirror}") for mirror in MIRRORS)


def translation_faults(file: ReadFile, languages: Sequence[Language]) -> Iterator[PackFault]:
    """Find texts that lack a language of the pack, or have one that the pack does not."""
    for path, text in texts_of(file.content, ()):
        for lang in Language:
            if (getattr(text, lang) is None) == (lang in languages):
                reason = "the translation is missing" if lang in languages else "is not a language of the pack"
                yield file.fault([*path, lang.value], reason)


def texts_of(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Localized]]:
    """Yield every text in a file that has languages, with its path."""
    if isinstance(value, Localized):
        yield path, value
    elif isinstance(value, PackModel):
        for name, field in type(value).model_fields.items():
            yield from texts_of(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts_of(item, (*path, number))
