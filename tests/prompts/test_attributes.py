"""Attribute values of histories: many at once, against one at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.prompts.attributes import Attribute, encode

LETTERS = np.array(list("abcd"), dtype=object)
#: The values of five items, and histories over them.
CELLS = st.lists(st.lists(st.integers(0, 3), max_size=3, unique=True), min_size=5, max_size=5)
HISTORIES = st.lists(st.lists(st.integers(0, 4), max_size=6), min_size=1, max_size=4)


@settings(deadline=None)
@given(CELLS, HISTORIES, st.integers(1, 5))
def test_the_most_frequent_values_of_each(
    cells: list[list[int]], histories: list[list[int]], k: int
) -> None:
    codes = np.array([code for cell in cells for code in cell], dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(cell) for cell in cells])])
    attribute = Attribute("letters", LETTERS, codes, offsets)
    items = np.zeros((len(histories), 6), dtype=np.int64)
    held = np.arange(6) < np.array([len(history) for history in histories])[:, None]
    for row, history in enumerate(histories):
        items[row, : len(history)] = history[::-1]  # the latest first
    values, counts = attribute.tops(items, held, k)
    assert values.shape == counts.shape == (len(histories), k)
    for history, of, often in zip(histories, values, counts, strict=True):
        found = [(int(n), str(LETTERS[v])) for v, n in zip(of, often, strict=True) if n]
        assert found == attribute.top(np.array(history, dtype=np.int64), k)


def test_the_items_of_a_catalogue_are_read_once_for_all_histories() -> None:
    frame = pd.DataFrame({"user_id": ["a", "b"], "item_id": ["x", "y"]})
    items = pd.DataFrame({"item_id": ["x", "y"], "kind": ["red", "blue"]})
    data = Dataset.from_frames(frame, items, name="small")
    history = data.select(np.array([1]))
    assert encode(history, "kind") is encode(data, "kind")
    other = Dataset.from_frames(frame, items.assign(kind="green"), name="small")
    assert encode(other, "kind").values.tolist() == ["green"]
