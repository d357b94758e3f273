"""What the steps of cleaning events share: cells of the rows left, and examples of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Where more rows than this share are concerned, it is said first: it changes what is learned.
MANY = 0.05
#: Where more than this share of a column cannot be read, the column is left out, not its rows.
MOST = 0.5
_EXAMPLES = 3
_SHOWN_LETTERS = 40


def without(events: pd.DataFrame, dropped: np.ndarray) -> pd.DataFrame:
    """The events but for those `dropped`; the very same where there are none."""
    return events[~dropped] if dropped.any() else events


def cells_of(raw: pd.DataFrame, column: str, events: pd.DataFrame) -> pd.Series:
    """The cells of a column for the events that are left."""
    cells = raw[column]
    return cells if len(events) == len(raw) else cells.iloc[events.index]


def examples(cells: pd.Series) -> str:
    """The first three different cells, in quotes and shortened: “soon”, “later”."""
    first = cells.iloc[:10_000].astype("str").fillna("").unique()[:_EXAMPLES]
    return ", ".join(f"“{shortened(cell)}”" for cell in first)


def shortened(text: str) -> str:
    """A text of at most 40 letters."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_LETTERS else text[: _SHOWN_LETTERS - 1] + "…"


def many(concerned: np.ndarray, share: float = MANY) -> bool:
    """Whether more than this share of the rows (n,) is concerned."""
    return len(concerned) > 0 and bool(concerned.mean() > share)


def percent(share: float) -> str:
    """A share in whole percent; of what is there at all never 0 %."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"
