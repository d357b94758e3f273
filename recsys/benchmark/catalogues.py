"""Catalogues with wishes for their kinds, and the visitors that are made up for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.schema import ITEM_ID, N_, TIMESTAMP, USER_ID, ConfigError

#: The column of what items are, and what stands between two values of it.
KINDS, _BETWEEN = "kinds", "|"
#: Made visitors, and how many items each meets; with fewer items in the catalogue half of these.
_VISITORS, _MET = 300, 20
#: Kinds that a visitor prefers, and the share of their events that is of these.
_PREFERRED, _LOYALTY = 2, 0.8
#: The popularity of the item of rank r falls as r to the power of minus this.
_TAIL = 0.8
_SEED = 0


@dataclass(frozen=True)
class Wish:
    """What somebody wrote, and the kinds any of which is right."""

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class KindsCatalogue:
    """A catalogue, as a data set of made visitors, and the wishes for it.

    Attributes:
        name: of its folder.
        held: kind → the items that are of it, (n_items,) bool.
    """

    name: str
    data: Dataset
    wishes: tuple[Wish, ...]
    held: dict[str, np.ndarray]

    @classmethod
    def read(cls, folder: Path, part: str) -> Self:
        """A folder of items.csv and wishes.json, see `benchmarks/catalogues.py`.

        Args:
            part: wishes of another "part" are left out; one that says none is of every part.

        Raises:
            ConfigError: if a file is missing, or is not as it should be, or has no such wish.
        """
        items = _items(folder / "items.csv")
        held = _held(items[KINDS])
        wishes = _wishes(folder / "wishes.json", part)
        unknown = sorted({kind for wish in wishes for kind in wish.kinds} - set(held))
        if unknown:
            raise ConfigError(
                N_("The wishes in {folder} ask for kinds that no item has: {kinds}."),
                folder=str(folder),
                kinds=", ".join(unknown),
            )
        events = visitors(items[ITEM_ID].to_numpy(), held)
        data = Dataset.from_frames(events, items, name=folder.name, steps=True)
        return cls(folder.name, data, wishes, held)

    def wanted(self, wish: Wish) -> np.ndarray:
        """The items of a kind that is right, (n_items,) bool."""
        mask: np.ndarray = np.any([self.held[kind] for kind in wish.kinds], axis=0)
        return mask


def visitors(ids: np.ndarray, held: dict[str, np.ndarray]) -> pd.DataFrame:
    """Events of made visitors, who mostly meet items of the few kinds that they prefer.

    Some items are met much more often than others, as everywhere. The same catalogue always has
    the same visitors.

    Args:
        ids: (n_items,) the items.
        held: kind → which of the items are of it, (n_items,) bool.

    Returns:
        `user_id, item_id, timestamp`, where the last counts the events of each visitor.
    """
    random = np.random.default_rng(_SEED)
    popularity = (1.0 + random.permutation(len(ids))) ** -_TAIL
    kinds = list(held.values())
    met = min(_MET, max(1, len(ids) // 2))
    events: list[tuple[str, Any, int]] = []
    for visitor in range(_VISITORS):
        chosen = random.choice(len(kinds), min(_PREFERRED, len(kinds)), replace=False)
        liked = np.any([kinds[place] for place in chosen], axis=0)
        weights = popularity.copy()
        for among, share in ((liked, _LOYALTY), (~liked, 1 - _LOYALTY)):
            weights[among] *= share / max(weights[among].sum(), np.finfo(float).tiny)
        places = random.choice(len(ids), met, replace=False, p=weights / weights.sum())
        events += [(f"visitor {visitor}", ids[place], step) for step, place in enumerate(places)]
    return pd.DataFrame(events, columns=[USER_ID, ITEM_ID, TIMESTAMP])


def _items(file: Path) -> pd.DataFrame:
    """The items, with lists of kinds, and years as numbers where there is such a column."""
    try:
        items = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(N_("{file} cannot be read."), file=str(file)) from error
    missing = [name for name in (ITEM_ID, "title", KINDS) if name not in items]
    if missing or items.empty:
        raise ConfigError(
            N_("{file} needs rows with the columns item_id, title and kinds."), file=str(file)
        )
    items[KINDS] = [[kind for kind in cell.split(_BETWEEN) if kind] for cell in items[KINDS]]
    if "year" in items:
        items["year"] = pd.to_numeric(items["year"], errors="coerce")
    return items


def _held(cells: pd.Series) -> dict[str, np.ndarray]:
    names = sorted({kind for cell in cells for kind in cell})
    return {name: np.array([name in cell for cell in cells]) for name in names}


def _wishes(file: Path, part: str) -> tuple[Wish, ...]:
    try:
        entries = json.loads(file.read_text("utf-8"))
        wishes = [
            Wish(str(one["wish"]), tuple(map(str, one["kind"])))
            for one in entries
            if one.get("part", part) == part and one["kind"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            N_('{file} is no list of wishes, each with "wish" and "kind".'), file=str(file)
        ) from error
    if not wishes:
        raise ConfigError(N_("{file} has no wish of the part {part}."), file=str(file), part=part)
    return tuple(wishes)
