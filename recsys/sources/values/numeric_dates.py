"""Dates in numbers, in whatever order of day, month and year → seconds."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.options import DayOrMonth
from recsys.sources.values.calendar_seconds import civil_seconds, of_a_second, with_clock
from recsys.sources.values.cells import PIECE_CELLS, matches, pieces

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
_SEPARATORS = "-/."
#: Of so many dates it is looked whether they are in order.
_ORDERED_CELLS = 100_000
_AFTERNOON = ("下午", "午後", "오후")
#: Where `re` knows more digits and spaces than Arrow does.
_BEYOND_ARROW = "[^\x00-\x7f]|[\x0b\x1c-\x1f]"


def date_parts(text: pd.Series) -> tuple[dict[str, np.ndarray], np.ndarray]:
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
                part[place : place + len(words)] = small_numbers(name, pc.fill_null(words, ""))
        fraction = pc.struct_field(groups, "fraction")
        if pc.max(pc.binary_length(fraction)).as_py():
            fractions[place : place + len(fraction)] = of_a_second(pc.fill_null(fraction, ""))
        others = groups.is_null().to_numpy(zero_copy_only=False) & matches(cells, _BEYOND_ARROW)
        for other in np.flatnonzero(others):
            if m := re.fullmatch(_DATE, cells[int(other)].as_py()):
                for name, part in found.items():
                    part[place + other] = small_numbers(name, pa.array([m[name] or ""]))[0]
    noon = found.pop("noon")
    found["half"] = np.where(noon >= 0, noon, found["half"])
    return found, fractions


def small_numbers(name: str, words: pa.Array) -> np.ndarray:
    """One group of many cells (n,) as int16; see `date_parts`."""
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


def assembled_seconds(
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
    return with_clock(civil_seconds(year, month, day), parts)
