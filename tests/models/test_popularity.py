from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.models.base import Queries
from recsys.models.popularity import Popularity


def test_counts_users_not_events() -> None:
    events = pd.DataFrame({"user_id": list("uuuvv"), "item_id": list("aaabc")})
    items = pd.DataFrame({"item_id": list("abcd")})
    data = Dataset.from_frames(events, items, name="small")
    model = Popularity()
    model.fit(data)
    scores = model.score(Queries(data, np.array([1, 0, 1])))
    assert scores.tolist() == [[1, 1, 1, 0]] * 3
    assert scores.dtype == np.float32
