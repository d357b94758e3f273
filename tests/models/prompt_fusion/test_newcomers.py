"""Users of whom little is known: drawn to what is well known, and to what they say they like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models import Queries
from recsys.models.ease import Ease, EaseConfig
from recsys.models.prompt_fusion.newcomers import NEW_UNTIL, NEWCOMERS_MATTER, Newcomers
from recsys.prompts import Template
from recsys.wishes.tastes import tells_taste
from tests.models.support import CLOSE, planted, prepared, split


def knowing(n: int) -> Dataset:
    """The planted users, after their first n events."""
    data = planted()
    return data.select(np.arange(data.n_events) - data.offsets[data.user] < n)


def test_of_somebody_unknown_popularity_is_known() -> None:
    train = split().train
    network = np.random.default_rng(0).normal(size=(1, train.n_items)).astype(np.float32)
    blended = Newcomers.fit(train).blend(network, knowing(0), np.array([0]), None)
    counts = np.bincount(train.item, minlength=train.n_items)
    np.testing.assert_allclose(blended[0], np.log1p(counts), **CLOSE)


def test_what_goes_with_few_events_counts_beside_popularity() -> None:
    train, users, n = split().train, np.array([4, 2]), 2
    network = np.random.default_rng(0).normal(size=(2, train.n_items)).astype(np.float32)
    blended = Newcomers.fit(train).blend(network.copy(), knowing(n), users, None)
    ease = Ease(EaseConfig(regularisation=1000.0))
    ease.fit(train)
    known = np.log1p(np.bincount(train.item, minlength=train.n_items))
    known = known + 60 * ease.score(Queries(knowing(n), users))
    says = ((n + 5) / (NEW_UNTIL + 5)) ** 2
    np.testing.assert_allclose(blended, says * network + (1 - says) * known, atol=1e-3)


def test_a_known_user_counts_with_the_root_of_their_events() -> None:
    """Nine events of one user weigh as much as three users with one event each."""
    frame = pd.DataFrame({"user_id": ["many"] * 9 + list("abc"), "item_id": [*"012345678", *"999"]})
    train = Dataset.from_frames(frame, name="told")
    rooted = Newcomers.fit(train).tensors()["rooted"]
    assert rooted[:9].sum() == pytest.approx(rooted[9])
    assert rooted.sum() == pytest.approx(train.n_events)


def test_what_goes_with_what_is_said_by_users_of_that_weight() -> None:
    frame = pd.DataFrame({"user_id": list("aaaabb"), "item_id": list("012323")})
    train = Dataset.from_frames(frame, name="told")
    weights = np.diag([4**-0.5, 2**-0.5]) * 6 / (4 * 4**-0.5 + 2 * 2**-0.5)
    met = np.array([[1, 1, 1, 1], [0, 0, 1, 1]])
    inverse = np.linalg.inv(met.T @ weights @ met + 1000 * np.eye(4))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    found = Newcomers.fit(train)
    told = train.select(train.user == 1)
    scores = found.blend(np.zeros((1, 4)), told, np.array([1]), None)
    rooted = found.tensors()["rooted"]
    ones = np.array([0, 0, 1 / 2, 1])  # the latest event counts most
    says = ((2 + 5) / (NEW_UNTIL + 5)) ** 2
    known = np.log1p(rooted) + 60 * ones @ expected
    np.testing.assert_allclose(scores[0], (1 - says) * known, rtol=1e-3, atol=1e-4)


def test_of_somebody_known_the_network_decides() -> None:
    newcomers = Newcomers.fit(split().train)
    newcomers.until = 6
    data = planted()
    scores = np.random.default_rng(0).normal(size=(2, data.n_items))
    liked = np.ones((1, data.n_items))
    assert np.array_equal(
        newcomers.blend(scores.copy(), data, np.array([0, 1]), liked), scores
    )  # they have 6 events


def test_survives_its_tensors() -> None:
    newcomers = Newcomers.fit(split().train)
    newcomers.until = 7
    again = Newcomers.from_tensors(newcomers.tensors())
    users, scores = np.arange(5), np.ones((5, planted().n_items))
    a, b = (one.blend(scores.copy(), knowing(3), users, None) for one in (newcomers, again))
    np.testing.assert_allclose(a, b, atol=1e-2)  # weights are kept in half precision


def test_what_was_saved_before_roots_were_counted_still_opens() -> None:
    tensors = Newcomers.fit(split().train).tensors()
    del tensors["rooted"]
    again = Newcomers.from_tensors(tensors)
    assert np.array_equal(again.tensors()["rooted"], tensors["counts"])


def test_new_items_are_as_well_known_as_their_neighbours() -> None:
    newcomers = Newcomers(
        np.array([4.0, 2.0, 0.0]), np.array([2.0, 1.0, 0.0]), sp.csr_matrix((3, 3))
    )
    newcomers.introduce(sp.csr_matrix(np.array([[0, 0, 0], [0, 0, 0], [0.5, 0.5, 0]])))
    assert newcomers.tensors()["counts"].tolist() == [4, 2, 3]
    assert newcomers.tensors()["rooted"].tolist() == [2, 1, 1.5]


@pytest.mark.parametrize(
    ("events", "gain", "until"),
    [
        (NEW_UNTIL, 1.01, NEW_UNTIL),
        (NEW_UNTIL, NEWCOMERS_MATTER + 0.01, 0),
        (NEW_UNTIL - 1, 1.01, 0),
        (NEW_UNTIL - 1, 1.0, NEW_UNTIL),
    ],
)
def test_nobody_is_a_newcomer_where_that_is_better(
    events: int, gain: float, until: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clearly better where histories are long, at all where everybody would be one."""
    model = prepared()
    frame = pd.DataFrame({"user_id": np.repeat(["a", "b", "c"], [events, events + 9, 1])})
    told = frame.assign(item_id=[f"i{n}" for n in range(len(frame))])
    monkeypatch.setattr(model, "_train", Dataset.from_frames(told, name="told"))
    model.calibrate(lambda: 1.0 if model._newcomers.until else gain)
    assert model._newcomers.until == until


@pytest.mark.parametrize("words", ["The user likes westerns.", "用户喜欢western。"])
def test_a_taste_in_words_leans_to_what_it_names(words: str) -> None:
    model, data = prepared(), knowing(0)
    model._newcomers.until = NEW_UNTIL
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
    assert tells_taste(text)


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
    assert not tells_taste(text)
