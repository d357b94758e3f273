"""Dates whose month is a word, in many languages → seconds."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.values.calendar_seconds import (
    civil_seconds,
    datetime_seconds,
    joined,
    letter_codes,
    number_of_digits,
    of_a_second,
    with_clock,
)
from recsys.sources.values.cells import matches, pieces
from recsys.sources.values.numeric_dates import small_numbers

#: A date whose month is a word, with its day before or behind it, once that is its number in "<>".
_WORDED = (
    r"^(?:[^\d<]*?(?P<day>\d{1,2})[^\d<]{0,8}<(?P<month>\d\d)>[^\d]{0,8}(?P<year>\d{4}|\d\d)"
    r"|[^\d<]*<(?P<month2>\d\d)>[^\d]{0,4}(?P<day2>\d{1,2})[^\d]{1,6}(?P<year2>\d{4}))"
    r"(?:[^\d]{1,12}(?P<hour>\d{1,2})[:h.](?P<minute>\d\d)"
    r"(?:[:.m](?P<sec>\d\d)s?(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?\D{0,8}$"
)
#: What has to be in a date in words: without a year, "may" would be the fifth month of this one.
IN_WORDS = r"[^\W\d_]{3}.*\d{4}|\d{4}.*[^\W\d_]{3}|^\d{1,2}[-. /][^\W\d_]{3,9}[-. /]\d\d(?:\D|$)"
#: Languages of the names of months.
_LANGUAGES = ("es", "fr", "de", "pt", "it", "ru", "nl", "pl", "tr", "uk")
#: A time of day on the 24-hour clock, within a date in words.
_CLOCK = r"^(?P<before>(?:.*\D)?)(?P<clock>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<after>(?:\s.*)?)$"


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


def worded_seconds(text: pd.Series) -> np.ndarray:
    """Dates whose month is a word of one of many languages → seconds (n,)."""
    seconds = np.full(len(text), np.nan)
    for place, cells in pieces(text):
        for pattern, number in _months():
            cells = pc.replace_substring_regex(cells, pattern, number, max_replacements=1)
        groups = pc.extract_regex(cells, _WORDED)
        part = {
            name: small_numbers(name, pc.fill_null(pc.struct_field(groups, name), ""))
            for name in re.compile(_WORDED).groupindex
            if name != "fraction"
        }
        known = ~groups.is_null().to_numpy(zero_copy_only=False)
        year, month, day = (np.maximum(part[n], part[f"{n}2"]) for n in ("year", "month", "day"))
        year = np.where(year >= 100, year, year + 2000 - 100 * (year >= 70))
        read = with_clock(civil_seconds(*(p.astype(np.int64) for p in (year, month, day))), part)
        read += of_a_second(pc.fill_null(pc.struct_field(groups, "fraction"), ""))
        seconds[place : place + len(cells)] = np.where(known, read, np.nan)
    return seconds


def lenient_seconds(text: pd.Series) -> np.ndarray:
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
        digits = letter_codes(clock).reshape(-1, 8) - ord("0")
        hour, minute, second = (
            number_of_digits(digits[:, first : first + 2]) for first in (0, 3, 6)
        )
        seconds[clocked] = hour * 3600 + minute * 60 + second
        midnight = joined(before, "00:00:00", after)
        mask = np.isin(np.arange(len(text)), clocked)
        cells = pc.if_else(pa.array(mask), midnight, cells)
    codes, distinct = pd.factorize(pd.Series(cells.to_pylist(), dtype="str"))
    days = pd.to_datetime(pd.Series(distinct), format="mixed", utc=True, errors="coerce")
    return seconds + datetime_seconds(days)[codes]
