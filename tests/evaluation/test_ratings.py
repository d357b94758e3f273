"""Predicted ratings against given ones: metrics, their intervals, and plain means beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.evaluation.ratings import (
    DAMPING,
    evaluate_ratings,
    mean_predictors,
    rating_report,
)
from recsys.splitting import Holdout, global_time, leave_last_out


def data(n_users: int = 30, n_items: int = 12, *, seed: int = 0) -> Dataset:
    """Generous and strict users, good and bad items, in one order of time for all."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"u{user}", f"i{item}", 1.0 + (user % 3) + (item % 2) + rng.integers(2), moment)
        for user in range(n_users)
        for moment, item in enumerate(rng.permutation(n_items)[:8])
    ]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"])
    return Dataset.from_frames(events, name="rated", liked_from=3.0)


def given_with(holdout: Holdout, error: float) -> np.ndarray:
    return holdout.rated()[2] + error


class TestHoldout:
    @pytest.mark.parametrize("split", [leave_last_out, global_time])
    def test_ratings_are_those_of_the_targets(self, split: object) -> None:
        """Looked up in the data again, user by user and item by item."""
        whole = data()
        assert whole.rating is not None
        given = dict(zip(zip(whole.user, whole.item, strict=True), whole.rating, strict=True))
        parted = split(whole)  # type: ignore[operator]
        for holdout in (parted.validation, parted.test):
            users, items, ratings = holdout.rated()
            assert len(ratings) == holdout.targets.nnz > 0
            for user, item, rating in zip(users, items, ratings, strict=True):
                assert holdout.targets[np.searchsorted(holdout.users, user), item]
                assert given[user, item] == rating

    def test_those_that_nobody_gave_are_left_out(self) -> None:
        events = data().to_frames()[0]
        whole = leave_last_out(Dataset.from_frames(events, name="rated"))
        last = events.groupby("user_id", sort=False).tail(1).index[::2]
        events.loc[last, "rating"] = np.nan
        parted = leave_last_out(Dataset.from_frames(events, name="rated", liked_from=3.0))
        users, items, ratings = parted.test.rated()
        assert len(users) == len(items) == len(ratings) == parted.test.targets.nnz - len(last)
        assert not np.isnan(ratings).any()
        assert whole.test.targets.nnz == parted.test.targets.nnz  # they are met all the same
        events.loc[::3, "rating"] = np.nan
        for predict in mean_predictors(Dataset.from_frames(events, name="rated")).values():
            assert np.isfinite(predict(users, items)).all()

    def test_without_ratings_there_are_none(self) -> None:
        events = data().to_frames()[0].drop(columns="rating")
        with pytest.raises(ValueError):
            leave_last_out(Dataset.from_frames(events, name="plain")).test.rated()


class TestMetrics:
    def test_by_hand(self) -> None:
        holdout = leave_last_out(data()).test
        _, _, given = holdout.rated()
        errors = np.where(np.arange(len(given)) % 2, 0.5, -1.0)
        found = evaluate_ratings(lambda users, items: given + errors, holdout, 3.0)
        assert found.ratings == len(given)
        assert found.metrics["rmse"].value == pytest.approx(np.sqrt(np.mean(errors**2)))
        assert found.metrics["mae"].value == pytest.approx(np.mean(np.abs(errors)))
        right = ((given + errors) >= 3.0) == (given >= 3.0)
        assert 0 < right.mean() < 1
        assert found.metrics["liked_accuracy"].value == pytest.approx(right.mean())
        for interval in found.metrics.values():
            assert interval.low < interval.value < interval.high

    def test_of_users_with_several_ratings_are_means_over_ratings(self) -> None:
        holdout = global_time(data(), test=0.3).test
        users, _, given = holdout.rated()
        assert len(users) > len(holdout.users)
        errors = np.random.default_rng(1).normal(size=len(given))
        found = evaluate_ratings(lambda users, items: given + errors, holdout, 3.0)
        assert found.metrics["mae"].value == pytest.approx(np.mean(np.abs(errors)))
        of_user = [np.mean(errors[users == user] ** 2) for user in holdout.users]
        np.testing.assert_allclose(found.squared_errors, of_user, atol=1e-9)

    def test_the_truth_has_no_error(self) -> None:
        holdout = leave_last_out(data()).test
        found = evaluate_ratings(lambda users, items: given_with(holdout, 0.0), holdout, 3.0)
        values = {name: interval.value for name, interval in found.metrics.items()}
        assert values == {"rmse": 0.0, "mae": 0.0, "liked_accuracy": 1.0}


class TestMeans:
    def test_by_hand(self) -> None:
        train = data()
        assert train.rating is not None
        mean = float(np.mean(train.rating))
        left = train.rating - mean
        of_item = {
            item: left[train.item == item].sum() / ((train.item == item).sum() + DAMPING)
            for item in range(train.n_items)
        }
        after = left - np.array([of_item[item] for item in train.item])
        mine = train.user == 4
        of_user = after[mine].sum() / (mine.sum() + DAMPING)
        asked = np.array([4]), np.array([2])
        predictors = mean_predictors(train)
        assert predictors["global-mean"](*asked) == pytest.approx(mean)
        assert predictors["user-item-mean"](*asked) == pytest.approx(mean + of_user + of_item[2])

    def test_users_and_items_are_worth_knowing(self) -> None:
        split = leave_last_out(data(60))
        plain, better = (
            evaluate_ratings(predict, split.test, 3.0)
            for predict in mean_predictors(split.train).values()
        )
        assert better.metrics["rmse"].value < plain.metrics["rmse"].value
        told = rating_report(better, {"global-mean": plain})
        assert told["ratings"] == 60 and told["metrics"]["rmse"]["ratings"] == 60
        assert told["against"]["global-mean"]["high"] < 0
