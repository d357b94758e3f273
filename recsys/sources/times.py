"""Cells → times, whatever their layout, vectorised over a column of strings."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.values import PIECE_CELLS, matches, parse_numbers, pieces

#: Epoch numbers at least this large are milli-, micro-, nanoseconds rather than seconds.
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
_LATEST = 253_402_300_800  # the year 10000 in seconds; anything later is no time of an event
_DAY = 86_400
#: Nothing that is longer is a time.
_MAX_LETTERS = 64
#: The layout of most files, of which each digit has its place.
_ISO = r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?)?$"
#: Year first, or the year last with day and month before it in either order.
_DATE = (
    r"(?:(?P<year>\d{4})[-/.年]\s*(?P<month>\d{1,2})[-/.月]\s*(?P<day>\d{1,2})日?"
    r"|(?P<first>\d{1,2})(?P<sep>[-/.])(?P<second>\d{1,2})[-/.](?P<last>\d{4}|\d{2}))"
    r"(?:[T\s]*(?P<hour>\d{1,2})[:时時点](?P<minute>\d{1,2})分?(?::?(?P<sec>\d{1,2})秒?(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_PARTS = tuple(re.compile(_DATE).groupindex)
_CLOCK_PARTS = ("hour", "minute", "sec")
_SEPARATORS = "-/."
#: Where `re` knows more digits and spaces than Arrow does.
_BEYOND_ARROW = "[^\x00-\x7f]|[\x0b\x1c-\x1f]"
#: A time of day on the 24-hour clock, within a date in words.
_CLOCK = r"^(?P<before>(?:.*\D)?)(?P<clock>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<after>(?:\s.*)?)$"


def parse_times(cells: pd.Series) -> tuple[np.ndarray, str | None]:
    """Times (n,) in seconds since 1970 UTC as float64, NaN where a cell is no time.

    Formats may be mixed: epoch seconds to nanoseconds, ISO 8601, 20240105, 2024/1/5 10:30,
    2024年1月5日, 5-1-2024, 01/31/2024 2 PM, "Jan 5, 2024". A time without a zone is taken as UTC.

    Returns:
        The times, and "day" or "month" where it had to be assumed which of the two comes first
        (every day and month in dates such as 5/1/2024 is at most 12), else None.
    """
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind == "M":
        return _seconds(cells), None
    numbers = parse_numbers(cells)
    seconds = _epoch_seconds(numbers)
    left = np.flatnonzero(np.isnan(numbers) & cells.notna().to_numpy())
    if not len(left):
        return seconds, None
    text = (cells if len(left) == len(cells) else cells.iloc[left]).astype("str")
    seconds[left] = _iso_seconds(text)
    rest = np.flatnonzero(np.isnan(seconds[left]))
    if not len(rest):
        return seconds, None
    text = (text if len(rest) == len(text) else text.iloc[rest]).str.strip()
    first = text.iloc[:PIECE_CELLS]
    if first.nunique() > len(first) / 2:  # to look for equal ones would only take memory
        seconds[left[rest]], assumed = _parse_dates(text.reset_index(drop=True))
        return seconds, assumed
    codes, distinct = pd.factorize(text)
    del text, first
    parsed, assumed = _parse_dates(pd.Series(distinct, dtype="str"))
    seconds[left[rest]] = parsed[codes]
    return seconds, assumed


def _epoch_seconds(numbers: np.ndarray) -> np.ndarray:
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
            read = _civil_seconds(days // 10_000, days // 100 % 100, days % 100)
            read[(hour > 23) | (minute > 59) | (second > 61)] = np.nan  # of leap seconds, two
            if not np.isnan(read).any():
                seconds[known] = read + hour * 3600 + minute * 60 + second
    return np.where(np.abs(seconds) < _LATEST, np.floor(seconds), np.nan)


def _civil_seconds(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Midnight of dates (n,) of ints in seconds since 1970, float64; NaN where there is no such."""
    real = (month >= 1) & (month <= 12) & (day >= 1)
    months = ((year - 1970) * 12 + np.where(real, month, 1) - 1).astype("datetime64[M]")
    begin = months.astype("datetime64[D]").astype(np.int64)
    real &= day <= (months + 1).astype("datetime64[D]").astype(np.int64) - begin
    return np.where(real, (begin + day - 1.0) * _DAY, np.nan)


