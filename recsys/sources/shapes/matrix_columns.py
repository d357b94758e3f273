"""The columns of a matrix: what their cells hold, and whether they are of one scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.sources.values.cells import NOTHING, parse_numbers

#: So many columns make a matrix: of ratings, and of cells that only say yes or no.
_LEAST_RATED, LEAST_MARKED = 4, 5
#: Ratings take few values: 1 to 5 in halves are 9, 0 to 10 in halves are 21.
_MOST_VALUES = 30
_MOST_WORDS = 12
YES = frozenset("1|1.0|true|t|yes|y|x|v|✓|✔|☑|是|有|sí|si|oui|ja|sim|да".split("|"))
NO = frozenset("0|0.0|false|f|no|n|✗|☐|否|没有|non|nein|não|нет".split("|"))


@dataclass(frozen=True)
class MatrixColumn:
    """What a sample of a column holds: its values in lower case, and how often each."""

    name: str
    counts: dict[str, int]
    rows: int
    numbers: np.ndarray

    @property
    def filled(self) -> int:
        return sum(self.counts.values())

    @property
    def numeric(self) -> bool:
        return not np.isnan(self.numbers).any()

    @property
    def marks(self) -> bool:
        return all(value in YES or value in NO for value in self.counts)

    @property
    def distinct(self) -> bool:
        """Whether no value comes twice and none is missing, as in a column of ids."""
        return self.filled == self.rows == len(self.counts)

    def number_of(self, value: float) -> int:
        """How many cells hold a number."""
        pairs = zip(self.counts.values(), self.numbers, strict=True)
        return sum(count for count, number in pairs if number == value)


def looked_at(sample: pd.DataFrame) -> Iterator[MatrixColumn]:
    """What the columns of a sample hold; each different value is understood once."""
    seen: dict[str, dict[str, int]] = {}
    for name, cells in sample.items():
        if cells.dtype != object:
            met = Counter(cell.strip().casefold() for cell in cells.tolist())
            seen[str(name)] = {v: n for v, n in met.items() if v not in NOTHING}
    values = list({value for counts in seen.values() for value in counts})
    numbers = dict(zip(values, parse_numbers(pd.Series(values, dtype="str")), strict=True))
    for name, counts in seen.items():
        yield MatrixColumn(name, counts, len(sample), np.array([numbers[v] for v in counts]))


def counts_rows(column: MatrixColumn) -> bool:
    """Whether a column numbers the rows, as programs write it beside a table."""
    if not column.numeric or not column.distinct or column.rows < 3:
        return False
    steps = np.diff(column.numbers)
    return bool((steps > 0).all() and (steps == steps[0]).all())


def columns_of_one_scale(columns: list[MatrixColumn], sure: bool) -> list[MatrixColumn]:
    """The columns whose cells are of one scale; none where there is no such scale."""
    rated = [c for c in columns if c.numeric or c.marks]
    if any(c.filled for c in rated) and len(rated) >= 0.5 * len(columns):
        return rated if sure or _one_scale(rated) else []
    words = [c for c in columns if c.filled == 0 or len(c.counts) <= _MOST_WORDS]
    union = set().union(*(c.counts for c in words))
    shared = sum(len(c.counts) for c in words) >= 0.4 * len(words) * max(len(union), 1)
    few = len(words) >= _LEAST_RATED and len(union) <= _MOST_WORDS and shared
    return words if words and (sure or few) else []


def _one_scale(columns: list[MatrixColumn]) -> bool:
    if all(c.marks for c in columns):
        return len(columns) >= LEAST_MARKED
    filled = [c for c in columns if c.filled]
    if len(columns) < _LEAST_RATED or not all(c.numeric for c in filled):
        return False
    missing = missing_number(columns)
    values = np.unique(np.concatenate([c.numbers for c in filled]))
    values = values[values != missing] if missing is not None else values
    low, high = float(values.min()), float(values.max())
    cells = sum(c.rows for c in columns)
    empty = cells - sum(c.filled - c.number_of(0.0) for c in filled)
    if len(values) <= _MOST_VALUES and low >= -10 and high <= 100:
        return empty > 0.5 * cells or _alike(filled, low, high)
    if empty > 0.5 * cells and len(columns) >= LEAST_MARKED and low >= 0:
        return True
    ten = len(columns) >= 10 and low >= -10 and high <= 100
    return ten and _alike(filled, low, high)


def _alike(columns: list[MatrixColumn], low: float, high: float) -> bool:
    """Whether most columns reach over most of one scale."""
    full = [c for c in columns if c.filled >= 5]
    middle = (low + high) / 2
    over = [c.numbers.max() >= middle and c.numbers.min() <= middle for c in full]
    return not over or sum(over) >= 0.75 * len(over)


def missing_number(columns: list[MatrixColumn]) -> float | None:
    """A number far from the ratings, or below them, that stands for nothing."""
    cells = sum(c.filled for c in columns)
    filled = [c for c in columns if c.filled]
    numbers = np.unique(np.concatenate([c.numbers for c in filled])) if filled else np.zeros(0)
    others = numbers[(numbers != 99) & (numbers != -1)]
    if not len(others):
        return None
    if 99 in numbers and others.max() <= 10:
        return 99.0
    if -1 in numbers and others.min() >= 0 and sum(c.number_of(-1.0) for c in columns) > cells / 4:
        return -1.0
    return None
