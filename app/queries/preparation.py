"""What is read of a new snapshot before it is served, so that no request waits for it."""

from app.queries.collections import LISTS
from app.queries.dataset import read_description
from app.queries.lists import filters_of, values_of
from app.queries.lookup import read_reader_lexicon
from app.queries.search import read_index
from app.queries.vocabularies import read_vocabularies
from app.store.collections import COLLECTIONS
from app.store.snapshot import Reader


def make_ready(reader: Reader) -> None:
    """Read the dataset row, the vocabularies, closed and open, and what searches and look-ups use."""
    reader.derive(read_description)
    read_vocabularies(reader)
    for resource, model in LISTS.items():
        for name, where in filters_of(model).items():
            if where.open and name != "id":
                reader.derive(values_of(COLLECTIONS[resource].table.__table__.c[name]))
    reader.derive(read_index)
    reader.derive(read_reader_lexicon)
