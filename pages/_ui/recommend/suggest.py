"""Recommend page: one user's list, with and without the wish, and what to say about it."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import streamlit as st

from pages._ui.common.i18n import _, language, punctuation
from pages._ui.common.turns import TURNS
from pages._ui.html.list_markup import Entry, Past
from pages._ui.words.value_words import value_words
from recsys.dataset import Dataset, as_values
from recsys.prompts import Template
from recsys.prompts.attributes import Attribute, encode, main_attributes
from recsys.prompts.wording import column_words
from recsys.recommend import close_to, has_all, reader_of, recommend, values_had
from recsys.runs import Run
from recsys.wishes.control.corrections import Corrections

if TYPE_CHECKING:
    from recsys.models import Queries, Recommender
    from recsys.wishes.intent import Intent

#: An attribute with more values than this is searched for, not chosen from.
MAX_CHOICES = 500
_SHOWN_HISTORY = 200
_LONG = 60
#: Lists without a wish that are kept of a model.
_MOST_PLAIN = 500
_PLAIN: WeakKeyDictionary[Recommender, dict[Hashable, np.ndarray]] = WeakKeyDictionary()
_READING = threading.Lock()
#: Numbers that say by themselves what they are.
_YEARS = range(1000, 2100)


@dataclass(frozen=True, eq=False)
class Suggestions:
    """Lists for one user.

    Attributes:
        items, scores: (k,) the list that is shown.
        plain: (k,) the list without the wish; the same as `items` where there is no wish.
        table: the shown list as `recommend` gives it.
    """

    items: np.ndarray
    scores: np.ndarray
    plain: np.ndarray
    table: pd.DataFrame = field(default_factory=pd.DataFrame)


def suggest(
    model: Recommender,
    data: Dataset,
    user: int,
    *,
    k: int,
    template: Template | None,
    intent: str,
    allowed: np.ndarray | None,
    unwanted: np.ndarray | None = None,
    history_weight: float = 1.0,
    corrections: Corrections | None = None,
    strength: float = 1.0,
) -> Suggestions:
    """The list for a user, and the one they would get without the wish.

    Args:
        unwanted: positions of items the like of which stands lower; the history's hash has to
            tell them, as that of `history_with` does.
        history_weight, corrections, strength: as in `Queries`.
    """
    from recsys.models import Queries

    users = np.array([user])
    if intent:
        read(model, data, intent)
    queries = Queries(
        data,
        users,
        template,
        intent,
        history_weight=history_weight,
        corrections=corrections or Corrections(),
        strength=strength,
    )
    frame = recommend(model, queries, k, allowed, unwanted)
    items = data.items.positions(frame["item_id"].tolist())
    plain, scores = items, frame["score"].to_numpy()
    if intent:
        plain = _plain(model, replace(queries, intent=""), k, allowed, unwanted)
        if model.predicts_ratings:  # what is expected, not where a wish put it
            scores = model.score(replace(queries, intent=""))[0, items]
    return Suggestions(items, scores, plain, frame)


def read(model: Recommender, data: Dataset, wish: str) -> Intent:
    """What is understood of a wish; it is read with those of all who wait for their turn."""
    reader = reader_of(model, data)
    with _READING:  # a wish that another session is reading for all who wait is not read twice
        reader.read_ahead([wish, *TURNS.wishes(model)])
        return reader.read(wish)


def _plain(
    model: Recommender,
    queries: Queries,
    k: int,
    allowed: np.ndarray | None,
    unwanted: np.ndarray | None,
) -> np.ndarray:
    """The list (k,) that the user would get without a wish; made once for all their wishes."""
    kept, data = _PLAIN.setdefault(model, {}), queries.history
    key = (
        data.content_hash,
        queries.users.tobytes(),
        k,
        None if queries.template is None else queries.template.source,
        queries.history_weight,
        None if allowed is None else allowed.tobytes(),
    )
    items = kept.get(key)
    if items is None:
        frame = recommend(model, queries, k, allowed, unwanted)
        items = data.items.positions(frame["item_id"].tolist())
        if len(kept) >= _MOST_PLAIN:
            kept.clear()
        kept[key] = items
    return items


def entries(
    data: Dataset,
    model: Recommender,
    user: int,
    found: Suggestions,
    read: Intent | None = None,
    *,
    rule: bool = True,
) -> list[Entry]:
    """The list as it is drawn: marks and reasons.

    Args:
        read: what the model made of the wish, as it was corrected.
        rule: whether what matches it comes first; a line marks the last such item then.
    """
    lines = _lines(data, found.items, read) if rule else {}
    why = _why(data, model, user, found.items, read)
    expected = model.predicts_ratings
    before = {int(item): rank for rank, item in enumerate(found.plain, start=1)}
    listed = []
    for place, item in enumerate(found.items):
        mark, up = _mark(before.get(int(item)), place + 1)
        listed.append(
            Entry(
                rank=place + 1,
                title=str(data.titles[item]),
                about=about(data, int(item)),
                why=why[place],
                rating=_("expected {rating}", rating=f"{found.scores[place]:.1f}")
                if expected
                else "",
                mark=mark,
                up=up,
                above=lines.get(place, ""),
            )
        )
    return listed


def history(data: Dataset, user: int) -> list[Past]:
    """What the user met, newest first."""
    of_user = data.events_of(user)
    events = range(of_user.stop - 1, of_user.start - 1, -1)[:_SHOWN_HISTORY]
    starred = _has_stars(data)
    past = []
    for event in events:
        item = int(data.item[event])
        liked = bool(data.liked[event])
        stars = "" if data.rating is None else _stars(float(data.rating[event]), starred)
        past.append(Past(str(data.titles[item]), _when(data, event), stars, liked))
    return past


def about(data: Dataset, item: int) -> str:
    """The attributes of an item in a line; long texts are left out."""
    parts = [
        _values_line(name, as_values(data.item_frame[name].iloc[item]))
        for name in data.item_attributes[:5]
    ]
    return " · ".join(part for part in parts if part and len(part) <= _LONG)


def listed(values: Sequence[str]) -> str:
    """Values in a row, as the app's language calls them."""
    return punctuation(", ").join(map(value_words, values))


