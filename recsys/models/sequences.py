"""Histories cut into windows: the batches of sequential models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.splitting import first_meetings

#: Weights in the loss of the next item and of the two after it, as targets. The order within a
#: session is partly chance, so that the two after it are targets, too, with less weight.
NEXT_ITEM_WEIGHTS = (1.0, 0.7, 0.5)
#: The same for dense data, whose order can be learned: with these MovieLens-1M has NDCG@10
#: .193 on its validation users after ten minutes, with the weights above .191.
NEXT_ITEM_WEIGHTS_IF_DENSE = (1.0, 0.3, 0.1)
#: What makes data dense, as MovieLens-1M is.
DENSE_EVENTS = 500_000
DENSE_EVENTS_PER_ITEM = 200
#: Steps that an epoch of little data has at least, unless its batches would be smaller than this.
STEPS = 32
LEAST_BATCH = 128
#: Windows whose lengths differ by less than this may share a batch.
_LENGTH_STEP = 16


@dataclass(frozen=True)
class Windows:
    """Some stretches of histories, padded to one length.

    Attributes:
        items: (w, t) item positions, 0 where padded.
        lengths: (w,) events in each window.
        user: (w,) user positions.
        first: (w,) position of each window's first event in the data.
    """

    items: torch.Tensor
    lengths: torch.Tensor
    user: torch.Tensor
    first: torch.Tensor

    @property
    def mask(self) -> torch.Tensor:
        """Which places of `items` hold an event: (w, t) bool."""
        return self._places < self.lengths[:, None]

    @property
    def events(self) -> torch.Tensor:
        """The position in the data of each place of `items`, (w, t); any where it is padded."""
        return self.first[:, None] + self._places

    @property
    def _places(self) -> torch.Tensor:
        return torch.arange(self.items.shape[1], device=self.items.device)  # (t,)

    def to(self, device: torch.device) -> Windows:
        """The same on another device."""
        parts = self.items, self.lengths, self.user, self.first
        return Windows(*(part.to(device) for part in parts))


def is_dense(train: Dataset) -> bool:
    """Whether there are enough events, in all and per item, for the settings for dense data."""
    return train.n_events >= max(DENSE_EVENTS, DENSE_EVENTS_PER_ITEM * train.n_items)


def batch_size(most: int, positions: int) -> int:
    """Training positions in a batch: `most`, or fewer where an epoch has few of them in all.

    Otherwise an epoch of little data would have too few gradient steps to learn from.
    """
    return min(most, max(positions // STEPS, LEAST_BATCH))


def next_item_targets(
    data: Dataset, users: np.ndarray, events: np.ndarray, is_new: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The next items after n cutoffs: positions (n, k), and the weight of each in the loss (n, k).

    Args:
        data: the training data.
        users, events: (n,) whose history, and the position in `data` of the next event.
        is_new: (n_events,) whether an event is its user's first with its item; others count 0.
    """
    counted = np.array(
        NEXT_ITEM_WEIGHTS_IF_DENSE if is_dense(data) else NEXT_ITEM_WEIGHTS, dtype=np.float32
    )
    later = events[:, None] + np.arange(len(counted))  # (n, k)
    inside = later < data.offsets[users + 1][:, None]
    later = np.where(inside, later, events[:, None])
    return data.item[later], counted * (inside & is_new[later])


