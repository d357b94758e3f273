"""The histories that lists are made from: of users of the data and of strangers, with new events.

Events with a time stand in the order of time, as those of the data do. Events without one are what
somebody just did, and count as on the page Recommend (`recsys.feedback`): what was liked stands
last, what was not before everything, and what was disliked lets the like of it stand lower.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recsys.dataset import Dataset, IdMap
from recsys.feedback import APART, DISLIKED_STARS, rated, rating_of


@dataclass(frozen=True)
class Event:
    """An event beside those of the data.

    Attributes:
        item: its position.
        rating: on the scale of the data; None where none was given.
        timestamp: seconds since 1970; None for "just now".
    """

    item: int
    rating: float | None = None
    timestamp: int | None = None


@dataclass(frozen=True)
class Person:
    """Of whom a list is.

    Attributes:
        user: the position in the data; None for a stranger.
        events: what is known beside that, oldest first.
    """

    user: int | None
    events: tuple[Event, ...] = ()

    def disliked(self, data: Dataset) -> tuple[int, ...]:
        """Positions of items that were rated low just now."""
        if not rated(data):
            return ()
        low = rating_of(data, DISLIKED_STARS)
        return tuple(
            one.item
            for one in self.events
            if one.timestamp is None and one.rating is not None and one.rating <= low
        )


def histories(data: Dataset, people: Sequence[Person]) -> Dataset:
    """The histories of some people: the same items, and each person at their place in `people`.

    Args:
        data: the items, and the events of its users.
    """
    parts = [_History.of(data, person) for person in people]
    rows = [-1 if person.user is None else person.user for person in people]
    digest = hashlib.sha256(repr(list(people)).encode()).hexdigest()
    return replace(
        data,
        users=IdMap(map(str, range(len(people)))),
        user=np.repeat(np.arange(len(people)), [len(part.item) for part in parts]).astype(
            data.user.dtype
        ),
        item=np.concatenate([part.item for part in parts]).astype(data.item.dtype),
        rating=_joined([part.rating for part in parts], data.rating),
        timestamp=_joined([part.timestamp for part in parts], data.timestamp),
        user_frame=data.user_frame.reindex(rows).reset_index(drop=True),
        _parent_hash=f"{data.content_hash}:people:{digest}",
    )


@dataclass(frozen=True)
class _History:
    """One person's events in the order in which a model reads them, (n,) each."""

    item: np.ndarray
    rating: np.ndarray
    timestamp: np.ndarray

    @classmethod
    def of(cls, data: Dataset, person: Person) -> _History:
        own = slice(0, 0) if person.user is None else data.events_of(person.user)
        dates = data.dates is not None
        dated = [one for one in person.events if dates and one.timestamp is not None]
        now = [one for one in person.events if not (dates and one.timestamp is not None)]
        if not dates:  # times that the data does not have give an order and no more
            now.sort(key=lambda one: (one.timestamp is None, one.timestamp or 0))
        times = _column(data.timestamp, own, np.int64)
        first = cls(
            np.append(data.item[own], [one.item for one in dated]).astype(np.int64),
            np.append(_column(data.rating, own, np.float32), _ratings(dated)),
            np.append(times, np.array([one.timestamp for one in dated], dtype=np.int64)),
        )
        first = first.at(np.argsort(first.timestamp, kind="stable")) if dated else first
        return first.with_feedback(data, now)

    def at(self, places: np.ndarray) -> _History:
        return _History(self.item[places], self.rating[places], self.timestamp[places])

    def with_feedback(self, data: Dataset, now: Sequence[Event]) -> _History:
        """The history with what was just done around it."""
        if not now:
            return self
        before = [one for one in now if not _is_liked(data, one)]
        behind = [one for one in now if _is_liked(data, one)]
        if len(self.item):
            begin, end = int(self.timestamp[0]), int(self.timestamp[-1])
        else:  # a stranger comes when the data ends
            known = data.timestamp
            begin = end = 0 if known is None or not len(known) else int(known.max())
        return _History(
            np.concatenate([_items(before), self.item, _items(behind)]),
            np.concatenate([_ratings(before), self.rating, _ratings(behind)]),
            np.concatenate(
                [
                    begin + APART * np.arange(-len(before), 0),
                    self.timestamp,
                    end + APART * np.arange(1, len(behind) + 1),
                ]
            ),
        )


def _is_liked(data: Dataset, event: Event) -> bool:
    """Whether it counts for its item; without a rating somebody chose it, which does."""
    return event.rating is None or data.liked_from is None or event.rating >= data.liked_from


def _items(events: Sequence[Event]) -> np.ndarray:
    return np.array([one.item for one in events], dtype=np.int64)


def _ratings(events: Sequence[Event]) -> np.ndarray:
    given = [np.nan if one.rating is None else one.rating for one in events]
    return np.array(given, dtype=np.float32)


def _column(column: np.ndarray | None, own: slice, dtype: type) -> np.ndarray:
    """Part of a column; zeros where the data has none."""
    return np.zeros(own.stop - own.start, dtype) if column is None else column[own]


def _joined(parts: Sequence[np.ndarray], like: np.ndarray | None) -> np.ndarray | None:
    return None if like is None else np.concatenate(parts).astype(like.dtype)
