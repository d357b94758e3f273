"""The filters of a template that pick entries of a list, over many lists at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys.prompts.nodes import FilterUse


def span(picks: Sequence[FilterUse], limit: int) -> tuple[bool, int]:
    """Where a list has to be looked at for its picks: whether at its end, and at how many entries.

    A list that is only reversed, or listed whole, is read from its end; `limit` is the most
    entries that are read of any list.
    """
    turned = False
    for use in picks:
        if use.name == "reverse":
            turned = not turned
        else:
            at_end = (use.name == "last") != turned
            whole = use.name == "truncate_tokens"
            return at_end, limit if whole else min(_count(use), limit)
    return True, limit


def picked(
    held: np.ndarray, tokens: np.ndarray | None, picks: Sequence[FilterUse], *, backwards: bool
) -> np.ndarray:
    """Which entries of n lists are left after `picks`, as a rendered prompt would have them.

    Args:
        held: (n, length) bool, which entries there are.
        tokens: (n, length) the length of each, see `count_tokens`; None where no pick needs it.
        backwards: whether the columns hold the lists from their ends.
    """
    for use in picks:
        if use.name == "reverse":
            backwards = not backwards
        elif use.name == "truncate_tokens":
            assert tokens is not None
            spent = _running(np.where(held, tokens, 0), from_right=backwards)
            held = held & (spent <= _count(use))
        else:
            from_right = (use.name == "last") != backwards
            held = held & (_running(held, from_right=from_right) <= _count(use))
    return held


def needs_lengths(picks: Sequence[FilterUse]) -> bool:
    """Whether any of them needs to know how long entries are."""
    return any(use.name == "truncate_tokens" for use in picks)


def _count(use: FilterUse) -> int:
    return use.argument if isinstance(use.argument, int) else 1


def _running(values: np.ndarray, *, from_right: bool) -> np.ndarray:
    """Running sums along the rows: (n, length)."""
    sums: np.ndarray = values[:, ::-1].cumsum(1)[:, ::-1] if from_right else values.cumsum(1)
    return sums
