"""How two spellings are compared: one rule for search and one for exact look-ups."""

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from unicodedata import normalize


def fold_text(text: str) -> str:
    """Fold case and compatibility forms (NFKC, Unicode 3.13 caseless matching), nothing else.

    ``ＫＶＭ`` and ``kvm`` become one text. Idempotent.
    """
    while (folded := normalize("NFKC", normalize("NFKC", text).casefold())) != text:
        text = folded
    return text


def fold_key(text: str) -> str:
    """Fold like `fold_text` and drop white space, ``-`` and ``_``: the key that exact look-ups compare.

    ``Hyper-V``, ``hyper_v`` and ``hyperv`` are one key. Idempotent. May be empty.
    """
    folded = fold_text(text)
    while (key := fold_text("".join(folded.split()).replace("-", "").replace("_", ""))) != folded:
        folded = key
    return folded


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """Fold one character like `fold_text`."""
    return fold_text(character)


def span_in(text: str, start: int, length: int) -> tuple[int, int]:
    """Where in a text the part stands that has `length` characters from `start` on once the text is folded.

    Folding may lengthen a character (``ß``) or join several, so that positions in the two texts differ; a
    character that is partly inside is inside.
    """
    ends = list(accumulate(len(fold_character(character)) for character in text))
    if ends[-1] != len(fold_text(text)):
        ends = [len(fold_text(text[: end + 1])) for end in range(len(text))]
    return bisect_right(ends, start), bisect_right(ends, ends[bisect_left(ends, start + length)])
