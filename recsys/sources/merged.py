"""Merged cells: a name that stands only in the first row of its block → in every row of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, TIMESTAMP, USER_ID, Message
from recsys.sources.columns import guess_columns

#: Where fewer cells are empty, the rows without a name may just lack it.
_LEAST_BLANK = 0.3
#: Of the rows to be filled, at most so many may lack the other id.
_MOST_BLANK = 0.5
#: A table without an empty cell in its first rows is not gone through.
_SAMPLE_ROWS = 10_000


def filled_down(frame: pd.DataFrame, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """Users (or items) filled down, where each is named once and the rows below name none.

    A customer who is named in some rows and not in others is no such case: there, names come
    again, and rows without one are of nobody knows whom.
    """
    guessed = guess_columns(frame, "interactions")
    for canonical in (USER_ID, ITEM_ID):
        column = guessed.get(canonical)
        if column is None or frame[column].dtype == object:
            continue
        if not _blank(frame[column].head(_SAMPLE_ROWS)).any():
            continue
        blank = _blank(frame[column])
        others = [guessed[c] for c in (USER_ID, ITEM_ID) if c in guessed and c != canonical]
        if not _names_blocks(frame[column], blank) or not others:
            continue
        if _blank(frame[others[0]].astype("str")[blank]).mean() > _MOST_BLANK:
            continue
        columns = [column]
        time = guessed.get(TIMESTAMP)
        if (
            time is not None
            and frame[time].dtype != object
            and (_blank(frame[time]) == blank).all()
        ):
            columns.append(time)  # merged together with the name
        filled = frame.assign(**{c: frame[c].where(~blank).ffill() for c in columns})
        note = N_(
            "{filename}: {column} stands only in the first row of each block; {count} rows below "
            "it were filled with the name above them."
        )
        params = {"filename": filename, "column": column, "count": f"{int(blank.sum()):,}"}
        return filled, [Message(note, params, grave=True)]
    return frame, []


def _blank(column: pd.Series) -> np.ndarray:
    return np.asarray(column.str.strip() == "", dtype=bool)


def _names_blocks(column: pd.Series, blank: np.ndarray) -> bool:
    if len(column) < 3 or blank[0] or blank.mean() < _LEAST_BLANK or blank.all():
        return False
    named = column[~blank]
    return len(named) > 1 and bool(named.is_unique)
