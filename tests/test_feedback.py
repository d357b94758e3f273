"""What a person says of items: histories made of it, what stands lower for it, titles found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.feedback import (
    Feedback,
    TitleSearch,
    disliked,
    from_text,
    history_with,
    latest,
    lowered,
    to_text,
)


def data(*, rated: bool = True) -> Dataset:
    events = pd.DataFrame(
        {
            "user_id": ["a", "a", "b", "b", "b"],
            "item_id": ["i0", "i1", "i1", "i2", "i3"],
            "rating": [5.0, 1.0, 3.0, 4.0, 2.0],
            "timestamp": [100, 200, 300, 400, 500],
        }
    )
    items = pd.DataFrame(
        {
            "item_id": [f"i{n}" for n in range(6)],
            "title": [
                "Amélie",
                "The Matrix",
                "Matrix, The (1999)",
                "<b>Bold</b>",
                "Ａｌｉｅｎ",
                "6",
            ],
        }
    )
    users = pd.DataFrame({"user_id": ["a", "b"], "age": ["20", "30"]})
    if not rated:
        events = events.drop(columns="rating")
    liked_from = 4.0 if rated else None
    return Dataset.from_frames(events, items, users, name="d", liked_from=liked_from)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.builds(Feedback, st.integers(0, 99), st.integers(0, 5)), max_size=9))
def test_a_link_brings_back_the_last_word_on_each_item(said: list[Feedback]) -> None:
    assert from_text(to_text(said), 100) == latest(said)


@pytest.mark.parametrize("text", ["", "x", "1", "1.9", "--", "1.5.5", "99.5", "1" * 4000 + ".5"])
def test_a_link_that_is_none_says_nothing(text: str) -> None:
    assert from_text(text, 6) == ()


def test_what_is_liked_comes_last_and_what_is_not_comes_first() -> None:
    told = history_with(data(), [Feedback(4, 5), Feedback(3, 1), Feedback(5, 0)], user=0)
    assert told.users.ids.tolist() == ["a"] and told.user_frame["age"].tolist() == ["20"]
    assert told.item.tolist() == [3, 0, 1, 4]  # what was merely seen is no event
    assert told.rating is not None and told.timestamp is not None
    assert told.rating.tolist() == [1.0, 5.0, 1.0, 5.0]
    assert np.all(np.diff(told.timestamp) > 0) and told.liked.tolist() == [False, True, False, True]


@pytest.mark.parametrize("stars", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("scale", [(0.5, 5.0, 4.0), (0.0, 100.0, 60.0), (-1.0, 1.0, 1.0)])
def test_stars_are_ratings_on_the_scale_of_the_data(
    stars: int, scale: tuple[float, float, float]
) -> None:
    low, high, liked_from = scale
    base = data()
    rating = np.array([low, high, low, high, low], dtype=np.float32)
    told = history_with(replace(base, rating=rating, liked_from=liked_from), [Feedback(5, stars)])
    assert told.rating is not None and low <= told.rating[0] <= high
    assert bool(told.liked[0]) == (stars >= 4)


def test_somebody_new_has_a_history_of_their_own() -> None:
    told = history_with(data(), [Feedback(4, 5)])
    assert told.n_users == 1 and told.item.tolist() == [4] and told.user_frame["age"].isna().all()
    assert told.timestamp is not None and told.timestamp[0] > 500  # they come when the data ends
    nobody = history_with(data(), [])
    assert nobody.n_events == 0 and nobody.offsets.tolist() == [0, 0]
    assert len({told.content_hash, nobody.content_hash, data().content_hash}) == 3


def test_without_ratings_only_what_is_liked_becomes_an_event() -> None:
    told = history_with(data(rated=False), [Feedback(4, 5), Feedback(3, 1), Feedback(5, 0)], user=0)
    assert told.item.tolist() == [0, 1, 4] and told.rating is None
    assert disliked([Feedback(4, 5), Feedback(3, 1), Feedback(5, 0)]).tolist() == [3]


def test_what_is_like_something_disliked_stands_lower() -> None:
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0]], dtype=np.float32)
    scores = np.array([[4.0, 3.9, 3.0, 1.0]], dtype=np.float32)
    changed = lowered(scores, vectors, np.array([0]))
    assert changed[0, 1] < changed[0, 2] == 3.0  # its twin falls below what is unlike it
    assert changed[0, 3] == 1.0 and scores[0, 1] == np.float32(3.9)
    assert lowered(scores, None, np.array([0])) is scores
    assert lowered(scores, vectors, np.zeros(0, dtype=np.int64)) is scores


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amelie", [0]),
        ("MATRIX the", [2, 1]),  # the one that begins with it
        ("the matrix", [1, 2]),
        ("alien", [4]),
        ("<b>", [3]),
        ("matrix bold", []),
        ("   ", []),
        ("*?(", []),
    ],
)
def test_titles_are_found_by_their_words(text: str, found: list[int]) -> None:
    assert TitleSearch(data()).find(text).tolist() == found


def test_what_most_met_is_known_best() -> None:
    search = TitleSearch(data())
    assert search.known_best(1).tolist() == [1] and search.known_best(9, without=[1])[0] == 0
