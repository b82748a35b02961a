"""How two spellings are compared: one rule for search and one for exact look-ups."""

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
