"""Numbers about small literal data, checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.describe import activity_bins, describe, occupancy


@pytest.fixture
def data() -> Dataset:
    rows = [("u", "a", 5.0), ("u", "b", 2.0), ("u", "a", 4.0), ("v", "a", 1.0)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "rating"])
    frame["timestamp"] = [0, 86_400, 2 * 86_400, 3 * 86_400]
    return Dataset.from_frames(frame, name="small", liked_from=4.0)


def test_counts(data: Dataset) -> None:
    told = describe(data)
    assert told.per_user.tolist() == [3, 1]
    assert told.per_item.tolist() == [3, 1]
    assert told.density == pytest.approx(3 / 4)  # the repeat is one pair
    assert told.liked_share == pytest.approx(0.5)
    assert told.share_of_top(0.5) == pytest.approx(0.75)
    assert told.ratings is not None and told.ratings.to_dict() == {1.0: 1, 2.0: 1, 4.0: 1, 5.0: 1}
    assert told.over_time is not None and told.over_time.sum() == 4


def test_without_ratings_and_times() -> None:
    frame = pd.DataFrame({"user_id": ["u"], "item_id": ["a"]})
    told = describe(Dataset.from_frames(frame, name="one"))
    assert told.ratings is None and told.over_time is None
    assert told.density == 1 and told.liked_share == 1


def test_impossible_times_are_no_plot(data: Dataset) -> None:
    frame, items, users = data.to_frames()
    frame["timestamp"] = 2**62
    assert describe(Dataset.from_frames(frame, items, users, name="far")).over_time is None


def test_activity_bins_widen_and_hold_everything() -> None:
    counts = np.array([1, 1, 2, 4, 5, 9, 10, 700])
    bins, held = activity_bins(counts)
    assert bins[:4] == [(1, 1), (2, 4), (5, 9), (10, 19)]
    assert bins[-1] == (500, 999)
    assert held.tolist() == [2, 2, 2, 1, 0, 0, 0, 0, 1]


def test_occupancy_is_the_density_of_each_block(data: Dataset) -> None:
    assert occupancy(data).tolist() == [[1.0, 1.0], [1.0, 0.0]]
    assert occupancy(data, rows=1, columns=1).tolist() == [[0.75]]
