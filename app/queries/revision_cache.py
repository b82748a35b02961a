"""What answers derive from one revision of the dataset, and the next answers use again."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")
# What is kept of one revision at most: vocabularies, totals, facets, the index of searches.
MOST = 1024


class Once:
    """A place for a value, which is made by the first who asks; all others who ask meanwhile wait for it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.made: list[Any] = []


class Kept:
    """Values by key, all of the revision that was asked for last."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.revision: str | None = None
        self.places: LRUCache[Hashable, Once] = LRUCache(MOST)

    def of(self, revision: str | None, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made now unless it was kept; raises what `make` raises, and then keeps nothing."""
        with self.lock:
            if revision != self.revision:
                self.revision = revision
                self.places.clear()
            place = self.places.setdefault(key, Once())
        with place.lock:
            if not place.made:
                place.made.append(make())
            value: Value = place.made[0]
            return value
