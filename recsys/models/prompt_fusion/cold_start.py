"""Cold-start blend: scores of users with few events are drawn towards popularity and EASE."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models.ease import Ease, EaseConfig
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.cooccurrence import strongest
from recsys.models.slit import recent_events
from recsys.models.tensors import sparse_from_tensors, sparse_tensors


class ColdStartBlend:
    """score(i) = log(1 + popularity_i) + w · EASE(the user's events and tastes)_i.

    A taste in words stands for events with the most popular of the items that it names, less the
    distribution of all events. Few events only move this as far as many other users bear it out,
    as a prior in Bayes' sense.

    In EASE, and in the popularity where at least one event is known, the weight of a training user
    grows with the root of their number of events only: the thousandth film of a user is less
    informative about what a new user meets next than the films that most begin with. Without any
    event it is plain popularity, so that no user gets a worse list than that.

    Args:
        counts: (n_items,) float32, how often each item was met.
        rooted: (n_items,) float32, the same with events weighted as `_event_weights` says.
        weights: (n_items, n_items) sparse, the strongest weights of EASE; row i is what an
            event with item i adds to each score.
        config: the weights of what is blended.
        max_events: users with so many events, or more, are scored by the network alone; with 0
            all users are.
    """

    def __init__(
        self,
        counts: np.ndarray,
        rooted: np.ndarray,
        weights: sp.csr_matrix,
        config: PromptFusionConfig,
        max_events: int,
    ) -> None:
        self._counts = counts
        self._rooted = rooted
        self._weights = weights
        self._config = config
        self.max_events = max_events

    @classmethod
    def fit(cls, train: Dataset, config: PromptFusionConfig) -> Self:
        """Count and compute from the training events."""
        of_user = _event_weights(train)  # (n_users,)
        ease = Ease(EaseConfig(regularisation=config.cold_start_regularisation))
        ease.fit_matrix(sp.diags_array(np.sqrt(of_user)).tocsr() @ train.matrix())
        counts, rooted = (
            np.bincount(train.item, weights, train.n_items).astype(np.float32)
            for weights in (None, of_user[train.user])
        )
        weights = strongest(ease.weights, ease.kept, train.n_items, config.counting_neighbours)
        return cls(counts, rooted, weights, config, config.cold_start_events)

    def introduce(self, neighbours: sp.csr_matrix) -> None:
        """Give new items the popularity of their neighbours, see `NewItems`."""
        new = np.diff(neighbours.indptr) > 0
        for counts in (self._counts, self._rooted):
            counts[new] = (neighbours @ counts)[new]

    def blend(
        self, scores: np.ndarray, history: Dataset, users: np.ndarray, liked: np.ndarray | None
    ) -> np.ndarray:
        """Scores (n, n_items) of a network, for users of few events blended with these.

        Args:
            liked: (n, n_items) or (1, n_items), how well an item matches a taste.
        """
        users = np.asarray(users)
        known = history.offsets[users + 1] - history.offsets[users]
        rows = np.flatnonzero(known < self.max_events)
        if not len(rows):
            return scores
        events = known[rows, None]
        prior = self._config.cold_start_prior_events
        share = (events + prior) / (self.max_events + prior)
        network = np.where(events, share, 0.0) ** 2  # (r, 1), the network's weight
        if liked is not None and len(liked) > 1:
            liked = liked[rows]
        own = self._score(history, users[rows], liked)
        scores[rows] = network * scores[rows] + (1 - network) * own
        return scores

    def _score(self, history: Dataset, users: np.ndarray, liked: np.ndarray | None) -> np.ndarray:
        ends = history.offsets[users + 1]
        met = recent_events(history, users, ends, EaseConfig.recency, self.max_events)
        weight = self._config.cold_start_ease_weight
        scores: np.ndarray = weight * (met @ self._weights).toarray()
        some = np.diff(met.indptr)[:, None] > 0
        scores += np.where(some, np.log1p(self._rooted), np.log1p(self._counts))
        return self.lean(scores, liked)

    def lean(self, scores: np.ndarray, liked: np.ndarray | None) -> np.ndarray:
        """Scores (n, n_items) moved towards what tastes in words stand for, if there are any."""
        if liked is None:
            return scores
        config = self._config
        from_taste = (self._weights.T @ self._leaning(liked).T).T  # (n, n_items)
        return scores + config.cold_start_taste_events * config.cold_start_ease_weight * from_taste

    def _leaning(self, liked: np.ndarray) -> np.ndarray:
        """Which items a taste stands for, (n, n_items), less the distribution over all events."""
        liked = liked - np.minimum(liked.min(1, keepdims=True), 0)
        named = np.square(self._counts * liked)
        total = named.sum(1, keepdims=True)
        of_all = self._counts / max(float(self._counts.sum()), 1.0)
        return np.where(total > 0, named / np.maximum(total, 1e-9) - of_all, 0.0)

    def tensors(self) -> dict[str, np.ndarray]:
        """What is counted, as `from_tensors` takes it."""
        return {
            "counts": self._counts,
            "rooted": self._rooted,
            "until": np.array([self.max_events]),
            **sparse_tensors(self._weights),
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray], config: PromptFusionConfig) -> Self:
        """Rebuild what `tensors` gave."""
        counts = tensors["counts"]
        rooted = tensors.get("rooted", counts)  # runs of before November 28, 2026 have none
        max_events = int(tensors["until"][0])
        return cls(counts, rooted.copy(), sparse_from_tensors(tensors), config, max_events)


def _event_weights(train: Dataset) -> np.ndarray:
    """The weight of each event of a user, (n_users,): n^-1/2 for n events; in the mean 1."""
    weights: np.ndarray = np.maximum(np.diff(train.offsets), 1) ** -0.5
    return weights / weights[train.user].mean()


def histories_are_short(train: Dataset, max_events: int) -> bool:
    """Whether the usual history is shorter than `max_events`, so that the blend would be for all.

    A network trained on short histories does not overfit to the few events of one.
    """
    return bool(np.median(np.diff(train.offsets)) < max_events)