class TrainingWindows:
    """The training events as windows of at most `length`, cut anew in every epoch.

    Every event is a target once an epoch, predicted from what precedes it in its window. Cutting
    at random places lets each event be seen with long and with short context.

    Args:
        train: the training data.
        length: events in a window at most.
        batch_positions: events in a batch at most, about; fewer on little data.
    """

    def __init__(self, train: Dataset, length: int, batch_positions: int) -> None:
        self._train = train
        self._length = length
        self._batch_positions = batch_size(batch_positions, train.n_events)
        # Repeats are no targets: seen items are filtered from lists.
        self.is_target = torch.from_numpy(first_meetings(train))

    def batches(self, rng: np.random.Generator) -> Iterator[Windows]:
        """All events once, in shuffled batches of windows of like length."""
        user, first, lengths = self._cut(rng)
        order = rng.permutation(len(first))
        order = order[np.argsort(lengths[order] // _LENGTH_STEP, kind="stable")]
        batch = np.cumsum(lengths[order]) // self._batch_positions
        groups = np.split(order, np.flatnonzero(np.diff(batch)) + 1)
        for group in rng.permutation(len(groups)):
            chosen = groups[group]
            yield pad(self._train, user[chosen], first[chosen], lengths[chosen])

    def _cut(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Users, first events and lengths (w,) of all windows."""
        users, firsts, lengths = [], [], []
        for user, (begin, end) in enumerate(
            zip(self._train.offsets[:-1], self._train.offsets[1:], strict=True)
        ):
            shift = int(rng.integers(self._length)) if end - begin > self._length else 0
            cuts = np.arange(begin + shift, end, self._length)
            if shift or not len(cuts):
                cuts = np.concatenate([[begin], cuts])
            sizes = np.diff(np.append(cuts, end))
            users.append(np.full(len(cuts), user))
            firsts.append(cuts)
            lengths.append(sizes)
        user_of, first, length = (np.concatenate(parts) for parts in (users, firsts, lengths))
        kept = length > 0
        return user_of[kept], first[kept], length[kept]


def overlapping_windows(
    data: Dataset, length: int, batch: int = 64
) -> Iterator[tuple[Windows, torch.Tensor]]:
    """All events, each in a window that holds at least half of `length` before it, if there is.

    Gives batches of windows and which of their places are new, (w, t) bool: every event of the
    data is new once.
    """
    step = max(length // 2, 1)
    users: list[np.ndarray] = []
    firsts: list[np.ndarray] = []
    lengths: list[np.ndarray] = []
    known: list[np.ndarray] = []
    for user, (begin, end) in enumerate(zip(data.offsets[:-1], data.offsets[1:], strict=True)):
        last = max(begin + 1, end - length + step) if end > begin else begin
        starts = np.arange(begin, last, step)
        users.append(np.full(len(starts), user))
        firsts.append(starts)
        lengths.append(np.minimum(length, end - starts))
        known.append(np.where(starts > begin, length - step, 0))
    of_user, first, size, seen = map(np.concatenate, (users, firsts, lengths, known))
    order = np.argsort(size, kind="stable")
    for place in range(0, len(order), batch):
        chosen = order[place : place + batch]
        windows = pad(data, of_user[chosen], first[chosen], size[chosen])
        fresh = torch.arange(windows.items.shape[1]) >= torch.from_numpy(seen[chosen])[:, None]
        yield windows, fresh & windows.mask


def last_windows(history: Dataset, users: np.ndarray, length: int | np.ndarray) -> Windows:
    """The last `length` events, an own number for each or one, of `users`, in the order asked."""
    begin, end = history.offsets[users], history.offsets[np.asarray(users) + 1]
    first = np.maximum(begin, end - length)
    return pad(history, users, first, end - first)


def pad(data: Dataset, user: np.ndarray, first: np.ndarray, lengths: np.ndarray) -> Windows:
    """Gather stretches of the events of `data` into one padded batch."""
    t = max(int(lengths.max(initial=0)), 1)
    places = np.arange(t)
    held = places < lengths[:, None]  # (w, t)
    events = np.where(held, first[:, None] + places, 0)
    items = np.where(held, data.item[events] if data.n_events else 0, 0)
    return Windows(
        items=torch.from_numpy(items),
        lengths=torch.from_numpy(np.asarray(lengths)),
        user=torch.from_numpy(np.asarray(user)),
        first=torch.from_numpy(np.asarray(first)),
    )
