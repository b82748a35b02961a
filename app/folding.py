"""Folding, which makes spellings comparable: one rule for search, one for exact look-ups."""

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from unicodedata import normalize


def fold_text(text: str) -> str:
    """Fold case and compatibility forms (NFKC; Unicode, section 3.13, caseless matching).

    ``ＫＶＭ`` becomes ``kvm``. Idempotent.
    """
    while (folded := normalize("NFKC", normalize("NFKC", text).casefold())) != text:
        text = folded
    return text


def fold_key(text: str) -> str:
    """Fold like `fold_text` and remove white space, ``-`` and ``_``: the key that exact look-ups compare.

    ``Hyper-V``, ``hyper_v`` and ``hyperv`` have the same key. Idempotent. The result may be empty.
    """
    folded = fold_text(text)
    while (key := fold_text("".join(folded.split()).replace("-", "").replace("_", ""))) != folded:
        folded = key
    return folded


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """Fold one character, memoized."""
    return fold_text(character)


def span_in(text: str, start: int, length: int) -> tuple[int, int]:
    """Map a span of the folded text, `length` characters from `start`, back to a span of the text itself.

    The two differ because folding may expand a character (``ß``) or combine several. A character that is partly in the
    span counts as in it.
    """
    ends = list(accumulate(len(fold_character(character)) for character in text))
    if ends[-1] != len(fold_text(text)):
        ends = [len(fold_text(text[: end + 1])) for end in range(len(text))]
    return bisect_right(ends, start), bisect_right(ends, ends[bisect_left(ends, start + length)])
