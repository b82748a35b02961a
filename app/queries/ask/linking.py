"""The names in a question: of entries, types, vendors, licences and schemes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.folding import ENDS, fold_key
from app.queries.ask.grammar import read_file
from app.queries.lexicon import Term, read_terms
from app.queries.lookup import read_words
from app.store.snapshot import Reader
from app.store.tables import Language

# A name has at most this many words, or Chinese characters.
LONGEST_NAME = 14
WORD = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
JOINTS = str.maketrans("", "", " -_")
TYPES = ("hypervisor-types", "virtualization-types")
# The fields of products whose values are named as they stand in the data.
OPEN_FIELDS = ("vendor", "license")


class Linked(NamedTuple):
    """What a question names."""

    # The terms of entries by the text that names them; of a name, not those of which it is an identifier too.
    entries: Mapping[str, Sequence[Term]]
    # The paths of types, and the values of vendors, licences and schemes, by slot and by the text that names them.
    values: Mapping[str, Mapping[str, str]]

    def lists(self) -> dict[str, Mapping[str, object]]:
        """Return the texts that each slot takes."""
        return {"type": {}, "vendor": {}, "license": {}, "scheme": {}, **self.values, "entry": self.entries}


def link(reader: Reader, text: str) -> Linked:
    """Find the names in a folded question."""
    keys = {span: span.translate(JOINTS).strip(ENDS) for span in spans(text)}
    # English plurals: `hypervisors` are what is called `hypervisor`.
    terms = read_terms(reader.connection, {form for key in keys.values() for form in (key, singular(key))})
    entries: dict[str, Sequence[Term]] = {}
    values: dict[str, dict[str, str]] = defaultdict(dict)
    known = reader.derive(read_values)
    for span, key in keys.items():
        named = [term for form in (key, singular(key)) for term in terms.get(form, ()) if term["field"] != "identifier"]
        if found := named or terms.get(key):
            entries[span] = found
            for term in named:
                if term["resource"] in TYPES:
                    values["type"][span] = f"{term['resource']}/{term['entry_id']}"
        for slot, by_key in known.items():
            if key in by_key:
                values[slot][span] = by_key[key]
    return Linked(entries, values)


def spans(text: str) -> Iterator[str]:
    """Yield every run of words of a text that may be a name."""
    words = [*WORD.finditer(text)]
    for first, word in enumerate(words):
        for last in words[first : first + LONGEST_NAME]:
            yield text[word.start() : last.end()]


def singular(key: str) -> str:
    """Return the singular of an English plural; other keys stay as they are."""
    return key[:-1] if key.isascii() and key.endswith("s") else key


def read_values(reader: Reader) -> Mapping[str, Mapping[str, str]]:
    """Read the vendors, the licences and the schemes of a dataset, by slot and key."""
    schemes = read_words(reader, Language.EN).lexicon.schemes
    found = {"scheme": {fold_key(text): id for id, scheme in schemes.items() for text in (scheme["title"], id)}}
    for slot in OPEN_FIELDS:
        tables = (f"SELECT {slot} FROM {table} WHERE {slot} IS NOT NULL" for table in ("example", "hypervisor"))  # noqa: S608 (our own)
        found[slot] = {fold_key(value): value for (value,) in reader.connection.execute(" UNION ".join(tables))}
    by_name = {name: vendor for lang in Language for name, vendor in read_file(lang)["vendors"].items()}
    found["vendor"] |= {name: vendor for name, vendor in by_name.items() if fold_key(vendor) in found["vendor"]}
    return found
