"""Requests beside the texts of items, with the real encoder."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.wishes import free_text
from recsys.wishes.free_text import FreeText
from recsys.wishes.tastes import tells_taste

TITLES = ["A boat in the storm", "The garden of roses", "Robots at war", "Sailing round the cape"]


@pytest.fixture(scope="module")
def items() -> Dataset:
    frame = pd.DataFrame({"item_id": list("abcd"), "title": TITLES})
    return Dataset.from_frames(pd.DataFrame({"user_id": ["u"], "item_id": ["a"]}), frame, name="d")


@pytest.mark.parametrize(("words", "best"), [("growing flowers", 1), ("机器人打仗", 2)])
def test_the_text_that_is_asked_for_matches_best(items: Dataset, words: str, best: int) -> None:
    assert FreeText(items).match(words, []).argmax() == best


def test_of_several_sentences_the_best_matching_one_counts(items: Dataset) -> None:
    text = FreeText(items)
    alone, beside = (text.match(words, []) for words in ("growing flowers.", "机器人打仗。"))
    both = text.match("growing flowers. 机器人打仗。", [])
    np.testing.assert_allclose(both, np.maximum(alone, beside), atol=1e-5)


def test_what_is_like_a_title_that_is_mentioned_matches_better(items: Dataset) -> None:
    plain, like = (FreeText(items).match("something", known) for known in ([], [0]))
    gained = like - plain
    assert gained[3] == np.delete(gained, 0).max()  # the other one about the sea


def test_large_catalogues_are_not_matched(items: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_text, "MOST_ITEMS", 3)
    assert not FreeText(items).match("growing flowers", [0]).any()


@pytest.mark.parametrize(
    ("words", "tells"),
    [
        ("a funny western", False),
        ("I like comedies and westerns", True),
        ("comedy or western", True),
        ("I would like a funny western.", False),
        ("我喜欢喜剧片", True),
        ("好笑的西部片", False),
    ],
)
def test_a_taste_is_told_from_one_thing(words: str, tells: bool) -> None:
    assert tells_taste(words) is tells
