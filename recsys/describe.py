"""What a dataset looks like in numbers: activity, popularity, time, ratings, sparsity."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from recsys.dataset import Dataset

#: A period is shown in the widest of these steps that still gives this many points.
_STEPS = ("YS", "MS", "W-MON", "D")
_MIN_POINTS = 30


@dataclass(frozen=True, eq=False)
class Description:
    """Counts for plots and sentences.

    Attributes:
        density: share of user–item pairs that occur, 0 … 1.
        per_user: events of each user, (n_users,).
        per_item: events of each item, the most popular first, (n_items,).
        over_time: events per step of time (index: the step's first day, UTC), or None.
        first_day, last_day: when the first and the last event happened, or None.
        ratings: events per rating value (index: rating, ascending), or None.
        liked_share: share of events that count as liked; 1 where there is no threshold.
    """

    density: float
    per_user: np.ndarray
    per_item: np.ndarray
    over_time: pd.Series | None
    ratings: pd.Series | None
    liked_share: float
    first_day: pd.Timestamp | None = None
    last_day: pd.Timestamp | None = None

    def share_of_top(self, fraction: float) -> float:
        """The share of all events that falls on the most popular `fraction` of the items."""
        top = max(1, round(fraction * len(self.per_item)))
        return float(self.per_item[:top].sum() / self.per_item.sum())


def describe(dataset: Dataset) -> Description:
    """Describe a dataset; takes a fraction of a second for a million events."""
    per_item = np.bincount(dataset.item, minlength=dataset.n_items)
    moments = _moments(dataset)
    return Description(
        density=dataset.matrix().nnz / (dataset.n_users * dataset.n_items),
        per_user=np.diff(dataset.offsets),
        per_item=np.sort(per_item)[::-1],
        over_time=None if moments.empty else _over_time(moments),
        ratings=None if dataset.rating is None else _ratings(dataset.rating),
        liked_share=float(dataset.liked.mean()),
        first_day=None if moments.empty else moments.min(),
        last_day=None if moments.empty else moments.max(),
    )


def activity_bins(counts: np.ndarray) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Group counts into bins that widen as 1, 2, 5, 10, 20, 50 …

    Returns:
        The bins as (first, last) inclusive, and how many counts fall into each.
    """
    edges = [1]
    while edges[-1] <= counts.max(initial=1):
        power = 10 ** (len(edges) // 3)
        edges.append((1, 2, 5)[len(edges) % 3] * power)
    held, _ = np.histogram(counts, bins=[*edges[:-1], max(edges[-1], 2)])
    bins = [(low, high - 1) for low, high in pairwise(edges)]
    first, last = np.flatnonzero(held)[[0, -1]] if held.any() else (0, 0)
    return bins[first : last + 1], held[first : last + 1]


def occupancy(dataset: Dataset, rows: int = 48, columns: int = 160) -> np.ndarray:
    """The user–item table seen from afar: share of filled cells in each block, (rows, columns).

    Users and items are sorted by activity, the most active first, and cut into equal blocks.
    """
    rows, columns = min(rows, dataset.n_users), min(columns, dataset.n_items)
    user_rank = _ranks(np.diff(dataset.offsets))
    item_rank = _ranks(np.bincount(dataset.item, minlength=dataset.n_items))
    pairs = dataset.matrix().tocoo()
    row = user_rank[pairs.row] * rows // dataset.n_users
    column = item_rank[pairs.col] * columns // dataset.n_items
    filled = np.bincount(row * columns + column, minlength=rows * columns)
    height = np.bincount(np.arange(dataset.n_users) * rows // dataset.n_users)
    width = np.bincount(np.arange(dataset.n_items) * columns // dataset.n_items)
    return filled.reshape(rows, columns) / np.outer(height, width)


def _ranks(counts: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(counts), dtype=np.int64)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return ranks


def _moments(dataset: Dataset) -> pd.Series:
    """The times of events that are dates (a number may be none, such as 2⁶²)."""
    if dataset.dates is None:
        return pd.Series([], dtype="datetime64[s]")
    return pd.Series(pd.to_datetime(dataset.dates, unit="s", errors="coerce")).dropna()


def _over_time(moments: pd.Series) -> pd.Series:
    counts = pd.Series(1, index=pd.DatetimeIndex(moments)).sort_index()
    for step in _STEPS:
        resampled = counts.resample(step).sum()
        if len(resampled) >= _MIN_POINTS:
            break
    return resampled


def _ratings(rating: np.ndarray) -> pd.Series | None:
    counts = pd.Series(rating).dropna().value_counts().sort_index()
    return None if counts.empty else counts
