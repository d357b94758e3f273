"""Cells → values: ratings, times, lists and readable text, vectorised over a column of strings."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

#: Epoch numbers at least this large are milli-, micro-, nanoseconds rather than seconds.
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
_LATEST = 253_402_300_800  # the year 10000 in seconds; anything later is no time of an event
_NUMERIC = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
#: Year first, or the year last with day and month before it in either order.
_DATE = re.compile(
    r"(?:(?P<year>\d{4})[-/.年]\s*(?P<month>\d{1,2})[-/.月]\s*(?P<day>\d{1,2})日?"
    r"|(?P<first>\d{1,2})(?P<sep>[-/.])(?P<second>\d{1,2})[-/.](?P<last>\d{4}|\d{2}))"
    r"(?:[T\s]*(?P<hour>\d{1,2})[:时時点](?P<minute>\d{1,2})分?(?::?(?P<sec>\d{1,2})秒?(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
#: Numbers as a table writes them; "007" and "1e18" stay what they are, for they may be codes.
_PLAIN_NUMBER = r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?"
_LIST_SEPARATORS = "|;；、,，"
_SURE_SEPARATOR = "|"
_MAX_ELEMENT_LENGTH = 24


def parse_numbers(cells: pd.Series) -> np.ndarray:
    """Numbers (n,) float64, NaN where a cell is none or not finite; "3,5" is three and a half."""
    if pd.api.types.is_numeric_dtype(cells):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        text = cells.astype("str").str.strip()
        comma = text.str.fullmatch(r"[-+]?\d+,\d+").fillna(False).astype(bool)
        if comma.any():
            text = text.where(~comma, text.str.replace(",", ".", regex=False))
        # to_numeric alone would also take "0x1F", "1_000" and "True".
        text = text.where(text.str.fullmatch(_NUMERIC).fillna(False).astype(bool))
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


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
    left = np.isnan(numbers) & cells.notna().to_numpy()
    if not left.any():
        return seconds, None
    codes, distinct = pd.factorize(cells[left].astype("str").str.strip())
    parsed, assumed = _parse_dates(pd.Series(distinct, dtype="str"))
    seconds[left] = parsed[codes]
    return seconds, assumed


def _epoch_seconds(numbers: np.ndarray) -> np.ndarray:
    seconds = numbers.copy()
    size = np.abs(numbers)
    for least, per_second in reversed(_EPOCH_UNITS):
        seconds = np.where(size >= least, numbers / per_second, seconds)
    known = ~np.isnan(numbers)
    # Written as 20240105, days look like seconds of August 1970 (and with a time of day, like
    # milliseconds of the year 2611), so this is decided for the whole column.
    for digits, form, low, high in (
        (8, "%Y%m%d", 19000101, 21001231),
        (14, "%Y%m%d%H%M%S", 19000101000000, 21001231235959),
    ):
        if known.any() and bool(((numbers[known] >= low) & (numbers[known] <= high)).all()):
            text = pd.Series(numbers[known].astype(np.int64)).astype("str").str.zfill(digits)
            days = _seconds(pd.to_datetime(text, format=form, errors="coerce"))
            if not np.isnan(days).any():
                seconds[known] = days
    return np.where(np.abs(seconds) < _LATEST, np.floor(seconds), np.nan)


def _parse_dates(text: pd.Series) -> tuple[np.ndarray, str | None]:
    """Distinct cells that are no numbers → seconds (n,), and what was assumed."""
    seconds = _seconds(pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce"))
    # A year or a month alone passes for ISO 8601, but so does "12:30" as a time of today.
    seconds[~text.str.match(r"\d{4}").fillna(False).to_numpy(dtype=bool)] = np.nan
    left = np.flatnonzero(np.isnan(seconds))
    assumed = None
    if len(left):
        parts = pd.DataFrame(
            [m.groupdict() if (m := _DATE.fullmatch(t)) else {} for t in text.iloc[left]],
            columns=list(_DATE.groupindex),
        )
        seconds[left], assumed = _assemble(parts)
    left = np.flatnonzero(np.isnan(seconds))
    # Anything else with a year and a letter goes to the lenient parser; without those it would
    # take "may" for the fifth month of this very year.
    rest = text.iloc[left]
    rest = rest[rest.str.contains(r"[^\W\d_]{3}.*\d{4}|\d{4}.*[^\W\d_]{3}").fillna(False)]
    if len(rest):
        rest = rest[rest.str.len() < 64]
        lenient = pd.to_datetime(rest, format="mixed", utc=True, errors="coerce")
        seconds[rest.index.to_numpy()] = _seconds(lenient)
    return seconds, assumed


def _assemble(parts: pd.DataFrame) -> tuple[np.ndarray, str | None]:
    """Seconds from the groups of `_DATE`; one order of day and month serves each separator."""
    year, month, day = (parts[c].astype(object) for c in ("year", "month", "day"))
    assumed = None
    for separator in ("-", "/", "."):
        rows = parts["sep"] == separator
        if not rows.any():
            continue
        first, second = (pd.to_numeric(parts.loc[rows, c]) for c in ("first", "second"))
        if (first > 12).any() or (second > 12).any():
            day_first = bool((first > 12).any())
        else:
            day_first = separator != "/"  # 1/5/2024 is mostly American, 5.1.2024 never is
            assumed = "day" if day_first else "month"
        day[rows], month[rows] = (first, second) if day_first else (second, first)
        last = pd.to_numeric(parts.loc[rows, "last"])
        year[rows] = last.where(last >= 100, last + 2000 - 100 * (last >= 70))
    hour = pd.to_numeric(parts["hour"]).fillna(0)
    half = parts["half"].astype("str").str[:1].str.lower()
    hour = (hour % 12 + 12 * (half == "p")).where(half.isin(["a", "p"]), hour)
    columns = {
        "year": pd.to_numeric(year),
        "month": pd.to_numeric(month),
        "day": pd.to_numeric(day),
        "hour": hour,
        "minute": pd.to_numeric(parts["minute"]).fillna(0),
        "second": pd.to_numeric(parts["sec"]).fillna(0),
    }
    return _seconds(pd.to_datetime(pd.DataFrame(columns), errors="coerce")), assumed


def _seconds(times: pd.Series) -> np.ndarray:
    """Datetimes → seconds (n,) float64, NaN for NaT."""
    if getattr(times.dtype, "tz", None) is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    values = times.to_numpy().astype("datetime64[s]")
    return np.where(np.isnat(values), np.nan, values.astype(np.int64).astype(np.float64))


def tidy_text(cells: pd.Series) -> pd.Series:
    """Collapse white space and control characters to single spaces; all else stays as it is.

    Joiners (as in family emoji) and direction marks stay; they belong to the writing.
    """
    text = cells.astype("str").fillna("")
    untidy = text.str.contains(r"^\s|\s$|\s\s|[\x00-\x1f\x7f-\x9f]").fillna(False).astype(bool)
    if untidy.any():
        tidied = text[untidy].str.replace(r"[\s\x00-\x1f\x7f-\x9f]+", " ", regex=True).str.strip()
        text = text.copy()
        text[untidy] = tidied
    return text


def tidy_attribute(cells: pd.Series) -> pd.Series:
    """An attribute column as numbers, lists of strings, or strings; NaN or [] where missing."""
    if (
        cells.dtype == object
        and cells.map(lambda v: isinstance(v, (list, tuple, np.ndarray))).any()
    ):
        return cells.map(_as_list).astype(object)
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        return _whole(cells.astype("float64"))
    text = tidy_text(cells)
    filled = text[text != ""]
    if filled.empty:
        return text.where(text != "")
    if filled.str.fullmatch(_PLAIN_NUMBER).all():
        return _whole(pd.to_numeric(text.where(text != "")).astype("float64"))
    separator = _list_separator(filled)
    if separator is not None:
        return text.map(lambda t: [v for p in t.split(separator) if (v := p.strip())]).astype(
            object
        )
    return text.where(text != "")


def _whole(numbers: pd.Series) -> pd.Series:
    """int64 where every number is there and whole, so that a year does not read 1995.0."""
    whole = bool((numbers.notna() & (numbers % 1 == 0)).all())
    return numbers.astype("int64") if whole else numbers


def _is_list(cell: object) -> bool:
    return isinstance(cell, (list, tuple, np.ndarray))


def _as_list(cell: object) -> list[str]:
    if isinstance(cell, (list, tuple, np.ndarray)):
        return [str(v) for v in cell]
    return [] if cell is None or cell != cell or cell == "" else [str(cell)]


def _list_separator(filled: pd.Series) -> str | None:
    """The separator of a multi-valued column, or None where it holds single values or prose.

    A bar hardly ever occurs in prose, so a fifth of the cells will do; the others must be in most
    cells, between short pieces that come back: sentences do not repeat each other.
    """
    for separator in _LIST_SEPARATORS:
        shown = filled.str.contains(separator, regex=False)
        if shown.mean() <= (0.2 if separator == _SURE_SEPARATOR else 0.5):
            continue
        pieces = filled[shown].str.split(separator).explode().str.strip()
        short = pieces.str.len().mean() <= _MAX_ELEMENT_LENGTH
        least_repeats = 1.0 if separator == _SURE_SEPARATOR else 0.75
        if separator in ",，":
            least_repeats = 0.5  # commas also stand in "Milk, 1 L"
        if short and pieces.nunique() <= least_repeats * len(pieces):
            return separator
    return None
