"""Interactions as uploaded → events with usable ids, ratings and times; then thresholds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.cleaning.cells import many, without
from recsys.cleaning.doubts import note_ids, note_unused, without_totals
from recsys.cleaning.ids import coded_ids, is_blank
from recsys.cleaning.ratings import with_ratings
from recsys.cleaning.report import Journal
from recsys.cleaning.times import with_times
from recsys.schema import (
    ITEM_ID,
    N_,
    POSITION,
    RATING,
    REQUIRED_INTERACTION_COLUMNS,
    TIMESTAMP,
    USER_ID,
    DataError,
)
from recsys.sources import CleaningConfig, ReadOptions

#: Where more rows than this share are copies, that is said first.
_MANY_AGAIN = 0.2


def read_events(
    raw: pd.DataFrame, read: ReadOptions, journal: Journal
) -> tuple[pd.DataFrame, float | None]:
    """Events with usable ids, numbers and times; the index holds positions in the raw frame.

    Ids are categorical, so that each is kept and compared once.

    Args:
        read: how the cells are to be understood, where that is known.

    Returns:
        The events, and the rating from which they are liked, where the cells say that themselves.
    """
    missing = [c for c in REQUIRED_INTERACTION_COLUMNS if c not in raw.columns]
    if missing:
        raise DataError(
            N_("The interactions have no {names}. Choose which columns hold users and items."),
            names=", ".join(missing),
        )
    coded = {c: coded_ids(raw[c]) for c in REQUIRED_INTERACTION_COLUMNS}
    events = pd.DataFrame({column: ids for column, (ids, _) in coded.items()})
    blank = is_blank(events[USER_ID]) | is_blank(events[ITEM_ID])
    reason = N_("No user id or no item id: the row was dropped.")
    journal.step(reason, raw, np.flatnonzero(blank), repaired=False)
    for column, (_, one) in coded.items():
        note_ids(column, events[column], one, journal)
    events = without(events, blank)
    events = without_totals(events, raw, journal)
    events, liked_from = with_ratings(events, raw, read.decimal, journal)
    events = with_times(events, raw, read.dates, journal)
    note_unused(raw, journal)
    return _without_duplicates(events, raw, journal), liked_from


def _without_duplicates(events: pd.DataFrame, raw: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    """Drop the same user, item and moment seen again; without times, what was rated alike.

    Rows without time and rating that are equal in every cell stay: they are purchases of the same
    item as often as copies of a row, and these cannot be distinguished.
    """
    moment = [c for c in (TIMESTAMP, POSITION) if c in events]
    if moment:
        again = events.duplicated([USER_ID, ITEM_ID, *moment]).to_numpy()
        if TIMESTAMP in moment:
            again = again & events["_time_known"].to_numpy(dtype=bool)
            events = events.drop(columns="_time_known")
        reason = N_("The same user, item and time occurred before: the row was dropped.")
    else:
        cells = raw if len(events) == len(raw) else raw.iloc[events.index]
        again = cells.astype("str").duplicated().to_numpy()
        reason = N_("The same row occurred before: it was dropped.")
        if RATING not in events:
            reason = N_(
                "The same row occurred before, and there is no time to tell them apart: it was "
                "kept, as a thing done again. If it is a copy, remove it from the file."
            )
            places = events.index.to_numpy()[again]
            journal.step(reason, raw, places, repaired=True, grave=many(again))
            return events
    places = events.index.to_numpy()[again]
    journal.step(reason, raw, places, repaired=False, grave=many(again, _MANY_AGAIN))
    return without(events, again)


def filter_events(
    events: pd.DataFrame, config: CleaningConfig, raw: pd.DataFrame, journal: Journal
) -> pd.DataFrame:
    """Drop what the configuration does not want, once each: disliked, rare items, rare users."""
    if config.only_liked:
        low = ~(events[RATING] >= config.liked_from).to_numpy(dtype=bool)  # unrated ones, too
        reason = N_("Not rated {liked_from} or higher, so not liked: the row was dropped.")
        places = events.index.to_numpy()[low]
        liked_from = f"{config.liked_from:g}"
        journal.step(reason, raw, places, repaired=False, liked_from=liked_from)
        events = without(events, low)
    item_reason = N_("The item occurs in fewer than {least} rows: the row was dropped.")
    user_reason = N_("The user has fewer than {least} rows left: the row was dropped.")
    for column, least, reason in (
        (ITEM_ID, config.min_item_events, item_reason),
        (USER_ID, config.min_user_events, user_reason),
    ):
        if least > 1:
            codes, _ = pd.factorize(events[column])
            rare = np.bincount(codes)[codes] < least if len(codes) else np.zeros(0, dtype=bool)
            places = events.index.to_numpy()[rare]
            journal.step(reason, raw, places, repaired=False, least=least)
            events = without(events, rare)
    return events


def require_two(events: pd.DataFrame, rows_in: int) -> None:
    """Raise `DataError` where fewer than two users or two items are left."""
    if events.empty:
        raise DataError(
            N_(
                "None of the {rows} rows can be used. Check which columns hold users and items, "
                "and lower the thresholds."
            ),
            rows=rows_in,
        )
    if events[USER_ID].nunique() < 2:
        raise DataError(
            N_("There is only one user, {user}. A recommender needs events of at least two."),
            user=_shortened(events[USER_ID].iloc[0]),
        )
    if events[ITEM_ID].nunique() < 2:
        raise DataError(
            N_("There is only one item, {item}. A recommender needs at least two to choose from."),
            item=_shortened(events[ITEM_ID].iloc[0]),
        )


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def in_order(events: pd.DataFrame) -> pd.DataFrame:
    """Times as whole seconds, and rows in the order of the exact ones, then of the position.

    `Dataset.from_frames` then sorts by user and time and keeps ties.
    """
    exact = events[TIMESTAMP].to_numpy() if TIMESTAMP in events else None
    seconds = None if exact is None else np.floor(exact)
    broken = exact is not None and seconds is not None and not np.array_equal(exact, seconds)
    if seconds is not None:
        events = events.assign(**{TIMESTAMP: seconds.astype(np.int64)})
    if POSITION in events or broken:
        position = events.pop(POSITION).to_numpy() if POSITION in events else None
        keys = [key for key in (position, exact if broken else None) if key is not None]
        events = events.iloc[np.lexsort(keys)]
    return events
