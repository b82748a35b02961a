"""The checks of what a pack's files say beside entries: ids, schemes, and the languages of every text."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from app.packs.faults import PackFault
from app.packs.files import Pack, ReadFile
from app.packs.localized import Localized, PackModel
from app.store.tables import Language


def file_faults(packs: Sequence[Pack]) -> Iterator[PackFault]:
    """Find ids that occur twice, contradictions of schemes, and missing translations."""
    files = [file for pack in packs for file in pack.files]
    yield from repeated_ids("schemes", files)
    yield from scheme_faults(files)
    for pack in packs:
        yield from repeated_ids("sources", pack.files)
        for file in pack.files:
            yield from translation_faults(file, pack.header.languages)


def repeated_ids(key: Literal["sources", "schemes"], files: Sequence[ReadFile]) -> Iterator[PackFault]:
    """Find ids that occur twice in the lists under one key."""
    seen: set[str] = set()
    for file in files:
        for index, item in enumerate(getattr(file.content, key)):
            if item.id in seen:
                yield file.fault([key, index, "id"], f"'{item.id}' is a duplicate")
            seen.add(item.id)


def scheme_faults(files: Sequence[ReadFile]) -> Iterator[PackFault]:
    """Find values of a scheme that are said both to name no product and to mean that there is none."""
    for file in files:
        for index, scheme in enumerate(file.content.schemes):
            for number, value in enumerate(scheme.unspecified):
                if value in (*scheme.not_virtualized, *scheme.also_physical, *scheme.hosts):
                    reason = f"'{value}' is also under not_virtualized, also_physical or hosts; it cannot mean both"
                    yield file.fault(["schemes", index, "unspecified", number], reason)


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
