"""What models make of histories, kept for the latest of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from recsys.dataset import Dataset

#: A service and the app make a history for each stranger; training and evaluation have a few.
_MOST = 32

T = TypeVar("T")


class HistoryCache(Generic[T]):
    """One value a history; those asked for the longest ago go first.

    A `WeakKeyDictionary` would keep all of them for ever, as the values refer to their histories.

    Args:
        make: gives the value of a history.
    """

    def __init__(self, make: Callable[[Dataset], T]) -> None:
        self._make = make
        self._kept: OrderedDict[Dataset, T] = OrderedDict()
        self._lock = threading.Lock()  # sessions of the app run in threads

    def __getitem__(self, history: Dataset) -> T:
        with self._lock:
            if history in self._kept:
                self._kept.move_to_end(history)
                return self._kept[history]
        made = self._make(history)
        with self._lock:
            made = self._kept.setdefault(history, made)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made
