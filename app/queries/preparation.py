"""What is read of a new snapshot before it is served, so that no request waits for it."""

from app.queries.dataset import read_description
from app.queries.lists import count_values
from app.queries.lookup import read_reader_lexicon
from app.queries.search import read_index
from app.queries.vocabularies import read_vocabularies
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader
from app.store.tables import filtered_columns


def make_ready(reader: Reader) -> None:
    """Read the dataset row, the vocabularies, the counts of each filtered field, and what searches and look-ups use."""
    reader.derive(read_description)
    read_vocabularies(reader)
    for collection in COLLECTIONS.values():
        for column in filtered_columns(collection.table):
            count_values(reader, column)
    reader.derive(read_index)
    reader.derive(read_reader_lexicon)
