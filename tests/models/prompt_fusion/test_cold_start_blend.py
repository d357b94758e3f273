"""Users of whom little is known: drawn to what is well known, and to what they say they like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models import Queries
from recsys.models.prompt_fusion.cold_start import ColdStartBlend
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.prompts import Template
from recsys.wishes.tastes import states_taste
from tests.models.support import planted, prepared, split

CONFIG = PromptFusionConfig()


def knowing(n: int) -> Dataset:
    """The planted users, after their first n events."""
    data = planted()
    return data.select(np.arange(data.n_events) - data.offsets[data.user] < n)


def literal() -> tuple[ColdStartBlend, Dataset]:
    """Three items whose logarithms of popularity are 0, 1 and 2, and users of 0, 1 and 2 events."""
    counts = np.expm1([0.0, 1.0, 2.0]).astype(np.float32)
    weights = sp.csr_matrix(np.array([[0, 0.01, 0], [0, 0, 0.02], [0, 0, 0]], dtype=np.float32))
    frame = pd.DataFrame({"user_id": ["one", "two", "two"], "item_id": ["a", "a", "b"]})
    items = pd.DataFrame({"item_id": list("abc")})
    return ColdStartBlend(counts, counts, weights, CONFIG, 15), Dataset.from_frames(
        frame, items, name="x"
    )


def test_without_events_the_score_is_the_logarithm_of_popularity() -> None:
    blend, data = literal()
    nobody = data.select(np.zeros(data.n_events, dtype=bool))
    scores = blend.blend(np.full((1, 3), 10.0), nobody, np.array([0]), None)
    np.testing.assert_allclose(scores, [[0.0, 1.0, 2.0]], atol=1e-6)


def test_with_few_events_ease_counts_beside_popularity_and_the_network_a_little() -> None:
    """One event: the network's weight is (6 / 20)² = .09; two events: (7 / 20)² = .1225."""
    blend, data = literal()
    scores = blend.blend(np.full((2, 3), 10.0), data, np.array([0, 1]), None)
    # EASE of b: 60 · .01
    np.testing.assert_allclose(scores[0], [0.9, 2.356, 2.72], rtol=1e-6, atol=1e-6)
    # EASE of b: half of that, as it is an event ago; of c: 60 · .02
    np.testing.assert_allclose(scores[1], [1.225, 2.36575, 4.033], rtol=1e-6, atol=1e-6)


def test_a_known_user_counts_with_the_root_of_their_events() -> None:
    """Nine events of one user weigh as much as three users with one event each."""
    frame = pd.DataFrame({"user_id": ["many"] * 9 + list("abc"), "item_id": [*"012345678", *"999"]})
    train = Dataset.from_frames(frame, name="told")
    rooted = ColdStartBlend.fit(train, CONFIG).tensors()["rooted"]
    assert rooted[:9].sum() == pytest.approx(rooted[9])
    assert rooted.sum() == pytest.approx(train.n_events)


def test_ease_weighs_users_as_popularity_does() -> None:
    """An event of "a", who has four, weighs .8787, one of "b", who has two, 1.2426."""
    frame = pd.DataFrame({"user_id": list("aaaabb"), "item_id": list("012323")})
    train = Dataset.from_frames(frame, name="weighed")
    scores = ColdStartBlend.fit(train, CONFIG).blend(
        np.zeros((1, 4)), train.select(train.user == 1), np.array([1]), None
    )
    # For "b": .8775 · (log(1 + .8787) + 60 · 1.5 · .8787 / 1000), to a thousandth, of 0 and of 1.
    np.testing.assert_allclose(scores[0, :2], 0.6224, atol=2e-3)


def test_of_somebody_known_the_network_decides() -> None:
    blend = ColdStartBlend.fit(split().train, CONFIG)
    blend.max_events = 6
    data = planted()
    scores = np.random.default_rng(0).normal(size=(2, data.n_items))
    liked = np.ones((1, data.n_items))
    assert np.array_equal(
        blend.blend(scores.copy(), data, np.array([0, 1]), liked), scores
    )  # they have 6 events


