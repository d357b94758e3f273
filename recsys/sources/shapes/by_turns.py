"""Rows of a user, an item, its time, the next item, its time, … → a row for each event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.schema import ITEM_ID, N_, TIMESTAMP, USER_ID, Message
from recsys.sources.columns.choosing import known_names
from recsys.sources.columns.contents import Content
from recsys.sources.values.cells import is_nothing

#: A narrower table may have a time behind two ids as well.
_LEAST_COLUMNS = 5
_SAMPLE_ROWS = 500


def by_turns(frame: pd.DataFrame, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """The events of such a table, whose columns have no names; another one stays as it is."""
    names = list(map(str, frame.columns))
    if len(names) < _LEAST_COLUMNS or known_names(names):
        return frame, []
    if any(frame[name].dtype == object for name in names):
        return frame, []
    items, times = names[1::2], names[2::2]
    sample = frame.head(_SAMPLE_ROWS)
    if not Content(sample[times[0]]).times:  # before thousands of columns are looked at
        return frame, []
    said = Content(pd.concat([sample[c] for c in times], ignore_index=True))
    if not said.times or any(Content(sample[c]).times for c in items[:2]):
        return frame, []
    pairs = list(zip(items, times, strict=False))
    item, time = (frame[[pair[side] for pair in pairs]].to_numpy(dtype=object) for side in (0, 1))
    row, place = np.nonzero(~np.vectorize(is_nothing)(item))
    events = pd.DataFrame(
        {
            USER_ID: pd.array(frame[names[0]].to_numpy(dtype=object)[row], dtype="str"),
            ITEM_ID: pd.array(item[row, place], dtype="str"),
            TIMESTAMP: pd.array(time[row, place], dtype="str"),
        },
        index=frame.index[row],
    )
    note = N_(
        "{filename} has a row for each user, with items and times by turns: it was read as "
        "{events} events."
    )
    return events, [Message(note, {"filename": filename, "events": f"{len(events):,}"})]
