"""The states h of histories, as training and scoring read them."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.models.base import Queries
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.network import FusionNetwork
from recsys.models.prompt_fusion.state_cache import StateCache
from recsys.models.prompt_fusion.times import TimeRange, Times
from recsys.models.sequences import Windows, last_windows

#: For so few users histories of all lengths are read at once: calls cost more than what is padded.
_FEW = 8


class HistoryStates:
    """What the sequence encoder makes of histories over the items with some keys.

    Args:
        network: has the encoder.
        config: says how much of a history is read.
        time_range: the time of the training data; None where no times are known.
    """

    def __init__(
        self, network: FusionNetwork, config: PromptFusionConfig, time_range: TimeRange | None
    ) -> None:
        self._network = network
        self._config = config
        self._time_range = time_range
        self._times: WeakKeyDictionary[Dataset, Times | None] = WeakKeyDictionary()
        self._cache = StateCache()

    def within(self, keys: torch.Tensor, history: Dataset, windows: Windows) -> torch.Tensor:
        """h before every event of some windows, and after all: (w, t + 1, d)."""
        times = self._times_of(history)
        if times is None:
            return self._network.states(keys, windows.items)
        places = windows.events.clamp(max=max(history.n_events - 1, 0))  # (w, t)
        return self._network.states(keys, windows.items, times.gap[places], times.era[places])

    def after(
        self,
        keys: torch.Tensor,
        history: Dataset,
        users: np.ndarray,
        spans: np.ndarray,
    ) -> torch.Tensor:
        """h of users (n,) after their last events, as many as each span says: (s, n, d)."""
        every = np.tile(users, len(spans))
        windows = last_windows(history, every, np.repeat(spans, len(users))).to(keys.device)
        rows = torch.arange(len(windows.lengths), device=keys.device)
        states = self.within(keys, history, windows)
        return states[rows, windows.lengths].unflatten(0, (len(spans), len(users)))

    def now(self, keys: torch.Tensor, queries: Queries) -> torch.Tensor:
        """h of each user asked for, (n, d), the mean over `memories`."""
        # Long histories show lasting preferences, short ones the current interest.
        history, users = queries.history, np.asarray(queries.users)
        longest = int((history.offsets[users + 1] - history.offsets[users]).max(initial=1))
        read = [max(1, self._config.length // part) for part in self._config.memories]
        # What is told by a prompt is short, and then all spans are the same.
        spans, often = np.unique(np.minimum(read, longest), return_counts=True)
        together = (
            [spans] if len(users) <= _FEW else [spans[[place]] for place in range(len(spans))]
        )
        states = torch.cat([self.after(keys, history, users, group) for group in together])
        share = torch.from_numpy(often / often.sum()).to(states)
        return torch.einsum("snd,s->nd", states, share)

    def kept(self, keys: torch.Tensor, queries: Queries) -> torch.Tensor:
        """`now`, read once as long as the weights stay: no prompt changes it."""
        return self._cache.get(queries, lambda asked: self.now(keys, asked))

    def clear(self) -> None:
        """Drop what is kept: the weights have changed."""
        self._cache.clear()

    def _times_of(self, history: Dataset) -> Times | None:
        if history not in self._times:
            times = Times.of(history, self._time_range)
            device = self._network.bias.device
            self._times[history] = None if times is None else times.to(device)
        return self._times[history]
