"""Windows over histories, against counting by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.dataset import Dataset
from recsys.models.sequences import (
    TrainingWindows,
    batch_size,
    last_windows,
    overlapping_windows,
    pad,
)

histories = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=24), min_size=1, max_size=7)
few = settings(max_examples=80, deadline=None)


def dataset(told: list[list[int]], dropped: Set[int] = frozenset()) -> Dataset:
    rows = [(f"u{user}", f"i{item}") for user, items in enumerate(told) for item in items]
    data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]), name="told")
    return data.select(~np.isin(data.user, list(dropped)))


@few
@given(
    histories, st.integers(1, 9), st.integers(1, 30), st.integers(0, 5), st.sets(st.integers(0, 6))
)
def test_every_event_is_in_one_window_and_first_meetings_are_targets(
    told: list[list[int]], length: int, batch: int, seed: int, dropped: set[int]
) -> None:
    data = dataset(told, dropped if len(dropped & set(range(len(told)))) < len(told) else set())
    training = TrainingWindows(data, length, batch)
    events, targets = Counter[int](), Counter[int]()
    for windows in training.batches(np.random.default_rng(seed)):
        mask = windows.mask
        assert mask.shape == windows.items.shape
        assert windows.items.shape[1] == int(windows.lengths.max()) <= length
        assert (windows.items[~mask] == 0).all()
        # A batch overruns its size by less than one window.
        assert int(windows.lengths.sum()) < batch + length
        for items, n, user, first in zip(
            windows.items, windows.lengths, windows.user, windows.first, strict=True
        ):
            stretch = range(int(first), int(first) + int(n))
            assert items[: len(stretch)].tolist() == data.item[list(stretch)].tolist()
            assert set(data.user[list(stretch)]) == {int(user)}
            events.update(stretch)
            targets.update(e for e in stretch if training.is_target[e])
    assert events == Counter(range(data.n_events))
    met, expected = set(), Counter[int]()
    for event, pair in enumerate(zip(data.user.tolist(), data.item.tolist(), strict=True)):
        if pair not in met:
            expected[event] += 1
        met.add(pair)
    assert targets == expected


@few
@given(histories, st.integers(1, 9), st.lists(st.integers(0, 6), max_size=9), st.integers(0, 6))
def test_last_windows_end_each_history(
    told: list[list[int]], length: int, asked: list[int], dropped: int
) -> None:
    data = dataset(told, {dropped})
    users = np.array([user % data.n_users for user in asked], dtype=np.int64)
    windows = last_windows(data, users, length)
    assert windows.items.shape[0] == len(users)
    for row, user in enumerate(users):
        expected = data.history(user)[-length:]
        n = int(windows.lengths[row])
        assert windows.items[row, :n].tolist() == expected.tolist()
        assert not windows.items[row, n:].any()
        assert windows.mask[row].tolist() == [place < n for place in range(windows.items.shape[1])]


def test_cuts_move_between_epochs_and_repeat_with_the_seed() -> None:
    data = dataset([list(range(7)) * 5])
    training = TrainingWindows(data, 8, 100)

    def cuts(rng: np.random.Generator) -> list[int]:
        return sorted(int(f) for windows in training.batches(rng) for f in windows.first)

    rng = np.random.default_rng(0)
    epochs = [cuts(rng) for _ in range(10)]
    assert len({tuple(epoch) for epoch in epochs}) > 3
    assert cuts(np.random.default_rng(0)) == epochs[0]


def test_batches_come_in_another_order_every_epoch() -> None:
    data = dataset([[user % 7, (user + 1) % 7] for user in range(40)])
    training = TrainingWindows(data, 8, 8)
    rng = np.random.default_rng(0)
    orders = [[b.user.tolist() for b in training.batches(rng)] for _ in range(2)]
    assert orders[0] != orders[1]


def test_pad_on_a_literal() -> None:
    data = dataset([[3, 1, 4], [1, 5]])
    items = {name: data.items.position(f"i{name}") for name in (3, 1, 4, 5)}
    windows = pad(data, np.array([1, 0]), np.array([3, 1]), np.array([2, 1]))
    assert windows.items.tolist() == [[items[1], items[5]], [items[1], 0]]
    assert windows.mask.tolist() == [[True, True], [True, False]]
    assert windows.items.dtype == windows.lengths.dtype == torch.int64


@few
@given(histories, st.integers(1, 9), st.integers(1, 5), st.sets(st.integers(0, 6)))
def test_overlapping_windows_hold_every_event_once_with_what_precedes_it(
    told: list[list[int]], length: int, batch: int, dropped: set[int]
) -> None:
    data = dataset(told, dropped if len(dropped & set(range(len(told)))) < len(told) else set())
    new = Counter[int]()
    for windows, fresh in overlapping_windows(data, length, batch):
        assert fresh.shape == windows.items.shape and windows.items.shape[1] <= length
        assert not (fresh & ~windows.mask).any()
        for row, place in fresh.nonzero().tolist():
            event = int(windows.first[row]) + place
            new[event] += 1
            assert windows.items[row, place] == data.item[event]
            assert windows.user[row] == data.user[event]
            before = event - int(data.offsets[data.user[event]])
            assert place >= min(before, length - max(length // 2, 1))
    assert new == Counter(range(data.n_events))


@pytest.mark.parametrize(
    ("positions", "size"), [(100, 128), (32 * 300, 300), (100_000, 2048), (0, 128)]
)
def test_little_data_has_small_batches(positions: int, size: int) -> None:
    assert batch_size(2048, positions) == size
    assert batch_size(32, positions) == 32  # what was asked for is never exceeded
