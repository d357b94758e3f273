"""Ids, exactly as uploaded."""

from __future__ import annotations

import numpy as np
import pandas as pd


def as_ids(column: pd.Series) -> pd.Series:
    """Ids as strings, exactly as they are; whole numbers in float columns are written whole."""
    column = column.reset_index(drop=True)
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda v: f"{v:.0f}" if float(v).is_integer() else str(v), "ignore")
    return column.astype("str")


def coded_ids(column: pd.Series) -> pd.Series:
    """Ids as `as_ids` gives them, each kept once: what asks for equality compares numbers."""
    ids = as_ids(column)
    codes, distinct = pd.factorize(ids)
    coded = pd.Categorical.from_codes(codes, pd.Index(distinct, dtype="str"))
    return pd.Series(coded, index=ids.index)


def is_blank(ids: pd.Series) -> np.ndarray:
    """Where an id is missing or nothing but spaces, (n,) bool."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        of_each = is_blank(pd.Series(ids.cat.categories))
        return np.append(of_each, True)[ids.cat.codes.to_numpy()]  # a missing one has code -1
    return (ids.isna() | (ids.str.strip() == "")).to_numpy(dtype=bool)
