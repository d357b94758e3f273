"""Ratings of events: notes on how they were written, and doubts about what may be no ratings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.cleaning.cells import MANY, MOST, cells_of, examples, many, percent, without
from recsys.cleaning.report import Journal
from recsys.schema import N_, RATING
from recsys.sources.options import Mark
from recsys.sources.values.ratings import Ratings, is_unrated, parse_ratings

#: Values that people write where nobody rated.
_UNRATED = (-1.0, 0.0, -99.0, 99.0, 999.0, -999.0, 9999.0)
_LEAST_SHARE = 0.02
#: Of large numbers so many show how they are written.
_LOOKED_AT = 1_000


def with_ratings(
    events: pd.DataFrame, raw: pd.DataFrame, decimal: Mark | None, journal: Journal
) -> tuple[pd.DataFrame, float | None]:
    """Add `rating` where it can be read, NaN where none was given; what is no number is dropped.

    Returns:
        The events, and 1 as the rating from which they are liked, where likes and dislikes stand
        in the cells as words; else None.
    """
    if RATING not in raw.columns or events.empty:
        return events, None
    cells = cells_of(raw, RATING, events)
    ratings = parse_ratings(cells, decimal)
    values = ratings.values
    useless = np.isnan(values)
    places = events.index.to_numpy()
    if many(useless, MOST):
        reason = N_(
            "Most ratings are missing or no numbers, such as {examples}: ratings were left out, "
            "all rows kept. Write ratings as numbers to have them used."
        )
        shown = examples(cells[useless])
        journal.step(reason, raw, places[useless], repaired=True, grave=True, examples=shown)
        return events, None
    missing = useless & _is_missing(cells, useless)
    reason = N_("The rating is missing: the row was kept, as an event that nobody rated.")
    journal.step(reason, raw, places[missing], repaired=True, grave=many(missing))
    useless &= ~missing
    reason = N_("The rating is no number: the row was dropped.")
    journal.step(reason, raw, places[useless], repaired=False, grave=many(useless))
    liked_from = _say_how(ratings, cells, journal)
    known = values[~np.isnan(values)]
    # Of letters 0 is an F, and no lack of a mark.
    letters = ratings.written == "letters"
    if not letters and not _doubt(known, journal, answers=liked_from is not None):
        reason = N_("The rating is negative: it was kept, as part of a scale from {low} to {high}.")
        low, high = np.nanmin(values), np.nanmax(values)
        negative = places[values < 0]
        journal.step(reason, raw, negative, repaired=True, low=f"{low:g}", high=f"{high:g}")
    return without(events.assign(**{RATING: values}), useless), liked_from


def _is_missing(cells: pd.Series, useless: np.ndarray) -> np.ndarray:
    """Whether cells (n,), of which only the useless ones are looked at, say that there is none."""
    missing = np.zeros(len(cells), dtype=bool)
    codes, distinct = pd.factorize(cells[useless].astype("str").fillna(""))
    missing[useless] = np.array([is_unrated(cell) for cell in distinct], dtype=bool)[codes]
    return missing


def _say_how(ratings: Ratings, cells: pd.Series, journal: Journal) -> float | None:
    """Say how ratings were read that are no plain numbers; the rating from which they are liked."""
    known = ratings.values[~np.isnan(ratings.values)]
    low, high = f"{known.min():g}", f"{known.max():g}"
    shown = examples(cells[~np.isnan(ratings.values)])
    if ratings.written == "shares" and ratings.mixed:
        note = N_(
            "Ratings are written on different scales, such as {examples}: all were brought to one "
            "up to {most}."
        )
        journal.note(note, grave=True, examples=shown, most=f"{ratings.most:g}")
    elif ratings.written == "shares":
        note = N_("Ratings such as {examples} were read as numbers of a scale up to {most}.")
        journal.note(note, examples=shown, most=f"{ratings.most:g}")
    elif ratings.written == "answers":
        liked, disliked = (int((known == value).sum()) for value in (1.0, 0.0))
        note = N_(
            "Ratings are answers such as {examples}: they were read as 1 ({liked} rows) and 0 "
            "({disliked} rows), and only those of 1 count as liked. The others stay in the "
            "history; keep only what was liked to leave them out."
        )
        journal.note(note, grave=True, examples=shown, liked=liked, disliked=disliked)
        return 1.0
    elif ratings.written == "letters":
        note = N_("Marks such as {examples} were read as numbers: A as 4, down to F as 0.")
        journal.note(note, grave=True, examples=shown)
    elif ratings.written == "steps":
        note = N_("Words such as {examples} were read as the steps of a scale: {low} to {high}.")
        journal.note(note, grave=True, examples=shown, low=low, high=high)
    elif ratings.written == "numbers":
        _say_thousands(ratings.values, cells, journal)
    else:
        note = N_("Ratings such as {examples} were read as numbers from {low} to {high}.")
        journal.note(note, examples=shown, low=low, high=high)
    return None


def _say_thousands(values: np.ndarray, cells: pd.Series, journal: Journal) -> None:
    """Say that a mark was read as one between thousands: a guess where no number is smaller."""
    large = np.flatnonzero(np.abs(values) >= 1000)
    if not len(large):
        return
    looked = cells.iloc[large[:_LOOKED_AT]].astype("str").str.strip()
    marked = looked[looked.str.fullmatch(r"\d{1,3}[.,]\d{3}")]
    if len(marked):
        shown = float(values[large[looked.str.fullmatch(r"\d{1,3}[.,]\d{3}").argmax()]])
        note = N_("In ratings such as {examples} thousands were read: the first is {number}.")
        sure = bool((np.abs(values) < 1000).any())
        journal.note(note, grave=not sure, examples=examples(marked), number=f"{shown:,.0f}")


def _doubt(values: np.ndarray, journal: Journal, *, answers: bool) -> bool:
    """Say where ratings may mean something else; whether a value may mean that nobody rated."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        note = N_(
            "All ratings are {value}: they say nothing of what was liked more. Every event counts "
            "the same."
        )
        journal.note(note, grave=True, value=f"{low:g}")
        return False
    if (unrated := _unrated(values)) is not None:
        note = N_(
            "{share} of the ratings are {value}, which may mean “not rated” rather than a "
            "rating: events and ratings were kept as they are. If it does, choose no rating "
            "column, or say from which rating an event counts as liked."
        )
        share = percent(float((values == unrated).mean()))
        journal.note(note, grave=True, share=share, value=f"{unrated:g}")
        return unrated < 0
    if not answers and low == 0 and high == 1 and set(np.unique(values)) == {0.0, 1.0}:
        note = N_(
            "Ratings are only 0 ({share}) and 1. Where 0 means “no”, say that an event counts as "
            "liked from 1: until then every event does."
        )
        journal.note(note, grave=True, share=percent(float((values == 0).mean())))
    return False


def _unrated(values: np.ndarray) -> float | None:
    """A value far from, or just below, all others that many ratings have; None without one."""
    for value in _UNRATED:
        share = float((values == value).mean())
        if not _LEAST_SHARE < share < 1:
            continue
        others = values[values != value]
        least, most = float(others.min()), float(others.max())
        if value == 0 and least >= 1 and most >= 3 and share > MANY:
            return value
        if value == -1 and least >= 0 and most >= 3:
            return value
        if abs(value) >= 99 and abs(value) > 4 * max(abs(least), abs(most)):
            return value
    return None
