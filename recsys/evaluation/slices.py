"""Groups of users whose metrics are reported apart from the mean over all users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.dataset import as_values
from recsys.prompts.attributes import encode, main_attributes
from recsys.schema import N_, Message
from recsys.splitting import Holdout
from recsys.wishes.years import item_years

#: The intervals of smaller groups are too wide to be of use.
FEWEST = 15
#: Groups of one attribute at most, the largest.
MOST_GROUPS = 20


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
            template = (
                N_("{users} users with {low} to {high} events")
                if low < high
                else N_("{users} users with {low} events each")
            )
            params = {"users": f"{mask.sum():,}", "low": f"{low:,}", "high": f"{high:,}"}
            slices[name] = Slice(title, Message(template, params), mask)
    return slices


def by_attribute(holdout: Holdout) -> dict[str, Slice]:
    """Users by the value that they met most of each main item attribute, and by their own values.

    Groups of fewer than `FEWEST` users, whose intervals are too wide, are left out.
    """
    history, users = holdout.history, holdout.users
    slices: dict[str, Slice] = {}
    attributes = [encode(history, column) for column in history.item_attributes]
    for attribute in main_attributes(attributes):
        tops = [attribute.top(history.history(int(user)), 1) for user in users]
        most = np.array([top[0][1] if top else "" for top in tops], dtype=object)
        template = N_("{users} users who met {value} most")
        slices |= _groups(most, attribute.column, template)
    for column in history.user_attributes:
        cells = [", ".join(as_values(history.user_frame[column].iloc[user])) for user in users]
        template = N_("{users} users whose “{column}” is {value}")
        slices |= _groups(np.array(cells, dtype=object), column, template)
    return slices


def by_target(holdout: Holdout) -> dict[str, Slice]:
    """Users by what they met next: by its values of the main item attributes, and by its decade.

    Items have several values, so that groups overlap. Groups of fewer than `FEWEST` users are
    left out.
    """
    history = holdout.history
    slices: dict[str, Slice] = {}
    for attribute in main_attributes([encode(history, name) for name in history.item_attributes]):
        items = np.repeat(np.arange(history.n_items), np.diff(attribute.offsets))
        template = N_("{users} users whose next item is of the kind {value}")
        found = _of_target(holdout, items, attribute.codes, attribute.values)
        slices |= _described(found, attribute.column, template)
    years = item_years(history)
    if years is not None and np.isfinite(years).any():
        items = np.flatnonzero(np.isfinite(years))
        decades, codes = np.unique(years[items] // 10, return_inverse=True)
        names = np.array([f"{10 * int(decade)}–{10 * int(decade) + 9}" for decade in decades])
        template = N_("{users} users whose next item is from the years {value}")
        slices |= _described(_of_target(holdout, items, codes, names), "decade", template)
    return slices


def _of_target(
    holdout: Holdout, items: np.ndarray, codes: np.ndarray, values: np.ndarray
) -> dict[str, np.ndarray]:
    """The users (n,) bool of whom a target has a value, for each value.

    Args:
        items, codes: pairs of an item and a position in `values`.
    """
    ones = np.ones(len(items))
    held = sp.csr_matrix((ones, (items, codes)), shape=(holdout.history.n_items, len(values)))
    masks = (holdout.targets.astype(np.float64) @ held).toarray().T > 0
    return {str(value): mask for value, mask in zip(values, masks, strict=True)}


def _groups(values: np.ndarray, column: str, template: str) -> dict[str, Slice]:
    """A slice for each value (n,) that enough users have, the largest first."""
    found = np.unique(values[values != ""].astype(str))
    return _described({str(value): values == value for value in found}, column, template)


def _described(masks: Mapping[str, np.ndarray], column: str, template: str) -> dict[str, Slice]:
    """Slices of the largest groups that are large enough, the largest first."""
    largest = sorted(masks.items(), key=lambda group: -int(group[1].sum()))[:MOST_GROUPS]
    slices = {}
    for value, mask in largest:
        users = int(mask.sum())
        if FEWEST <= users < len(mask):
            params = {"users": f"{users:,}", "value": value, "column": column}
            slices[f"{column}: {value}"] = Slice(value, Message(template, params), mask)
    return slices
