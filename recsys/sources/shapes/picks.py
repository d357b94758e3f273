"""Columns with the items that a user picked, the first one first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID
from recsys.sources.columns.named import row_says
from recsys.sources.columns.names import words_of
from recsys.sources.shapes.matrix_columns import MatrixColumn
from recsys.sources.shapes.ordinals import place_of
from recsys.sources.values.cells import is_nothing

#: Of a row with a user's picks, no item stands there twice; of ratings, most values do.
_MOST_REPEATS = 0.05
_MOST_PICKS = 200
#: Words in the names of columns of picks.
_PICKED = frozenset(
    """item items pick picks choice top rank fav favorite favourite recommendation rec history
    place position wish like liked movie film book song track product article game artist title
    电影 商品 书 歌曲 选择 película libro produit livre produkt buch""".split()
)


def picked_columns(columns: list[MatrixColumn], sample: pd.DataFrame) -> list[MatrixColumn]:
    """Columns such as item_1, item_2 … with the items that a user picked, in their order."""
    stem, numbered = _numbered(columns)
    if not 3 <= len(numbered) <= _MOST_PICKS or len(numbered) < 0.6 * len(columns):
        return []
    cells = sample[[c.name for c in numbered]].apply(lambda c: c.str.strip())
    filled = ~cells.map(is_nothing).to_numpy()
    pairs = zip(cells.to_numpy(dtype=object), filled, strict=True)
    rows = [row[there] for row, there in pairs if there.sum() > 1]
    gaps = np.mean([not there[: there.sum()].all() for there in filled])
    if (
        not rows
        or gaps > 0.1
        or np.mean([len(set(row)) < len(row) for row in rows]) > _MOST_REPEATS
    ):
        return []
    union = set().union(*(c.counts for c in numbered))
    comes_back = len(union) < 0.9 * sum(len(c.counts) for c in numbered)
    is_named = bool(set(words_of(stem)) & _PICKED) or row_says(stem) == ITEM_ID
    return numbered if comes_back and len(union) > (1 if is_named else 2) * len(numbered) else []


def _numbered(columns: list[MatrixColumn]) -> tuple[str, list[MatrixColumn]]:
    """The name that most columns share beside a number, and those columns, by their number.

    One of that name without a number comes first: "choice", "choice 2", "choice 3".
    """
    stems: dict[str, list[tuple[int, MatrixColumn]]] = {}
    for column in columns:
        if (found := place_of(column.name)) is not None:
            stems.setdefault(found[0], []).append((found[1], column))
    if not stems:
        return "", []
    stem = max(stems, key=lambda s: len(stems[s]))
    bare = [(-1, c) for c in columns if stem and c.name.strip().casefold() == stem]
    return stem, [c for _, c in sorted([*bare, *stems[stem]], key=lambda n: n[0])]
