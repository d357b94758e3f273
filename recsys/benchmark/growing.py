"""A trained model and its data with more items: copies of those there are, a little different."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from recsys.dataset import Dataset, IdMap
from recsys.schema import TITLE

#: How much the numbers of a copy differ from the original's, as a share of their spread.
NOISE = 0.1


def grown_data(data: Dataset, n_items: int) -> Dataset:
    """The same events over `n_items` items; those after the first ones are copies that nobody met.

    Titles and ids end in the number of the copy, as distinct ones take the memory that
    a real catalogue takes.
    """
    original = np.arange(n_items) % data.n_items
    copy = np.arange(n_items) // data.n_items
    frame = data.item_frame.iloc[original].reset_index(drop=True)
    frame[TITLE] = _numbered(data.titles[original], copy)
    ids = _numbered(data.items.ids[original], copy)
    return replace(data, items=IdMap(ids), item_frame=frame)


def grown_tensors(
    tensors: dict[str, np.ndarray], n_items: int, grown: int, seed: int = 0
) -> dict[str, np.ndarray]:
    """Saved tensors of a model of `n_items`, as one of `grown` items would have them.

    What has a row an item gets more rows; `indptr` of a matrix with a row an item gets empty ones.
    """
    rng = np.random.default_rng(seed)
    return {name: _more_rows(tensor, n_items, grown, rng) for name, tensor in tensors.items()}


def _more_rows(
    tensor: np.ndarray, n_items: int, grown: int, rng: np.random.Generator
) -> np.ndarray:
    if tensor.ndim == 1 and len(tensor) == n_items + 1 and tensor.dtype.kind == "i":
        return np.append(tensor, np.full(grown - n_items, tensor[-1]))
    if tensor.ndim == 0 or len(tensor) != n_items:
        return tensor
    rows = tensor[np.arange(grown) % n_items]
    if rows.dtype.kind == "f":
        spread = NOISE * float(tensor.std(dtype=np.float32))
        copies = rows[n_items:]
        copies += rng.normal(0, spread, copies.shape).astype(rows.dtype)
    return rows


def _numbered(words: np.ndarray, copy: np.ndarray) -> list[str]:
    joined = pd.Series(words, dtype=object) + np.where(copy > 0, " #", "")
    return (joined + np.where(copy > 0, copy.astype(str), "")).tolist()
