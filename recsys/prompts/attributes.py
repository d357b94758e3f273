"""Item attributes as codes, so that the most frequent values of a history are found quickly."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.dataset import Dataset

#: A column whose values are single texts counts as a category only if items share its values.
MIN_ITEMS_PER_VALUE = 1.5
#: A category with more values than this is rather a name or a size.
MAX_CATEGORY_VALUES = 500

#: Of each frame of items by its id, as frames have no hash: the frame, and column → codes.
_ENCODED: dict[int, tuple[weakref.ref[pd.DataFrame], dict[str, Attribute]]] = {}


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute column of the items.

    Attributes:
        column: the name of the column.
        values: the distinct values, (n_values,) strings.
        codes: positions in `values` of all items' values, item after item, (n,).
        offsets: where each item's codes begin, (n_items + 1,).
    """

    column: str
    values: np.ndarray
    codes: np.ndarray
    offsets: np.ndarray

    def top(self, items: np.ndarray, k: int) -> list[tuple[int, str]]:
        """The `k` most frequent values in a history (oldest first) with their counts.

        Of two values met equally often, the one met more recently comes first.
        """
        lengths = self.offsets[items + 1] - self.offsets[items]
        begins = np.repeat(self.offsets[items] - (np.cumsum(lengths) - lengths), lengths)
        codes = self.codes[begins + np.arange(len(begins))]
        found, age, counts = np.unique(codes[::-1], return_index=True, return_counts=True)
        order = np.lexsort((age, -counts))[:k]
        return [(int(counts[i]), str(self.values[found[i]])) for i in order]

    def tops(self, items: np.ndarray, held: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """`top` of n histories at once: values as positions in `values`, and counts, (n, k) each.

        Args:
            items: (n, length) item positions, the latest first, any where not `held`.
            held: (n, length) bool.

        Returns:
            The most frequent values first; where a history has fewer, counts are 0.
        """
        rows, columns = np.nonzero(held)
        of = items[rows, columns]
        lengths = self.offsets[of + 1] - self.offsets[of]
        # Of one item the last value comes first, as if all were read backwards.
        ends = np.repeat(self.offsets[of + 1] - 1 + np.cumsum(lengths) - lengths, lengths)
        codes = self.codes[ends - np.arange(len(ends))]
        pairs = np.repeat(rows, lengths) * len(self.values) + codes
        found, age, counts = np.unique(pairs, return_index=True, return_counts=True)
        row, code = np.divmod(found, max(len(self.values), 1))
        order = np.lexsort((age, -counts, row))
        rank = np.arange(len(order)) - np.searchsorted(row, row)  # `row` is in order already
        order, rank = order[rank < k], rank[rank < k]
        values = np.zeros((len(items), k), dtype=np.int64)
        often = np.zeros((len(items), k), dtype=np.int64)
        values[row[order], rank] = code[order]
        often[row[order], rank] = counts[order]
        return values, often

    @property
    def is_multi_valued(self) -> bool:
        """Whether some item has more than one value."""
        return bool(np.any(np.diff(self.offsets) > 1))

    @property
    def is_shared(self) -> bool:
        """Whether items share values, as they share genres but not descriptions."""
        return len(self.values) > 0 and len(self.codes) / len(self.values) >= MIN_ITEMS_PER_VALUE

    @property
    def is_numeric(self) -> bool:
        """Whether all values are numbers, as years and sizes are."""
        return all(_is_number(value) for value in self.values)

    @property
    def information(self) -> float:
        """The entropy of the values over the items, in bits."""
        share = np.bincount(self.codes) / max(1, len(self.codes))
        share = share[share > 0]
        return float(-(share * np.log2(share)).sum())


def encode(dataset: Dataset, column: str) -> Attribute:
    """The codes of one attribute column.

    Read once for each frame of items, which the histories of all people share: every list of
    somebody who is not in the data would read the whole catalogue anew.
    """
    frame = dataset.item_frame
    of, columns = _ENCODED.get(id(frame), (None, {}))
    if of is None or of() is not frame:
        of, columns = weakref.ref(frame, _forget(id(frame))), {}
        _ENCODED[id(frame)] = of, columns
    if column not in columns:
        columns[column] = _encoded(dataset, column)
    return columns[column]


def _forget(key: int) -> Callable[[weakref.ref[pd.DataFrame]], None]:
    """Lets go of what was read of a frame when that goes."""

    def forget(_frame: weakref.ref[pd.DataFrame]) -> None:
        _ENCODED.pop(key, None)

    return forget


def _encoded(dataset: Dataset, column: str) -> Attribute:
    known: dict[str, int] = {}
    cells = dataset.attribute_values(column)
    codes = [known.setdefault(value, len(known)) for cell in cells for value in cell]
    offsets = np.zeros(len(cells) + 1, dtype=np.int64)
    np.cumsum([len(cell) for cell in cells], out=offsets[1:])
    return Attribute(
        column, np.array(list(known), dtype=object), np.array(codes, dtype=np.int64), offsets
    )


def main_attributes(attributes: list[Attribute]) -> list[Attribute]:
    """The columns that say what kind of thing an item is, such as genres.

    Those with several values an item; if there are none, the category with the most information.
    """
    shared = [a for a in attributes if a.is_shared and not a.is_numeric]
    multi_valued = [a for a in shared if a.is_multi_valued]
    if multi_valued:
        return multi_valued
    categories = [a for a in shared if len(a.values) <= MAX_CATEGORY_VALUES]
    return [max(categories, key=lambda a: a.information)] if categories else []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
