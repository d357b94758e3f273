"""Comparisons with titles: what they say, in English and in Chinese, and what they change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.language_models import load_encoder
from recsys.wishes import graded
from recsys.wishes.comparisons import Comparison, comparisons
from recsys.wishes.reader import WishReader

PAIRS = [
    ("scarier than Jaws", "比《Jaws》更吓人的", True),
    ("more romantic than Alien", "比《Alien》更浪漫的", True),
    ("less violent than Die Hard", "比《Die Hard》更不暴力的", False),
    ("less violent than Die Hard", "比《Die Hard》没那么暴力的", False),
    ("not as scary as Jaws", "没有《Jaws》那么吓人的", False),
]


@pytest.mark.parametrize(("english", "chinese", "more"), PAIRS)
def test_both_languages_say_the_same(english: str, chinese: str, more: bool) -> None:
    for text, like in ((english, "like "), (chinese, "像《")):
        rest, (found,) = comparisons(text)
        assert found.more == more and rest.startswith(like) and found.place == 0


def test_what_stands_around_it_is_kept() -> None:
    text, found = comparisons("a comedy darker than Fargo, from the nineties")
    assert text == "a comedy like Fargo, from the nineties"
    assert found == [Comparison("darker", True, 9)]
    text, found = comparisons("想看比《大白鲨》更吓人的电影")
    assert text == "想看像《大白鲨》，电影" and found == [Comparison("吓人", True, 2)]


@pytest.mark.parametrize(
    "text",
    [
        "a comedy rather than Alien",
        "older than Jaws",
        "no more than two hours",
        "more than Jaws",
        "像《大白鲨》一样的",
    ],
)
def test_other_words_are_left_alone(text: str) -> None:
    assert comparisons(text) == (text, [])


TITLES = ["Toy Farm", "Toy Castle", "Toy Nightmare", "Haunted Cellar", "Bloody Axe", "Sad Letters"]
KINDS = [
    *(["Children", "Animation"], ["Children", "Animation"], ["Children", "Animation", "Horror"]),
    *(["Horror", "Thriller"], ["Horror", "Thriller"], ["Drama", "Romance"]),
]


@pytest.fixture(scope="module")
def reader() -> WishReader:
    items = pd.DataFrame({"item_id": list("abcdef"), "title": TITLES, "genres": KINDS})
    events = pd.DataFrame({"user_id": ["u"] * 6, "item_id": list("abcdef")})
    return WishReader(Dataset.from_frames(events, items, name="films"), load_encoder("use"))


@pytest.mark.parametrize("text", ["scarier than Toy Farm", "比《Toy Farm》更吓人的"])
def test_what_is_more_of_it_and_like_it_comes_first(reader: WishReader, text: str) -> None:
    bonus = reader.bonus(reader.read(text))
    assert TITLES[int(np.argmax(bonus))] == "Toy Nightmare"
    assert bonus[0] == 0.0  # is not meant itself
    assert bonus[3] == 1.0 and bonus[2] > bonus[1]  # horror is more of it; toys are like it


def test_of_a_large_catalogue_only_what_is_held_is_compared(
    reader: WishReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits until all of its texts are read."""
    large = WishReader(reader._graded._catalogue, reader.encoder)
    monkeypatch.setattr(graded, "MOST_ITEMS", 5)
    told = large.read("more romantic than Toy Farm")
    assert told.compared and large.bonus(told)[[3, 5]].tolist() == [0.0, 1.0]
    assert not large.read("longer than Toy Farm").compared  # no kind is that, and no text is read
    assert "_texts" not in vars(large._graded)


@pytest.mark.parametrize("text", ["less scary than Bloody Axe", "没有《Bloody Axe》那么吓人的"])
def test_less_turns_it_round(reader: WishReader, text: str) -> None:
    intent = reader.read(text)
    assert [one.more for one in intent.compared] == [False] and intent.changes_lists
    assert reader.bonus(intent)[:2].tolist() == [1.0, 1.0]


def test_a_title_that_is_not_there_compares_nothing(reader: WishReader) -> None:
    assert not reader.read("scarier than Nobody Knows This").compared
