"""A cache of users' history states, which do not depend on the prompt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.models.base import Queries

#: Groups of users, of one history, whose states are kept.
_GROUPS = 64


class StateCache:
    """The states h of each group of users that is scored together.

    Encoding histories takes most of the time of a list; an edited prompt needs the same states.
    """

    def __init__(self) -> None:
        self._states: WeakKeyDictionary[Dataset, dict[bytes, torch.Tensor]] = WeakKeyDictionary()
        self._lock = threading.Lock()  # sessions of the app run in threads

    def get(self, queries: Queries, compute: Callable[[Queries], torch.Tensor]) -> torch.Tensor:
        """The states (n, d) of the users asked for, computed where they are not there."""
        group = np.asarray(queries.users, dtype=np.int64).tobytes()
        with self._lock:
            of_history = self._states.setdefault(queries.history, {})
            states = of_history.get(group)
        if states is None:
            # Tensors of inference mode could not take part in gradients that are computed later.
            with torch.inference_mode(False), torch.no_grad():
                states = compute(queries)
            with self._lock:
                if len(of_history) >= _GROUPS:
                    of_history.pop(next(iter(of_history)), None)
                of_history[group] = states
        return states

    def clear(self) -> None:
        """Drop all states: the weights that they were made with have changed."""
        with self._lock:
            self._states.clear()
