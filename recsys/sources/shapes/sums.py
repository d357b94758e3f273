"""Sums and averages beside the cells of a matrix, by names and numbers: they are no events."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.schema import N_, Message
from recsys.sources.columns.names import plain_name, words_of
from recsys.sources.columns.sum_words import BESIDE_SUMS, SUMS_AND_MEANS
from recsys.sources.values.cells import is_nothing, parse_numbers

#: A row of sums stands at the end, or at the beginning.
_FIRST, _LAST = 3, 10
_CLOSE = 0.8


def says_sum(name: str) -> bool:
    """Whether a name says nothing but that a sum, an average or a final grade stands there."""
    if plain_name(name) in SUMS_AND_MEANS:
        return True
    words = set(words_of(name))
    return bool(words & SUMS_AND_MEANS) and words <= SUMS_AND_MEANS | BESIDE_SUMS


def sum_columns(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Those columns, some rows of which are given, whose numbers are sums or means of the others.

    Only those at the ends, and those whose names have a word of a sum in them, are looked at.
    """
    if len(names) < 4:
        return []
    asked = [n for n in names if set(words_of(n)) & SUMS_AND_MEANS]
    asked = list(dict.fromkeys([*asked, *names[:1], *names[-3:]]))[:10]
    rest = [n for n in names if n not in asked]
    if len(rest) < 3:
        return []
    numbers = np.column_stack([_numbers(frame[n]) for n in rest])
    found: list[str] = []
    for name in sorted(asked, key=names.index):
        if _adds_up(numbers, _numbers(frame[name])):
            found.append(name)
        else:
            numbers = np.column_stack([numbers, _numbers(frame[name])])
    return found


def without_sum_rows(frame: pd.DataFrame, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """A matrix without its rows of sums or averages, and what is said of them."""
    if len(frame) < 4 or len(frame.columns) < 4:
        return frame, []
    key = next((c for c in frame.columns if frame[c].dtype != object), None)
    if key is None:
        return frame, []
    rows = len(frame)
    ends = sorted({*range(min(_FIRST, rows)), *range(max(0, rows - _LAST), rows)})
    named = [str(frame[key].iloc[row]).strip() for row in ends]
    sums = [row for row, name in zip(ends, named, strict=True) if name and says_sum(name)]
    if not sums:
        return frame, []
    note = N_("{filename}: rows of sums or averages are no events and were left out: {names}.")
    names = ", ".join(str(frame[key].iloc[row]).strip() for row in sums)
    kept = frame.iloc[np.setdiff1d(np.arange(rows), sums)]
    return kept, [Message(note, {"filename": filename, "names": names})]


def _numbers(cells: pd.Series) -> np.ndarray:
    if cells.dtype == object:
        return np.full(len(cells), np.nan)
    return parse_numbers(cells.where([not is_nothing(cell) for cell in cells], ""))


def _adds_up(numbers: np.ndarray, said: np.ndarray) -> bool:
    """Whether the numbers of one column are the sums, or the means, of the rows of others.

    Args:
        numbers: (rows, columns), NaN where there is none.
        said: (rows,).
    """
    rows = ~np.isnan(said) & ((~np.isnan(numbers)).sum(axis=1) > 1)
    if rows.sum() < 3 or len(np.unique(said[rows])) < 2:
        return False
    sums = np.nansum(numbers[rows], axis=1)
    means = np.nanmean(numbers[rows], axis=1)
    # As many digits as people write: a mean is rounded to halves of a tenth at the worst.
    close = [
        np.mean(np.abs(said[rows] - value) <= slack)
        for value, slack in ((sums, 0.005), (means, 0.051), (sums / numbers.shape[1], 0.051))
    ]
    return bool(max(close) >= _CLOSE)
