"""Users of whom little is known: what is likely for anybody, and what goes with what they met."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models.ease import Ease, EaseConfig
from recsys.models.prompt_fusion.cooccurrence import strongest
from recsys.models.slit import recent_events
from recsys.models.tensors import sparse_from_tensors, sparse_tensors

#: With so many events nobody is a newcomer any more.
NEW_UNTIL = 15
#: Where validation users with few events are ranked so much better by the network alone that it
#: shows in the mean, nobody is a newcomer.
NEWCOMERS_MATTER = 1.2
#: What a network has to say grows with the square of the number of events and of these more. Of
#: users that never trained it knows well which item is next, but takes a few events for far more
#: than they tell of what comes later: there it ranks below popularity for up to 4 of them. This
#: leaves some of the former, and gains the latter. Of somebody with none it says nothing.
_HEAD_START = 5.0
#: What a point of EASE adds to the logarithm of an item's popularity, and its ridge, stronger than
#: for histories of any length. Chosen with the root in `_says` on two partings of MovieLens that no
#: benchmark has: NDCG@10 .107 and .119 after one event and three, where popularity has .095.
_EASE_WEIGHT, _REGULARISATION = 60.0, 1000.0
#: A taste told in words counts as so many events.
_TASTE_EVENTS = 10.0


class Newcomers:
    """score(i) = log(1 + popularity_i) + w · EASE(the user's events and tastes)_i.

    A taste in words stands for events with the items that are known best among those it names,
    from which that of everybody is taken away. Nothing is learned from few events here that is
    not well known of many users, as a prior in Bayes' sense.

    In EASE, and in the popularity once an event is known, what a known user has to say grows with
    the root of their events only: what somebody meets as their thousandth film tells less of what
    a newcomer goes on to meet than what most begin with. With no event known it is popularity
    itself, so that nobody is served worse than by that.

    Args:
        counts: (n_items,) float32, how often each item was met.
        rooted: (n_items,) float32, the same where an event counts as `_says` says.
        weights: (n_items, n_items) sparse, the strongest weights of EASE; row i says what meeting
            item i adds to each score.
    """

    def __init__(self, counts: np.ndarray, rooted: np.ndarray, weights: sp.csr_matrix) -> None:
        self._counts = counts
        self._rooted = rooted
        self._weights = weights
        self.until = NEW_UNTIL

    @classmethod
    def fit(cls, train: Dataset) -> Self:
        """Count and compute from the training events."""
        says = _says(train)
        ease = Ease(EaseConfig(regularisation=_REGULARISATION))
        ease.fit_matrix(sp.diags_array(np.sqrt(says)).tocsr() @ train.matrix())
        counts, rooted = (
            np.bincount(train.item, weights, train.n_items).astype(np.float32)
            for weights in (None, says[train.user])
        )
        return cls(counts, rooted, strongest(ease.weights, ease.kept, train.n_items))

    def introduce(self, neighbours: sp.csr_matrix) -> None:
        """Let new items be as well known as their neighbours, see `NewItems`."""
        new = np.diff(neighbours.indptr) > 0
        for counts in (self._counts, self._rooted):
            counts[new] = (neighbours @ counts)[new]

    def blend(
        self, scores: np.ndarray, history: Dataset, users: np.ndarray, liked: np.ndarray | None
    ) -> np.ndarray:
        """Scores (n, n_items) of a network, those of newcomers drawn towards what is known here.

        Args:
            liked: (n, n_items) or (1, n_items), how much of a taste told in words each item has.
        """
        users = np.asarray(users)
        known = history.offsets[users + 1] - history.offsets[users]
        rows = np.flatnonzero(known < self.until)
        if not len(rows):
            return scores
        events = known[rows, None]
        say = np.where(events, (events + _HEAD_START) / (self.until + _HEAD_START), 0.0) ** 2
        if liked is not None and len(liked) > 1:
            liked = liked[rows]
        own = self._score(history, users[rows], liked)
        scores[rows] = say * scores[rows] + (1 - say) * own
        return scores

    def _score(self, history: Dataset, users: np.ndarray, liked: np.ndarray | None) -> np.ndarray:
        ends = history.offsets[users + 1]
        met = recent_events(history, users, ends, EaseConfig.recency, self.until)
        scores: np.ndarray = _EASE_WEIGHT * (met @ self._weights).toarray()
        some = np.diff(met.indptr)[:, None] > 0
        scores += np.where(some, np.log1p(self._rooted), np.log1p(self._counts))
        if liked is not None:
            scores += _TASTE_EVENTS * _EASE_WEIGHT * (self._weights.T @ self._leaning(liked).T).T
        return scores

    def _leaning(self, liked: np.ndarray) -> np.ndarray:
        """Which items a taste stands for, (n, n_items), less those that stand for everybody."""
        liked = liked - np.minimum(liked.min(1, keepdims=True), 0)
        named = np.square(self._counts * liked)
        total = named.sum(1, keepdims=True)
        everybody = self._counts / max(float(self._counts.sum()), 1.0)
        return np.where(total > 0, named / np.maximum(total, 1e-9) - everybody, 0.0)

    def tensors(self) -> dict[str, np.ndarray]:
        """What is counted, as `from_tensors` takes it."""
        return {
            "counts": self._counts,
            "rooted": self._rooted,
            "until": np.array([self.until]),
            **sparse_tensors(self._weights),
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Self:
        """Rebuild what `tensors` gave."""
        counts = tensors["counts"]
        rooted = tensors.get("rooted", counts)  # runs of before November 28, 2026 have none
        found = cls(counts, rooted.copy(), sparse_from_tensors(tensors))
        found.until = int(tensors["until"][0])
        return found


def _says(train: Dataset) -> np.ndarray:
    """What an event of each user counts, (n_users,): n^-1/2 of n events; 1 in the mean of all."""
    says: np.ndarray = np.maximum(np.diff(train.offsets), 1) ** -0.5
    return says / says[train.user].mean()


def all_are_newcomers(train: Dataset) -> bool:
    """Whether usual histories are so short that everybody would be drawn to what is well known.

    A network that learned from short histories does not take them for more than they tell.
    """
    return bool(np.median(np.diff(train.offsets)) < NEW_UNTIL)
