"""Dates and times of day → seconds since 1970, and the digits that they are made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.values.cells import matches

DAY = 86_400
_CLOCK_PARTS = ("hour", "minute", "sec")


def civil_seconds(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Midnight of dates (n,) of ints in seconds since 1970, float64; NaN where there is no such."""
    real = (month >= 1) & (month <= 12) & (day >= 1)
    months = ((year - 1970) * 12 + np.where(real, month, 1) - 1).astype("datetime64[M]")
    begin = months.astype("datetime64[D]").astype(np.int64)
    real &= day <= (months + 1).astype("datetime64[D]").astype(np.int64) - begin
    return np.where(real, (begin + day - 1.0) * DAY, np.nan)


def fractions_of_a_second(cells: pa.Array, pattern: str) -> np.ndarray:
    """Fractions of a second (n,) float64: of the digits in the group "fraction", 0 without any."""
    if not matches(cells, pattern).any():
        return np.zeros(len(cells))
    digits = pc.fill_null(pc.struct_field(pc.extract_regex(cells, pattern), "fraction"), "")
    return of_a_second(digits)


def of_a_second(digits: pa.Array) -> np.ndarray:
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(digits, 6, "0"), 0, 6)
    return np.asarray(padded.cast(pa.int64()).to_numpy() / 1e6)


def joined(*parts: pa.Array | str) -> pa.Array:
    """Cells made of several, each of which is an array (n,) or the same for all."""
    strings = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*strings, pa.scalar("", pa.large_string()))


def letter_codes(text: pa.Array) -> np.ndarray:
    """The bytes of all cells, one after another, (n,) uint8."""
    ends = np.frombuffer(text.buffers()[1], np.int64)[text.offset :][: len(text) + 1]
    return np.frombuffer(text.buffers()[2], np.uint8)[ends[0] : ends[-1]]


def number_of_digits(digits: np.ndarray) -> np.ndarray:
    """Digits (n, k) → numbers (n,) int64."""
    powers = 10 ** np.arange(digits.shape[1])[::-1]
    return digits.astype(np.int64) @ powers


def with_clock(midnight: np.ndarray, parts: dict[str, np.ndarray]) -> np.ndarray:
    """Seconds (n,) of a time of day behind those of its midnight."""
    hour, minute, second = (np.maximum(parts[c], 0).astype(np.int64) for c in _CLOCK_PARTS)
    half = parts["half"]
    hour = np.where(half >= 0, hour % 12 + 12 * (half == 1), hour)
    return np.asarray(midnight + hour * 3600 + minute * 60 + second)


def datetime_seconds(times: pd.Series) -> np.ndarray:
    """Datetimes → seconds (n,) float64, NaN for NaT."""
    if getattr(times.dtype, "tz", None) is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    values = times.to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(values), np.nan, values.astype(np.int64) / 1e6)
