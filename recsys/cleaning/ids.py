"""Ids as uploaded, but for what programs did to them: spaces around them, ".0" behind numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.sources.text.totals import is_called_total
from recsys.sources.values.cells import plain_ids

#: Large numbers as spreadsheets show them once they have rounded them.
_ROUNDED = r"^\d(?:[.,]\d+)?E\+\d{2,}$"
#: Ids that stand for none, in lower case.
_NOBODY = frozenset(
    """null none nan na n/a #n/a nil undefined unknown anonymous anon guest missing (null) <null>
    (none) (blank) - -- -1 ? 未知 匿名 不明 ゲスト desconocido inconnu unbekannt
    неизвестно""".split()
)


def as_ids(column: pd.Series) -> pd.Series:
    """Ids as strings (n,), as they are but for what `plain_ids` takes away; missing stay missing.

    Whole numbers in float columns are written whole.
    """
    column = column.reset_index(drop=True)
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda v: f"{v:.0f}" if float(v).is_integer() else str(v), "ignore")
    return plain_ids(column.astype("str"))


def coded_ids(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Ids as `as_ids` gives them, each kept once: what asks for equality compares numbers.

    Returns:
        The ids (n,) as categories, and the plain id of each that was written in several ways.
    """
    column = column.reset_index(drop=True)
    written = as_ids(column) if pd.api.types.is_float_dtype(column) else column.astype("str")
    codes, distinct = pd.factorize(written)
    given = pd.Series(distinct, dtype="str")
    plain = plain_ids(given)
    if plain.equals(given):
        return _coded(codes, given), given[:0]
    merged, kept = pd.factorize(plain)
    codes = np.where(codes < 0, -1, merged[codes])
    return _coded(codes, pd.Series(kept, dtype="str")), _became_one(given, plain)


def _coded(codes: np.ndarray, distinct: pd.Series) -> pd.Series:
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(distinct, dtype="str")))


def _became_one(given: pd.Series, plain: pd.Series) -> pd.Series:
    """The plain id of each of those `given` (n,) that shares it with another, by the id given."""
    found = pd.Series(plain.to_numpy(), index=pd.Index(given), dtype="str")
    return found[(found.duplicated(keep=False) & (found != "")).to_numpy()]


def is_blank(ids: pd.Series) -> np.ndarray:
    """Where an id is missing or nothing but spaces, (n,) bool."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        of_each = is_blank(pd.Series(ids.cat.categories))
        return np.append(of_each, True)[ids.cat.codes.to_numpy()]  # a missing one has code -1
    return (ids.isna() | (ids.str.strip() == "")).to_numpy(dtype=bool)


def rounded(ids: pd.Series) -> pd.Series:
    """Ids that a spreadsheet rounded, such as 1.23457E+12: different ones may have become one."""
    return ids[ids.str.contains(_ROUNDED).fillna(False).astype(bool)]


def placeholders(ids: pd.Series) -> pd.Series:
    """Ids that may be placeholders for a missing one, such as "NULL" or "unknown"."""
    return ids[ids.str.lower().isin(_NOBODY)]


def totals(ids: pd.Series) -> pd.Series:
    """Ids that are names of sums, such as "Total:"."""
    return ids[[is_called_total(one) for one in ids]]
