"""Ways of writing a date that are brought to a plainer one before it is read."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.sources.values.cells import is_in, pieces, with_plain_digits

#: First year of the era that a year is counted in, less one: 令和元年 is 2019, 民國113年 2024.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_ERA = rf"({'|'.join(_ERAS)})\s*(元|\d{{1,3}})\s*年"
#: Words between the day and the time of day, in languages that people use.
_AT = r"(?i)(\d)[.)]?,?\s+(?:às|as|a las?|alle(?: ore)?|ore|um|à|kl\.?|klo|at|o|v|в|о|u|om)\s+(\d)"
#: Letters, and the signs of an offset: what stands in no 16.03.2022 19:26.
_OTHER_LETTERS = r"[^\d\s./:,-]|[+-]\d\d:?\d\d$"
_MAYBE_AT = r"\d[.)]?,?\s+[^\d\s:/-][^\d:]{0,8}\s\d"
_ZONE = r"\)$|[+-]\d\d:?\d\d(?: [A-Z]{3,4})?$|(?:GMT|UTC)\s?[+-]\d{1,2}(?::?\d\d)?$"
#: Behind a time of day; "-2024" behind a day is its year.
_OFFSET = (
    r"^(?P<clock>.*:\d\d(?:[.,]\d+)?(?:\s*[AaPp]\.?[Mm]\.?)?)\s*"
    r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)$"
)
_MAYBE_OFFSET = r":[^-+]*[+-]\d\d:?\d\d$"
_SHORT_ZONE = r"\s*(?:GMT|UTC)\s?([+-])(\d{1,2})(?::?(\d\d))?$"


def plain_dates(text: pd.Series) -> pd.Series:
    """Dates with the digits 0 to 9, years of our era, and offsets such as +01:00."""
    if not is_in(text, _OTHER_LETTERS):
        return text
    text = with_plain_digits(text)
    if is_in(text, "年"):
        text = text.str.replace(_ERA, _of_our_era, regex=True)
    if is_in(text, _MAYBE_AT):
        text = text.str.replace(_AT, r"\1 \2", regex=True)
    return _plain_zone(text)


def _of_our_era(match: re.Match[str]) -> str:
    year = 1 if match[2] == "元" else int(match[2])
    return f"{_ERAS[match[1]] + year}年"


def _plain_zone(text: pd.Series) -> pd.Series:
    """Without the name of a zone beside its offset: "+0000 UTC", "GMT+0100 (Central …)"."""
    if not is_in(text, _ZONE):
        return text
    text = text.str.replace(r"\s*\([A-Za-z][^)]*\)$", "", regex=True)
    text = text.str.replace(_SHORT_ZONE, _offset, regex=True)
    text = text.str.replace(r"\s[+-]00:?00$", "", regex=True)
    return text.str.replace(r"(?:GMT|UTC)?([+-]\d\d:?\d\d)(?: [A-Z]{3,4})?$", r"\1", regex=True)


def without_offsets(text: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Times (n,) without the offset behind them, and the offsets in seconds (n,) float64."""
    offsets = np.zeros(len(text))
    if not is_in(text, _MAYBE_OFFSET):
        return text, offsets
    bare: list[pa.Array] = []
    for place, cells in pieces(text):
        parts = pc.extract_regex(cells, _OFFSET)
        found = ~parts.is_null().to_numpy(zero_copy_only=False)
        sign, hours, minutes = (
            pc.struct_field(parts, name).filter(pa.array(found))
            for name in ("sign", "hours", "minutes")
        )
        ahead = np.where(pc.equal(sign, "-").to_numpy(zero_copy_only=False), -60.0, 60.0)
        count = hours.cast(pa.int64()).to_numpy() * 60 + minutes.cast(pa.int64()).to_numpy()
        offsets[place + np.flatnonzero(found)] = ahead * count
        bare.append(pc.if_else(pa.array(found), pc.struct_field(parts, "clock"), cells))
    plain = pd.array(pa.chunked_array(bare), dtype="str")
    return pd.Series(plain, index=text.index), offsets


def _offset(match: re.Match[str]) -> str:
    """ " GMT+1" as "+01:00": a clock that is ahead of Greenwich."""
    hours = match[2].rjust(2, "0")
    return f"{match[1]}{hours}:{match[3] or '00'}" if int(hours) <= 14 else match[0]
