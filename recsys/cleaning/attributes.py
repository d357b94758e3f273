"""Tables of items and users → readable titles and typed attribute columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from recsys.cleaning.ids import as_ids, is_blank
from recsys.cleaning.joining import joined, note_codes, readable
from recsys.cleaning.report import Journal, Table
from recsys.schema import (
    ITEM_ID,
    N_,
    TITLE,
    DataError,
)
from recsys.sources import CleaningConfig, RawFrames
from recsys.sources.values.cells import tidy_attribute, tidy_text


def item_table(
    raw: RawFrames, events: pd.DataFrame, config: CleaningConfig, journal: Journal
) -> pd.DataFrame | None:
    """The items, or the titles that stand beside the events; None where there are neither."""
    frame = raw.items
    if frame is None and TITLE in raw.interactions:
        frame = _titles(raw.interactions[TITLE], events[ITEM_ID])
    met = pd.Index(events[ITEM_ID].unique().astype("str"))
    wanted = met if config.min_item_events > 1 else None
    items = joined(attributes(frame, ITEM_ID, "items", journal, wanted), ITEM_ID, met, journal)
    note_codes(items, met, journal)
    return items


def _titles(titles: pd.Series, items: pd.Series) -> pd.DataFrame:
    """The first title that is not empty of each item, in the order of the events.

    Args:
        titles: those of all rows of the file.
        items: the items of the events that are left, by position among those rows.
    """
    titled = items[(titles != "").to_numpy()[items.index]]
    first = titled[~titled.duplicated()]
    return pd.DataFrame(
        {ITEM_ID: first.astype("str"), TITLE: titles.iloc[first.index].set_axis(first.index)}
    )


def attributes(
    raw: pd.DataFrame | None,
    key: str,
    table: Table,
    journal: Journal,
    wanted: pd.Index | None = None,
) -> pd.DataFrame | None:
    """An items or users table: unique ids, only `wanted` ones, readable titles, typed columns."""
    if raw is None:
        return None
    if key not in raw.columns:
        raise DataError(
            N_("A table of items or users has no {name}. Choose which column holds its ids."),
            name=key,
        )
    ids = as_ids(raw[key])
    blank = is_blank(ids)
    reason = N_("No id: the row was dropped.")
    journal.step(reason, raw, np.flatnonzero(blank), repaired=False, table=table)
    again = ids.duplicated().to_numpy() & ~blank
    reason = N_("The id occurred before: the first row was kept, this one dropped.")
    journal.step(reason, raw, np.flatnonzero(again), repaired=False, table=table)
    rest = blank | again if wanted is None else blank | again | ~ids.isin(wanted).to_numpy()
    kept = raw.reset_index(drop=True)[~rest]
    columns: dict[str, pd.Series] = {key: ids[kept.index]}
    for column in kept.columns:
        if column == key:
            continue
        if column == TITLE and table == "items":
            text = tidy_text(readable(kept[TITLE]))
            columns[TITLE] = text.where(text != "")
            continue
        values = tidy_attribute(kept[column])
        if _says_something(values):
            columns[_variable_name(str(column), columns, journal)] = values
    return pd.DataFrame(columns)


def _says_something(values: pd.Series) -> bool:
    return bool(values.map(bool).any()) if values.dtype == object else bool(values.notna().any())


def _variable_name(column: str, taken: Mapping[str, Any], journal: Journal) -> str:
    """A column name that a template can use as a variable: ``Release year`` → ``Release_year``."""
    name = re.sub(r"\W+", "_", column).strip("_")
    if not name or name[0].isdigit():
        name = f"column_{name}"
    if name in taken:
        name = next(n for i in range(2, len(taken) + 3) if (n := f"{name}_{i}") not in taken)
    if name != column:
        note = N_('The column "{column}" is called {name} in prompts.')
        journal.note(note, column=column, name=name)
    return name
