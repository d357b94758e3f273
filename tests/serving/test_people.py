"""Histories that lists are made from: the same as if the events had been in the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.feedback import APART
from recsys.serving.people import Event, Person, histories
from tests.serving.support import films


def events_of(data: Dataset, user: int) -> list[Event]:
    own = data.events_of(user)
    assert data.rating is not None
    assert data.timestamp is not None
    return [
        Event(int(item), float(rating), int(time))
        for item, rating, time in zip(
            data.item[own], data.rating[own], data.timestamp[own], strict=True
        )
    ]


def columns(data: Dataset, user: int) -> tuple[list[int], list[float], list[int]]:
    own = data.events_of(user)
    assert data.rating is not None
    assert data.timestamp is not None
    return (
        data.item[own].tolist(),
        data.rating[own].tolist(),
        data.timestamp[own].tolist(),
    )


def test_a_stranger_with_the_events_of_a_user_has_the_history_of_that_user() -> None:
    data = films()
    history = histories(data, [Person(None, tuple(events_of(data, 7))), Person(7)])
    assert columns(history, 0) == columns(history, 1) == columns(data, 7)
    assert history.n_items == data.n_items


def test_events_with_times_stand_where_they_would_in_the_data() -> None:
    data = films()
    known = events_of(data, 3)
    frame, items, _users = data.to_frames()
    without = frame.drop(frame.index[data.events_of(3)][[2, 5]])
    cut = Dataset.from_frames(without, items, name="films", liked_from=4.0)
    cut_user = cut.users.position("u3")
    history = histories(cut, [Person(cut_user, (known[5], known[2]))])
    assert columns(history, 0) == columns(data, 3)


def test_what_was_just_done_stands_last_where_it_was_liked_and_else_first() -> None:
    data = films()
    own, _ratings, times = columns(data, 0)
    new = [item for item in range(20) if item not in own][:3]
    said = (Event(new[0], 5.0), Event(new[1], 1.0), Event(new[2]))
    history = histories(data, [Person(0, said)])
    items, ratings, moments = columns(history, 0)
    assert items == [new[1], *own, new[0], new[2]]
    assert ratings[:1] == [1.0]
    assert ratings[-2] == 5.0
    assert np.isnan(ratings[-1])
    assert moments[0] == times[0] - APART
    assert moments[-2:] == [times[-1] + APART, times[-1] + 2 * APART]


def test_low_ratings_are_disliked_only_where_they_were_given_just_now() -> None:
    data = films()
    said = (Event(1, 1.0), Event(2, 1.0, 5), Event(3, 5.0), Event(4))
    assert Person(None, said).disliked(data) == (1,)


def test_data_without_times_take_an_order_from_them_and_no_more() -> None:
    events = pd.DataFrame({"user_id": ["a", "a", "b"], "item_id": ["x", "y", "z"]})
    data = Dataset.from_frames(events, name="untimed")
    later, sooner = Event(2, None, 20), Event(1, None, 10)
    history = histories(data, [Person(None, (later, sooner)), Person(0, (later,))])
    assert history.timestamp is None
    assert history.rating is None
    assert history.history(0).tolist() == [1, 2]
    assert history.history(1).tolist() == [0, 1, 2]


def test_other_events_have_another_hash() -> None:
    data = films()
    hashes = {
        histories(data, [Person(None, events)]).content_hash
        for events in ((), (Event(1),), (Event(2),), (Event(1, 3.0),))
    }
    assert len(hashes) == 4
