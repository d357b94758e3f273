from __future__ import annotations

import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.evaluation import slices
from recsys.evaluation.slices import by_history_length
from recsys.splitting import Holdout, leave_last_out


def holdout(lengths: list[int]) -> Holdout:
    """A test holdout whose users have histories of these lengths."""
    events = [(f"u{n}", f"i{m}") for n, length in enumerate(lengths) for m in range(length + 1)]
    frame = pd.DataFrame(events, columns=["user_id", "item_id"])
    return leave_last_out(Dataset.from_frames(frame, name="small")).test


def test_thirds_by_history_length() -> None:
    thirds = by_history_length(holdout([9, 2, 5, 3, 12, 6]))
    assert {name: part.mask.nonzero()[0].tolist() for name, part in thirds.items()} == {
        "new": [1, 3],
        "light": [2, 5],
        "heavy": [0, 4],
    }
    assert str(thirds["heavy"].description) == "2 users with 9 to 12 events"


def test_users_alike_share_one_slice() -> None:
    thirds = by_history_length(holdout([4, 4, 4]))
    assert {name: part.mask.sum() for name, part in thirds.items()} == {"new": 3}
    assert str(thirds["new"].description) == "3 users with 4 events each"


def test_groups_by_what_users_met_most_and_by_what_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = {"d": ["Drama"], "b": ["Comedy", "Drama"], "c": ["Comedy"]}
    met = [(f"u{n}", kind) for n in range(5) for kind in ("ddbc" if n < 3 else "ccbd")]
    events = pd.DataFrame({"user_id": [user for user, _ in met], "item_id": map(str, range(20))})
    titles = events["item_id"]
    items = pd.DataFrame(
        {"item_id": titles, "title": titles, "genres": [kinds[kind] for _, kind in met]}
    )
    users = pd.DataFrame(
        {"user_id": [f"u{n}" for n in range(5)], "job": ["cook"] * 2 + ["pilot"] * 3}
    )
    data = Dataset.from_frames(events, items, users, name="small")
    monkeypatch.setattr(slices, "FEWEST", 2)
    found = slices.by_attribute(leave_last_out(data).test)
    assert {name: part.mask.nonzero()[0].tolist() for name, part in found.items()} == {
        "genres: Drama": [0, 1, 2],
        "genres: Comedy": [3, 4],
        "job: pilot": [2, 3, 4],
        "job: cook": [0, 1],
    }
    assert str(found["genres: Drama"].description) == "3 users who met Drama most"
    assert str(found["job: cook"].description) == "2 users whose “job” is cook"
    monkeypatch.setattr(slices, "FEWEST", 3)
    assert list(slices.by_attribute(leave_last_out(data).test)) == ["genres: Drama", "job: pilot"]


def test_groups_by_what_users_met_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of each user: d (1994, drama), b (1988, both), d, c (no year, comedy), d."""
    genres = {"d": ["Drama"], "b": ["Comedy", "Drama"], "c": ["Comedy"], "x": []}
    years = {"d": "1994", "b": "1988", "c": None, "x": "1990"}
    met = [(f"u{n}", kind) for n, last in enumerate("dbdcd") for kind in f"xx{last}"]
    events = pd.DataFrame({"user_id": [user for user, _ in met], "item_id": map(str, range(15))})
    items = pd.DataFrame(
        {
            "item_id": events["item_id"],
            "title": events["item_id"],
            "genres": [genres[kind] for _, kind in met],
            "year": [years[kind] for _, kind in met],
        }
    )
    test = leave_last_out(Dataset.from_frames(events, items, name="small")).test
    monkeypatch.setattr(slices, "FEWEST", 1)
    found = slices.by_target(test)
    assert {name: part.mask.nonzero()[0].tolist() for name, part in found.items()} == {
        "genres: Drama": [0, 1, 2, 4],
        "genres: Comedy": [1, 3],
        "decade: 1990–1999": [0, 2, 4],
        "decade: 1980–1989": [1],
    }
    assert str(found["genres: Comedy"].description) == (
        "2 users whose next item is of the kind Comedy"
    )
    assert str(found["decade: 1980–1989"].description) == (
        "1 users whose next item is from the years 1980–1989"
    )
    monkeypatch.setattr(slices, "FEWEST", 3)
    assert list(slices.by_target(test)) == ["genres: Drama", "decade: 1990–1999"]
    monkeypatch.setattr(slices, "MOST_GROUPS", 1)
    assert list(slices.by_target(test)) == ["genres: Drama", "decade: 1990–1999"]


def test_without_years_or_kinds_there_are_no_groups_of_the_next_item() -> None:
    assert slices.by_target(holdout([4, 3, 5])) == {}
