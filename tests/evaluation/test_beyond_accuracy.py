"""Coverage, novelty and diversity against loops."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.evaluation.beyond_accuracy import Catalogue, coverage, diversity, novelty

NONE = -1


@pytest.fixture
def train() -> Dataset:
    events = pd.DataFrame({"user_id": list("uuuvvw"), "item_id": list("abaabc")})
    items = pd.DataFrame(
        {
            "item_id": list("abcd"),
            "title": ["A", "B", "C", "D"],
            "genres": [["Comedy", "Crime"], ["Comedy"], ["Crime"], None],
            "summary": ["one", "two", "three", "four"],
        }
    )
    return Dataset.from_frames(events, items, name="small")


def test_novelty_is_the_mean_information_of_an_item(train: Dataset) -> None:
    catalogue = Catalogue.of(train)
    # Three users: a met by two (repeats count once), b by two, c by one, d by nobody.
    assert catalogue.popularity.tolist() == pytest.approx([3 / 4, 3 / 4, 2 / 4, 1 / 4])
    lists = np.array([[2, 3], [3, NONE], [NONE, NONE]])
    assert novelty(lists, catalogue).tolist() == pytest.approx([1.5, 2.0, 0.0])


def test_diversity_compares_shared_attribute_values(train: Dataset) -> None:
    # Summaries are each item's own, so they do not make items differ.
    lists = np.array([[0, 1, NONE], [1, 2, NONE], [0, 1, 2], [3, 0, NONE], [1, NONE, NONE]])
    expected = [1 / 2, 1.0, 1 - (1 / 2 + 0 + 1 / 2) / 3, 1.0, 0.0]
    assert diversity(lists, Catalogue.of(train)).tolist() == pytest.approx(expected)


def test_diversity_of_attributes_agrees_with_a_loop() -> None:
    rng = np.random.default_rng(0)
    # Each letter is held by several items; one held by a single item would not count.
    genres = [list(rng.choice(list("abcd"), rng.integers(0, 4), replace=False)) for _ in range(9)]
    items = pd.DataFrame({"item_id": [str(i) for i in range(9)], "genres": genres})
    data = Dataset.from_frames(pd.DataFrame({"user_id": ["u"], "item_id": ["0"]}), items, name="x")
    lists = np.array([rng.permutation(9)[:5] for _ in range(20)])

    def jaccard(a: list[str], b: list[str]) -> float:
        return len(set(a) & set(b)) / max(1, len(set(a) | set(b)))

    expected = [
        1 - np.mean([jaccard(genres[i], genres[j]) for i, j in combinations(row, 2)])
        for row in lists
    ]
    np.testing.assert_allclose(diversity(lists, Catalogue.of(data)), expected, atol=1e-9)


def test_diversity_of_vectors_agrees_with_a_loop(train: Dataset) -> None:
    vectors = np.random.default_rng(0).normal(size=(4, 3))
    vectors[3] = 0.0
    lists = np.array([[0, 1, 2], [2, 3, NONE]])

    def cosine(i: int, j: int) -> float:
        length = float(np.linalg.norm(vectors[i]) * np.linalg.norm(vectors[j]))
        return float(vectors[i] @ vectors[j]) / (length or 1.0)

    expected = [
        1 - np.mean([cosine(i, j) for i, j in combinations([v for v in row if v >= 0], 2)])
        for row in lists
    ]
    np.testing.assert_allclose(diversity(lists, Catalogue.of(train, vectors)), expected, atol=1e-9)


def test_nothing_to_compare_items_by() -> None:
    frame = pd.DataFrame({"user_id": list("uv"), "item_id": list("ab")})
    catalogue = Catalogue.of(Dataset.from_frames(frame, name="bare"))
    assert not catalogue.has_similarity
    with pytest.raises(ValueError, match="vectors or attribute"):
        diversity(np.array([[0, 1]]), catalogue)


def test_coverage_counts_items_and_its_interval_is_the_jackknife() -> None:
    rng = np.random.default_rng(1)
    lists = np.array([rng.permutation(40)[:4] for _ in range(12)])
    lists[3] = NONE

    def covered(rows: np.ndarray) -> float:
        return len(set(rows.ravel().tolist()) - {NONE}) / 50

    left_out = np.array([covered(np.delete(lists, row, axis=0)) for row in range(12)])
    error = np.sqrt(11 / 12 * np.square(left_out - left_out.mean()).sum())
    got = coverage(lists, Catalogue(np.full(50, 0.5)))
    assert got.value == pytest.approx(covered(lists))
    assert got.low == pytest.approx(got.value - 1.96 * error)
    assert got.high == pytest.approx(got.value + 1.96 * error)


def test_coverage_of_empty_lists_is_zero() -> None:
    got = coverage(np.full((3, 2), NONE), Catalogue(np.full(5, 0.5)))
    assert (got.value, got.low, got.high) == (0.0, 0.0, 0.0)
