"""Top-k against a sort in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.ranking import seen_items, top_k

INF = math.inf


def test_best_first_and_lower_item_first_among_equals() -> None:
    items, scores = top_k(np.array([[1, 3, 2, 3], [0, 0, 0, 0]]), 3)
    assert items.tolist() == [[1, 3, 2], [0, 1, 2]]
    assert scores.tolist() == [[3, 3, 2], [0, 0, 0]]
    assert scores.dtype == np.float32


def test_what_may_not_be_recommended_leaves_padding() -> None:
    scores = np.array([[5, 4, 3, 2], [math.nan, -INF, INF, 1]])
    exclude = sp.csr_matrix(np.array([[1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool))
    allowed = np.array([True, True, True, False])
    items, values = top_k(scores, 3, exclude, allowed)
    assert items.tolist() == [[1, 2, -1], [2, -1, -1]]
    assert values.tolist() == [[4, 3, -INF], [INF, -INF, -INF]]
    assert scores[0].tolist() == [5, 4, 3, 2]  # untouched


def test_more_asked_for_than_there_is() -> None:
    assert top_k(np.array([[1, 2]]), 4)[0].tolist() == [[1, 0, -1, -1]]
    assert top_k(np.zeros((2, 0)), 2)[0].tolist() == [[-1, -1], [-1, -1]]
    assert top_k(np.zeros((0, 5)), 2)[0].shape == (0, 2)
    assert top_k(np.zeros((1, 5)), 0)[0].shape == (1, 0)


VALUE = st.sampled_from([0.0, 1.0, 1.0, 2.0, 3.5, -1.0, math.nan, -INF, INF])


@given(st.lists(st.lists(VALUE, min_size=6, max_size=6), min_size=1, max_size=4), st.integers(1, 8))
def test_top_k_agrees_with_a_sort(rows: list[list[float]], k: int) -> None:
    items, _ = top_k(np.array(rows), k)
    for row, got in zip(rows, items.tolist(), strict=True):
        able = [i for i, value in enumerate(row) if not math.isnan(value) and value > -INF]
        best = sorted(able, key=lambda i: (-row[i], i))[:k]
        assert got == best + [-1] * (k - len(best))


@given(st.integers(1, 12), st.integers(1, 700), st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_top_k_of_many_items_agrees_with_a_sort(
    k: int, n_items: int, levels: int, seed: int
) -> None:
    """Few levels make many ties; what is left out is scattered over the items."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(levels + 1, size=(3, n_items)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = -INF
    items, values = top_k(rows, k)
    for row, got, scores in zip(rows.tolist(), items.tolist(), values.tolist(), strict=True):
        able = [i for i, value in enumerate(row) if value > -INF]
        best = sorted(able, key=lambda i: (-row[i], i))[:k]
        assert got == best + [-1] * (k - len(best))
        assert scores == [row[i] for i in best] + [-INF] * (k - len(best))


def test_seen_items_follow_the_users_asked_for() -> None:
    frame = pd.DataFrame({"user_id": list("uuvw"), "item_id": list("abcb")})
    data = Dataset.from_frames(frame, name="small")
    seen = seen_items(data, np.array([2, 0, 2]))
    assert seen.toarray().tolist() == [[0, 1, 0], [1, 1, 0], [0, 1, 0]]
    assert seen_items(data, np.zeros(0, dtype=int)).shape == (0, 3)
