"""Scores of any model on the scale of log popularity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.wishes.prior import in_nats, log_popularity, unknown

YEAR = 365.25 * 86_400


def data() -> Dataset:
    events = pd.DataFrame(
        {
            "user_id": ["u", "u", "u", "v"],
            "item_id": ["a", "b", "c", "a"],
            "timestamp": [0, int(4 * YEAR), int(8 * YEAR), int(8 * YEAR)],
        }
    )
    items = pd.DataFrame({"item_id": list("abcd"), "title": list("ABCD")})
    return Dataset.from_frames(events, items, name="d")


def test_recent_events_count_most() -> None:
    e = np.e
    counts = np.array([1 + e**-2, e**-1, 1.0, 0.0])
    np.testing.assert_allclose(log_popularity(data()), np.log(counts + 0.1), atol=1e-5)


def test_order_is_kept_and_the_scale_is_of_popularity() -> None:
    known = data()
    scores = np.array([[-5.0, 700.0, 0.1, 0.2], [0.0, 0.0, 0.0, 0.0]], dtype=np.float32)
    popularity = log_popularity(known)
    found = in_nats(scores, known, np.array([0, 1]), np.zeros(4))
    ranked = np.sort(popularity)[[0, 3, 1, 2]]  # as the first user's scores are ordered
    share = 1 - 3 / 10
    np.testing.assert_allclose(found[0], share * popularity + (1 - share) * ranked, atol=1e-5)
    # What a model scores alike is ordered by popularity.
    np.testing.assert_allclose(found[1], popularity, atol=1e-5)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_the_scale_of_a_model_does_not_matter(scale: float) -> None:
    known = data()
    scores = np.array([[0.3, 0.1, 0.4, 0.2]], dtype=np.float32)
    found = in_nats(scores * np.float32(scale), known, np.array([0]), np.ones(4))
    np.testing.assert_array_equal(found, in_nats(scores, known, np.array([0]), np.ones(4)))


def test_words_count_the_more_the_less_is_known() -> None:
    known, matched = data(), np.array([0, 0, 0, 2.0])
    scores = np.zeros((2, 4), dtype=np.float32)
    users = np.array([0, 1])  # of three events and of one
    gained = in_nats(scores, known, users, matched) - in_nats(scores, known, users, 0 * matched)
    np.testing.assert_allclose(gained[:, 3], [2 * 0.7, 2 * 0.9], atol=1e-5)
    assert not gained[:, :3].any()


def test_a_person_of_ten_events_is_known() -> None:
    events = pd.DataFrame({"user_id": ["u"] * 12 + ["v"], "item_id": [*map(str, range(12)), "1"]})
    known = Dataset.from_frames(events, name="d")
    np.testing.assert_allclose(
        unknown(known, np.array([1, 0])), [[0.9], [0.0]], rtol=1e-6, atol=1e-6
    )
