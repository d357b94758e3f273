"""Requests of people who asked people for films, from ReDial (Li et al. 2018, arXiv:1812.07617)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.dataset.ids import IdMap
from recsys.schema import N_, ConfigError


@dataclass(frozen=True)
class Conversations:
    """What seekers wrote and liked, and what was suggested to them later and liked.

    A conversation without such a film in the catalogue is left out.

    Attributes:
        requests: (n,) what each seeker wrote before the first suggestion they liked.
        history: the events of the data, then the films that each seeker said they like.
        first: the position of the first seeker among the users of `history`.
        left_out: (n, n_items) the films named so far by either side.
        targets: (n, n_items) those to be found, at least one a row.
    """

    requests: tuple[str, ...]
    history: Dataset
    first: int
    left_out: sp.csr_matrix
    targets: sp.csr_matrix

    def __len__(self) -> int:
        return len(self.requests)

    @classmethod
    def read(cls, file: Path, data: Dataset) -> Self:
        """The conversations of a file, a line of JSON each, about the items of `data`.

        Raises:
            ConfigError: if the file is missing, or a line is no such conversation.
        """
        found = (_positions(one, data) for one in _lines(file))
        kept = [one for one in found if one["gold"]]
        if not kept:
            raise ConfigError(
                N_("No film suggested in {file} is in the data {name}."),
                file=str(file),
                name=data.name,
            )
        return cls(
            tuple(one["request"] for one in kept),
            _histories([one["liked"] for one in kept], data),
            data.n_users,
            _marked([one["mentioned"] for one in kept], data.n_items),
            _marked([one["gold"] for one in kept], data.n_items),
        )


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise ConfigError(
            N_("{file} cannot be read. The folder needs the conversations of ReDial in it."),
            file=str(file),
        ) from error
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            one = json.loads(line)
            yield {key: one[key] for key in ("request", "mentioned", "liked", "gold")}
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                N_("Line {number} of {file} is no conversation of ReDial."),
                number=number,
                file=str(file),
            ) from error


def _positions(one: dict[str, Any], data: Dataset) -> dict[str, Any]:
    """The same conversation with positions of those of its films that the catalogue has."""
    known = {
        key: [data.items.position(i) for i in map(str, one[key]) if i in data.items]
        for key in ("mentioned", "liked", "gold")
    }
    named = {*known["mentioned"], *known["liked"]}
    gold = [item for item in known["gold"] if item not in named]
    return {**one, **known, "mentioned": sorted(named), "gold": gold}


def _histories(liked: list[list[int]], data: Dataset) -> Dataset:
    """The liked films as events of new users after all of `data`, in the order of naming."""
    lengths = [len(items) for items in liked]
    users = [f"seeker {row}" for row in range(len(liked))]
    seeker = data.n_users + np.repeat(np.arange(len(liked)), lengths)
    item = np.array([i for items in liked for i in items], dtype=data.item.dtype)
    timestamp, rating = data.timestamp, data.rating
    if timestamp is not None:
        timestamp = np.concatenate([timestamp, timestamp.max() + 1 + np.arange(len(item))])
    if rating is not None:  # they said that they like them
        rating = np.concatenate([rating, np.full(len(item), np.nanmax(rating), rating.dtype)])
    strangers = pd.DataFrame(index=range(len(liked)), columns=data.user_frame.columns)
    return replace(
        data,
        name="seekers",
        users=IdMap([*data.users.ids, *users]),
        user=np.concatenate([data.user, seeker]).astype(data.user.dtype),
        item=np.concatenate([data.item, item]),
        rating=rating,
        timestamp=timestamp,
        user_frame=pd.concat([data.user_frame, strangers], ignore_index=True),
        _parent_hash=None,
    )


def _marked(rows: list[list[int]], n_items: int) -> sp.csr_matrix:
    indptr = np.cumsum([0, *map(len, rows)])
    items = np.array([item for row in rows for item in row], dtype=np.int64)
    matrix = sp.csr_matrix((np.ones(len(items), bool), items, indptr), (len(rows), n_items))
    matrix.sum_duplicates()
    return matrix
