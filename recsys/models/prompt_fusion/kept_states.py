"""States of users, kept from one prompt to the next."""

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


class KeptStates:
    """h of the users asked for together, which no prompt changes.

    To read the histories is most of what a list costs; an edited prompt asks for the same ones.
    """

    def __init__(self) -> None:
        self._states: WeakKeyDictionary[Dataset, dict[bytes, torch.Tensor]] = WeakKeyDictionary()
        self._lock = threading.Lock()  # sessions of the app ask at once

    def get(self, queries: Queries, compute: Callable[[Queries], torch.Tensor]) -> torch.Tensor:
        """The states (n, d) of the users asked for, computed where they are not there."""
        group = np.asarray(queries.users, dtype=np.int64).tobytes()
        with self._lock:
            of_history = self._states.setdefault(queries.history, {})
            states = of_history.get(group)
        if states is None:
            # Made for scores, they would be of no use to gradients, which may ask for them later.
            with torch.inference_mode(False), torch.no_grad():
                states = compute(queries)
            with self._lock:
                if len(of_history) >= _GROUPS:
                    of_history.pop(next(iter(of_history)), None)
                of_history[group] = states
        return states

    def clear(self) -> None:
        """Forget them, since the weights that they were made with have changed."""
        with self._lock:
            self._states.clear()
