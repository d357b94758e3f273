"""The uncertainty of a metric: intervals and comparisons by the bootstrap over users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

#: Resampled users held in memory at once; few enough that they stay in the processor's caches.
_CHUNK = 500_000


@dataclass(frozen=True)
class Interval:
    """A value and its 95% confidence interval."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Comparison:
    """How much better a is than b: mean difference, its 95% interval, two-sided p-value."""

    delta: float
    low: float
    high: float
    p_value: float

    @property
    def distinguishable(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    def to_dict(self) -> dict[str, float]:
        return {
            "delta": self.delta,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
        }


def bootstrap_interval(values: np.ndarray, seed: int = 0, resamples: int = 2000) -> Interval:
    """The mean of per-user values (n,) with its percentile bootstrap interval."""
    return bootstrap_intervals(np.asarray(values)[:, None], seed, resamples)[0]


def bootstrap_intervals(values: np.ndarray, seed: int = 0, resamples: int = 2000) -> list[Interval]:
    """The same for every column of `values` (n, m), over one set of resampled users."""
    means = resampled_means(values, seed, resamples)
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    rows = zip(np.mean(values, axis=0), low, high, strict=True)
    return [Interval(float(v), float(a), float(b)) for v, a, b in rows]


def paired_bootstrap(
    a: np.ndarray, b: np.ndarray, seed: int = 0, resamples: int = 10_000
) -> Comparison:
    """Compare two models on the same users by resampling the differences `a - b` (n,).

    The p-value is the share of resampled means that lie as far from the observed difference as
    that lies from zero (Efron and Tibshirani 1993, section 16.4); it is at least
    1 / (resamples + 1).
    """
    difference = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    delta = difference.mean()
    drawn = _draws(len(difference), seed, resamples)
    means = np.concatenate([difference.take(users).mean(1) for users in drawn])
    low, high = np.percentile(means, [2.5, 97.5])
    # Rounding in sums must not turn "as far" into "less far" where all differences are equal.
    as_far = np.abs(means - delta) >= np.abs(delta) - 1e-12
    p_value = (1 + np.count_nonzero(as_far)) / (resamples + 1)
    return Comparison(float(delta), float(low), float(high), float(min(p_value, 1.0)))


def resampled_means(values: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Means (resamples, m) of `values` (n, m) over users drawn with replacement."""
    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    return np.concatenate([_counts(drawn) @ values / n for drawn in _draws(n, seed, resamples)])


def _counts(drawn: np.ndarray) -> np.ndarray:
    """How often each of n users was drawn, (rows, n), which serves many columns of values."""
    rows, n = drawn.shape
    places = drawn + np.arange(rows)[:, None] * n
    return np.bincount(places.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _draws(n: int, seed: int, resamples: int) -> Iterator[np.ndarray]:
    """Users drawn with replacement, (rows, n) positions, until `resamples` rows were given."""
    rng = np.random.default_rng(seed)
    step = max(1, _CHUNK // n)
    for start in range(0, resamples, step):
        # Half as wide as by default, drawn in a third of the time.
        yield rng.integers(n, size=(min(step, resamples - start), n), dtype=np.uint32)
