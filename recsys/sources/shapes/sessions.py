"""Lists of items of one user, row after row → each event once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

Picked = list[tuple[int, int]]


def unrepeated(
    rows: Sequence[Sequence[str]], users: Sequence[str], order: np.ndarray, *, continued: bool
) -> tuple[Picked, bool]:
    """The events of all rows as (row, place in its list), and whether any row repeated another.

    Args:
        order: places of the rows, those of a user after each other.
        continued: whether a list is all that the user did before its last item, or the end of it;
            else rows are separate sessions, unless nearly all are beginnings of one another.
    """
    groups = [list(group) for _, group in groupby(order.tolist(), key=users.__getitem__)]
    if not continued:
        several = [group for group in groups if len(group) > 1]
        growing = sum(_grows([rows[r] for r in group]) for group in several)
        continued = bool(several) and growing > 0.8 * len(several)
    picked: Picked = []
    for group in groups:
        if continued:
            picked += _continued(rows, group)
        else:
            picked += [(row, place) for row in group for place in range(len(rows[row]))]
    return picked, len(picked) < sum(map(len, rows))


def _grows(lists: list[Sequence[str]]) -> bool:
    """Whether each list is a beginning of the longest, and no two are the same."""
    lists = sorted(lists, key=len)
    longest = lists[-1]
    lengths = {len(one) for one in lists}
    return len(lengths) == len(lists) and all(
        list(one) == list(longest[: len(one)]) for one in lists
    )


def _continued(rows: Sequence[Sequence[str]], group: list[int]) -> Iterator[tuple[int, int]]:
    """What each row of a user adds to those before it, shorter rows first."""
    done: list[str] = []
    for row in _chained(rows, sorted(group, key=lambda r: len(rows[r]))):
        items = rows[row]
        start = _overlap(done, items)
        done.extend(items[start:])
        yield from ((row, place) for place in range(start, len(items)))


def _chained(rows: Sequence[Sequence[str]], group: list[int]) -> Iterator[int]:
    """Rows of one length, such as windows over the last ten items, each after what it goes on."""
    last: Sequence[str] = ()
    for length, same in groupby(group, key=lambda r: len(rows[r])):
        waiting = defaultdict(list)
        left = dict.fromkeys(same)
        if length > 1:
            for row in left:
                waiting[tuple(rows[row][:-1])].append(row)
            ends = {tuple(rows[row][1:]) for row in left}
        while left:
            key = tuple(last[len(last) - length + 1 :]) if len(last) >= length - 1 else None
            queue = waiting.get(key, []) if key is not None and length > 1 else []
            while queue and queue[0] not in left:
                queue.pop(0)
            if queue:
                row = queue[0]
            else:  # one that goes on from no other comes first
                row = next(iter(left))
                if length > 1 and tuple(rows[row][:-1]) in ends:
                    row = next((r for r in left if tuple(rows[r][:-1]) not in ends), row)
            del left[row]
            last = rows[row]
            yield row


def _overlap(done: Sequence[str], items: Sequence[str]) -> int:
    """How many of the first items are the last ones of what is done; all, where they stand in it.

    By the prefix function of Knuth, Morris and Pratt, so the time is that of reading the items.
    """
    if not items or not done:
        return 0
    if list(done[: len(items)]) == list(items):
        return len(items)
    back = [0] * len(items)
    for place in range(1, len(items)):
        size = back[place - 1]
        while size and items[place] != items[size]:
            size = back[size - 1]
        back[place] = size + (items[place] == items[size])
    size = 0
    for item in done[-2 * len(items) :]:
        if size == len(items):
            return size
        while size and item != items[size]:
            size = back[size - 1]
        size += item == items[size]
    return size
