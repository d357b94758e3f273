"""The bootstrap against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from recsys.evaluation import significance
from recsys.evaluation.significance import (
    bootstrap_interval,
    bootstrap_intervals,
    paired_bootstrap,
    resampled_means,
)


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).exponential(size=200)


def test_interval_agrees_with_scipy(values: np.ndarray) -> None:
    got = bootstrap_interval(values, resamples=20_000)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert got.value == pytest.approx(values.mean())
    assert got.low == pytest.approx(theirs.low, abs=0.01)
    assert got.high == pytest.approx(theirs.high, abs=0.01)


def test_paired_comparison_agrees_with_scipy(values: np.ndarray) -> None:
    other = values + np.random.default_rng(2).normal(0.1, 0.5, size=len(values))
    got = paired_bootstrap(other, values, resamples=20_000)
    theirs = stats.bootstrap(
        (other, values),
        lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert got.delta == pytest.approx((other - values).mean())
    assert got.low == pytest.approx(theirs.low, abs=0.005)
    assert got.high == pytest.approx(theirs.high, abs=0.005)
    # With 200 users the t test says nearly the same.
    assert got.p_value == pytest.approx(stats.ttest_rel(other, values).pvalue, abs=0.01)


def test_comparison_of_a_model_with_itself(values: np.ndarray) -> None:
    same = paired_bootstrap(values, values)
    assert (same.delta, same.low, same.high, same.p_value) == (0, 0, 0, 1)
    assert not same.distinguishable


def test_comparison_of_a_model_that_is_better_for_everyone(values: np.ndarray) -> None:
    better = paired_bootstrap(values + 1, values, resamples=999)
    assert better.distinguishable
    assert better.to_dict().keys() == {"delta", "low", "high", "p_value"}


def test_same_seed_same_interval(values: np.ndarray) -> None:
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)


def test_columns_share_their_resamples(values: np.ndarray) -> None:
    both = bootstrap_intervals(np.stack([values, 2 * values], axis=1))
    assert both[0].high == pytest.approx(bootstrap_interval(values).high)
    assert both[1].low == pytest.approx(2 * both[0].low)


def test_memory_is_bounded_by_chunks(values: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(significance, "_CHUNK", 1000)
    assert resampled_means(values[:, None], seed=0, resamples=13).shape == (13, 1)
