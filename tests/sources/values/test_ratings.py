"""Ratings however they are written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.sources.values.ratings import Ratings, parse_ratings, surely_ratings


def ratings(*cells: str) -> Ratings:
    return parse_ratings(pd.Series(cells, dtype="str"))


@pytest.mark.parametrize(
    ("cells", "values", "written"),
    [
        (("1 star", "4 stars", "2.5 stars"), [1, 4, 2.5], "words"),
        (("5星", "4星"), [5, 4], "words"),
        (("4,5 Sterne", "3 Sterne"), [4.5, 3], "words"),
        (("2 звезды", "5 звёзд", "1 звезда"), [2, 5, 1], "words"),
        (("five stars", "one star"), [5, 1], "words"),
        (("5 - excellent", "1 - terrible", "3 - fair"), [5, 1, 3], "words"),
        (("Rating: 4", "Rating: 5"), [4, 5], "words"),
        (("4½", "3"), [4.5, 3], "words"),
        (("4/5", "1/5"), [4, 1], "shares"),
        (("4,5 von 5", "3 von 5"), [4.5, 3], "shares"),
        (("4.0 out of 5 stars", "5.0 out of 5 stars"), [4, 5], "shares"),
        (("80 %", "20%"), [80, 20], "shares"),
        (("★★★★☆", "★☆☆☆☆"), [4, 1], "stars"),
        (("★★★½", "⭐", "☆☆"), [3.5, 1, 0], "stars"),
        (("like", "dislike", "neutral"), [1, 0, 0.5], "answers"),
        (("No me gusta", "Me gusta"), [0, 1], "answers"),
        (("👎", "👍", ""), [0, 1, np.nan], "answers"),
        (("Recommended", "Not Recommended", "n/a"), [1, 0, np.nan], "answers"),
        (("A", "C", "F"), [4, 2, 0], "letters"),
        (("it was amazing", "liked it", "did not like it", ""), [5, 3, 1, np.nan], "steps"),
        (("Sehr gut", "gut", "sehr schlecht"), [5, 4, 1], "steps"),
        (("力荐", "还行", "较差"), [5, 3, 2], "steps"),
        (("4", "2", "4"), [4, 2, 4], "numbers"),
        (("3,5", "4"), [3.5, 4], "numbers"),
    ],
)
def test_written(cells: tuple[str, ...], values: list[float], written: str) -> None:
    read = ratings(*cells)
    np.testing.assert_allclose(read.values, values, atol=1e-9)
    assert read.written == written


def test_different_scales_are_brought_to_the_most_frequent() -> None:
    read = ratings("4/5", "8/10", "3/5", "100%", "2")
    assert read.values.tolist() == [4, 4, 3, 5, 2]
    assert (read.most, read.mixed) == (5, True)
    assert not ratings("4/5", "3/5").mixed


@pytest.mark.parametrize(
    "cells",
    [
        ("good", "terrible"),
        ("a4b5", "x"),
        ("A", "B"),
        ("like", "what"),
        ("yes", "yes"),
        ("gut", "schlecht"),
    ],
)
def test_what_is_not_sure_is_no_rating(cells: tuple[str, ...]) -> None:
    assert np.isnan(ratings(*cells).values).all()


def test_words_beside_numbers() -> None:
    np.testing.assert_array_equal(ratings(*["A", "B", "C"] * 5, "24").values[-1:], [np.nan])
    assert ratings("1", "0", "like", "dislike").values.tolist()[:2] == [1, 0]


def test_what_only_ratings_look_like() -> None:
    for cells in (["★★", "★"], ["4/5", "3/5"], ["4 stars", "1 star"]):
        assert surely_ratings(pd.Series(cells, dtype="str"))
    for cells in (["HANGING 1", "HANGING 2"], ["yes", "no"], ["20 %", "5 %"], ["2 kg", "3 kg"]):
        assert not surely_ratings(pd.Series(cells, dtype="str"))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_any_text_is_a_rating_or_none(cells: list[str]) -> None:
    assert len(ratings(*cells).values) == len(cells)
