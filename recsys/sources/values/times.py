"""Cells → times, whatever their layout, vectorised over a column of strings."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.options import DayOrMonth
from recsys.sources.values.cells import PIECE_CELLS, matches, parse_numbers, pieces
from recsys.sources.values.time_text import plain_dates, without_offsets

#: Epoch numbers at least this large are milli-, micro-, nanoseconds rather than seconds.
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
_LATEST = 253_402_300_800  # the year 10000 in seconds; anything later is no time of an event
_DAY = 86_400
#: Hours up to 2040 as 40123123 are smaller.
_FEWEST_SECONDS = 40_123_124
#: Nothing that is longer is a time.
_MAX_LETTERS = 80
#: The layout of most files, of which each digit has its place.
_ISO = r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?UTC| ?GMT)?)?$"
#: A day of a week that is counted, or its Monday: 2024-W05-3, 2024W053, 2024-W05.
_WEEK = r"^(\d{4})-?W(\d\d)-?([1-7]?)$"
_FRACTION = r"[.,](?P<fraction>\d{1,9})(?:Z| ?UTC| ?GMT)?$"
#: Days as spreadsheets count them, of the years 1954 to 2064; as seconds they would be one morning
#: in 1970.
_SERIAL = (20_000, 60_000)
_SERIAL_1970 = 25_569
#: Year first, or the year last with day and month before it in either order.
_DATE = (
    r"(?:(?P<year>\d{4})[-/.年년]\s*(?P<month>\d{1,2})[-/.月월]\s*(?P<day>\d{1,2})[日일.]?"
    r"|(?P<first>\d{1,2})(?P<sep>[-/.])\s?(?P<second>\d{1,2})[-/.]\s?(?P<last>\d{4}|\d{2}))"
    r"(?:\s?\([^)]{1,5}\))?"
    r"(?:[T\s,]*(?P<noon>上午|下午|午前|午後|오전|오후)?\s*"
    r"(?P<hour>\d{1,2})[:.時时點点](?P<minute>\d{1,2})分?"
    r"(?:[:.]?(?P<sec>\d{1,2})秒?(?:[.,](?P<fraction>\d+))?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?\s*(?:Z|UTC|GMT|Uhr)?)?"
)
_PARTS = tuple(name for name in re.compile(_DATE).groupindex if name != "fraction")
_CLOCK_PARTS = ("hour", "minute", "sec")
_SEPARATORS = "-/."
#: Of so many dates it is looked whether they are in order.
_ORDERED_CELLS = 100_000
_AFTERNOON = ("下午", "午後", "오후")
#: A date whose month is a word, with its day before or behind it, once that is its number in "<>".
_WORDED = (
    r"^(?:[^\d<]*?(?P<day>\d{1,2})[^\d<]{0,8}<(?P<month>\d\d)>[^\d]{0,8}(?P<year>\d{4}|\d\d)"
    r"|[^\d<]*<(?P<month2>\d\d)>[^\d]{0,4}(?P<day2>\d{1,2})[^\d]{1,6}(?P<year2>\d{4}))"
    r"(?:[^\d]{1,12}(?P<hour>\d{1,2})[:h.](?P<minute>\d\d)"
    r"(?:[:.m](?P<sec>\d\d)s?(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?\D{0,8}$"
)
#: What has to be in a date in words: without a year, "may" would be the fifth month of this one.
_IN_WORDS = r"[^\W\d_]{3}.*\d{4}|\d{4}.*[^\W\d_]{3}|^\d{1,2}[-. /][^\W\d_]{3,9}[-. /]\d\d(?:\D|$)"
#: Languages of the names of months.
_LANGUAGES = ("es", "fr", "de", "pt", "it", "ru", "nl", "pl", "tr", "uk")
#: Where `re` knows more digits and spaces than Arrow does.
_BEYOND_ARROW = "[^\x00-\x7f]|[\x0b\x1c-\x1f]"
#: A time of day on the 24-hour clock, within a date in words.
_CLOCK = r"^(?P<before>(?:.*\D)?)(?P<clock>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<after>(?:\s.*)?)$"


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
        return Times(_seconds(cells))
    numbers = parse_numbers(cells)
    known = numbers[~np.isnan(numbers)]
    serial = len(known) > 0 and bool(((known >= _SERIAL[0]) & (known <= _SERIAL[1])).all())
    seconds = _serial_seconds(numbers) if serial else _epoch_seconds(numbers)
    left = np.flatnonzero(np.isnan(numbers) & cells.notna().to_numpy())
    if not len(left):
        return Times(seconds, None, serial)
    text = (cells if len(left) == len(cells) else cells.iloc[left]).astype("str")
    seconds[left] = _iso_seconds(text)
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


def _serial_seconds(days: np.ndarray) -> np.ndarray:
    """Days since 1899-12-30 in seconds, to the millisecond: spreadsheets are no more exact."""
    return np.asarray(np.round((days - _SERIAL_1970) * _DAY, 3))


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
    read = _civil_seconds(2000 + days // 10_000, days // 100 % 100, days % 100)
    return np.where(whole, read + hour * 3600, np.nan)


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
        cells = cells.filter(pa.array(fits))
        whole = _joined(cells, " 00:00:00")
        digits = _letters(pc.utf8_slice_codeunits(whole, 0, 19)).reshape(-1, 19) - ord("0")
        year, month, day, hour, minute, second = (
            _number(digits[:, first:end])
            for first, end in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
        )
        read = _civil_seconds(year, month, day) + hour * 3600 + minute * 60 + second
        read[(hour > 23) | (minute > 59) | (second > 59)] = np.nan
        read += _fractions(cells, _FRACTION)
        seconds[place + np.flatnonzero(fits)] = read
    return seconds


def _fractions(cells: pa.Array, pattern: str) -> np.ndarray:
    """Fractions of a second (n,) float64: of the digits in the group "fraction", 0 without any."""
    if not matches(cells, pattern).any():
        return np.zeros(len(cells))
    digits = pc.fill_null(pc.struct_field(pc.extract_regex(cells, pattern), "fraction"), "")
    return _of_a_second(digits)


def _of_a_second(digits: pa.Array) -> np.ndarray:
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(digits, 6, "0"), 0, 6)
    return np.asarray(padded.cast(pa.int64()).to_numpy() / 1e6)


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


def _parse_dates(text: pd.Series, dates: DayOrMonth | None) -> tuple[np.ndarray, DayOrMonth | None]:
    """Cells that are no numbers → seconds (n,), and what was assumed."""
    seconds = np.full(len(text), np.nan)
    # A year or a month alone passes for ISO 8601, but so does "12:30" as a time of today.
    first = text[text.str.match(r"\d{4}").fillna(False).astype(bool)]
    iso = pd.to_datetime(first, format="ISO8601", utc=True, errors="coerce")
    seconds[first.index.to_numpy()] = _seconds(iso)
    weeks = first[first.str.match(_WEEK).fillna(False).astype(bool)]
    if len(weeks):
        plain = weeks.str.replace(_WEEK, r"\1-W\2-\3", regex=True).str.replace(
            r"-$", "-1", regex=True
        )
        days = pd.to_datetime(plain, format="%G-W%V-%u", utc=True, errors="coerce")
        seconds[weeks.index.to_numpy()] = _seconds(days)
    left = np.flatnonzero(np.isnan(seconds))
    assumed: DayOrMonth | None = None
    if len(left):
        text = plain_dates(text)
        others, offsets = without_offsets(text if len(left) == len(text) else text.iloc[left])
        seconds[left], assumed = _assemble(*_date_parts(others), dates)
        seconds[left] -= offsets
    left = np.flatnonzero(np.isnan(seconds))
    rest = text.iloc[left]
    rest = rest[(rest.str.len() < _MAX_LETTERS).fillna(False).astype(bool)]
    rest = rest[rest.str.contains(_IN_WORDS).fillna(False)]
    for parser in (_lenient, _worded):
        if len(rest):
            seconds[rest.index.to_numpy()] = parser(rest)
            rest = rest[np.isnan(seconds[rest.index.to_numpy()])]
    return seconds, assumed


@cache
def _months() -> tuple[tuple[str, str], ...]:
    """A pattern for the names of each month in many languages, and its number in "<>"."""
    from babel.dates import get_month_names

    names: dict[int, set[str]] = {month: set() for month in range(1, 13)}
    for language in ("en", *_LANGUAGES):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for month, name in get_month_names(width, context, language).items():
                    names[month].add(re.escape(name.rstrip(".").casefold()))
    names[9] |= {"sept", "setiembre"}
    names[3].add("maerz")
    return tuple(
        (rf"(?i)(^|[^\pL])(?:{'|'.join(sorted(of, key=lambda n: (-len(n), n)))})([^\pL]|$)", place)
        for month, of in names.items()
        for place in [rf"\1<{month:02}>\2"]
    )


def _worded(text: pd.Series) -> np.ndarray:
    """Dates whose month is a word of one of many languages → seconds (n,)."""
    seconds = np.full(len(text), np.nan)
    for place, cells in pieces(text):
        for pattern, number in _months():
            cells = pc.replace_substring_regex(cells, pattern, number, max_replacements=1)
        groups = pc.extract_regex(cells, _WORDED)
        part = {
            name: _small_numbers(name, pc.fill_null(pc.struct_field(groups, name), ""))
            for name in re.compile(_WORDED).groupindex
            if name != "fraction"
        }
        known = ~groups.is_null().to_numpy(zero_copy_only=False)
        year, month, day = (np.maximum(part[n], part[f"{n}2"]) for n in ("year", "month", "day"))
        year = np.where(year >= 100, year, year + 2000 - 100 * (year >= 70))
        read = _clocked(_civil_seconds(*(p.astype(np.int64) for p in (year, month, day))), part)
        read += _of_a_second(pc.fill_null(pc.struct_field(groups, "fraction"), ""))
        seconds[place : place + len(cells)] = np.where(known, read, np.nan)
    return seconds


def _clocked(midnight: np.ndarray, parts: dict[str, np.ndarray]) -> np.ndarray:
    """Seconds (n,) of a time of day behind those of its midnight."""
    hour, minute, second = (np.maximum(parts[c], 0).astype(np.int64) for c in _CLOCK_PARTS)
    half = parts["half"]
    hour = np.where(half >= 0, hour % 12 + 12 * (half == 1), hour)
    return np.asarray(midnight + hour * 3600 + minute * 60 + second)


def _date_parts(text: pd.Series) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The groups of `_DATE` in cells (n,) as numbers (n,) int16, -1 where there are none.

    Of `sep` it is the place in `_SEPARATORS`, of `half` 0 before noon and 1 after it.

    Returns:
        The groups, and the fractions of a second (n,) float64.
    """
    fractions = np.zeros(len(text))
    found = {name: np.full(len(text), -1, dtype=np.int16) for name in _PARTS}
    for place, cells in pieces(text):
        groups = pc.extract_regex(cells, f"^(?:{_DATE})$")
        for name, part in found.items():
            words = pc.struct_field(groups, name)
            if pc.max(pc.binary_length(words)).as_py():
                part[place : place + len(words)] = _small_numbers(name, pc.fill_null(words, ""))
        fraction = pc.struct_field(groups, "fraction")
        if pc.max(pc.binary_length(fraction)).as_py():
            fractions[place : place + len(fraction)] = _of_a_second(pc.fill_null(fraction, ""))
        others = groups.is_null().to_numpy(zero_copy_only=False) & matches(cells, _BEYOND_ARROW)
        for other in np.flatnonzero(others):
            if m := re.fullmatch(_DATE, cells[int(other)].as_py()):
                for name, part in found.items():
                    part[place + other] = _small_numbers(name, pa.array([m[name] or ""]))[0]
    noon = found.pop("noon")
    found["half"] = np.where(noon >= 0, noon, found["half"])
    return found, fractions


