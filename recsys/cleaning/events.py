"""Interactions as uploaded → events with usable ids, ratings and times; then thresholds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.cleaning.ids import coded_ids, is_blank
from recsys.cleaning.report import Journal
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
from recsys.sources import CleaningConfig
from recsys.sources.times import parse_times
from recsys.sources.values import parse_numbers

#: Where more than this share of a column cannot be read, the column is left out, not its rows.
_MOST = 0.5


def read_events(raw: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    """Events with usable ids, numbers and times; the index holds positions in the raw frame.

    Ids are categorical, so that each is kept and compared once.
    """
    missing = [c for c in REQUIRED_INTERACTION_COLUMNS if c not in raw.columns]
    if missing:
        raise DataError(
            N_("The interactions have no {names}. Choose which columns hold users and items."),
            names=", ".join(missing),
        )
    events = pd.DataFrame({c: coded_ids(raw[c]) for c in REQUIRED_INTERACTION_COLUMNS})
    blank = is_blank(events[USER_ID]) | is_blank(events[ITEM_ID])
    reason = N_("No user id or no item id: the row was dropped.")
    journal.step(reason, raw, np.flatnonzero(blank), repaired=False)
    _note_padding(events, journal)
    events = _without(events, blank)
    events = _with_ratings(events, raw, journal)
    events = _with_times(events, raw, journal)
    return _without_duplicates(events, raw, journal)


def _without(events: pd.DataFrame, dropped: np.ndarray) -> pd.DataFrame:
    """The events but for those `dropped`; the very same where there are none."""
    return events[~dropped] if dropped.any() else events


def _cells(raw: pd.DataFrame, column: str, events: pd.DataFrame) -> pd.Series:
    """The cells of a column for the events that are left."""
    cells = raw[column]
    return cells if len(events) == len(raw) else cells.iloc[events.index]


def _note_padding(events: pd.DataFrame, journal: Journal) -> None:
    for column in REQUIRED_INTERACTION_COLUMNS:
        ids = pd.Series(events[column].cat.categories, dtype="str")
        bare = ids.str.strip()
        padded = ids[ids != bare]
        if padded.empty:
            continue
        both = padded[bare[padded.index].isin(ids)]
        if len(both):
            journal.note(
                N_('{column}: "{padded}" and "{bare}" differ only in spaces and were kept apart.'),
                column=column,
                padded=both.iloc[0],
                bare=bare[both.index[0]],
            )


def _with_ratings(events: pd.DataFrame, raw: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    if RATING not in raw.columns or events.empty:
        return events
    values = parse_numbers(_cells(raw, RATING, events))
    useless = np.isnan(values)
    places = events.index.to_numpy()
    if useless.mean() > _MOST:
        reason = N_("Most ratings are missing or no numbers: ratings were left out, all rows kept.")
        journal.step(reason, raw, places[useless], repaired=True)
        return events
    reason = N_("The rating is missing or no number: the row was dropped.")
    journal.step(reason, raw, places[useless], repaired=False)
    reason = N_("The rating is negative: it was kept, as part of a scale from {low} to {high}.")
    low, high = np.nanmin(values), np.nanmax(values)
    negative = places[values < 0]
    journal.step(reason, raw, negative, repaired=True, low=f"{low:g}", high=f"{high:g}")
    return _without(events.assign(**{RATING: values}), useless)


def _with_times(events: pd.DataFrame, raw: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    """Add `timestamp` and `position` where they can be read; gaps take the time of a neighbour."""
    for column in (TIMESTAMP, POSITION):
        if column not in raw.columns or events.empty:
            continue
        cells = _cells(raw, column, events)
        values, assumed = (
            parse_times(cells) if column == TIMESTAMP else (parse_numbers(cells), None)
        )
        if assumed == "day":
            journal.note(N_("In dates like 5-1-2024 the day was taken to come first."))
        elif assumed == "month":
            journal.note(N_("In dates like 5/1/2024 the month was taken to come first."))
        useless = np.isnan(values)
        places = events.index.to_numpy()[useless]
        if useless.mean() > _MOST:
            reason = N_("Most cells of {column} are empty or unreadable: it was left out.")
            journal.step(reason, raw, places, repaired=True, column=column)
            continue
        reason = N_("{column} is empty or unreadable: the row took that of the row before.")
        journal.step(reason, raw, places, repaired=True, column=column)
        known = pd.Series(values, index=events.index)
        events = events.assign(**{column: _filled(known, events[USER_ID])})
        if column == TIMESTAMP:
            events = events.assign(_time_known=~useless)
    if TIMESTAMP not in events and POSITION not in events:
        journal.note(N_("There are no times, so the order of the rows in the file counts."))
    return events


def _filled(values: pd.Series, users: pd.Series) -> pd.Series:
    """Fill gaps from the same user's row before, else after, else from whatever row is nearest."""
    if not values.isna().any():
        return values
    values = values.groupby(users).ffill()
    return values.groupby(users).bfill().ffill().bfill()


def _without_duplicates(events: pd.DataFrame, raw: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    """Drop the same user, item and moment seen again; without times, rows equal in every cell."""
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
    journal.step(reason, raw, events.index.to_numpy()[again], repaired=False)
    return _without(events, again)


def filter_events(
    events: pd.DataFrame, config: CleaningConfig, raw: pd.DataFrame, journal: Journal
) -> pd.DataFrame:
    """Drop what the configuration does not want, once each: disliked, rare items, rare users."""
    if config.only_liked:
        low = (events[RATING] < config.liked_from).to_numpy()
        reason = N_("Rated below {liked_from}, so not liked: the row was dropped.")
        places = events.index.to_numpy()[low]
        liked_from = f"{config.liked_from:g}"
        journal.step(reason, raw, places, repaired=False, liked_from=liked_from)
        events = _without(events, low)
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
            events = _without(events, rare)
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
    """Sorted by position; `Dataset.from_frames` then sorts by user and time and keeps ties."""
    if POSITION in events:
        events = events.sort_values(POSITION, kind="stable").drop(columns=POSITION)
    if TIMESTAMP in events:
        events = events.assign(**{TIMESTAMP: events[TIMESTAMP].astype("int64")})
    return events
