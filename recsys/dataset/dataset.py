"""The clean data as a value: the frozen `Dataset`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.dataset.ids import IdMap
from recsys.dataset.tables import Tables, as_values, read_tables, write_tables
from recsys.schema import (
    ITEM_ID,
    KNOWLEDGE_COLUMNS,
    N_,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
    DataError,
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Interactions sorted by user, then by time, over fixed users and items.

    All event arrays have shape (n_events,) and share one order. Selections of events
    (training part, histories) keep the same `users` and `items`, so positions mean the
    same everywhere.

    Attributes:
        name: what a person calls the data.
        users, items: id maps.
        user: user position of each event, non-decreasing.
        item: item position of each event.
        rating: ratings as uploaded, NaN where an event has none; None where no event has.
        timestamp: seconds since 1970 UTC, or None where only the order is known.
        item_frame: one row an item, in the order of `items`: `title`, then attribute columns
            (strings, numbers, or lists of strings).
        user_frame: one row a user, in the order of `users`: attribute columns, maybe none.
        liked_from: the rating from which an event counts as liked; None means every event does.
        knowledge: facts that a person added, one a row (`KNOWLEDGE_COLUMNS`): the item attribute
            whose value it is about, or "" for an item; the value or the item's id; and the fact in
            words. None where there are none.
        steps: whether `timestamp` counts the events of each user, 0, 1, 2 …, and holds no dates.
    """

    name: str
    users: IdMap
    items: IdMap
    user: np.ndarray
    item: np.ndarray
    item_frame: pd.DataFrame
    user_frame: pd.DataFrame
    rating: np.ndarray | None = None
    timestamp: np.ndarray | None = None
    liked_from: float | None = None
    knowledge: pd.DataFrame | None = None
    steps: bool = False
    _parent_hash: str | None = field(default=None, repr=False)

    @property
    def n_users(self) -> int:
        return len(self.users)

    @property
    def n_items(self) -> int:
        return len(self.items)

    @property
    def n_events(self) -> int:
        return len(self.item)

    @cached_property
    def offsets(self) -> np.ndarray:
        """Where each user's events begin: (n_users + 1,), as `indptr` of a CSR matrix."""
        return np.searchsorted(self.user, np.arange(self.n_users + 1)).astype(np.int64)

    @property
    def dates(self) -> np.ndarray | None:
        """`timestamp` where it holds dates; None where it is missing or only counts steps."""
        return None if self.steps else self.timestamp

    @cached_property
    def titles(self) -> np.ndarray:
        """Item titles, (n_items,) strings."""
        return self.item_frame[TITLE].to_numpy(dtype=object)

    @property
    def item_attributes(self) -> list[str]:
        """Names of the item attribute columns."""
        return [c for c in self.item_frame.columns if c != TITLE]

    @property
    def user_attributes(self) -> list[str]:
        """Names of the user attribute columns."""
        return list(self.user_frame.columns)

    @cached_property
    def language(self) -> str:
        """The language of the titles: "zh" where a third of their letters is Chinese, else "en"."""
        sampled = " ".join(map(str, self.titles[:200]))
        chinese = sum("\u4e00" <= character <= "\u9fff" for character in sampled)
        return "zh" if chinese > len(sampled) / 3 else "en"

    @cached_property
    def liked(self) -> np.ndarray:
        """Whether each event counts as liked, (n_events,) bool."""
        if self.rating is None or self.liked_from is None:
            return np.ones(self.n_events, dtype=bool)
        return self.rating >= self.liked_from

    def events_of(self, user: int) -> slice:
        """The slice of the event arrays that belongs to one user, oldest first."""
        return slice(int(self.offsets[user]), int(self.offsets[user + 1]))

    def history(self, user: int) -> np.ndarray:
        """Item positions of one user's events, oldest first."""
        return self.item[self.events_of(user)]

    def attribute_values(self, attribute: str) -> list[tuple[str, ...]]:
        """The values of an item attribute as a tuple of strings for every item; () for none."""
        return [as_values(v) for v in self.item_frame[attribute]]

    def matrix(self) -> sp.csr_matrix:
        """Users × items, 1 where a user met an item: (n_users, n_items) float32."""
        ones = np.ones(self.n_events, dtype=np.float32)
        matrix = sp.csr_matrix((ones, (self.user, self.item)), shape=(self.n_users, self.n_items))
        matrix.data[:] = 1.0  # repeats were summed
        return matrix

    def select(self, events: np.ndarray) -> Dataset:
        """The same users and items with only the `events` chosen by a mask or sorted positions."""
        digest = hashlib.sha256(np.ascontiguousarray(events).tobytes()).hexdigest()
        return replace(
            self,
            user=self.user[events],
            item=self.item[events],
            rating=None if self.rating is None else self.rating[events],
            timestamp=None if self.timestamp is None else self.timestamp[events],
            _parent_hash=f"{self.content_hash}:{digest}",
        )

    @cached_property
    def content_hash(self) -> str:
        """A hash of everything in the data, 16 hex digits; equal content, equal hash."""
        h = hashlib.sha256()
        if self._parent_hash is not None:
            h.update(self._parent_hash.encode())
            return h.hexdigest()[:16]
        for ids in (self.users.ids, self.items.ids):
            h.update(json.dumps(list(ids)).encode())
        for array in (self.user, self.item, self.rating, self.timestamp):
            h.update(b"-" if array is None else np.ascontiguousarray(array).tobytes())
        for frame in (self.item_frame, self.user_frame):
            h.update(frame.to_json(orient="split", default_handler=str).encode())
        h.update(repr(self.liked_from).encode())
        if self.knowledge is not None:
            h.update(_knowledge_bytes(self.knowledge))
        return h.hexdigest()[:16]

    def with_knowledge(self, knowledge: pd.DataFrame | None) -> Dataset:
        """The same data with other facts, or with none; it has a hash of its own.

        Args:
            knowledge: as the attribute; facts about what the data does not have are never used.
        """
        facts = None
        if knowledge is not None and len(knowledge):
            facts = knowledge[list(KNOWLEDGE_COLUMNS)].astype("str").reset_index(drop=True)
        if facts is None and self.knowledge is None:
            return self
        parent = self._parent_hash
        if parent is not None:  # a selection is named by what it was selected from
            digest = hashlib.sha256(b"" if facts is None else _knowledge_bytes(facts)).hexdigest()
            parent = f"{parent}:knowledge:{digest}"
        return replace(self, knowledge=facts, _parent_hash=parent)

    def to_frames(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Interactions, items and users as frames with ids, as `from_frames` takes them."""
        interactions = pd.DataFrame(
            {USER_ID: self.users.ids[self.user], ITEM_ID: self.items.ids[self.item]}
        )
        if self.rating is not None:
            interactions[RATING] = self.rating
        if self.timestamp is not None:
            interactions[TIMESTAMP] = self.timestamp
        items = self.item_frame.copy()
        items.insert(0, ITEM_ID, self.items.ids)
        users = self.user_frame.copy()
        users.insert(0, USER_ID, self.users.ids)
        return interactions, items, users

    @classmethod
    def from_frames(
        cls,
        interactions: pd.DataFrame,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        *,
        name: str,
        liked_from: float | None = None,
        steps: bool = False,
    ) -> Dataset:
        """Build from clean frames (see :func:`recsys.cleaning.clean`).

        Args:
            interactions: `user_id`, `item_id` (strings, maybe categorical), optional `rating`
                (float) and `timestamp` (int seconds). Rows of a user with equal times keep their
                order.
            items: `item_id`, optional `title` and attributes; items that never occur in
                `interactions` are kept (they can be recommended); missing ones get a row.
            users: `user_id` and attributes; only users with events are kept.
            steps: whether `timestamp` only counts the events of each user.

        Raises:
            DataError: if there are no interactions.
        """
        if interactions.empty:
            raise DataError(N_("There are no events left. Upload a file with at least one row."))
        user, user_ids = _coded(interactions[USER_ID])
        item, met = _coded(interactions[ITEM_ID])
        user_map = IdMap(user_ids)
        listed = [] if items is None else items[ITEM_ID].tolist()
        item_map = IdMap(dict.fromkeys([*listed, *met]))
        item = item_map.positions(met)[item]
        timestamp = _column(interactions, TIMESTAMP, np.int64)
        keys = (user,) if timestamp is None else (timestamp, user)
        order = np.lexsort(keys)  # stable: file order breaks ties
        rating = _column(interactions, RATING, np.float32)
        user = user[order]
        timestamp = None if timestamp is None else timestamp[order]
        return cls(
            name=name,
            users=user_map,
            items=item_map,
            user=user,
            item=item[order],
            rating=None if rating is None else rating[order],
            timestamp=timestamp,
            steps=steps and timestamp is not None,
            item_frame=_aligned(items, ITEM_ID, item_map, with_title=True),
            user_frame=_aligned(users, USER_ID, user_map, with_title=False),
            liked_from=liked_from,
        )

    def save(self, folder: Path) -> None:
        """Write the data as Parquet files into `folder`."""
        write_tables(
            folder,
            Tables(*self.to_frames(), self.knowledge, self.name, self.liked_from, self.steps),
        )

    @classmethod
    def load(cls, folder: Path) -> Dataset:
        """Read what `save` wrote. Raises `DataError` if it is not there or damaged."""
        try:
            kept = read_tables(folder)
            data = cls.from_frames(
                kept.interactions,
                kept.items,
                kept.users,
                name=kept.name,
                liked_from=kept.liked_from,
                steps=kept.steps,
            )
            return data.with_knowledge(kept.knowledge)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise DataError(
                N_("The data in {folder} cannot be read. Prepare the data again."),
                folder=str(folder),
            ) from error


def _knowledge_bytes(knowledge: pd.DataFrame) -> bytes:
    return str(knowledge.to_json(orient="values")).encode()


def _coded(ids: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Each id as a number (n,) int64, and the ids in the order in which they are first met."""
    codes, distinct = pd.factorize(ids, use_na_sentinel=False)
    return codes.astype(np.int64, copy=False), distinct.tolist()


def _column(frame: pd.DataFrame, name: str, dtype: type) -> np.ndarray | None:
    return frame[name].to_numpy(dtype=dtype) if name in frame.columns else None


def _aligned(frame: pd.DataFrame | None, key: str, ids: IdMap, *, with_title: bool) -> pd.DataFrame:
    """Attribute columns of `frame` with one row an id of `ids`, missing rows left empty."""
    index = pd.Index(ids.ids, dtype=object)
    if frame is None:
        aligned = pd.DataFrame(index=index)
    else:
        aligned = frame.drop_duplicates(key).set_index(key).reindex(index)
    if with_title:
        known = aligned[TITLE] if TITLE in aligned.columns else pd.Series(None, index=index)
        titles = known.astype(object).where(known.notna(), index.to_series())
        aligned = aligned.drop(columns=[TITLE], errors="ignore")
        aligned.insert(0, TITLE, titles.astype(str))
    return aligned.reset_index(drop=True)
