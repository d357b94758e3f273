"""Values of histories: made once, and let go of with all but the latest histories."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from recsys.dataset import Dataset
from recsys.models.history_cache import HistoryCache


class Reader:
    """Refers to its history, as what reads one does."""

    def __init__(self, history: Dataset) -> None:
        self.history = history


def test_histories_are_read_once_and_let_go_of(small: Dataset) -> None:
    cache = HistoryCache(Reader)
    first = cache[small]
    histories = []
    for user in range(100):
        history = small.select(np.flatnonzero(small.user == user % 12))
        assert cache[history].history is history
        assert cache[history] is cache[history]
        assert cache[small] is first  # what is asked for again and again stays
        histories.append(weakref.ref(history))
    del history
    gc.collect()
    assert sum(history() is not None for history in histories) == 31
