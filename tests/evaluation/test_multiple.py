"""Many comparisons at once, against every permutation and every choice of signs."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy.stats import permutation_test

from recsys.evaluation.multiple import compare_groups, compare_pairs


def means_apart(values: np.ndarray, mask: np.ndarray) -> float:
    return float(values[mask].mean() - values[~mask].mean())


def test_groups_against_every_permutation() -> None:
    values = np.array([0.0, 1.0, 0.2, 4.0, 0.5, 3.0, 0.1])
    masks = np.array([[0, 0, 0, 1, 0, 1, 0], [1, 0, 1, 0, 0, 1, 1]], dtype=bool)
    observed = [means_apart(values, mask) for mask in masks]
    errors = [np.sqrt(values.var(ddof=1) * (1 / mask.sum() + 1 / (~mask).sum())) for mask in masks]
    largest = np.array(
        [
            max(
                abs(means_apart(np.array(world), mask)) / error
                for mask, error in zip(masks, errors, strict=True)
            )
            for world in permutations(values)
        ]
    )
    found = compare_groups(values, masks, resamples=20_000)
    for one, delta, error in zip(found, observed, errors, strict=True):
        assert one.delta == pytest.approx(delta)
        exact = np.mean(largest >= abs(delta) / error - 1e-9)
        assert one.p_value == pytest.approx(exact, abs=0.015)
        assert one.distinguishable == (one.p_value < 0.05)


def test_one_group_as_scipy_has_it() -> None:
    rng = np.random.default_rng(0)
    values, mask = rng.exponential(size=40), np.arange(40) < 12
    by_scipy = permutation_test(
        (values[mask], values[~mask]),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        vectorized=True,
        n_resamples=20_000,
        rng=1,
    )
    (found,) = compare_groups(values, mask[None], resamples=20_000)
    two_sided = np.mean(np.abs(by_scipy.null_distribution) >= abs(by_scipy.statistic) - 1e-12)
    assert found.p_value == pytest.approx(two_sided, abs=0.015)


def test_pairs_against_every_choice_of_signs() -> None:
    differences = np.array(
        [[0.5, 0.4, 0.6, 0.3, 0.7, 0.5, 0.2, 0.4], [0.5, -0.4, 0, 0, 9, 9, 9, 9]]
    )
    asked = np.array([[True] * 8, [True] * 4 + [False] * 4])
    kept = np.where(asked, differences, 0)
    errors = np.sqrt((kept**2).sum(1))
    largest = np.array(
        [np.max(np.abs(kept @ np.array(signs)) / errors) for signs in product([-1, 1], repeat=8)]
    )
    found = compare_pairs(differences, asked, resamples=20_000)
    assert [one.delta for one in found] == pytest.approx([0.45, 0.025])
    for one, row, error in zip(found, kept, errors, strict=True):
        exact = np.mean(largest >= abs(row.sum()) / error - 1e-9)
        assert one.p_value == pytest.approx(exact, abs=0.015)
    assert [one.distinguishable for one in found] == [True, False]
    assert found[0].low > 0 > found[1].low


def test_one_false_difference_in_twenty_worlds_over_all_groups() -> None:
    """Of 200 worlds without any difference, about 10 claim one, though each has 12 groups."""
    rng = np.random.default_rng(0)
    groups = pairs = 0
    for world in range(200):
        values = np.where(rng.random(120) < 0.15, rng.random(120), 0.0)  # as NDCG: mostly zero
        masks = rng.random((12, 120)) < rng.uniform(0.1, 0.5, size=(12, 1))
        found = compare_groups(values, masks, seed=world, resamples=400)
        groups += any(one.distinguishable for one in found)
        signs = rng.choice([-1, 1], size=120)
        found = compare_pairs(np.tile(values * signs, (12, 1)), masks, seed=world, resamples=400)
        pairs += any(one.distinguishable for one in found)
    assert groups <= 20 and pairs <= 20


def test_where_all_are_equal_nothing_is_different() -> None:
    mask = np.array([[True, False, False]])
    (group,) = compare_groups(np.full(3, 0.4), mask)
    (pair,) = compare_pairs(np.zeros((1, 3)), np.ones((1, 3), dtype=bool))
    for found in (group, pair):
        assert found.delta == pytest.approx(0) and not found.distinguishable
        assert found.p_value == 1.0


@pytest.mark.parametrize("mask", [[False] * 3, [True] * 3])
def test_a_group_has_users_and_others(mask: list[bool]) -> None:
    with pytest.raises(ValueError, match="without"):
        compare_groups(np.arange(3), np.array([mask]))
    with pytest.raises(ValueError, match="without users"):
        compare_pairs(np.zeros((1, 3)), np.zeros((1, 3), dtype=bool))
