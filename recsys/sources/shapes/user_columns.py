"""Tables with a column for each user, whose items stand below the name → a row for each user."""

from __future__ import annotations

from itertools import chain

import pandas as pd

from recsys.schema import USER_ID
from recsys.sources.columns.choosing import known_names
from recsys.sources.columns.named import row_says
from recsys.sources.shapes.between import SAMPLE_ROWS
from recsys.sources.shapes.brackets import MOST_COLUMNS, is_bracketed
from recsys.sources.shapes.ordinals import place_of
from recsys.sources.values.cells import is_nothing


def users_of_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each user, where a table has a column for each, with the items below the name.

    So is a table of one row with a list in each cell, as JSON that names users gives it.
    """
    names = list(map(str, frame.columns))
    if not 1 < len(names) <= MOST_COLUMNS or known_names(names):
        return frame
    stems = [place[0] for name in names if (place := place_of(name)) is not None]
    if 2 * len(stems) >= len(names) and row_says(stems[0]) != USER_ID:
        return frame  # "1st choice", "2nd choice": places in the list of each row
    if len(frame) == 1 and all(is_bracketed(frame[c]) for c in names):
        cells = [frame[c].iloc[0] for c in names]
    elif len(names) < 3 or not 1 < len(frame) <= SAMPLE_ROWS or not _share_words(frame):
        return frame
    else:
        cells = [[v for v in frame[c].str.strip() if not is_nothing(v)] for c in names]
    table = {USER_ID: pd.array(names, dtype="str"), "items": pd.Series(cells, dtype=object)}
    return pd.DataFrame(table).set_axis(pd.Index([frame.index[0]] * len(names), name="row"))


def _share_words(frame: pd.DataFrame) -> bool:
    """Whether columns hold words of one kind that come again in other columns, never in one."""
    columns = []
    for name in frame.columns:
        if frame[name].dtype == object:
            return False
        filled = [v for v in frame[name].str.strip() if not is_nothing(v)]
        if len(set(filled)) < len(filled) or frame[name].str.fullmatch(r"[\d.,\s]*").all():
            return False
        columns.append(filled)
    total = sum(map(len, columns))
    return total > len(columns) and len(set(chain.from_iterable(columns))) < 0.6 * total
