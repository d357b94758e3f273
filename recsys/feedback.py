"""A person's feedback on items (rated, liked, disliked, known), and a list that follows it.

Nothing is trained anew. Feedback becomes the history of a new user, or events behind the history
of a user of the data.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from recsys.dataset import Dataset, IdMap
from recsys.ranking import unit_rows

#: Stars from which something counts as liked, and up to which as disliked, of five.
LIKED_STARS, DISLIKED_STARS = 4, 2
#: Seconds between two events made of feedback.
APART = 60
#: So far down the list the spread of its scores is measured, for `lowered`.
_SPREAD = 100
_TOLD = re.compile(r"(\d{1,9})\.([0-5])")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Feedback:
    """Feedback on one item.

    Attributes:
        item: its position.
        stars: 1 to 5; a thumb up is 5, down is 1. 0: that it is known, and no more.
    """

    item: int
    stars: int


def to_text(said: Iterable[Feedback]) -> str:
    """A few letters for a link, which `from_text` reads: `12.5-33.0`."""
    return "-".join(f"{one.item}.{one.stars}" for one in said)


def from_text(text: str, n_items: int) -> tuple[Feedback, ...]:
    """What `to_text` wrote; what is no item of the catalogue is left out."""
    found = (_TOLD.fullmatch(part) for part in text.split("-"))
    said = [Feedback(int(match[1]), int(match[2])) for match in found if match]
    return latest(one for one in said if one.item < n_items)


def latest(said: Iterable[Feedback]) -> tuple[Feedback, ...]:
    """The latest feedback on each item, in the order in which it was given."""
    by_item: dict[int, Feedback] = {}
    for one in said:
        by_item.pop(one.item, None)
        by_item[one.item] = one
    return tuple(by_item.values())


def disliked(said: Iterable[Feedback]) -> np.ndarray:
    """Positions of the items that were rated low."""
    return np.array([s.item for s in said if 0 < s.stars <= DISLIKED_STARS], dtype=np.int64)


def rated(data: Dataset) -> bool:
    """Whether events of the data can be disliked: whether there are low ratings."""
    return data.rating is not None and data.liked_from is not None


def history_with(
    data: Dataset, said: Sequence[Feedback], user: int | None = None, *, name: str = "you"
) -> Dataset:
    """The history of one user, with feedback added as events.

    Where the data has ratings, stars become ratings on its scale, and all are events: what is liked
    behind the user's own, and what is not before them, since a model that reads in order goes on
    from what it read last, whatever its rating. Without ratings an event means liking, so that only
    what was liked becomes one.

    Args:
        data: the items, and the user's own events.
        user: position of the user; None for somebody new, called `name`.

    Returns:
        The same items, and the one user at position 0. Its `content_hash` covers the feedback.
    """
    ratings = rated(data)
    liked = [s for s in said if s.stars >= LIKED_STARS]
    others = [s for s in said if 0 < s.stars < LIKED_STARS] if ratings else []
    own = slice(0, 0) if user is None else data.events_of(user)

    def around(known: np.ndarray, before: list[float], behind: list[float]) -> np.ndarray:
        joined: np.ndarray = np.concatenate([before, known[own], behind]).astype(known.dtype)
        return joined

    item = around(data.item, [s.item for s in others], [s.item for s in liked])
    rating = timestamp = None
    if data.rating is not None:
        stars = [[rating_of(data, s.stars) if ratings else np.nan for s in those]
                 for those in (others, liked)]  # fmt: skip
        rating = around(data.rating, *stars)
    if data.timestamp is not None:
        # Somebody new comes when the data ends.
        first, last = _times(data.timestamp[own] if own.stop > own.start else data.timestamp)
        first = first if own.stop > own.start else last
        before = first + APART * np.arange(-len(others), 0, dtype=np.int64)
        behind = last + APART * np.arange(1, len(liked) + 1, dtype=np.int64)
        timestamp = np.concatenate([before, data.timestamp[own], behind])
    identity = data.users.ids[user] if user is not None else _free(name, data.users)
    digest = hashlib.sha256(f"{identity}:{to_text(said)}".encode()).hexdigest()
    rows = [] if user is None else [user]
    frame = data.user_frame.iloc[rows].reset_index(drop=True)
    return replace(
        data,
        users=IdMap([identity]),
        user=np.zeros(len(item), dtype=data.user.dtype),
        item=item,
        rating=rating,
        timestamp=timestamp,
        user_frame=frame if len(frame) else frame.reindex(pd.RangeIndex(1)),
        _parent_hash=f"{data.content_hash}:said:{digest}",
    )


def _times(timestamps: np.ndarray) -> tuple[int, int]:
    """The first and the last of some times; where there are none, 1970."""
    return (int(timestamps.min()), int(timestamps.max())) if len(timestamps) else (0, 0)


def _free(name: str, users: IdMap) -> str:
    while name in users:
        name += "'"
    return name


def rating_of(data: Dataset, stars: int) -> float:
    """Stars as a rating on the data's own scale; liked stars are liked there, and others not."""
    assert data.rating is not None
    assert data.liked_from is not None
    low, high = float(np.nanmin(data.rating)), float(np.nanmax(data.rating))
    if stars >= LIKED_STARS:
        share = (stars - LIKED_STARS) / (5 - LIKED_STARS)
        return data.liked_from + share * max(high - data.liked_from, 0.0)
    below = data.rating[data.rating < data.liked_from]
    top = float(below.max()) if len(below) else float(np.nextafter(np.float32(data.liked_from), -1))
    return min(low, top) + (stars - 1) / (LIKED_STARS - 2) * max(top - low, 0.0)


