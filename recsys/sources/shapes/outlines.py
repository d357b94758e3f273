"""Sheets with a row for each customer above the rows of what they bought, in the same column.

1C and other programs print their reports so, as an outline: the names of both stand one below the
other, and the row of the customer lacks the date, and adds up the numbers of the rows below it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, USER_ID, DataError, Message
from recsys.sources.columns.choosing import guess_columns
from recsys.sources.columns.names import meaning
from recsys.sources.values.cells import parse_numbers

_SAMPLE_ROWS = 1_000
#: A column is filled where so many cells are, and sums are right where so many are.
_FILLED, _RIGHT = 0.9, 0.8
#: Beside the rows that head a group, at least so many rows stand in it, on average.
_LEAST_BELOW = 1.5
_ALIKE = 0.5
_BETWEEN = re.compile(r"\s*(?:[/\\|→>;,\n]|\s[-–—]\s)\s*")


@dataclass(frozen=True)
class _Outline:
    """Which column holds both names, and which rows head a group, (rows,) bool."""

    column: str
    heads: np.ndarray


def without_outline(frame: pd.DataFrame, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """The rows of the groups, each with what stands above it in a column of its own.

    Raises:
        DataError: groups stand within groups, and it is unclear which of them are customers.
    """
    outline = _find_outline(frame)
    if outline is None:
        return frame, []
    heads, column = outline.heads, outline.column
    within = heads[:-1] & heads[1:]
    if within.any():
        raise DataError(
            N_(
                "{filename}: in {column}, groups stand within groups, such as “{first}” above "
                "“{second}”, so nobody can tell who bought. Group the report by customers alone, "
                "or export it as a list with a column for each."
            ),
            filename=filename,
            column=column,
            first=str(frame[column].iloc[int(np.argmax(within))]),
            second=str(frame[column].iloc[int(np.argmax(within)) + 1]),
        )
    above = frame[column].where(heads).ffill()
    names = _names(column, [str(c) for c in frame.columns if c != column])
    kept = frame.assign(**{column: above}).rename(columns={column: names[0]})
    kept.insert(int(frame.columns.get_loc(column)) + 1, names[1], frame[column])
    note = N_(
        "{filename}: rows such as “{label}” stand above the rows that belong to them: they were "
        "taken for {above}, and {column} of the rows below for {below}."
    )
    label = str(frame[column].iloc[0])
    said = {"filename": filename, "label": label, "column": column}
    notes = [Message(note, {**said, "above": names[0], "below": names[1]}, grave=True)]
    return kept[~heads], notes


def _find_outline(frame: pd.DataFrame) -> _Outline | None:
    if len(frame) < 6 or len(frame.columns) < 2 or any(frame[c].dtype == object for c in frame):
        return None
    first = [bool(str(cell).strip()) for cell in frame.iloc[0]]
    if not any(first) or all(first):
        return None
    column = frame.columns[first.index(True)]
    head = frame.head(_SAMPLE_ROWS)
    lacks = [
        c
        for c, filled in zip(frame.columns, first, strict=True)
        if not filled and (head[c].str.strip() != "").mean() >= 0.5
    ]
    if not lacks or (head[column].str.strip() == "").any():
        return None
    empty = np.column_stack([(frame[c].str.strip() == "").to_numpy(dtype=bool) for c in lacks])
    heads = np.asarray(empty.all(axis=1), dtype=bool)
    if heads.all() or (empty[~heads].mean(axis=0) > 1 - _FILLED).any():
        return None  # rows lack these cells for other reasons, as in a matrix
    others = [c for c in frame.columns if c != column and c not in lacks]
    return _Outline(str(column), heads) if _is_outline(frame, column, heads, others) else None


def _is_outline(frame: pd.DataFrame, column: str, heads: np.ndarray, others: list[str]) -> bool:
    """Whether rows head groups: by names that stand nowhere else, and by what they add up."""
    last = heads & ~np.append(heads[1:], True)  # of heads one below the other, the last
    if heads[-1] or last.sum() < 2 or (~heads).sum() < _LEAST_BELOW * last.sum():
        return False
    cells = frame[column].str.strip()
    names, below = cells[heads], cells[~heads]
    if names.nunique() < _FILLED * len(names) or names.isin(set(below)).any():
        return False
    neighbours = ~heads[1:] & ~heads[:-1]
    same = (cells.to_numpy()[1:] == cells.to_numpy()[:-1])[neighbours]
    if len(same) and same.mean() > _ALIKE:
        return False  # the same user in each row of theirs
    bare = all((frame[c].str.strip()[heads] == "").all() for c in others)
    return bare or any(_adds_up(frame[c], heads, last) for c in others)


def _adds_up(column: pd.Series, heads: np.ndarray, last: np.ndarray) -> bool:
    """Whether numbers in the rows that head a group are the sums of the rows below."""
    numbers = parse_numbers(column)
    if np.isnan(numbers[last]).mean() > 1 - _FILLED:
        return False
    below = np.where(heads | np.isnan(numbers), 0.0, numbers)
    sums = np.add.reduceat(below, np.flatnonzero(last))
    right = np.isclose(sums, numbers[last], rtol=1e-6, atol=0.011)
    return bool(right.mean() >= _RIGHT)


def _names(column: str, others: list[str]) -> tuple[str, str]:
    """What the names above and below are called: by the two words of the heading, if it has two."""
    parts = [part for part in _BETWEEN.split(column) if part]
    if len(parts) == 2 and parts[0] != parts[1]:
        above, below = parts
        meant = meaning(above)[0], meaning(below)[0]
        if meant == (USER_ID, None):
            below = ITEM_ID
        elif meant == (ITEM_ID, None):
            below = USER_ID
        elif meant == (None, ITEM_ID):
            above = USER_ID
        elif meant == (None, USER_ID):
            above = ITEM_ID
        elif meant == (None, None):
            above, below = USER_ID, ITEM_ID
    elif meaning(column)[0] == USER_ID:
        above, below = column, ITEM_ID
    else:
        above, below = USER_ID, column if meaning(column)[0] == ITEM_ID else ITEM_ID
    known = guess_columns(pd.DataFrame(columns=others), "interactions")
    taken = {*others, *(name for name in (USER_ID, ITEM_ID) if name in known)}
    above = "group" if above in taken else above
    return above, column if below in taken else below
