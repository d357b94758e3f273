"""Numbers → times: seconds since 1970 and parts of them, days of spreadsheets, 20240105."""

from __future__ import annotations

import numpy as np

from recsys.sources.values.calendar_seconds import DAY, civil_seconds

#: Epoch numbers at least this large are milli-, micro-, nanoseconds rather than seconds.
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
_LATEST = 253_402_300_800  # the year 10000 in seconds; anything later is no time of an event
#: Hours up to 2040 as 40123123 are smaller.
_FEWEST_SECONDS = 40_123_124
#: Days as spreadsheets count them, of the years 1954 to 2064; as seconds they would be one morning
#: in 1970.
SERIAL = (20_000, 60_000)
_SERIAL_1970 = 25_569


def serial_seconds(days: np.ndarray) -> np.ndarray:
    """Days since 1899-12-30 in seconds, to the millisecond: spreadsheets are no more exact."""
    return np.asarray(np.round((days - _SERIAL_1970) * DAY, 3))


def epoch_seconds(numbers: np.ndarray) -> np.ndarray:
    seconds = numbers.copy()
    size = np.abs(numbers)
    for least, per_second in reversed(_EPOCH_UNITS):
        larger = size >= least
        seconds[larger] = numbers[larger] / per_second
    known = ~np.isnan(numbers)
    # Written as 20240105, days look like seconds of August 1970 (and with a time of day, like
    # milliseconds of the year 2611), so this is decided for the whole column.
    for of_day, low, high in (
        (1, 19000101, 21001231),
        (1_000_000, 19000101000000, 21001231235959),
    ):
        if known.any() and bool(((numbers[known] >= low) & (numbers[known] <= high)).all()):
            days, clock = np.divmod(numbers[known].astype(np.int64), of_day)
            hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
            read = civil_seconds(days // 10_000, days // 100 % 100, days % 100)
            read[(hour > 23) | (minute > 59) | (second > 61)] = np.nan  # of leap seconds, two
            if not np.isnan(read).any():
                seconds[known] = read + hour * 3600 + minute * 60 + second
    if known.any() and bool((numbers[known] < _FEWEST_SECONDS).all()):
        read = _of_hours(numbers[known])
        if not np.isnan(read).any():
            seconds[known] = read
    return np.where(np.abs(seconds) < _LATEST, seconds, np.nan)


def _of_hours(numbers: np.ndarray) -> np.ndarray:
    """Hours written as 14102100, the 21st of October 2014, in seconds (n,); NaN for other numbers.

    Click logs do so (Avazu); as seconds they would be of 1970. From 2010 on.
    """
    days, hour = np.divmod(np.nan_to_num(numbers, nan=-1.0), 100)
    whole = (numbers >= 10_000_000) & (numbers % 1 == 0) & (hour < 24)
    days = days.astype(np.int64)
    read = civil_seconds(2000 + days // 10_000, days // 100 % 100, days % 100)
    return np.where(whole, read + hour * 3600, np.nan)
