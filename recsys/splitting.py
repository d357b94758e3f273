"""Splitting the events into training, validation and test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.event_order import is_order_of_ids
from recsys.schema import N_, DataError, Message


@dataclass(frozen=True)
class Protocol:
    """How a result was measured: a short `name`, and a `description` for a person.

    `str()` gives the one line that goes beside every number. `drawn_from` is how many users there
    are where only some of them, drawn at random, are asked for.
    """

    name: str
    description: Message
    drawn_from: int | None = None

    def __str__(self) -> str:
        drawn = "" if self.drawn_from is None else f", users drawn from {self.drawn_from:,}"
        return f"{self.name}, full catalogue, seen items filtered{drawn}"


@dataclass(frozen=True, eq=False)
class Holdout:
    """What is known of some users, and the items they met next, which have to be found.

    Attributes:
        history: all events before the cutoff, of every user. No user's history
            holds one of that user's targets.
        users: (n,) positions of the users asked for, ascending.
        targets: (n, n_items) bool, row r for `users[r]`; every row has at least one item.
        protocol: how the targets were chosen.
        ratings: (targets.nnz,) what the users gave their targets, in the order of the stored
            places; None in data without ratings.
    """

    history: Dataset
    users: np.ndarray
    targets: sp.csr_matrix
    protocol: Protocol
    ratings: np.ndarray | None = None

    def rated(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users and items (positions) of all targets that are rated, and their ratings: (n,) each.

        Raises:
            ValueError: in data without ratings.
        """
        if self.ratings is None:
            raise ValueError("there are no ratings")
        users = np.repeat(self.users, np.diff(self.targets.indptr))
        given = ~np.isnan(self.ratings)
        return users[given], self.targets.indices[given], self.ratings[given]

    def sample(self, n: int, seed: int = 0) -> Holdout:
        """The same for n of the users, drawn at random; for all if they are no more than that."""
        if len(self.users) <= n:
            return self
        rows = np.sort(np.random.default_rng(seed).permutation(len(self.users))[:n])
        protocol = replace(self.protocol, drawn_from=len(self.users))
        return replace(self.select(rows), protocol=protocol)

    def select(self, rows: np.ndarray) -> Holdout:
        """The users in some rows, in that order; what they rated is left out."""
        return Holdout(self.history, self.users[rows], self.targets[rows], self.protocol)


@dataclass(frozen=True, eq=False)
class Split:
    """One data set, split: train ⊆ validation.history ⊆ test.history ⊂ all events."""

    protocol: Protocol
    train: Dataset
    validation: Holdout
    test: Holdout


def leave_last_out(dataset: Dataset) -> Split:
    """Hide each user's last new item for the test, and the new item before it for validation.

    A target is the user's last event whose item that user had not met before; what follows it
    (repeats only) is left out. Users with fewer than three different items have nothing to spare:
    they only train.

    Raises:
        DataError: if no user has three different items.
    """
    users, validation_event, test_event = _last_two(dataset)
    train = dataset.select(_before(dataset, users, validation_event))
    protocol = Protocol(
        "leave-last-out",
        Message(
            N_(
                "Each user's last new item is hidden and must be found among all {items} items, "
                "leaving out those the user already met. The new item before it is kept for "
                "validation; models learn from what came before that."
            ),
            {"items": f"{dataset.n_items:,}"},
        ),
    )
    known = dataset.select(_before(dataset, users, test_event))
    return _one_item_each(dataset, protocol, users, (train, validation_event), (known, test_event))


def random_holdout(dataset: Dataset, seed: int = 0) -> Split:
    """Hide one item of each user, drawn at random, for the test, and another one for validation.

    For data in which the order of events says nothing. All events of a user with a hidden item are
    left out of what is known. Users with fewer than three different items only train.

    Args:
        seed: of the draw; the same data are always split alike.

    Raises:
        DataError: if no user has three different items.
    """
    users, validation_event, test_event = _last_two(dataset, seed)
    known_events = _without_items(dataset, users, test_event)
    train = dataset.select(known_events & _without_items(dataset, users, validation_event))
    protocol = Protocol(
        "random",
        Message(
            N_(
                "One item of each user, drawn at random, is hidden and must be found among all "
                "{items} items, leaving out those the user already met. Another one is kept for "
                "validation; models learn from the rest."
            ),
            {"items": f"{dataset.n_items:,}"},
        ),
    )
    known = dataset.select(known_events)
    return _one_item_each(dataset, protocol, users, (train, validation_event), (known, test_event))


def global_time(dataset: Dataset, validation: float = 0.1, test: float = 0.1) -> Split:
    """Cut all events at two times: train before the first, validate between, test after the second.

    Targets are the items that a user met within the window and never before it. Users with no
    event before the window, or no new item in it, are not asked for in that window.

    Args:
        validation, test: the share of events that each window holds. Events of one moment stay
            together, so the real share may differ.

    Raises:
        DataError: if there are no timestamps, or a window holds nobody that can be asked for.
    """
    if dataset.dates is None:
        raise DataError(
            N_(
                "A split by time needs a timestamp for every event. "
                "Add a timestamp column, or choose leave-last-out."
            )
        )
    ordered = np.sort(dataset.dates)
    last = len(ordered) - 1
    test_from = ordered[min(last, round(len(ordered) * (1 - test)))]
    validation_from = ordered[min(last, round(len(ordered) * (1 - test - validation)))]
    protocol = Protocol(
        "global-time",
        Message(
            N_(
                "Models learn from the events before {validation_from}, are validated on those "
                "before {test_from} and tested on those after. Each user's new items of that time "
                "must be found among all {items} items, leaving out those the user already met."
            ),
            {
                "validation_from": _date(validation_from),
                "test_from": _date(test_from),
                "items": f"{dataset.n_items:,}",
            },
        ),
    )
    time = dataset.dates
    train = time < validation_from
    between = (time >= validation_from) & (time < test_from)
    return Split(
        protocol=protocol,
        train=dataset.select(train),
        validation=_window(dataset, train, between, protocol),
        test=_window(dataset, time < test_from, time >= test_from, protocol),
    )


