"""Times and positions of events: gaps are filled, and times that cannot be are pointed out."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from recsys.cleaning.cells import MOST, cells_of, examples, many
from recsys.cleaning.report import Journal
from recsys.schema import N_, POSITION, TIMESTAMP, USER_ID
from recsys.sources.options import DayOrMonth
from recsys.sources.values.cells import parse_numbers
from recsys.sources.values.times import parse_times

_DAY = 86_400
#: The years 1980 and 1990, in seconds since 1970.
_1980, _1990 = 315_532_800, 631_152_000


def with_times(
    events: pd.DataFrame, raw: pd.DataFrame, dates: DayOrMonth | None, journal: Journal
) -> pd.DataFrame:
    """Add `timestamp` and `position` where they can be read; gaps take the time of a neighbour."""
    for column in (TIMESTAMP, POSITION):
        if column not in raw.columns or events.empty:
            continue
        cells = cells_of(raw, column, events)
        values = _read(cells, column, raw, dates, journal)
        useless = np.isnan(values)
        places = events.index.to_numpy()
        if many(useless, MOST):
            reason = N_(
                "Most cells of {column} are empty or unreadable, such as {examples}: it was left "
                "out. Write times as 2024-01-31 18:30 to have them used."
            )
            said: dict[str, Any] = {"column": column, "examples": examples(cells[useless])}
            journal.step(reason, raw, places[useless], repaired=True, grave=True, **said)
            continue
        reason = N_("{column} is empty or unreadable: the row took that of the row before.")
        grave = many(useless)
        journal.step(reason, raw, places[useless], repaired=True, grave=grave, column=column)
        if column == TIMESTAMP:
            _doubt(values, events, raw, journal)
        known = pd.Series(values, index=events.index)
        events = events.assign(**{column: _filled(known, events[USER_ID])})
        if column == TIMESTAMP:
            events = events.assign(_time_known=~useless)
    if TIMESTAMP not in events and POSITION not in events:
        journal.note(N_("There are no times, so the order of the rows in the file counts."))
    return events


def _read(
    cells: pd.Series, column: str, raw: pd.DataFrame, dates: DayOrMonth | None, journal: Journal
) -> np.ndarray:
    """Seconds or positions (n,), NaN where a cell is none; says what had to be assumed."""
    if column == POSITION:
        return parse_numbers(cells)
    times = parse_times(cells, dates)
    shown: dict[str, Any] = {"examples": examples(cells[~np.isnan(times.seconds)])}
    if times.assumed == "day":
        note = N_(
            "In dates like {examples} the day was taken to come first. If the month does, say so: "
            "in the form under “How the file is read”, or by --read dates=month."
        )
        journal.note(note, grave=True, **shown)
    elif times.assumed == "month":
        note = N_(
            "In dates like {examples} the month was taken to come first. If the day does, say so: "
            "in the form under “How the file is read”, or by --read dates=day."
        )
        journal.note(note, grave=True, **shown)
    if times.serial:
        first = datetime.fromtimestamp(np.nanmin(times.seconds), UTC)
        note = N_(
            "Times such as {examples} were read as days of a spreadsheet; the first is {first}."
        )
        journal.note(note, first=f"{first:%Y-%m-%d %H:%M}", **shown)
    return times.seconds


def _doubt(seconds: np.ndarray, events: pd.DataFrame, raw: pd.DataFrame, journal: Journal) -> None:
    """Point out times that events hardly have: of 1970 beside later ones, of the future."""
    places = events.index.to_numpy()
    known = seconds[~np.isnan(seconds)]
    if len(known) > 1 and known.min() == known.max():
        note = N_("All times are the same, so the order of the rows in the file counts.")
        journal.note(note, grave=True)
        return
    middle = float(np.median(known)) if len(known) else 0.0
    future = seconds > time.time() + _DAY
    if middle < _1980 and len(known):
        note = N_(
            "Most times lie before 1980, the last on {last}: perhaps they are no seconds since "
            "1970. Their order counts, their dates mean nothing."
        )
        journal.note(note, grave=True, last=_day(float(known.max())))
    else:
        early = seconds < _1990
        if early.any() and early.sum() <= MOST * len(known):
            reason = N_(
                "The time lies before 1990, on {example}, unlike most others: it was kept. Where "
                "it stands for “unknown”, leave these rows out: they count as the oldest."
            )
            day = _day(float(seconds[early][0]))
            journal.step(reason, raw, places[early], repaired=True, grave=True, example=day)
    if future.any():
        reason = N_(
            "The time lies in the future, on {example}: it was kept, so the row counts as the "
            "newest of its user. Correct these rows, or leave them out."
        )
        day = _day(float(seconds[future][0]))
        journal.step(reason, raw, places[future], repaired=True, grave=True, example=day)


def _day(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):  # before the year 1
        return f"{seconds:g}"


def _filled(values: pd.Series, users: pd.Series) -> pd.Series:
    """Fill gaps from the same user's row before, else after, else from whatever row is nearest."""
    if not values.isna().any():
        return values
    values = values.groupby(users).ffill()
    return values.groupby(users).bfill().ffill().bfill()
