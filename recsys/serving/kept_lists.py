"""Lists that were made, kept as long as nothing changes that they were made from."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from recsys.serving.people import Person

#: Items of all lists that are kept, about 400 bytes each.
_MOST_ITEMS = 50_000

Filters = tuple[tuple[str, tuple[str, ...]], ...]
Items = list[dict[str, Any]]


@dataclass(frozen=True)
class ListKey:
    """All that a list depends on, beside the run and its items: a new event makes another key."""

    person: Person
    wish: str
    prompt: str | None
    filters: Filters


@dataclass(eq=False)
class KeptLists:
    """The lists of one run; those not asked for the longest go first. For one thread."""

    _lists: OrderedDict[ListKey, tuple[int, Items]] = field(default_factory=OrderedDict)
    _n_items: int = 0

    def get(self, key: ListKey, k: int) -> Items | None:
        """The best k items; None where they are not kept, or not so many."""
        kept = self._lists.get(key)
        if kept is None or kept[0] < k:
            return None
        self._lists.move_to_end(key)
        return kept[1][:k]

    def put(self, key: ListKey, k: int, items: Items) -> None:
        """Keep a list of k items, or all there are."""
        _k, before = self._lists.pop(key, (0, []))
        self._lists[key] = k, items
        self._n_items += len(items) - len(before)
        while self._n_items > _MOST_ITEMS:
            _key, (_k, gone) = self._lists.popitem(last=False)
            self._n_items -= len(gone)