def first_meetings(dataset: Dataset) -> np.ndarray:
    """Whether each event is the first of its user with its item: (n_events,) bool."""
    pair = dataset.user.astype(np.int64) * dataset.n_items + dataset.item
    order = np.argsort(pair, kind="stable")  # stable, so the earliest event leads its pair
    sorted_pair = pair[order]
    leads = np.ones(len(pair), dtype=bool)
    leads[1:] = sorted_pair[1:] != sorted_pair[:-1]
    first = np.zeros(len(pair), dtype=bool)
    first[order[leads]] = True
    return first


def _last_two(dataset: Dataset, seed: int | None = None) -> tuple[np.ndarray, ...]:
    """Users with three different items, and the events of their last new item but one, and last.

    Args:
        seed: of an order that is drawn for each user; None is that in which things happened.

    Raises:
        DataError: if no user has three different items.
    """
    first = first_meetings(dataset)
    distinct = np.bincount(dataset.user[first], minlength=dataset.n_users)  # (n_users,)
    users = np.flatnonzero(distinct >= 3)
    if not len(users):
        raise DataError(_NOBODY)
    new = np.flatnonzero(first)  # event positions, user by user
    if seed is not None:
        drawn = np.random.default_rng(seed).random(len(new))
        new = new[np.lexsort((drawn, dataset.user[new]))]
    ends = np.cumsum(distinct)[users]  # where each user's stretch of `new` ends
    return users, new[ends - 2], new[ends - 1]


def _one_item_each(
    dataset: Dataset,
    protocol: Protocol,
    users: np.ndarray,
    validation: tuple[Dataset, np.ndarray],
    test: tuple[Dataset, np.ndarray],
) -> Split:
    """A split of one hidden item for each user; each part is what is known and what is hidden."""

    def holdout(history: Dataset, events: np.ndarray) -> Holdout:
        ratings = None if dataset.rating is None else dataset.rating[events]
        return Holdout(history, users, _one_each(dataset, events), protocol, ratings)

    return Split(protocol, validation[0], holdout(*validation), holdout(*test))


def _before(dataset: Dataset, users: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Mask (n_events,): for `users` what precedes their event in `events`, for others all."""
    limit = np.full(dataset.n_users, dataset.n_events, dtype=np.int64)
    limit[users] = events
    return np.arange(dataset.n_events) < limit[dataset.user]


def _without_items(dataset: Dataset, users: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Mask (n_events,): for `users` all but the item of their event in `events`, for others all."""
    hidden = np.full(dataset.n_users, -1, dtype=np.int64)
    hidden[users] = dataset.item[events]
    return dataset.item != hidden[dataset.user]


def _one_each(dataset: Dataset, events: np.ndarray) -> sp.csr_matrix:
    """Targets (n, n_items) with the item of one event a row."""
    n = len(events)
    parts = (np.ones(n, dtype=bool), dataset.item[events], np.arange(n + 1))
    return sp.csr_matrix(parts, shape=(n, dataset.n_items))


def _window(
    dataset: Dataset, before: np.ndarray, window: np.ndarray, protocol: Protocol
) -> Holdout:
    """The users known `before` who meet new items in the `window` (masks over events)."""
    known = np.zeros(dataset.n_users, dtype=bool)
    known[dataset.user[before]] = True
    # Time never decreases within a user, so a first meeting in the window is new to the user.
    chosen = np.flatnonzero(window & first_meetings(dataset) & known[dataset.user])
    if not len(chosen):
        raise DataError(
            N_(
                "Splitting by time leaves a period in which no known user meets a new item. "
                "Choose leave-last-out, or upload data over a longer time."
            )
        )
    # By user and item, as the places of the matrix are.
    chosen = chosen[np.lexsort((dataset.item[chosen], dataset.user[chosen]))]
    users, counts = np.unique(dataset.user[chosen], return_counts=True)
    targets = sp.csr_matrix(
        (
            np.ones(len(chosen), dtype=bool),
            dataset.item[chosen],
            np.concatenate([[0], np.cumsum(counts)]),
        ),
        shape=(len(users), dataset.n_items),
    )
    ratings = None if dataset.rating is None else dataset.rating[chosen]
    return Holdout(dataset.select(before), users, targets, protocol, ratings)


def _date(seconds: np.int64) -> str:
    return str(np.datetime64(int(seconds), "s")).replace("T", " ")


_NOBODY = N_(
    "No user has three different items, so nothing can be held out to test on. "
    "Upload more events, or loosen the filters."
)

SPLITTERS: dict[str, Callable[[Dataset], Split]] = {
    "leave-last-out": leave_last_out,
    "random": random_holdout,
    "global-time": global_time,
}


def usual_protocol(dataset: Dataset) -> str:
    """The key of `SPLITTERS` for some data: what came last, where the order says anything."""
    return "random" if is_order_of_ids(dataset) else "leave-last-out"
