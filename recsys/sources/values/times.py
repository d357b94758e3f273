"""Cells → times, whatever their layout, vectorised over a column of strings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from recsys.sources.options import DayOrMonth
from recsys.sources.values.calendar_seconds import datetime_seconds
from recsys.sources.values.cells import PIECE_CELLS, parse_numbers
from recsys.sources.values.epoch_numbers import SERIAL, epoch_seconds, serial_seconds
from recsys.sources.values.iso_times import WEEK, iso_seconds, week_seconds
from recsys.sources.values.numeric_dates import assembled_seconds, date_parts
from recsys.sources.values.time_text import plain_dates, without_offsets
from recsys.sources.values.worded_dates import IN_WORDS, lenient_seconds, worded_seconds

#: Nothing that is longer is a time.
_MAX_LETTERS = 80


class Times(NamedTuple):
    """Times of the cells of a column.

    Attributes:
        seconds: since 1970 UTC (n,) float64, with fractions; NaN where a cell is no time.
        assumed: "day" or "month" where it had to be assumed which of the two comes first (every
            day and month in dates such as 5/1/2024 is at most 12), else None.
        serial: whether numbers were read as days of a spreadsheet.
    """

    seconds: np.ndarray
    assumed: DayOrMonth | None = None
    serial: bool = False


def parse_times(cells: pd.Series, dates: DayOrMonth | None = None) -> Times:
    """Times of cells, whatever their layout.

    Formats may be mixed: epoch seconds to nanoseconds, days of a spreadsheet, ISO 8601, 20240105,
    2024/1/5 10:30, 2024年1月5日, 5-1-2024, 01/31/2024 2 PM, "Jan 5, 2024", "5 de enero de 2024". A
    time without a zone is taken as UTC.

    Args:
        dates: which comes first in dates such as 5/1/2024; None finds it out.
    """
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M":
        return Times(datetime_seconds(cells))
    numbers = parse_numbers(cells)
    known = numbers[~np.isnan(numbers)]
    serial = len(known) > 0 and bool(((known >= SERIAL[0]) & (known <= SERIAL[1])).all())
    seconds = serial_seconds(numbers) if serial else epoch_seconds(numbers)
    left = np.flatnonzero(np.isnan(numbers) & cells.notna().to_numpy())
    if not len(left):
        return Times(seconds, None, serial)
    text = (cells if len(left) == len(cells) else cells.iloc[left]).astype("str")
    seconds[left] = iso_seconds(text)
    rest = np.flatnonzero(np.isnan(seconds[left]))
    if not len(rest):
        return Times(seconds, None, serial)
    text = (text if len(rest) == len(text) else text.iloc[rest]).str.strip()
    first = text.iloc[:PIECE_CELLS]
    if first.nunique() > len(first) / 2:  # to look for equal ones would only take memory
        seconds[left[rest]], assumed = _parse_dates(text.reset_index(drop=True), dates)
        return Times(seconds, assumed, serial)
    codes, distinct = pd.factorize(text)
    del text, first
    parsed, assumed = _parse_dates(pd.Series(distinct, dtype="str"), dates)
    seconds[left[rest]] = parsed[codes]
    return Times(seconds, assumed, serial)


def _parse_dates(text: pd.Series, dates: DayOrMonth | None) -> tuple[np.ndarray, DayOrMonth | None]:
    """Cells that are no numbers → seconds (n,), and what was assumed."""
    seconds = np.full(len(text), np.nan)
    # A year or a month alone passes for ISO 8601, but so does "12:30" as a time of today.
    first = text[text.str.match(r"\d{4}").fillna(False).astype(bool)]
    iso = pd.to_datetime(first, format="ISO8601", utc=True, errors="coerce")
    seconds[first.index.to_numpy()] = datetime_seconds(iso)
    weeks = first[first.str.match(WEEK).fillna(False).astype(bool)]
    if len(weeks):
        seconds[weeks.index.to_numpy()] = week_seconds(weeks)
    left = np.flatnonzero(np.isnan(seconds))
    assumed: DayOrMonth | None = None
    if len(left):
        text = plain_dates(text)
        others, offsets = without_offsets(text if len(left) == len(text) else text.iloc[left])
        seconds[left], assumed = assembled_seconds(*date_parts(others), dates)
        seconds[left] -= offsets
    left = np.flatnonzero(np.isnan(seconds))
    rest = text.iloc[left]
    rest = rest[(rest.str.len() < _MAX_LETTERS).fillna(False).astype(bool)]
    rest = rest[rest.str.contains(IN_WORDS).fillna(False)]
    for parser in (lenient_seconds, worded_seconds):
        if len(rest):
            seconds[rest.index.to_numpy()] = parser(rest)
            rest = rest[np.isnan(seconds[rest.index.to_numpy()])]
    return seconds, assumed
