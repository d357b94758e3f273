"""Times in the layouts of ISO 8601 → seconds, vectorised."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.values.calendar_seconds import (
    civil_seconds,
    datetime_seconds,
    fractions_of_a_second,
    joined,
    letter_codes,
    number_of_digits,
)
from recsys.sources.values.cells import matches, pieces

#: The layout of most files, of which each digit has its place.
_ISO = r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?UTC| ?GMT)?)?$"
#: A day of a week that is counted, or its Monday: 2024-W05-3, 2024W053, 2024-W05.
WEEK = r"^(\d{4})-?W(\d\d)-?([1-7]?)$"
_FRACTION = r"[.,](?P<fraction>\d{1,9})(?:Z| ?UTC| ?GMT)?$"


def iso_seconds(text: pd.Series) -> np.ndarray:
    """Seconds (n,) of cells such as 2024-01-05 10:30:00 or 2024-01-05, NaN for all else."""
    seconds = np.full(len(text), np.nan)
    for place, cells in pieces(text):
        fits = matches(cells, _ISO)
        if not fits.any():
            continue
        # A date alone is midnight.
        cells = cells.filter(pa.array(fits))
        whole = joined(cells, " 00:00:00")
        digits = letter_codes(pc.utf8_slice_codeunits(whole, 0, 19)).reshape(-1, 19) - ord("0")
        year, month, day, hour, minute, second = (
            number_of_digits(digits[:, first:end])
            for first, end in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
        )
        read = civil_seconds(year, month, day) + hour * 3600 + minute * 60 + second
        read[(hour > 23) | (minute > 59) | (second > 59)] = np.nan
        read += fractions_of_a_second(cells, _FRACTION)
        seconds[place + np.flatnonzero(fits)] = read
    return seconds


def week_seconds(text: pd.Series) -> np.ndarray:
    """Seconds (n,) of the midnight at which days of weeks begin, in cells that match `WEEK`."""
    dashed = text.str.replace(WEEK, r"\1-W\2-\3", regex=True)
    plain = dashed.str.replace(r"-$", "-1", regex=True)
    return datetime_seconds(pd.to_datetime(plain, format="%G-W%V-%u", utc=True, errors="coerce"))
