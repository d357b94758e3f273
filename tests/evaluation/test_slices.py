from __future__ import annotations

import pandas as pd

from recsys.dataset import Dataset
from recsys.evaluation.slices import by_history_length
from recsys.splitting import Holdout, leave_last_out


def holdout(lengths: list[int]) -> Holdout:
    """A test holdout whose users have histories of these lengths."""
    events = [(f"u{n}", f"i{m}") for n, length in enumerate(lengths) for m in range(length + 1)]
    frame = pd.DataFrame(events, columns=["user_id", "item_id"])
    return leave_last_out(Dataset.from_frames(frame, name="small")).test


def test_thirds_by_history_length() -> None:
    slices = by_history_length(holdout([9, 2, 5, 3, 12, 6]))
    assert {name: part.mask.nonzero()[0].tolist() for name, part in slices.items()} == {
        "new": [1, 3],
        "light": [2, 5],
        "heavy": [0, 4],
    }
    assert str(slices["heavy"].description) == "2 users with 9 to 12 events"


def test_users_alike_share_one_slice() -> None:
    slices = by_history_length(holdout([4, 4, 4]))
    assert {name: part.mask.sum() for name, part in slices.items()} == {"new": 3}
