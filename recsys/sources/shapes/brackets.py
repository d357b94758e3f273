"""Cells with lists in brackets, as programs write them: "[1, 2, 3]", and lists within lists."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from recsys.sources.columns.named import named_items
from recsys.sources.shapes.tokens import QUOTED
from recsys.sources.values.cells import is_nothing

_MOST = 0.8
#: A wider table holds one value in a cell.
MOST_COLUMNS = 200
BRACKETED = r"(?s)^\s*(?:array)?\(?\s*[\[({].*[\])}]\s*\)?\s*$"
_NESTED = re.compile(r"""^\s*[\[({]\s*[\[({]|:""")


def is_bracketed(cells: pd.Series) -> bool:
    if cells.dtype == object:
        return bool(cells.map(lambda v: isinstance(v, (list, tuple, np.ndarray))).mean() > _MOST)
    filled = cells[[not is_nothing(cell) for cell in cells]]
    if filled.empty:
        return False
    text = filled.astype("str")
    return bool(text.str.contains(BRACKETED).mean() > _MOST) and not _is_nested(text)


def nested_column(frame: pd.DataFrame) -> str | None:
    """A column of lists within lists, or of records, where nothing else can be the items."""
    if len(frame.columns) > MOST_COLUMNS:
        return None
    sample = frame.head(100)
    items = [c for c in named_items(frame) if frame[c].dtype != object]
    deep = [c for c in map(str, frame.columns) if sample[c].dtype != object and _is_deep(sample[c])]
    return deep[0] if deep and not set(items) - set(deep) else None


def _is_deep(cells: pd.Series) -> bool:
    filled = pd.Series([cell for cell in cells if not is_nothing(cell)], dtype="str")
    has_brackets = filled.str.contains(BRACKETED)
    return bool(len(filled)) and has_brackets.mean() > _MOST and _is_nested(filled)


def _is_nested(text: pd.Series) -> bool:
    head = text.head(100)
    return head.map(lambda cell: bool(_NESTED.search(_without_quoted(cell)))).mean() > 0.2


def _without_quoted(cell: str) -> str:
    return re.sub(f"(?s){QUOTED}", "", cell[:10_000])
