"""Measuring a recommender: the full catalogue ranked, seen items filtered, intervals on all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.dataset import Dataset
from recsys.evaluation.beyond_accuracy import Catalogue
from recsys.evaluation.metrics import METRICS, ListMetric, RankingMetric, ndcg
from recsys.evaluation.significance import Interval, bootstrap_intervals
from recsys.ranking import seen_items, top_k
from recsys.splitting import Holdout, Protocol

#: Takes user positions (b,), gives the scores of all items (b, n_items).
Score = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was measured, and how.

    Attributes:
        protocol: how targets were chosen and lists were ranked.
        users: how many users were asked for.
        items: how many items were ranked for each.
        metrics: by name and list length ("ndcg@10"), with 95% intervals.
        per_user: the same names, a value a user (users,); not for metrics of the whole catalogue.
        recommended: (users, longest k) item positions, best first, padded with -1.
    """

    protocol: Protocol
    users: int
    items: int
    metrics: dict[str, Interval]
    per_user: dict[str, np.ndarray]
    recommended: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        return {
            "protocol": str(self.protocol),
            "users": self.users,
            "items": self.items,
            "metrics": {name: interval.to_dict() for name, interval in self.metrics.items()},
        }


def evaluate(
    score: Score,
    holdout: Holdout,
    train: Dataset,
    ks: Sequence[int] = (5, 10, 20),
    *,
    item_vectors: np.ndarray | None = None,
    batch_size: int = 256,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Measure every metric of `METRICS` at every list length of `ks`.

    Args:
        score: the model, asked for batches of `holdout.users`.
        train: the data that the model learned from; novelty counts popularity in it.
        item_vectors: (n_items, d), by which diversity compares items; without them it compares
            attribute values, and is left out where there are none either.
        batch_size: how many users are scored at once.
        seed: of the bootstrap behind the intervals.
        progress: called with (done, total) users after every batch.
    """
    recommended = rank(score, holdout, max(ks), batch_size, progress)
    catalogue = Catalogue.of(train, item_vectors)
    per_user: dict[str, np.ndarray] = {}
    whole: dict[str, Interval] = {}
    names: list[str] = []
    for k in ks:
        lists = recommended[:, :k]
        for name, metric in METRICS.items():
            key = f"{name}@{k}"
            if isinstance(metric, RankingMetric):
                per_user[key] = metric.measure(lists, holdout.targets)
            elif not isinstance(metric, ListMetric):
                whole[key] = metric.measure(lists, catalogue)
            elif catalogue.has_similarity or not metric.needs_similarity:
                per_user[key] = metric.measure(lists, catalogue)
            else:
                continue
            names.append(key)
    intervals = bootstrap_intervals(np.stack(list(per_user.values()), axis=1), seed)
    known = whole | dict(zip(per_user, intervals, strict=True))
    return Evaluation(
        protocol=holdout.protocol,
        users=len(holdout.users),
        items=train.n_items,
        metrics={name: known[name] for name in names},
        per_user=per_user,
        recommended=recommended,
    )


def ndcg_at(score: Score, holdout: Holdout, k: int = 10, batch_size: int = 256) -> float:
    """Mean NDCG@k alone, by which training chooses weights.

    NaN where a score is NaN or +inf: such a model does not rank, which an NDCG of 0 would hide.
    """
    overflown = False

    def watched(users: np.ndarray) -> np.ndarray:
        nonlocal overflown
        scores = score(users)
        overflown = overflown or not bool((scores < np.inf).all())
        return scores

    value = float(ndcg(rank(watched, holdout, k, batch_size), holdout.targets).mean())
    return float("nan") if overflown else value


def rank(
    score: Score,
    holdout: Holdout,
    k: int,
    batch_size: int = 256,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """The lists (n, k) of the users of `holdout`, without what they had met before."""
    lists: list[np.ndarray] = []
    done = 0
    for users in _batches(holdout.users, batch_size):
        lists.append(top_k(score(users), k, seen_items(holdout.history, users))[0])
        done += len(users)
        if progress is not None:
            progress(done, len(holdout.users))
    return np.concatenate(lists)


def _batches(users: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(users), size):
        yield users[start : start + size]
