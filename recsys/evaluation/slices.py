"""Groups of users, so that a mean does not hide whom it comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.schema import N_, Message
from recsys.splitting import Holdout


@dataclass(frozen=True, eq=False)
class Slice:
    """A group of the users of a holdout: `mask` (n,) bool goes with per-user metrics."""

    title: str
    description: Message
    mask: np.ndarray


def by_history_length(holdout: Holdout) -> dict[str, Slice]:
    """New, light and heavy users: the thirds with the shortest, middle and longest histories.

    Users with equally many events share a slice, so the thirds are rough; one that would be
    empty is left out.
    """
    lengths = np.diff(holdout.history.offsets)[holdout.users]  # (n,)
    edges = np.quantile(lengths, [1 / 3, 2 / 3], method="inverted_cdf")
    third = np.searchsorted(edges, lengths)  # 0, 1 or 2
    titles = {"new": N_("New users"), "light": N_("Light users"), "heavy": N_("Heavy users")}
    slices = {}
    for number, (name, title) in enumerate(titles.items()):
        mask = third == number
        if mask.any():
            low, high = int(lengths[mask].min()), int(lengths[mask].max())
            template = N_("{users} users with {low} to {high} events")
            params = {"users": int(mask.sum()), "low": low, "high": high}
            slices[name] = Slice(title, Message(template, params), mask)
    return slices
