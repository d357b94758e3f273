"""What is asked for before a word is read: what many people met of late."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from recsys.dataset import Dataset

#: Events count e times less for so many years of age: what people ask for is mostly recent. Chosen
#: with the weights of `free_text`.
_YEARS = 4.0
_YEAR = 365.25 * 86_400
#: What is added to each item's count, so that items without an event have a logarithm.
_SMOOTHING = 0.1
#: From so many events on a model alone decides; below, popularity and words count in proportion.
_KNOWN = 10.0

_POPULARITY: WeakKeyDictionary[Dataset, np.ndarray] = WeakKeyDictionary()


def log_popularity(data: Dataset) -> np.ndarray:
    """The log of how often each item was met, recent events counting most: (n_items,) float32."""
    if data not in _POPULARITY:
        age = np.zeros(data.n_events)
        if data.dates is not None and data.n_events:
            age = (data.dates.max() - data.dates) / _YEAR
        counts = np.bincount(data.item, np.exp(-age / _YEARS), minlength=data.n_items)
        _POPULARITY[data] = np.log(counts + _SMOOTHING).astype(np.float32)
    return _POPULARITY[data]


def unknown(data: Dataset, users: np.ndarray) -> np.ndarray:
    """How little is known of n users by their events: (n, 1) float32, 1 of none, 0 from ten on."""
    lengths = data.offsets[users + 1] - data.offsets[users]
    share: np.ndarray = np.clip(1 - lengths / _KNOWN, 0, 1).astype(np.float32)[:, None]
    return share


def in_nats(
    scores: np.ndarray,
    data: Dataset,
    users: np.ndarray,
    matched: np.ndarray,
    strength: float = 1.0,
) -> np.ndarray:
    """Scores (n, n_items) of any model beside what words match, in nats.

    Each user's items keep their order and get the values that log popularity has at these ranks.
    The shorter a history, the more popularity itself and the words count, as models tell little
    from few events; of somebody well known, the model tells which of the items asked for they
    like.

    Args:
        scores: (n, n_items), of n `users` of `data`.
        matched: (n_items,) how well each item matches the words, in nats.
        strength: of the wish, 0 to 1: popularity and the words count for so much of that.
    """
    popularity = log_popularity(data)
    # Of items that a model scores alike, the more popular one comes first.
    order = np.lexsort((np.broadcast_to(popularity, scores.shape), scores), axis=1)
    ranked = np.empty_like(scores, dtype=np.float32)
    np.put_along_axis(ranked, order, np.sort(popularity)[None], axis=1)
    share = np.float32(strength) * unknown(data, users)  # (n, 1)
    blended: np.ndarray = share * (popularity + matched) + (1 - share) * ranked
    return blended
