"""Which column of items or users joins the events, and whether a table is what it is given as."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from recsys.schema import ITEM_ID, N_, TITLE, USER_ID, DataError, Message
from recsys.sources.columns.choosing import Kind, choose_columns, columns_named, guess_columns
from recsys.sources.columns.named import named_users
from recsys.sources.values.cells import plain_ids

#: Rows of the events that are read for the ids there are.
_SAMPLE_ROWS = 500_000
#: A column named as the key is left only where it joins less than this share of the ids, and …
_FEW = 0.5
#: … another one joins so much more of them.
_MORE = 0.25
_KEYS: dict[Kind, str] = {"items": ITEM_ID, "users": USER_ID}
_JOINS: dict[Kind, str] = {
    "items": N_(
        'The column "{column}" of the items was taken for their id: it holds {joined} of the '
        '{total} ids of the events, and "{other}" only {fewer}.'
    ),
    "users": N_(
        'The column "{column}" of the users was taken for their id: it holds {joined} of the '
        '{total} ids of the events, and "{other}" only {fewer}.'
    ),
}


def choose_joining(
    frame: pd.DataFrame, kind: Kind, chosen: Mapping[str, str] | None, events: pd.Series
) -> tuple[pd.DataFrame, list[Message]]:
    """Rename the columns of items or users; the key, unless it is chosen, is what joins `events`.

    Args:
        chosen: canonical name → column; "" means there is none.
        events: the ids of the events.

    Raises:
        DataError, ConfigError: see :func:`recsys.sources.columns.choosing.rename`.
    """
    key, chosen = _KEYS[kind], dict(chosen or {})
    if key in chosen:
        return choose_columns(frame, kind, chosen), []
    guessed = guess_columns(frame, kind)
    column, notes = _key(frame, kind, guessed.get(key), events)
    if column is None or column == guessed.get(key):
        return choose_columns(frame, kind, chosen), notes
    chosen[key] = column
    if kind == "items" and column in (guessed.get(TITLE), chosen.get(TITLE)):
        copy = next(c for c in (TITLE, f"{column}_2", f"{column}_3") if c not in frame.columns)
        frame = frame.assign(**{copy: frame[column]})  # what is both is shown, too
        chosen[TITLE] = copy
    return choose_columns(frame, kind, chosen), notes


def _key(
    frame: pd.DataFrame, kind: Kind, guessed: str | None, events: pd.Series
) -> tuple[str | None, list[Message]]:
    """The column that joins most of the events' ids, and why it is another one than was guessed."""
    ids = _plain(events.head(_SAMPLE_ROWS))
    if ids.empty:
        return guessed, []
    joined = {
        str(c): int(ids.isin(values).sum())
        for c in frame.columns
        if frame[c].dtype != object and len(values := _plain(frame[c])) > 0.5 * len(frame)
    }
    if not joined:
        return guessed, []
    best = max(joined, key=lambda c: joined[c])
    fewer = joined.get(guessed, 0) if guessed is not None else 0
    share = fewer / len(ids)
    if best == guessed or joined[best] == 0 or share >= _FEW:
        return guessed, []
    if guessed is not None and joined[best] / len(ids) < share + _MORE:
        return guessed, []
    params = {"column": best, "joined": f"{joined[best]:,}", "total": f"{len(ids):,}"}
    note = Message(_JOINS[kind], {**params, "other": guessed, "fewer": f"{fewer:,}"})
    return best, [note] if guessed is not None else []


def key_that_joins(frame: pd.DataFrame, events: pd.Series) -> str | None:
    """The column that holds most of the ids of events, each once; None where it is under half."""
    ids = _plain(events.head(_SAMPLE_ROWS))
    joined = {
        str(c): int(ids.isin(values).sum())
        for c in frame.columns
        if frame[c].dtype != object and len(values := _plain(frame[c])) > 0.5 * len(frame)
    }
    best = max(joined, key=lambda c: joined[c], default=None)
    return best if best is not None and joined[best] >= _FEW * max(len(ids), 1) else None


def _plain(ids: pd.Series) -> pd.Index:
    """Distinct ids, as cleaning compares them."""
    plain = plain_ids(pd.Series(ids.astype("str").unique(), dtype="str"))
    return pd.Index(plain[(plain != "") & plain.notna()].unique())


_LOOKS: dict[tuple[Kind, Kind], str] = {
    ("interactions", "items"): N_(
        "This looks like a list of items: each of its {count} rows is another item, and there are "
        "no users in it. Give it as the items (--items), beside a file of events."
    ),
    ("interactions", "users"): N_(
        "This looks like a list of users: each of its {count} rows is another user, and there are "
        "no items in it. Give it as the users (--users), beside a file of events."
    ),
    ("items", "interactions"): N_(
        "The file given as items looks like events (--data): it has users, and its "
        "items come again."
    ),
    ("items", "users"): N_("The file given as items looks like a list of users (--users)."),
    ("users", "interactions"): N_(
        "The file given as users looks like events (--data): it has items, and its "
        "users come again."
    ),
    ("users", "items"): N_("The file given as users looks like a list of items (--items)."),
}


def looks_like(frame: pd.DataFrame, kind: Kind) -> Kind | None:
    """What a table seems to be, where that is not what it is given as; by names and by content."""
    if len(frame) < 3:
        return None
    users = [c for c in named_users(frame) if frame[c].dtype != object]
    items = [c for c in columns_named(frame, ITEM_ID, "interactions") if frame[c].dtype != object]
    titles = columns_named(frame, TITLE, "interactions")
    if kind != "interactions" and users and items:
        key = frame[items[0] if kind == "items" else users[0]]
        return "interactions" if key.nunique() < 0.8 * len(key) else None
    if kind != "items" and items and not users and frame[items[0]].is_unique:
        return "items"
    plain = [c for c in columns_named(frame, ITEM_ID, "items") if frame[c].dtype != object]
    if kind == "interactions" and plain and titles and not users and frame[plain[0]].is_unique:
        return "items"
    if kind != "users" and users and not items and not titles and frame[users[0]].is_unique:
        return "users"
    return None


def misplaced(frame: pd.DataFrame, kind: Kind) -> tuple[Kind, Message] | None:
    """What a table is instead of what it is given as, and a sentence that says so; else None."""
    like = looks_like(frame, kind)
    if like is None:
        return None
    return like, Message(_LOOKS[kind, like], {"count": f"{len(frame):,}"}, grave=True)


def refuse_misplaced(frame: pd.DataFrame, chosen: Mapping[str, str] | None) -> None:
    """Raise `DataError` for events that are none, unless a person chose the columns."""
    if chosen and (USER_ID in chosen or ITEM_ID in chosen):
        return
    found = misplaced(frame, "interactions")
    if found is not None:
        raise DataError(found[1].template, **found[1].params)


def without_guess(chosen: Mapping[str, str], frame: pd.DataFrame, kind: Kind) -> dict[str, str]:
    """What a person chose of a form that was filled in by guess: the key, if it was changed."""
    key = _KEYS.get(kind)
    # Events have no key, and guessing looks at a sample of every column.
    if key is None or key not in chosen:
        return dict(chosen)
    guessed = guess_columns(frame, kind).get(key)
    return {c: column for c, column in chosen.items() if c != key or column != guessed}