def _small_numbers(name: str, words: pa.Array) -> np.ndarray:
    """One group of many cells (n,) as int16; see `_date_parts`."""
    if name == "noon":
        said = pc.not_equal(words, pa.scalar("", words.type)).to_numpy(zero_copy_only=False)
        after = pc.is_in(words, pa.array(_AFTERNOON, words.type)).to_numpy(zero_copy_only=False)
        return np.where(said, after, -1).astype(np.int16)
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


def _assemble(
    parts: dict[str, np.ndarray], fractions: np.ndarray, dates: DayOrMonth | None
) -> tuple[np.ndarray, DayOrMonth | None]:
    """Seconds from the groups of `_DATE`; one order of day and month serves each separator."""
    day_first: dict[int, bool] = {}
    assumed: DayOrMonth | None = None
    for code, separator in enumerate(_SEPARATORS):
        rows = parts["sep"] == code
        if not rows.any():
            continue
        first, second = (bool((parts[name][rows] > 12).any()) for name in ("first", "second"))
        day_first[code] = first if dates is None else dates == "day"
        if not first and not second and dates is None:
            # 1/5/2024 is mostly American, 5.1.2024 never is; but files are often in order.
            ordered = [_in_order(parts, rows, code, order) for order in (True, False)]
            day_first[code] = separator != "/" if ordered[0] == ordered[1] else ordered[0]
            assumed = "day" if day_first[code] else "month"
    seconds = np.empty(len(parts["sep"]))
    for place in range(0, len(seconds), PIECE_CELLS):  # so that what is made on the way stays small
        piece = slice(place, place + PIECE_CELLS)
        seconds[piece] = _assembled({name: of[piece] for name, of in parts.items()}, day_first)
    return seconds + fractions, assumed


def _in_order(parts: dict[str, np.ndarray], rows: np.ndarray, code: int, of_day: bool) -> bool:
    """Whether dates ascend or descend all along, if the day comes first, or if the month does."""
    chosen = np.flatnonzero(rows)[:_ORDERED_CELLS]
    steps = np.diff(_assembled({name: of[chosen] for name, of in parts.items()}, {code: of_day}))
    return len(steps) > 1 and bool((steps >= 0).all() or (steps <= 0).all())


def _assembled(parts: dict[str, np.ndarray], day_first: dict[int, bool]) -> np.ndarray:
    year, month, day = (parts[name].astype(np.int64) for name in ("year", "month", "day"))
    for code, of_day in day_first.items():
        rows = np.flatnonzero(parts["sep"] == code)
        first, second, last = (parts[name][rows] for name in ("first", "second", "last"))
        day[rows], month[rows] = (first, second) if of_day else (second, first)
        year[rows] = np.where(last >= 100, last, last + 2000 - 100 * (last >= 70))
    return _clocked(_civil_seconds(year, month, day), parts)


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
    values = times.to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(values), np.nan, values.astype(np.int64) / 1e6)
