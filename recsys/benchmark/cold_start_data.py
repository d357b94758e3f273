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
#: Known events of a cold-start user at most, and the number of items after them that are targets.
KNOWN_EVENTS = 10
TARGETS = 10
#: Users with fewer events are left out where new items are the targets.
FEWEST = 5

PROTOCOL = Protocol(
    "cold-start",
    Message(N_("Users and items that training never saw; the next new items must be found.")),
)


@dataclass(frozen=True, eq=False)
class ColdStart:
    """One split of the data.

    Attributes:
        split: of the events of known users with known items, for training. Of a user who later
            meets a new item, only the events before the last such event are known.
        cold_users: the users without training events, with up to `KNOWN_EVENTS` events; `targets`
            are the `TARGETS` items after those, the same however many events are known.
        profiles: (n,) a sentence about each of them: the two most frequent genres and five years of
            the known events; targets play no part in it.
        new_items: training users just before they meet an item without training events.
        is_new: (n_items,) bool, those items.
    """

    split: Split
    cold_users: Holdout
    profiles: np.ndarray
    new_items: Holdout
    is_new: np.ndarray

    @classmethod
    def of(cls, data: Dataset, seed: int, attribute: str = "genres") -> Self:
        """Split the data; other users and items are kept from training for each seed.

        Raises:
            DataError: if no user is left to be measured.
        """
        new_user = _fold(data.n_users, USER_FOLDS, seed)
        is_new = _fold(data.n_items, ITEM_FOLDS, seed)
        first = first_meetings(data)
        of_new_item = is_new[data.item]
        known, asked, targets = _before_new_items(data, first & of_new_item & ~new_user[data.user])
        known &= ~new_user[data.user] & ~of_new_item
        cold_users = _cold_users(data, first & ~of_new_item & new_user[data.user])
        history = data.select(known)
        enough = np.diff(history.offsets)[asked] >= FEWEST
        if not enough.any():
            raise DataError(N_("Nobody is left who meets a new item. Use more data."))
        return cls(
            split=leave_last_out(history),
            cold_users=cold_users,
            profiles=_profiles(cold_users.history, cold_users.users, attribute),
            new_items=Holdout(history, asked[enough], targets[enough], PROTOCOL),
            is_new=is_new,
        )

    def next_items(self, n: int) -> sp.csr_matrix:
        """The items just after the first n < `KNOWN_EVENTS` events of each: (users, n_items)."""
        history, users = self.cold_users.history, self.cold_users.users
        events = history.offsets[users] + n
        return _targets(history, np.arange(len(users)), events, len(users))

    def after(self, n: int) -> Dataset:
        """The first n events of the cold-start users."""
        history = self.cold_users.history
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


def _cold_users(data: Dataset, chosen: np.ndarray) -> Holdout:
    """Users with more than `KNOWN_EVENTS` of the `chosen` events (mask), and their targets."""
    place = np.cumsum(chosen) - 1  # counts a user's chosen events from 0, once shifted
    starts = np.concatenate([[0], np.cumsum(chosen)])[data.offsets[:-1]]
    place = place - starts[data.user]
    sought = chosen & (place >= KNOWN_EVENTS) & (place < KNOWN_EVENTS + TARGETS)
    users, rows = np.unique(data.user[sought], return_inverse=True)
    if not len(users):
        raise DataError(N_("No user has more than {told} different items."), told=KNOWN_EVENTS)
    known = chosen & (place < KNOWN_EVENTS) & np.isin(data.user, users)
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
