"""The history that a prompt tells: the items whose titles stand in it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recsys.dataset import Dataset, IdMap
from recsys.models.base import Queries
from recsys.prompts.contexts.contexts import ListToken
from recsys.prompts.contexts.reading import Reading

#: The lists that tell what a user met, in the order in which they are put behind one another:
#: what was liked may be older than the latest events. What a prompt says was disliked is no
#: recommendation for more of the same, and is read as words only.
_TOLD = ("liked", "history")


def told_items(reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    """The items that prompts tell in n contexts, the latest last, each once.

    Args:
        reading: an exact one, see `PromptContexts`.

    Returns:
        Item positions (n, length), any where not held, and which are held (n, length) bool, the
        first ones of each row.
    """
    n = len(reading.intent)
    lists = [
        token
        for kind in _TOLD
        for token in reading.lists
        if isinstance(token, ListToken) and token.kind == kind
    ]
    nothing = np.zeros((n, 0), dtype=np.int64)
    items = np.concatenate([nothing, *(token.items[:, ::-1] for token in lists)], 1)
    held = np.concatenate([nothing > 0, *(token.held[:, ::-1] for token in lists)], 1)
    for place in range(items.shape[1]):
        again = (items[:, place + 1 :] == items[:, place, None]) & held[:, place + 1 :]
        held[:, place] &= ~again.any(1)
    front = np.argsort(~held, axis=1, kind="stable")
    return np.take_along_axis(items, front, 1), np.take_along_axis(held, front, 1)


def known_of(queries: Queries, reading: Reading) -> Queries:
    """What is asked, of users with the events that may be read: theirs, or those the prompts tell.

    Args:
        reading: the prompts of the users asked for.
    """
    if queries.history_weight:
        return queries
    told = told_history(reading, queries.history)
    return replace(queries, history=told, users=np.arange(told.n_users), exchanged={})


def weighed(queries: Queries, score: Callable[[Queries], np.ndarray]) -> np.ndarray:
    """Scores (n, n_items) as `Queries.history_weight` says.

    Args:
        score: gives those of the prompt alone, and those of all that is known: weights 0 and 1.
    """
    weight = queries.history_weight
    if weight in (0.0, 1.0):
        return score(queries)
    alone, whole = (score(replace(queries, history_weight=end)) for end in (0.0, 1.0))
    mixed: np.ndarray = (1 - weight) * alone + weight * whole
    return mixed


def told_history(reading: Reading, catalogue: Dataset) -> Dataset:
    """The same as histories of n users without names, in the order of the contexts.

    When anything happened, and how it was rated, is not known of them.

    Args:
        catalogue: the data whose items these are.
    """
    items, held = told_items(reading)
    users = [f"context {row}" for row in range(len(items))]
    return replace(
        catalogue,
        users=IdMap(users),
        user=np.nonzero(held)[0],
        item=items[held],
        user_frame=catalogue.user_frame.iloc[:0],
        rating=None,
        timestamp=None,
        steps=False,
    )