def _iso_seconds(text: pd.Series) -> np.ndarray:
    """Seconds (n,) of cells such as 2024-01-05 10:30:00 or 2024-01-05, NaN for all else."""
    seconds = np.full(len(text), np.nan)
    for place, cells in pieces(text):
        fits = matches(cells, _ISO)
        if not fits.any():
            continue
        # A date alone is midnight.
        whole = _joined(cells.filter(pa.array(fits)), " 00:00:00")
        digits = _letters(pc.utf8_slice_codeunits(whole, 0, 19)).reshape(-1, 19) - ord("0")
        year, month, day, hour, minute, second = (
            _number(digits[:, first:end])
            for first, end in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
        )
        read = _civil_seconds(year, month, day) + hour * 3600 + minute * 60 + second
        read[(hour > 23) | (minute > 59) | (second > 59)] = np.nan
        seconds[place + np.flatnonzero(fits)] = read
    return seconds


def _joined(*parts: pa.Array | str) -> pa.Array:
    """Cells made of several, each of which is an array (n,) or the same for all."""
    strings = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*strings, pa.scalar("", pa.large_string()))


def _letters(text: pa.Array) -> np.ndarray:
    """The bytes of all cells, one after another, (n,) uint8."""
    ends = np.frombuffer(text.buffers()[1], np.int64)[text.offset :][: len(text) + 1]
    return np.frombuffer(text.buffers()[2], np.uint8)[ends[0] : ends[-1]]


def _number(digits: np.ndarray) -> np.ndarray:
    """Digits (n, k) → numbers (n,) int64."""
    powers = 10 ** np.arange(digits.shape[1])[::-1]
    return digits.astype(np.int64) @ powers


def _parse_dates(text: pd.Series) -> tuple[np.ndarray, str | None]:
    """Cells that are no numbers → seconds (n,), and what was assumed."""
    seconds = np.full(len(text), np.nan)
    # A year or a month alone passes for ISO 8601, but so does "12:30" as a time of today.
    first = text[text.str.match(r"\d{4}").fillna(False).astype(bool)]
    iso = pd.to_datetime(first, format="ISO8601", utc=True, errors="coerce")
    seconds[first.index.to_numpy()] = _seconds(iso)
    left = np.flatnonzero(np.isnan(seconds))
    assumed = None
    if len(left):
        others = text if len(left) == len(text) else text.iloc[left]
        seconds[left], assumed = _assemble(_date_parts(others))
    left = np.flatnonzero(np.isnan(seconds))
    # Anything else with a year and a letter goes to the lenient parser; without those it would
    # take "may" for the fifth month of this very year.
    rest = text.iloc[left]
    rest = rest[(rest.str.len() < _MAX_LETTERS).fillna(False).astype(bool)]
    rest = rest[rest.str.contains(r"[^\W\d_]{3}.*\d{4}|\d{4}.*[^\W\d_]{3}").fillna(False)]
    if len(rest):
        seconds[rest.index.to_numpy()] = _lenient(rest)
    return seconds, assumed


def _date_parts(text: pd.Series) -> dict[str, np.ndarray]:
    """The groups of `_DATE` in cells (n,) as numbers (n,) int16, -1 where there are none.

    Of `sep` it is the place in `_SEPARATORS`, of `half` 0 before noon and 1 after it.
    """
    found = {name: np.full(len(text), -1, dtype=np.int16) for name in _PARTS}
    for place, cells in pieces(text):
        groups = pc.extract_regex(cells, f"^(?:{_DATE})$")
        for name, part in found.items():
            words = pc.fill_null(pc.struct_field(groups, name), "")
            part[place : place + len(words)] = _small_numbers(name, words)
        others = groups.is_null().to_numpy(zero_copy_only=False) & matches(cells, _BEYOND_ARROW)
        for other in np.flatnonzero(others):
            if m := re.fullmatch(_DATE, cells[int(other)].as_py()):
                for name, part in found.items():
                    part[place + other] = _small_numbers(name, pa.array([m[name] or ""]))[0]
    return found