def test_survives_its_tensors() -> None:
    blend = ColdStartBlend.fit(split().train, CONFIG)
    blend.max_events = 7
    again = ColdStartBlend.from_tensors(blend.tensors(), CONFIG)
    users, scores = np.arange(5), np.ones((5, planted().n_items))
    a, b = (one.blend(scores.copy(), knowing(3), users, None) for one in (blend, again))
    np.testing.assert_allclose(a, b, atol=1e-2)  # weights are kept in half precision


def test_what_was_saved_before_roots_were_counted_still_opens() -> None:
    tensors = ColdStartBlend.fit(split().train, CONFIG).tensors()
    del tensors["rooted"]
    again = ColdStartBlend.from_tensors(tensors, CONFIG)
    assert np.array_equal(again.tensors()["rooted"], tensors["counts"])


def test_new_items_are_as_well_known_as_their_neighbours() -> None:
    blend = ColdStartBlend(
        np.array([4.0, 2.0, 0.0]), np.array([2.0, 1.0, 0.0]), sp.csr_matrix((3, 3)), CONFIG, 15
    )
    blend.introduce(sp.csr_matrix(np.array([[0, 0, 0], [0, 0, 0], [0.5, 0.5, 0]])))
    assert blend.tensors()["counts"].tolist() == [4, 2, 3]
    assert blend.tensors()["rooted"].tolist() == [2, 1, 1.5]


@pytest.mark.parametrize(
    ("events", "gain", "max_events"),
    [
        (15, 1.01, 15),
        (15, 1.21, 0),
        (14, 1.01, 0),
        (14, 1.0, 15),
    ],
)
def test_the_blend_is_for_nobody_where_that_is_better(
    events: int, gain: float, max_events: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clearly better where histories are long, at all where everybody would be one."""
    model = prepared()
    frame = pd.DataFrame({"user_id": np.repeat(["a", "b", "c"], [events, events + 9, 1])})
    told = frame.assign(item_id=[f"i{n}" for n in range(len(frame))])
    monkeypatch.setattr(model, "_train", Dataset.from_frames(told, name="told"))
    model.calibrate(lambda: 1.0 if model._cold_start.max_events else gain)
    assert model._cold_start.max_events == max_events


@pytest.mark.parametrize("words", ["The user likes westerns.", "用户喜欢western。"])
def test_a_taste_in_words_leans_to_what_it_names(words: str) -> None:
    model, data = prepared(), knowing(0)
    model._cold_start.max_events = 15
    users = np.arange(2)
    plain = model.score(Queries(data, users, template=Template.parse("Recommend something.")))
    told = model.score(Queries(data, users, template=Template.parse(words)))
    western = np.array(["Western" in cell for cell in data.attribute_values("genres")])
    gain = (told - plain)[:, western].mean() - (told - plain)[:, ~western].mean()
    assert gain > 0.3


@pytest.mark.parametrize(
    "text",
    [
        "The user likes drama and comedy films.",
        "This customer has always loved horror.",
        "Likes jazz.",
        "a fan of science fiction",
        "Their favourites are westerns.",
        "She is into thrillers.",
        "The reader dislikes romance.",
        "用户喜欢爱情片。",
        "他讨厌恐怖片",
        "爱看喜剧",
    ],
)
def test_tastes(text: str) -> None:
    assert states_taste(text)


@pytest.mark.parametrize(
    "text",
    [
        "The user wants a comedy.",
        "I like comedies.",
        "Recommend what the user will choose next.",
        "something like Alien",
        "Only westerns, please.",
        "用户想看喜剧",
        "我想看一部爱情片",
    ],
)
def test_requests(text: str) -> None:
    assert not states_taste(text)