def lowered(scores: np.ndarray, vectors: np.ndarray | None, unwanted: np.ndarray) -> np.ndarray:
    """Scores (n, n_items) in which what is like the unwanted items stands lower.

    An item loses the square of its likeness to the most like of them, in spans from the best score
    to the hundredth best: the twin of something disliked leaves the list, a distant relative
    hardly moves.

    Args:
        vectors: (n_items, d) whose cosine says how alike items are; None changes nothing.
        unwanted: (m,) item positions.
    """
    if vectors is None or not len(unwanted):
        return scores
    cosines = unit_rows(vectors) @ unit_rows(vectors[unwanted]).T  # (n_items, m)
    likeness = np.clip(cosines.max(1), 0.0, 1.0) ** 2
    rank = min(_SPREAD, scores.shape[1] - 1)
    finite = np.where(np.isfinite(scores), scores, scores[np.isfinite(scores)].min(initial=0.0))
    ordered = -np.partition(-finite, (0, rank), axis=1)
    spread = ordered[:, 0] - ordered[:, rank]
    changed: np.ndarray = scores - (spread[:, None] * likeness).astype(scores.dtype)
    return changed


class TitleSearch:
    """Items by words of their titles, whatever their case and accents.

    Args:
        data: of two titles that fit equally well the one that more people met comes first.
    """

    def __init__(self, data: Dataset) -> None:
        self._data = data

    @cached_property
    def met(self) -> np.ndarray:
        """How often each item was met: (n_items,)."""
        return np.bincount(self._data.item, minlength=self._data.n_items)

    @cached_property
    def _folded(self) -> list[str]:
        return [folded(str(title)) for title in self._data.titles]

    def find(self, text: str, limit: int = 8) -> np.ndarray:
        """Positions of at most `limit` items whose titles have all words of `text`."""
        words = _WORDS.findall(folded(text))
        if not words:
            return np.zeros(0, dtype=np.int64)
        first = words[0]
        found = [
            (not title.startswith(first), -int(self.met[item]), item)
            for item, title in enumerate(self._folded)
            if all(word in title for word in words)
        ]
        return np.array([item for *_order, item in sorted(found)[:limit]], dtype=np.int64)

    def known_best(self, limit: int, without: Iterable[int] = ()) -> np.ndarray:
        """The items that most people met, as something to begin with."""
        order = np.argsort(-self.met, kind="stable")
        left = order[~np.isin(order, np.array([*without], dtype=np.int64))]
        return left[:limit]


def folded(text: str) -> str:
    """Small letters without accents, full-width forms as usual ones."""
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parted if not unicodedata.combining(letter))
