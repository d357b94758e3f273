"""How close predicted ratings come to those that users gave, beside plain means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.dataset import Dataset
from recsys.evaluation.significance import (
    Comparison,
    Interval,
    paired_bootstrap,
    resampled_means,
)
from recsys.schema import N_
from recsys.splitting import Holdout

#: Takes users and items (n,), positions; gives a rating for each pair (n,).
Predict = Callable[[np.ndarray, np.ndarray], np.ndarray]

#: Ratings of nothing that every mean is drawn towards the middle by (as in LensKit).
DAMPING = 5.0


@dataclass(frozen=True)
class RatingMetric:
    """A metric of predicted ratings: the mean of `measure` over ratings, then `finish`.

    Attributes:
        measure: (predicted, given, liked_from) → (n,).
        lower_is_better: whether it is an error.
    """

    title: str
    description: str
    measure: Callable[[np.ndarray, np.ndarray, float], np.ndarray]
    finish: Callable[[np.ndarray], np.ndarray] = np.asarray
    lower_is_better: bool = True


RATING_METRICS: dict[str, RatingMetric] = {
    "rmse": RatingMetric(
        N_("RMSE"),
        N_("Root of the mean squared error, in units of the ratings; large misses weigh more."),
        lambda predicted, given, _: np.square(predicted - given),
        np.sqrt,
    ),
    "mae": RatingMetric(
        N_("MAE"),
        N_("How far a predicted rating is from the one given, on average."),
        lambda predicted, given, _: np.abs(predicted - given),
    ),
    "liked_accuracy": RatingMetric(
        N_("Accuracy of “liked”"),
        N_("How often the prediction is on the right side of the rating that counts as liked."),
        lambda predicted, given, liked: (predicted >= liked) == (given >= liked),
        lower_is_better=False,
    ),
}


@dataclass(frozen=True, eq=False)
class RatingEvaluation:
    """Predicted ratings measured on held-out ones.

    Attributes:
        ratings: how many were held out.
        liked_from: the rating that counts as liked.
        metrics: by name, with 95% intervals.
        squared_errors: (users,) the mean of each user.
    """

    ratings: int
    liked_from: float
    metrics: dict[str, Interval]
    squared_errors: np.ndarray

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Every metric with its interval and the number of ratings behind it."""
        return {
            name: {**interval.to_dict(), "ratings": self.ratings}
            for name, interval in self.metrics.items()
        }


def evaluate_ratings(
    predict: Predict, holdout: Holdout, liked_from: float, seed: int = 0
) -> RatingEvaluation:
    """Measure every metric of `RATING_METRICS` on the ratings held out in `holdout`.

    Args:
        predict: the model.
        liked_from: the rating from which an item counts as liked.
        seed: of the bootstrap over users behind the intervals.

    Raises:
        ValueError: in data without ratings.
    """
    users, items, given = holdout.rated()
    predicted = predict(users, items)
    values = np.stack(
        [metric.measure(predicted, given, liked_from) for metric in RATING_METRICS.values()], axis=1
    )  # (n, metrics)
    rows = np.searchsorted(holdout.users, users)
    counts = np.bincount(rows, minlength=len(holdout.users))
    sums = np.stack([np.bincount(rows, column, len(counts)) for column in values.T], axis=1)
    means = resampled_means(np.column_stack([sums, counts]), seed, 2000)
    means = means[:, :-1] / means[:, -1:]
    metrics = {}
    for place, (name, metric) in enumerate(RATING_METRICS.items()):
        low, high = np.percentile(metric.finish(means[:, place]), [2.5, 97.5])
        value = metric.finish(values[:, place].mean())
        metrics[name] = Interval(float(value), float(low), float(high))
    return RatingEvaluation(len(given), liked_from, metrics, sums[:, 0] / counts)


def mean_predictors(train: Dataset) -> dict[str, Predict]:
    """Predictors from means alone: of all ratings, and of each user and item beside it.

    The second is the baseline predictor μ + b_u + b_i of Koren, Bell & Volinsky 2009, each b a
    damped mean of what is left.
    """
    assert train.rating is not None
    given = ~np.isnan(train.rating)
    rating, user, item = train.rating[given], train.user[given], train.item[given]
    mean = float(rating.mean())
    of_item = _damped(rating - mean, item, train.n_items)
    of_user = _damped(rating - mean - of_item[item], user, train.n_users)
    return {
        "global-mean": lambda users, items: np.full(len(users), mean),
        "user-item-mean": lambda users, items: mean + of_user[users] + of_item[items],
    }


def rating_report(
    own: RatingEvaluation, baselines: Mapping[str, RatingEvaluation]
) -> dict[str, Any]:
    """What `evaluation.json` holds of ratings.

    Under "against" stand comparisons of the mean squared error, user by user; below zero the
    model is nearer than the baseline.
    """
    return {
        "ratings": own.ratings,
        "liked_from": own.liked_from,
        "metrics": own.to_dict(),
        "baselines": {name: one.to_dict() for name, one in baselines.items()},
        "against": {name: against(own, one).to_dict() for name, one in baselines.items()},
    }


def against(own: RatingEvaluation, other: RatingEvaluation) -> Comparison:
    """The difference in mean squared error, by a paired bootstrap over users."""
    return paired_bootstrap(own.squared_errors, other.squared_errors)


def _damped(left: np.ndarray, of: np.ndarray, n: int) -> np.ndarray:
    """Damped means of what is left, (n,), by user or by item."""
    total = np.bincount(of, left, n)
    mean: np.ndarray = total / (np.bincount(of, minlength=n) + DAMPING)
    return mean
