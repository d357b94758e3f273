"""SLIT against its definition, written out moment by moment in float64."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.models.base import Queries
from recsys.models.sequences import NEXT_ITEM_WEIGHTS
from recsys.models.slit import Slit, SlitConfig, recent_events

CONFIG = SlitConfig(regularisation=5.0, recency=0.7, length=4)


@pytest.fixture
def data() -> Dataset:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "user_id": rng.integers(20, size=300).astype(str),
            "item_id": np.minimum(rng.geometric(0.1, size=300), 20).astype(str),
        }
    )
    return Dataset.from_frames(frame, name="random")


def weights_of(data: Dataset, config: SlitConfig) -> np.ndarray:
    n = data.n_items
    befores, afters = [], []
    for user in range(data.n_users):
        items = data.history(user)
        for place in range(1, len(items)):
            if items[place] in items[:place]:
                continue
            before, after = np.zeros(n), np.zeros(n)
            for age, item in enumerate(items[:place][::-1][: config.length]):
                before[item] += (1 + age) ** -config.recency
            for later, weight in enumerate(NEXT_ITEM_WEIGHTS):
                if (
                    place + later < len(items)
                    and items[place + later] not in items[: place + later]
                ):
                    after[items[place + later]] += weight
            befores.append(before)
            afters.append(after)
    x, y = np.array(befores), np.array(afters)
    return np.linalg.solve(x.T @ x + config.regularisation * np.eye(n), x.T @ y)


def test_equals_its_definition(data: Dataset) -> None:
    model = Slit(CONFIG)
    model.fit(data)
    expected = weights_of(data, CONFIG)
    np.testing.assert_allclose(model.weights, expected, atol=1e-3)
    history = np.zeros(data.n_items)
    for age, item in enumerate(data.history(3)[::-1][: CONFIG.length]):
        history[item] += (1 + age) ** -CONFIG.recency
    scores = model.score(Queries(data, np.array([3])))
    np.testing.assert_allclose(scores, [history @ expected], atol=1e-3)


def test_knows_what_follows_what() -> None:
    events = pd.DataFrame(
        [(f"u{user}", item) for user in range(9) for item in "abc"], columns=["user_id", "item_id"]
    )
    data = Dataset.from_frames(events, name="abc")
    model = Slit(SlitConfig(regularisation=1.0))
    model.fit(data)
    after_a, after_b = (
        model.weights[data.items.position("a")],
        model.weights[data.items.position("b")],
    )
    assert data.items.ids[int(after_a.argmax())] == "b"
    assert data.items.ids[int(after_b.argmax())] == "c"


def test_only_the_most_popular_items_have_weights(data: Dataset) -> None:
    model = Slit(SlitConfig(max_items=5))
    model.fit(data)
    scores = model.score(Queries(data, np.arange(4)))
    kept = np.flatnonzero(scores.any(0))
    popular = np.sort(np.argsort(-np.bincount(data.item), kind="stable")[:5])
    assert model.weights.shape == (5, 5)
    assert set(kept) <= set(popular)


def test_many_moments_are_sampled_alike_each_time(data: Dataset) -> None:
    first, second = Slit(SlitConfig(max_positions=40)), Slit(SlitConfig(max_positions=40))
    first.fit(data)
    second.fit(data)
    assert np.array_equal(first.weights, second.weights)
    assert not np.array_equal(first.weights, _all_moments(data).weights)


def _all_moments(data: Dataset) -> Slit:
    model = Slit()
    model.fit(data)
    return model


def test_what_was_known_at_a_moment() -> None:
    events = pd.DataFrame({"user_id": ["u"] * 4, "item_id": ["a", "b", "a", "c"]})
    data = Dataset.from_frames(events, name="one")
    users, ends = np.array([0, 0, 0]), np.array([0, 3, 4])
    known = recent_events(data, users, ends, recency=1.0, length=3).toarray()
    a, b, c = (data.items.position(item) for item in "abc")
    assert known[0].tolist() == [0, 0, 0]
    assert known[1, [a, b, c]] == pytest.approx([1 + 1 / 3, 1 / 2, 0])
    assert known[2, [a, b, c]] == pytest.approx([1 / 2, 1 / 3, 1])  # the first "a" is too far back
