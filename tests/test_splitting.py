"""Splits: literal frames, and no leakage on any data."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.schema import DataError
from recsys.splitting import (
    SPLITTERS,
    Holdout,
    first_meetings,
    global_time,
    leave_last_out,
    random_holdout,
    usual_protocol,
)

Event = tuple[str, str, int]


def dataset(events: list[Event]) -> Dataset:
    frame = pd.DataFrame(events, columns=["user_id", "item_id", "timestamp"])
    return Dataset.from_frames(frame, name="small")


def histories(part: Dataset) -> dict[str, str]:
    return {u: "".join(part.items.ids[part.history(n)]) for n, u in enumerate(part.users.ids)}


def targets(holdout: Holdout) -> dict[str, set[str]]:
    ids = holdout.history.items.ids
    return {
        holdout.history.users.ids[user]: set(ids[holdout.targets[row].indices])
        for row, user in enumerate(holdout.users)
    }


def sequence(user: str, items: str) -> list[Event]:
    return [(user, item, time) for time, item in enumerate(items)]


def test_leave_last_out_hides_the_last_two_new_items() -> None:
    split = leave_last_out(dataset(sequence("u", "abcd")))
    assert targets(split.test) == {"u": {"d"}}
    assert targets(split.validation) == {"u": {"c"}}
    assert histories(split.train) == {"u": "ab"}
    assert histories(split.validation.history) == {"u": "ab"}
    assert histories(split.test.history) == {"u": "abc"}


def test_leave_last_out_targets_are_new_to_the_user_and_later_repeats_are_dropped() -> None:
    split = leave_last_out(dataset(sequence("u", "abacbcaa")))
    assert targets(split.test) == {"u": {"c"}}
    assert histories(split.test.history) == {"u": "aba"}
    assert targets(split.validation) == {"u": {"b"}}
    assert histories(split.train) == {"u": "a"}


def test_leave_last_out_keeps_short_histories_for_training_only() -> None:
    split = leave_last_out(dataset(sequence("u", "abc") + sequence("v", "bcb")))
    assert targets(split.test) == {"u": {"c"}}
    assert histories(split.train) == {"u": "a", "v": "bcb"}
    assert histories(split.test.history) == {"u": "ab", "v": "bcb"}


@pytest.mark.parametrize("items", ["a", "aaaa", "abab"])
def test_leave_last_out_says_when_there_is_nothing_to_hold_out(items: str) -> None:
    with pytest.raises(DataError, match="three different items"):
        leave_last_out(dataset(sequence("u", items)))


def test_global_time_cuts_everybody_at_the_same_moments() -> None:
    events = [
        *(("u", item, time) for time, item in enumerate("abcdef")),
        ("u", "g", 8),
        ("v", "a", 6),
        ("v", "a", 7),  # known by then, so no target
        ("w", "c", 9),  # known to nobody before
        ("u", "h", 9),
    ]
    split = global_time(dataset(events), validation=0.2, test=0.2)
    assert histories(split.train) == {"u": "abcdef", "v": "a", "w": ""}
    assert targets(split.validation) == {"u": {"g"}}
    assert targets(split.test) == {"u": {"h"}}
    assert histories(split.test.history) == {"u": "abcdefg", "v": "aa", "w": ""}


def test_global_time_needs_timestamps() -> None:
    frame = pd.DataFrame({"user_id": list("uuu"), "item_id": list("abc")})
    with pytest.raises(DataError, match="timestamp"):
        global_time(Dataset.from_frames(frame, name="small"))


def test_global_time_says_when_one_moment_holds_everything() -> None:
    with pytest.raises(DataError, match="leave-last-out"):
        global_time(dataset([("u", item, 5) for item in "abc"]))


@pytest.mark.parametrize("name", SPLITTERS)
def test_protocols_say_how_they_measure(name: str) -> None:
    events = [(user, item, t) for t, item in enumerate("abcdefghij" * 2) for user in "uv"]
    events += [("u", item, 20 + t) for t, item in enumerate("klmnopq")]
    split = SPLITTERS[name](dataset(events))
    assert split.protocol.name == name
    assert "17 items" in str(split.protocol.description)
    assert str(split.protocol) == f"{name}, full catalogue, seen items filtered"
    assert split.test.protocol is split.validation.protocol is split.protocol


EVENTS = st.lists(
    st.tuples(st.sampled_from("uvwx"), st.sampled_from("abcdef"), st.integers(0, 12)),
    min_size=1,
    max_size=60,
)


@given(EVENTS)
def test_first_meetings_agrees_with_a_loop(events: list[Event]) -> None:
    data = dataset(events)
    met: set[tuple[int, int]] = set()
    expected = []
    for pair in zip(data.user.tolist(), data.item.tolist(), strict=True):
        expected.append(pair not in met)
        met.add(pair)
    assert first_meetings(data).tolist() == expected


@settings(max_examples=150)
@given(EVENTS, st.sampled_from(list(SPLITTERS)))
def test_splits_do_not_leak_and_lose_nobody(events: list[Event], name: str) -> None:
    data = dataset(events)
    try:
        split = SPLITTERS[name](data)
    except DataError:
        return
    everything = histories(data)
    train, early, late = (
        histories(part) for part in (split.train, split.validation.history, split.test.history)
    )
    for user, items in everything.items():
        if name == "random":
            assert Counter(early[user]) <= Counter(late[user]) <= Counter(items)
            assert train[user] == early[user]
            continue
        assert items.startswith(late[user])
        assert late[user].startswith(early[user])
        assert early[user].startswith(train[user])
    for holdout, known in ((split.validation, early), (split.test, late)):
        assert np.all(np.diff(holdout.users) > 0)
        for user, wanted in targets(holdout).items():
            assert wanted
            assert known[user]
            assert wanted.isdisjoint(known[user])
            assert wanted <= set(everything[user])
    if name in ("leave-last-out", "random"):
        able = {user for user, items in everything.items() if len(set(items)) >= 3}
        assert set(targets(split.test)) == set(targets(split.validation)) == able
        for user in everything:
            assert train[user]
            assert user in able or train[user] == everything[user]


def test_a_sample_asks_some_users_for_the_same_and_says_so() -> None:
    events = [event for n in range(9) for event in sequence(f"u{n}", "abcdefgh"[n % 5 :][:3])]
    whole = leave_last_out(dataset(events)).test
    part = whole.sample(4)
    assert len(part.users) == 4 and (np.diff(part.users) > 0).all()
    assert targets(part).items() <= targets(whole).items()
    assert part.history is whole.history
    assert "drawn from 9" in str(part.protocol) and "drawn" not in str(whole.protocol)
    assert np.array_equal(whole.sample(4).users, part.users)
    assert whole.sample(9) is whole


def without_times(histories: list[str]) -> Dataset:
    rows = [(f"u{n}", item) for n, items in enumerate(histories) for item in items]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]), name="small")


def test_a_random_holdout_hides_any_item_and_is_the_same_each_time() -> None:
    data = without_times(["abcdefgh"] * 40)
    split = random_holdout(data)
    hidden = {next(iter(wanted)) for wanted in targets(split.test).values()}
    assert len(hidden) > 4  # not only the last
    assert targets(split.test) == targets(random_holdout(data).test)
    assert targets(split.test) != targets(random_holdout(data, seed=1).test)


def test_a_random_holdout_hides_all_events_with_the_item() -> None:
    split = random_holdout(without_times(["abcabcabc"]))
    (wanted,), (early,) = targets(split.test).values(), targets(split.validation).values()
    assert wanted.isdisjoint(early) and len(histories(split.test.history)["u0"]) == 6
    assert len(histories(split.train)["u0"]) == 3


def test_the_usual_protocol_draws_where_the_order_is_only_that_of_the_ids() -> None:
    assert usual_protocol(without_times(["abcde"] * 5)) == "random"
    assert usual_protocol(without_times(["abcde", "aebdc", "cabed", "edabc"])) == "leave-last-out"
    assert usual_protocol(dataset(sequence("u", "abcde") * 1)) == "leave-last-out"
