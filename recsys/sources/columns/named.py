"""Columns that are known by name: what the shapes of tables share."""

from __future__ import annotations

import re

import pandas as pd

from recsys.schema import ITEM_ID, TITLE, USER_ID
from recsys.sources.columns.choosing import columns_named
from recsys.sources.columns.names import WORD, plain_name, strength
from recsys.sources.columns.vocabulary import AMBIGUOUS_TITLES


def named_users(frame: pd.DataFrame) -> list[str]:
    """Columns whose name says that they hold users, the surest first."""
    return columns_named(frame, USER_ID, "interactions")


def named_items(frame: pd.DataFrame) -> list[str]:
    """Columns whose name says that they hold items or their titles, the surest first."""
    found = columns_named(frame, ITEM_ID, "interactions")
    titles = columns_named(frame, TITLE, "interactions")
    return list(
        dict.fromkeys([*found, *(c for c in titles if plain_name(c) not in AMBIGUOUS_TITLES)])
    )


def called(frame: pd.DataFrame, canonical: str, named: list[str]) -> list[str]:
    """The columns that are `named` so, and behind them those whose names say it less surely."""
    more = [c for c in map(str, frame.columns) if strength(c, canonical)[0] >= WORD]
    return list(dict.fromkeys([*named, *more]))


def row_says(name: str) -> str | None:
    """Whether a column that names the rows names users or items, by what it is called.

    Above a matrix the corner often says both, rows first: "Film \\ Viewer", "Book ↓ Reader →".
    """
    below = re.search(r"([^\\/|→↓]+?)\s*↓", name)
    parts = [part for part in re.split(r"[\\/|→↓×]+", name) if part.strip()]
    said = (below[1] if below else parts[0] if parts else "").strip()
    if plain_name(said) in AMBIGUOUS_TITLES:
        return None
    for canonical, meant in ((USER_ID, USER_ID), (ITEM_ID, ITEM_ID), (TITLE, ITEM_ID)):
        if strength(said, canonical)[0] >= WORD:
            return meant
    return None
