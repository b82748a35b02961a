"""How spellings are compared: folding, one rule for search and one for exact look-ups; and the nearest spellings."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from unicodedata import normalize

from rapidfuzz.distance import Indel
from rapidfuzz.process import extract

# Words are near from this similarity on: the characters that they share in order, as a fraction of all that they have.
NEAR = 0.6
# Of a longer word only the beginning is compared.
COMPARED_CHARACTERS = 200


# What typesetting adds: hyphens and dashes, marks, and characters without width.
HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Pictures, and the characters that choose how one looks: `hostnamectl` prints one behind each kind of machine.
PICTURES = "".join(map(chr, (*range(0x2600, 0x27C0), 0x2610, 0xFE0E, 0xFE0F, *range(0x1F000, 0x1FB00))))
REMOVED = "®™©\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# What sentences add to the ends of a name.
ENDS = "\"'`“”‘’«»「」『』.,;。"


def read_simplified() -> dict[str, str]:
    """Read the Simplified form of each Traditional Chinese character, from OpenCC's table."""
    # Importing the package would take as long as ten starts of ours spend on folding.
    origin = getattr(find_spec("opencc_purepy"), "origin", "")
    lines = Path(origin).with_name("dicts").joinpath("TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {traditional: simplified.split(" ")[0] for traditional, simplified in pairs if len(traditional) == 1}


# British and American spelling, by which every word of the field differs: virtualisation, paravirtualised.
BRITISH, AMERICAN = "virtualis", "virtualiz"

FOLDED = {**read_simplified(), **dict.fromkeys(HYPHENS, "-"), **dict.fromkeys(REMOVED + PICTURES, "")}
FOLDED_CHARACTERS = frozenset(FOLDED)
TRANSLATION = str.maketrans(FOLDED)


def translate(text: str) -> str:
    """Replace the characters that are folded one by one; a text that has none is found out in a fourth of the time."""
    return text if FOLDED_CHARACTERS.isdisjoint(text) else text.translate(TRANSLATION)


def fold_text(text: str) -> str:
    """Fold case, compatibility forms (NFKC; Unicode, section 3.13), typesetting, and spelling.

    Traditional Chinese becomes Simplified, and the British spelling of one stem American. ``ＫＶＭ`` becomes ``kvm``,
    ``VMware®`` ``vmware``, ``虛擬機`` ``虚拟机``, ``virtualisation`` ``virtualization``. Idempotent. The result may be
    empty.
    """
    if text.isascii():
        return text.lower().replace(BRITISH, AMERICAN)
    while (folded := normalize("NFKC", normalize("NFKC", translate(text)).casefold())) != text:
        text = folded
    return text.replace(BRITISH, AMERICAN)


def fold_key(text: str) -> str:
    """Fold like `fold_text` and remove white space, ``-``, ``_`` and the `ENDS`: the key that exact look-ups compare.

    ``Hyper-V``, ``hyper_v``, ``hyperv`` and ``“Hyper‑V”.`` have the same key. Idempotent. The result may be empty.
    """
    if text.isascii():
        plain = "".join(text.lower().split()).replace("-", "").replace("_", "")
        return plain.strip(ENDS).replace(BRITISH, AMERICAN)
    folded = fold_text(text)
    while (key := "".join(folded.split()).replace("-", "").replace("_", "").strip(ENDS)) != folded:
        folded = fold_text(key)
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
    lengths = list(accumulate(len(fold_character(character)) for character in text))
    end: Callable[[int], int] = lengths.__getitem__
    if lengths[-1] != len(fold_text(text)):
        # Some characters combine, so fold the text up to each character that the three binary searches ask for.
        def end(position: int) -> int:
            return len(fold_text(text[: position + 1]))

    positions = range(len(text))
    last = bisect_left(positions, start + length, key=end)
    return bisect_right(positions, start, key=end), bisect_right(positions, end(last), key=end)


def nearest(
    word: str, words: Iterable[str], number: int, fold: Callable[[str], str] | None = str.casefold
) -> list[str]:
    """Return the words most similar to a word, the nearest first; none may be near. Takes 0.6 ms for 1,000 words.

    `fold` is applied to all words before they are compared; with None, which takes a third of the time, they are
    compared as they are.
    """
    found = extract(
        word[:COMPARED_CHARACTERS],
        words if isinstance(words, list) else list(words),
        scorer=Indel.normalized_similarity,
        processor=fold,
        score_cutoff=NEAR,
        limit=number,
    )
    return [near for near, _, _ in found]
