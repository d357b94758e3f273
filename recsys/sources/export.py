"""Frames → CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

#: What makes a spreadsheet take a cell for a formula; the full-width signs do so in Asian editions.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def to_csv_bytes(frame: pd.DataFrame) -> bytes:
    """CSV in UTF-8 with a byte order mark (for Excel); lists are joined by "; ".

    A text that a spreadsheet would take for a formula gets a leading apostrophe; numbers stay
    numbers. The index is not written.
    """
    safe = pd.DataFrame({place: _column(frame.iloc[:, place]) for place in range(frame.shape[1])})
    safe.columns = pd.Index([neutralise(str(name)) for name in frame.columns], dtype=object)
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig", "replace")


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def _column(column: pd.Series) -> pd.Series:
    column = column.reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column
    return column.map(_cell)


def _cell(cell: object) -> object:
    if isinstance(cell, (list, tuple, np.ndarray)):
        return neutralise("; ".join(map(str, cell)))
    return neutralise(cell) if isinstance(cell, str) else cell