def _small_numbers(name: str, words: pa.Array) -> np.ndarray:
    """One group of many cells (n,) as int16; see `_date_parts`."""
    if name in ("sep", "half"):
        choices = _SEPARATORS if name == "sep" else "ap"
        first = pc.utf8_lower(pc.utf8_slice_codeunits(words, 0, 1))
        places = pc.index_in(first, pa.array(list(choices), first.type))
        return np.asarray(pc.fill_null(places, -1).to_numpy().astype(np.int16))
    none, minus = (pa.scalar(text, words.type) for text in ("", "-1"))
    try:
        return np.asarray(pc.if_else(pc.equal(words, none), minus, words).cast(pa.int16()))
    except pa.ArrowInvalid:  # digits of other scripts
        return np.array([int(word) if word else -1 for word in words.to_pylist()], dtype=np.int16)


def _assemble(parts: dict[str, np.ndarray]) -> tuple[np.ndarray, str | None]:
    """Seconds from the groups of `_DATE`; one order of day and month serves each separator."""
    day_first: dict[int, bool] = {}
    assumed = None
    for code, separator in enumerate(_SEPARATORS):
        rows = parts["sep"] == code
        if not rows.any():
            continue
        first, second = (bool((parts[name][rows] > 12).any()) for name in ("first", "second"))
        day_first[code] = first
        if not first and not second:
            day_first[code] = separator != "/"  # 1/5/2024 is mostly American, 5.1.2024 never is
            assumed = "day" if day_first[code] else "month"
    seconds = np.empty(len(parts["sep"]))
    for place in range(0, len(seconds), PIECE_CELLS):  # so that what is made on the way stays small
        piece = slice(place, place + PIECE_CELLS)
        seconds[piece] = _assembled({name: of[piece] for name, of in parts.items()}, day_first)
    return seconds, assumed


def _assembled(parts: dict[str, np.ndarray], day_first: dict[int, bool]) -> np.ndarray:
    year, month, day = (parts[name].astype(np.int64) for name in ("year", "month", "day"))
    for code, of_day in day_first.items():
        rows = np.flatnonzero(parts["sep"] == code)
        first, second, last = (parts[name][rows] for name in ("first", "second", "last"))
        day[rows], month[rows] = (first, second) if of_day else (second, first)
        year[rows] = np.where(last >= 100, last, last + 2000 - 100 * (last >= 70))
    hour, minute, second = (np.maximum(parts[c], 0).astype(np.int64) for c in _CLOCK_PARTS)
    half = parts["half"]
    hour = np.where(half >= 0, hour % 12 + 12 * (half == 1), hour)
    return _civil_seconds(year, month, day) + hour * 3600 + minute * 60 + second


def _lenient(text: pd.Series) -> np.ndarray:
    """Dates in words (n,) → seconds (n,).

    A time on the 24-hour clock is added afterwards, so that each day is parsed only once.
    """
    cells = pa.array(text)
    cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    groups = pc.extract_regex(cells, _CLOCK)
    before, after = (pc.fill_null(pc.struct_field(groups, c), "") for c in ("before", "after"))
    once = ~matches(before, ":") & ~matches(after, r"^\s*[AaPp]\.?[Mm]")
    clocked = np.flatnonzero(once & ~groups.is_null().to_numpy(zero_copy_only=False))
    seconds = np.zeros(len(text))
    if len(clocked):
        clock = pc.struct_field(groups, "clock").take(pa.array(clocked))
        digits = _letters(clock).reshape(-1, 8) - ord("0")
        hour, minute, second = (_number(digits[:, first : first + 2]) for first in (0, 3, 6))
        seconds[clocked] = hour * 3600 + minute * 60 + second
        midnight = _joined(before, "00:00:00", after)
        mask = np.isin(np.arange(len(text)), clocked)
        cells = pc.if_else(pa.array(mask), midnight, cells)
    codes, distinct = pd.factorize(pd.Series(cells.to_pylist(), dtype="str"))
    days = pd.to_datetime(pd.Series(distinct), format="mixed", utc=True, errors="coerce")
    return seconds + _seconds(days)[codes]


def _seconds(times: pd.Series) -> np.ndarray:
    """Datetimes → seconds (n,) float64, NaN for NaT."""
    if getattr(times.dtype, "tz", None) is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    values = times.to_numpy().astype("datetime64[s]")
    return np.where(np.isnat(values), np.nan, values.astype(np.int64).astype(np.float64))
