"""Whether the order of events is only that of the item ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recsys.cleaning import clean
from recsys.dataset import Dataset
from recsys.event_order import is_order_of_ids
from recsys.sources import RawFrames


def frame(histories: list[list[str]]) -> pd.DataFrame:
    rows = [(f"u{n}", item) for n, items in enumerate(histories) for item in items]
    return pd.DataFrame(rows, columns=["user_id", "item_id"])


def data(histories: list[list[str]]) -> Dataset:
    return Dataset.from_frames(frame(histories), name="small")


NUMBERS = [[str(n) for n in (2, 9, 10, 11, 100)]] * 6
SHUFFLED = [list(np.random.default_rng(n).permutation(NUMBERS[0])) for n in range(6)]


@pytest.mark.parametrize(
    ("histories", "is_of_ids"),
    [
        (NUMBERS, True),  # 9 before 10: as numbers
        ([sorted(items) for items in NUMBERS], True),  # 10 before 9: as texts
        ([items[::-1] for items in NUMBERS], True),
        ([[f"item{n}" for n in (1, 2, 10, 20)]] * 6, True),
        ([["1", "1", "2", "2", "3"]] * 6, True),  # met again
        (NUMBERS * 4 + [["9", "2", "10"]], True),  # nearly all users
        ([*NUMBERS, ["9", "2", "10"]], False),
        (SHUFFLED, False),
        ([["1", "2"]] * 50, False),  # two items are in order by chance
        ([["1", "1", "1", "1"]] * 50, False),
        (NUMBERS[:2], False),  # too little to tell
    ],
)
def test_order(histories: list[list[str]], is_of_ids: bool) -> None:
    assert is_order_of_ids(data(histories)) is is_of_ids


def test_times_say_what_the_order_is() -> None:
    events = frame(NUMBERS).assign(timestamp=range(30))
    assert not is_order_of_ids(Dataset.from_frames(events, name="small"))


def test_cleaning_says_it_at_the_top() -> None:
    _, report = clean(RawFrames(frame(NUMBERS)), name="small")
    assert any("highest id" in str(note) for note in report.notes if note.grave)
    _, report = clean(RawFrames(frame(SHUFFLED)), name="small")
    assert not any("highest id" in str(note) for note in report.notes)
