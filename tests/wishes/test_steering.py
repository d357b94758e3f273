"""Scores that follow what is asked for."""

from __future__ import annotations

import numpy as np

from recsys.wishes.steering import steered


def test_an_item_that_has_the_wish_passes_the_best_that_has_not() -> None:
    scores = np.array([[3.0, -7.0, 1.0], [0.1, 0.2, 0.3]], dtype=np.float32)
    lifted = steered(scores, np.array([[0.0, 1.0, 0.0]], dtype=np.float32))
    np.testing.assert_allclose(lifted, [[3.0, 5.5, 1.0], [0.1, 0.45, 0.3]], rtol=1e-6, atol=1e-6)
    assert lifted.dtype == np.float32


def test_an_item_to_avoid_falls_behind_the_last() -> None:
    scores = np.array([[3.0, -7.0, 1.0]], dtype=np.float32)
    lifted = steered(scores, np.array([[-2.0, 0.0, 0.0]], dtype=np.float32))
    np.testing.assert_allclose(lifted, [[-22.0, -7.0, 1.0]], rtol=1e-6, atol=1e-6)


def test_where_all_scores_are_equal_the_wish_alone_decides() -> None:
    scores = np.zeros((1, 3), dtype=np.float32)
    lifted = steered(scores, np.array([[0.0, 1.0, 0.5]], dtype=np.float32))
    np.testing.assert_allclose(lifted, [[0.0, 1.25, 0.625]], rtol=1e-6, atol=1e-6)


def test_without_a_bonus_scores_stay() -> None:
    scores = np.array([[3.0, -7.0]], dtype=np.float32)
    assert steered(scores, None) is scores


def test_of_strangers_a_wish_weighs_in_nats() -> None:
    scores = np.array([[3.0, -7.0], [3.0, -7.0], [3.0, -7.0]], dtype=np.float32)
    unknown = np.array([[0.0], [0.5], [1.0]], dtype=np.float32)
    lifted = steered(scores, np.array([[0.0, 1.0]], dtype=np.float32), unknown)
    np.testing.assert_allclose(lifted[:, 1] + 7, [12.5, 8.25, 4.0], rtol=1e-6, atol=1e-6)
    assert (lifted[:, 0] == 3).all()
