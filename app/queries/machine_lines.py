"""What a line about a machine means: a field with its label, the vendor and the product of the firmware, a kernel."""

from collections.abc import Iterator, Sequence

from app.folding import fold_key
from app.queries.lexicon import Term, Words, read_fact, read_terms
from app.queries.part_words import FIRMWARE, KERNEL, LABELED, LABELS

# What firmware has beside each other: the fields of the two that a line joins with a space.
FIELDS = (("dmi-sys-vendor", "dmi-product-name"), ("dmi-product-name", "dmi-product-version"))
# No vendor and product have more words.
MOST_WORDS = 16


def find_of_machine(words: Words, line: str) -> Sequence[Term]:
    """Find the terms of what a line about a machine says, by the rules of the field that it has."""
    # Most lines have no such signs, and to look for them takes less than an expression that fails.
    labeled = LABELED.fullmatch(line) if ":" in line or "=" in line else None
    if labeled and (scheme := LABELS.get(labeled[1].lower())):
        return read_field(words, scheme, labeled[2])
    if "." in line and (kernel := KERNEL.fullmatch(line)):
        return read_field(words, "kernel-release", kernel[1])
    return find_firmware(words, line)


def read_field(words: Words, scheme: str, value: str) -> Sequence[Term]:
    """Return the terms that a value has in a scheme."""
    return read_fact(words, scheme, value, read_terms(words.connection, [fold_key(value)])).terms


def find_firmware(words: Words, line: str) -> Sequence[Term]:
    """Find the entries that both fields of the firmware allow, if a line consists of two; the first must be known."""
    found = FIRMWARE.fullmatch(line) if ", BIOS " in line else None
    text = found[1] if found else line
    key = fold_key(text)
    for first, second in FIELDS:
        known = words.lexicon.beginnings[first]
        if not key.startswith(known):
            continue
        for left, right in split_in_two(text):
            if fold_key(left) in known and (of_right := read_second(words, second, right)):
                ordinals = {term["ordinal"] for term in read_field(words, first, left)}
                if both := [term for term in of_right if term["ordinal"] in ordinals]:
                    return both
    return []


def read_second(words: Words, scheme: str, value: str) -> Sequence[Term]:
    """Return the terms of a product, or of a version, which has rules only."""
    if scheme == "dmi-product-version":
        return read_fact(words, scheme, value, {}).terms
    return read_field(words, scheme, value)


def split_in_two(text: str) -> Iterator[tuple[str, str]]:
    """Yield each way to split a text at a space, since both fields may have some."""
    words = text.split(" ")
    if len(words) <= MOST_WORDS:
        for number in range(1, len(words)):
            yield " ".join(words[:number]), " ".join(words[number:])
