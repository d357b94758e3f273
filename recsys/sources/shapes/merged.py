"""A name that stands only in the first row of its block, or of its order → in every row of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, TIMESTAMP, USER_ID, Message
from recsys.sources.columns.choosing import guess_columns
from recsys.sources.columns.names import says_else

#: Where fewer cells are empty, the rows without a name may just lack it.
_LEAST_BLANK = 0.3
#: Of the rows to be filled, at most so many may lack the other id.
_MOST_BLANK = 0.5
#: So many orders have to go on without the name before that is taken for their way.
_LEAST_ORDERS = 2
#: So many columns are looked at for the number of an order.
_MOST_COLUMNS = 100
#: A table without an empty cell in its first rows is not gone through.
_SAMPLE_ROWS = 10_000


def filled_down(frame: pd.DataFrame, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """Users (or items) filled down, where each is named once and the rows below name none.

    A customer who is named in some rows and not in others is no such case: there, names come
    again, and rows without one belong to an unknown customer.
    """
    guessed = guess_columns(frame, "interactions")
    whole, notes = _filled_within_orders(frame, guessed, filename)
    if notes:
        return whole, notes
    for canonical in (USER_ID, ITEM_ID):
        column = guessed.get(canonical)
        if column is None or frame[column].dtype == object:
            continue
        if not _blank(frame[column].head(_SAMPLE_ROWS)).any():
            continue
        blank = _blank(frame[column])
        others = [guessed[c] for c in (USER_ID, ITEM_ID) if c in guessed and c != canonical]
        if not others or not _name_blocks(frame, column, blank):
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


def _filled_within_orders(
    frame: pd.DataFrame, guessed: Mapping[str, str], filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """Users and times filled down within each order, whose number stands in all of its rows.

    Exports of shops write who ordered, and when, in the first line of an order alone. A line is
    never filled from another order, so one of a buyer who is not known stays as it is.
    """
    last: dict[str, tuple[str, int]] = {}
    filled = frame
    for canonical in (USER_ID, TIMESTAMP):
        column = guessed.get(canonical)
        if column is None or frame[column].dtype == object:
            continue
        sample = frame.head(_SAMPLE_ROWS)
        if not _blank(sample[column]).any():
            continue
        others = [c for c in map(str, frame.columns) if c not in guessed.values()]
        others = [c for c in others if frame[c].dtype != object]
        others.sort(key=lambda c: not says_else(c))  # "order" and "invoice" before all others
        order = next((c for c in others[:_MOST_COLUMNS] if _goes_on(sample, c, column)), None)
        if order is None:
            continue
        blank, rows = _blank(frame[column]), _last_named(frame, order, column)
        found = blank & (rows >= 0)
        cells = frame[column].iloc[np.where(found, rows, np.arange(len(frame)))]
        filled = filled.assign(**{column: cells.array})
        last[column] = order, int(found.sum())
    notes = []
    for column, (order, count) in last.items():
        note = N_(
            "{filename}: {column} stands only in the first row of each {order}; {count} rows below "
            "it with the same {order} were filled with it."
        )
        params = {"filename": filename, "column": column, "order": order, "count": f"{count:,}"}
        notes.append(Message(note, params, grave=True))
    return filled, notes


def _goes_on(sample: pd.DataFrame, order: str, column: str) -> bool:
    """Whether rows of one order stand together, and none but the first ones name who it was."""
    codes, numbers = pd.factorize(sample[order].str.strip())
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    blank = _blank(sample[column])
    # A column that says the same in many places is no number of an order; the last may be cut.
    if len(numbers) < len(starts) or len(starts) < _LEAST_ORDERS or _blank(sample[order]).any():
        return False
    runs = np.cumsum(np.diff(codes, prepend=-1) != 0) - 1
    lengths, named = np.bincount(runs), np.bincount(runs, weights=~blank)
    on = (lengths > 1) & (named > 0) & (named < lengths)
    if on.sum() < min(_LEAST_ORDERS, (lengths > 1).sum()) or not on.any():
        return False
    left = blank & (named[runs] == 0)
    first = ~blank[starts]
    return bool(
        (named[on] == 1).all() and first[on].all() and left.sum() <= _MOST_BLANK * blank.sum()
    )


def _last_named(frame: pd.DataFrame, order: str, column: str) -> np.ndarray:
    """The row of the same order that last named it, for each row; -1 where none did."""
    codes, _ = pd.factorize(frame[order].str.strip())
    starts = np.diff(codes, prepend=-1) != 0
    places = np.arange(len(frame))
    last = np.maximum.accumulate(np.where(_blank(frame[column]), -1, places))
    begin = np.maximum.accumulate(np.where(starts, places, 0))
    return np.where(last >= begin, last, -1)


def _blank(column: pd.Series) -> np.ndarray:
    return np.asarray(column.str.strip() == "", dtype=bool)


def _name_blocks(frame: pd.DataFrame, column: str, blank: np.ndarray) -> bool:
    """Whether what stands in the first rows of blocks, and only there, comes never again.

    A buyer may come again, where the number of an order stands beside each, and does not.
    """
    if len(blank) < 3 or blank[0] or blank.mean() < _LEAST_BLANK or blank.all():
        return False
    names = [c for c in map(str, frame.columns[:_MOST_COLUMNS]) if frame[c].dtype != object]
    for name in sorted(names, key=lambda c: c != column):
        if (_blank(frame[name].head(_SAMPLE_ROWS)) == blank[:_SAMPLE_ROWS]).all():
            named = frame[name][~blank]
            if len(named) > 1 and named.is_unique and (_blank(frame[name]) == blank).all():
                return True
    return False