def _values_line(column: str, values: Sequence[str]) -> str:
    """Values of a column in a line; a number that is no year has the column's name before it."""
    words = listed(values[:5])
    bare = words.isdecimal() and int(words) not in _YEARS
    return f"{column_words(column, language())} {words}" if bare else words


def _lines(data: Dataset, items: np.ndarray, read: Intent | None) -> dict[int, str]:
    """Places of a list → what a line above says, where not all of a wish is had any more."""
    if not read or not len(items):
        return {}
    has = has_all(data, items, read)
    if not has.any():
        return {0: _("Nothing new has all of it. These come nearest:")}
    end = int(np.flatnonzero(has)[-1]) + 1
    return {end: _("From here on, not all of what was asked for:")} if end < len(items) else {}


def changes(found: Suggestions) -> int:
    """How many items of the list are there only because of the wish."""
    return len(set(found.items.tolist()) - set(found.plain.tolist()))


@st.cache_resource(max_entries=8, show_spinner=False)
def categories(_run: Run, data_hash: str) -> dict[str, Attribute]:
    """The attributes one can filter by: values that items share, the most informative first."""
    data = _run.dataset()
    encoded = [encode(data, name) for name in data.item_attributes]
    usable = [a for a in encoded if a.is_shared and len(a.values) <= MAX_CHOICES]
    first = {a.column for a in main_attributes(encoded)}
    return {a.column: a for a in sorted(usable, key=lambda a: a.column not in first)}


def share_table(attribute: Attribute, lists: dict[str, np.ndarray], top: int = 6) -> pd.DataFrame:
    """How much of each list has a value: columns as `lists`, the most frequent values first."""
    frame = pd.DataFrame(
        {
            name: {value: count / max(len(items), 1) for count, value in attribute.top(items, 50)}
            for name, items in lists.items()
        }
    ).fillna(0.0)
    order = frame.max(axis=1).sort_values(ascending=False, kind="stable").index[:top]
    return frame.loc[order]


def _mark(before: int | None, rank: int) -> tuple[str, bool]:
    if before is None:
        return _("NEW"), True
    if before == rank:
        return "", True
    return (f"▲ {before - rank}", True) if before > rank else (f"▼ {rank - before}", False)


def _why(
    data: Dataset,
    model: Recommender,
    user: int,
    items: np.ndarray,
    read: Intent | None,
) -> list[str]:
    """For each item, what it has of the wish, and what the user liked that is most like it."""
    had = values_had(data, items, read.welcome if read else ())
    rated = data.rating is not None and data.liked_from is not None
    return [
        " · ".join(
            part
            for part in (
                _("As wished: {values}", values=listed(values)) if values else "",
                why(titles[:1] if values else titles, liked=rated),
            )
            if part
        )
        for values, titles in zip(had, close_to(model, data, user, items), strict=True)
    ]


def why(titles: tuple[str, ...], *, liked: bool = False) -> str:
    """That an item is close to one or two others, in words; "" for none.

    Args:
        liked: whether to say that these were liked, which is known where there are ratings.
    """
    if not titles:
        return ""
    first, second = titles[0], titles[-1]
    if len(titles) == 2 and liked:
        return _("Liked “{first}” and “{second}”", first=first, second=second)
    if len(titles) == 2:
        return _("Close to “{first}” and “{second}”", first=first, second=second)
    if liked:
        return _("Liked “{first}”", first=first)
    return _("Close to “{first}”", first=first)


def _has_stars(data: Dataset) -> bool:
    """Whether ratings are on a scale up to five, which stars can show."""
    if data.rating is None or np.isnan(data.rating).all():
        return False
    return bool(np.nanmin(data.rating) >= 0 and np.nanmax(data.rating) <= 5)


def _stars(rating: float, starred: bool) -> str:
    """A rating as stars, else as a number; nothing where it is missing."""
    if np.isnan(rating):
        return ""
    if not starred:
        return f"{rating:g}"
    whole = int(rating)
    return "★" * whole + ("½" if rating - whole >= 0.5 else "")


def _when(data: Dataset, event: int) -> str:
    if data.dates is None:
        return ""
    try:
        return datetime.fromtimestamp(int(data.dates[event]), UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):  # no year that people count
        return ""
