"""Years in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.wishes.years import Span, YearGrammar, item_years

GRAMMAR = YearGrammar(np.arange(1930.0, 2017.0))


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("from the nineties", 1990, 1999),
        ("90s", 1990, 1999),
        ("the '80s", 1980, 1989),
        ("1970's films", 1970, 1979),
        ("nineteen-eighties", 1980, 1989),
        ("the 20s", 1920, 1929),
        ("10s", 2010, 2019),
        ("two thousands", 2000, 2009),
        ("late 80s", 1986, 1989),
        ("early 2000s", 2000, 2003),
        ("the mid-nineties", 1993, 1996),
        ("before 1970", None, 1969),
        ("pre-1970", None, 1969),
        ("older than the sixties", None, 1959),
        ("until 1985", None, 1985),
        ("1970 and earlier", None, 1970),
        ("after 2005", 2006, None),
        ("after the nineties", 2000, None),
        ("since 2010", 2010, None),
        ("from 1995 on", 1995, None),
        ("1995 or later", 1995, None),
        ("between 1980 and 1989", 1980, 1989),
        ("from the 60s to the 70s", 1960, 1979),
        ("1980-89", 1980, 1989),
        ("made after 1999 and before 2005", 2000, 2004),
        ("a movie from 1995", 1995, 1995),
        ("21st century", 2000, 2099),
        ("something recent", 2003, None),
        ("the latest films", 2003, None),
        ("old movies", None, 1942),
        ("a classic western", None, 1942),
        ("九十年代的", 1990, 1999),
        ("90年代", 1990, 1999),
        ("2010年代", 2010, 2019),
        ("上世纪六十年代", 1960, 1969),
        ("80年代末", 1986, 1989),
        ("1980年以前", None, 1979),
        ("2000年以后的", 2001, None),
        ("2000年到2005年", 2000, 2005),
        ("一九九五年", 1995, 1995),
        ("最近的电影", 2003, None),
        ("老电影", None, 1942),
    ],
)
def test_years_are_found(words: str, first: int | None, last: int | None) -> None:
    spans, rest = GRAMMAR.find(words)
    assert spans == (Span(first, last),)
    assert not any(c.isdigit() for c in rest)


@pytest.mark.parametrize(
    "words",
    ["for my five year old", "an old man and the sea", "my old friends", "something funny", "80后"],
)
def test_other_words_are_no_years(words: str) -> None:
    assert GRAMMAR.find(words) == ((), words)


def test_what_is_left_is_given_back() -> None:
    spans, rest = GRAMMAR.find("a Comedy from the nineties")
    assert spans == (Span(1990, 1999),) and rest.split() == ["a", "comedy"]
    assert GRAMMAR.find("90s or 70s")[0] == (Span(1990, 1999), Span(1970, 1979))


def test_the_century_follows_from_the_catalogue() -> None:
    assert YearGrammar(np.array([1950.0, 2024.0])).find("the twenties")[0] == (Span(2020, 2029),)
    assert YearGrammar(np.array([1950.0, 1999.0])).find("the 10s")[0] == (Span(1910, 1919),)
    assert YearGrammar(np.array([np.nan])).find("recent films")[0]


@given(st.text(max_size=80))
@example("between 1999 and 1980")
@example("1990s1980s-20")
@example("٣٤٥٦ ²019")
def test_any_text_can_be_read(text: str) -> None:
    spans, _ = GRAMMAR.find(text)
    for span in spans:
        assert span.first is None or span.last is None or span.first <= span.last


words = st.sampled_from(
    "from before after between and to the 1980 90s nineties late year old films 1999年 "
    "九十年代 以前 - until since or 2000 , not recent classic 20世纪 century".split()
)


@given(st.lists(words, max_size=10).map(" ".join))
def test_any_order_of_its_own_words_can_be_read(text: str) -> None:
    GRAMMAR.find(text)


def frame(items: dict[str, list[object]]) -> Dataset:
    table = pd.DataFrame({"item_id": list("abc"), **items})
    events = pd.DataFrame({"user_id": "u", "item_id": list("abc")})
    return Dataset.from_frames(events, table, name="items")


@pytest.mark.parametrize(
    "text",
    [
        "Recently:",
        "like what I recently saw",
        "What the user watched recently, oldest first:",
        "given their recent history",
        "the user's newest choices",
        "最近看过：",
        "最近很忙",
        "根据最近的浏览",
    ],
)
def test_what_people_did_of_late_names_no_years(text: str) -> None:
    assert GRAMMAR.find(text)[0] == ()


@pytest.mark.parametrize(
    "text", ["recently released", "films that came out recently", "最近上映的"]
)
def test_what_came_out_of_late_does(text: str) -> None:
    assert GRAMMAR.find(text)[0] == (Span(2003, None),)


def test_years_of_items_come_from_a_column_or_from_titles() -> None:
    titles = ["A (1995)", "B (2001)", "C"]
    known = item_years(frame({"title": titles, "release_year": [1990, 1991, None]}))
    np.testing.assert_array_equal(known, [1990, 1991, np.nan])
    np.testing.assert_array_equal(item_years(frame({"title": titles})), [1995, 2001, np.nan])
    assert item_years(frame({"title": ["A", "B", "C (1990)"]})) is None
    assert item_years(frame({"title": ["A", "B", "C"], "year": ["old", "new", "1990"]})) is None


def test_an_unknown_year_lies_in_no_span() -> None:
    years = np.array([1990, np.nan, 2000])
    assert Span(1990, None).holds(years).tolist() == [True, False, True]
    assert Span().holds(years).tolist() == [True, False, True]
