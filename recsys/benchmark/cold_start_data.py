"""Users and items that training never saw, and what has to be found for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.prompts.attributes import encode
from recsys.schema import N_, DataError, Message
from recsys.splitting import Holdout, Protocol, Split, first_meetings, leave_last_out
from recsys.wishes.years import item_years

#: One in so many users, and one in so many items, is kept from training; another one each seed.
USER_FOLDS = 5
ITEM_FOLDS = 10
#: How many events of a newcomer are told, at most, and how many after them have to be found.
TOLD = 10
SOUGHT = 10
#: With fewer events nobody is asked for a new item.
FEWEST = 5

PROTOCOL = Protocol(
    "cold-start",
    Message(N_("Users and items that training never saw; the next new items must be found.")),
)


@dataclass(frozen=True, eq=False)
class ColdStart:
    """One parting of the data.

    Attributes:
        split: of the events of known users with known items, for training. Of somebody who later
            meets a new item, only what came before the last such moment is known.
        newcomers: the users who never trained, with all events that can be told of them; `targets`
            are the `SOUGHT` items that they meet after those, the same however much is told.
        profiles: (n,) what each newcomer says of themselves: the two genres and the five years met
            most among the told events. What has to be found plays no part in it.
        new_items: known users just before they meet an item that nobody met in training.
        is_new: (n_items,) bool, those items.
    """

    split: Split
    newcomers: Holdout
    profiles: np.ndarray
    new_items: Holdout
    is_new: np.ndarray

    @classmethod
    def of(cls, data: Dataset, seed: int, attribute: str = "genres") -> Self:
        """Part the data as the seed says.

        Raises:
            DataError: if nobody is left to be asked for.
        """
        new_user = _fold(data.n_users, USER_FOLDS, seed)
        is_new = _fold(data.n_items, ITEM_FOLDS, seed)
        first = first_meetings(data)
        of_new_item = is_new[data.item]
        known, asked, targets = _before_new_items(data, first & of_new_item & ~new_user[data.user])
        known &= ~new_user[data.user] & ~of_new_item
        newcomers = _newcomers(data, first & ~of_new_item & new_user[data.user])
        history = data.select(known)
        enough = np.diff(history.offsets)[asked] >= FEWEST
        if not enough.any():
            raise DataError(N_("Nobody is left who meets a new item. Use more data."))
        return cls(
            split=leave_last_out(history),
            newcomers=newcomers,
            profiles=_profiles(newcomers.history, newcomers.users, attribute),
            new_items=Holdout(history, asked[enough], targets[enough], PROTOCOL),
            is_new=is_new,
        )

    def next_items(self, n: int) -> sp.csr_matrix:
        """What newcomers meet just after their first n events, fewer than `TOLD`: (n, n_items)."""
        history, users = self.newcomers.history, self.newcomers.users
        events = history.offsets[users] + n
        return _targets(history, np.arange(len(users)), events, len(users))

    def told(self, n: int) -> Dataset:
        """What is known of the newcomers after their first n events."""
        history = self.newcomers.history
        return history.select(np.arange(history.n_events) - history.offsets[history.user] < n)


def _fold(n: int, folds: int, seed: int) -> np.ndarray:
    """The mask (n,) of the part that belongs to a seed; `folds` seeds have different parts."""
    return np.random.default_rng(0).permutation(n) % folds == seed % folds


def _before_new_items(
    data: Dataset, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, sp.csr_matrix]:
    """What precedes each user's last `chosen` event (mask (n_events,)).

    Returns:
        The mask (n_events,) of what precedes it, all events of users without one; those users
        (n,); and the item of that event, (n, n_items).
    """
    events = np.flatnonzero(chosen)
    last = np.full(data.n_users, data.n_events)
    last[data.user[events]] = events  # of several, the last one stays
    users = np.flatnonzero(last < data.n_events)
    before = np.arange(data.n_events) < last[data.user]
    return before, users, _targets(data, np.arange(len(users)), last[users], len(users))


def _newcomers(data: Dataset, chosen: np.ndarray) -> Holdout:
    """Those who have more than `TOLD` of the `chosen` events (mask), and what comes after."""
    place = np.cumsum(chosen) - 1  # counts a user's chosen events from 0, once shifted
    starts = np.concatenate([[0], np.cumsum(chosen)])[data.offsets[:-1]]
    place = place - starts[data.user]
    sought = chosen & (place >= TOLD) & (place < TOLD + SOUGHT)
    users, rows = np.unique(data.user[sought], return_inverse=True)
    if not len(users):
        raise DataError(N_("No user has more than {told} different items."), told=TOLD)
    known = chosen & (place < TOLD) & np.isin(data.user, users)
    targets = _targets(data, rows, np.flatnonzero(sought), len(users))
    return Holdout(data.select(known), users, targets, PROTOCOL)


def _targets(data: Dataset, rows: np.ndarray, events: np.ndarray, n: int) -> sp.csr_matrix:
    ones = np.ones(len(events), dtype=bool)
    return sp.csr_matrix((ones, (rows, data.item[events])), shape=(n, data.n_items))


def _profiles(history: Dataset, users: np.ndarray, attribute: str) -> np.ndarray:
    values = encode(history, attribute)
    years = item_years(history)
    if years is None:
        years = np.full(history.n_items, np.nan)
    profiles = []
    for user in users:
        items = history.history(int(user))
        names = [name.lower() for _, name in values.top(items, 2)]
        of = years[items][~np.isnan(years[items])] // 5 * 5
        first = int(np.bincount(of.astype(int)).argmax()) if len(of) else 0
        when = f", most of them from {first} to {first + 4}" if first else ""
        profiles.append(f"The user likes {' and '.join(names)} films{when}." if names else "")
    return np.array(profiles, dtype=object)
