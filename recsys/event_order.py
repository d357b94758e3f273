"""Whether the order of events carries information: without times it may be that of the item ids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.dataset import Dataset

#: So many users of a hundred have to be in the order of the ids: a few rows may have been added.
_SHARE = 0.95
#: Users that are looked at, spread over all.
_USERS = 5_000
#: Users with fewer different items are in order too often by chance.
_FEWEST_ITEMS = 3
#: Fewer steps from item to item say nothing: of three users with three items each, one in 216
#: tables is in order by chance.
_FEWEST_STEPS = 12


def is_order_of_ids(dataset: Dataset) -> bool:
    """Whether there are no times, and nearly every user's items ascend, or descend, by their ids.

    Files that were written from a matrix, or sorted, are such: then "the last event" is only the
    highest id, and a model that is asked for it learns the order of the ids.
    """
    if dataset.timestamp is not None or dataset.n_events < 2:
        return False
    looked_at = np.zeros(dataset.n_users, dtype=bool)
    looked_at[np.linspace(0, dataset.n_users - 1, _USERS).astype(np.int64)] = True
    events = looked_at[dataset.user]  # (n_events,)
    user, item = dataset.user[events], dataset.item[events]
    pairs = pd.DataFrame({"user": user, "item": item}).drop_duplicates()
    met = np.bincount(pairs["user"], minlength=dataset.n_users)
    asked = met >= _FEWEST_ITEMS  # (n_users,)
    follows = (user[1:] == user[:-1]) & asked[user[1:]]
    if follows.sum() < _FEWEST_STEPS:
        return False
    users = user[1:][follows]
    for rank in _ranks(dataset.items.ids):
        step = np.diff(rank[item])[follows]
        for against in (step < 0, step > 0):
            broken = np.zeros(dataset.n_users, dtype=bool)
            broken[users[against]] = True
            if 1 - broken[asked].mean() >= _SHARE:
                return True
    return False


def _ranks(ids: np.ndarray) -> list[np.ndarray]:
    """The places of ids as texts ("10" before "9"), and with numbers read as such."""
    texts = pd.Series(ids, dtype="str")
    parts = texts.str.extract(r"^(.*?)(\d{1,15})$")
    numbers = pd.to_numeric(parts[1], errors="coerce").fillna(-1)
    heads = parts[0].fillna(texts)
    by_number = pd.DataFrame({"head": heads, "number": numbers}).sort_values(["head", "number"])
    places = []
    for order in (texts.sort_values().index, by_number.index):
        place = np.empty(len(ids), dtype=np.int64)
        place[order.to_numpy()] = np.arange(len(ids))
        places.append(place)
    return places
