"""From a model to a list a person can read: scores → filters → top-k → reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.feedback import lowered
from recsys.prompts.attributes import encode
from recsys.ranking import seen_items, top_k, unit_rows
from recsys.schema import ITEM_ID, N_, TITLE, USER_ID, ConfigError

if TYPE_CHECKING:  # models bring torch, which the first page must not wait for
    from recsys.language_models import Progress
    from recsys.models.base import Queries, Recommender
    from recsys.wishes.control.corrections import Corrections
    from recsys.wishes.intent import Intent
    from recsys.wishes.reader import WishReader

__all__ = [
    "allowed_items",
    "close_to",
    "has_all",
    "reader_of",
    "reasons",
    "recommend",
    "scores",
    "top_k",
    "understand",
    "values_had",
]

SCORE = "score"
RANK = "rank"

#: Scores held in memory at once (float32, 4 bytes each).
_MAX_SCORES = 16_000_000
#: Users scored at once.
_MAX_USERS = 64


def recommend(
    model: Recommender,
    queries: Queries,
    k: int = 10,
    allowed: np.ndarray | None = None,
    unwanted: np.ndarray | None = None,
) -> pd.DataFrame:
    """The k best items that each user has not met, in the order of `queries.users`.

    Every model follows `queries.intent`, see `scores`.

    Args:
        allowed: (n_items,) bool; only these items are recommended (see `allowed_items`).
        unwanted: (m,) positions of items the like of which is to stand lower (see `lowered`).

    Returns:
        `user_id, item_id, score, rank, title`, a row an item, best first, `rank` from 1. A user
        for whom fewer than k items are left gets fewer rows.
    """
    history = queries.history
    items = np.full((len(queries.users), k), -1, dtype=np.int64)
    best = np.full((len(queries.users), k), -np.inf, dtype=np.float32)
    for rows in _batches(queries):
        batch = replace(queries, users=np.asarray(queries.users)[rows])
        seen = seen_items(history, batch.users)
        found = scores(model, batch)
        if unwanted is not None and len(unwanted):
            found = lowered(found, model.item_vectors(), unwanted)
        items[rows], best[rows] = top_k(found, k, seen, allowed)
    row, column = np.nonzero(items >= 0)
    chosen = items[row, column]
    return pd.DataFrame(
        {
            USER_ID: history.users.ids[np.asarray(queries.users)[row]],
            ITEM_ID: history.items.ids[chosen],
            SCORE: best[row, column],
            RANK: column + 1,
            TITLE: history.titles[chosen],
        }
    )


def scores(model: Recommender, queries: Queries) -> np.ndarray:
    """Scores of all items that follow the wish of `queries`, whatever the model: (n, n_items).

    A reader of the catalogue gives the items that match; they come before all others, and what is
    to be avoided behind. Within both, the model's own scores decide, and the less is known of a
    person, the more how well an item's text matches the words. A model that reads prompts also
    reads the words, unless they are known to ask for nothing. Words in which nothing is understood
    change nothing. Corrections and strength of the wish are those of `queries`.
    """
    from recsys.wishes.control.corrections import corrected
    from recsys.wishes.prior import in_nats, unknown
    from recsys.wishes.steering import FollowsWishes, steered

    if not queries.intent:
        return model.score(queries)
    reader = reader_of(model, queries.history)
    by_itself = isinstance(model, FollowsWishes)
    reader.read_ahead([queries.intent], by_model=by_itself)
    understood = reader.read(queries.intent)
    intent = corrected(understood, queries.corrections.of(queries.intent))
    words = intent.words(queries.intent)
    read = by_itself or (model.reads_prompts and not reader.is_small_talk(queries.intent))
    if not by_itself:
        queries = replace(queries, intent=words if read else "")
    found = model.score(queries)
    if not intent.changes_lists or not queries.strength:
        return found
    share = None
    if intent.says_more:
        data, users = queries.history, np.asarray(queries.users)
        matched = reader.match(words, intent.mentioned)
        found = in_nats(found, data, users, matched, queries.strength)
        if intent is understood:  # what a person has said themselves is more than evidence
            share = unknown(data, users)
    return steered(found, reader.bonus(intent, queries.strength)[None], share)


def reader_of(model: Recommender, data: Dataset, progress: Progress | None = None) -> WishReader:
    """What reads wishes for a model: the reader that it has, or the one of the data's items.

    Raises:
        LanguageModelError: if that needs a language model that cannot be had on this machine.
    """
    from recsys.wishes.reader_cache import reader_for
    from recsys.wishes.steering import FollowsWishes

    if not isinstance(model, FollowsWishes):
        return reader_for(data, progress)
    model.wish_reader.learn()
    return model.wish_reader


def understand(
    model: Recommender, data: Dataset, text: str, corrections: Corrections | None = None
) -> Intent | None:
    """What is understood of a wish; None where a model reads words that name nothing known.

    Args:
        corrections: what the person said of that.
    """
    from recsys.wishes.control.corrections import corrected
    from recsys.wishes.steering import FollowsWishes

    reader = reader_of(model, data)
    intent = reader.read(text)
    if corrections is not None:
        intent = corrected(intent, corrections.of(text))
    by_itself = model.reads_prompts and not isinstance(model, FollowsWishes)
    return None if by_itself and not intent and not reader.is_small_talk(text) else intent


def allowed_items(dataset: Dataset, wanted: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Mask (n_items,) of the items that have, for every attribute, one of the wanted values.

    An attribute with no wanted values does not restrict.

    Raises:
        ConfigError: if the items have no such attribute.
    """
    mask = np.ones(dataset.n_items, dtype=bool)
    for attribute, values in wanted.items():
        if attribute not in dataset.item_attributes:
            raise ConfigError(
                N_("The items have no attribute {attribute}. They have: {known}."),
                attribute=attribute,
                known=", ".join(dataset.item_attributes) or "–",
            )
        if values:
            accepted = set(values)
            has = [not accepted.isdisjoint(v) for v in dataset.attribute_values(attribute)]
            mask &= np.array(has, dtype=bool)
    return mask


def reasons(
    item_vectors: np.ndarray,
    history_items: np.ndarray,
    recommended: np.ndarray,
    nearest: int = 2,
) -> tuple[np.ndarray, np.ndarray]:
    """Why an item: which items of the history are most like it, by the cosine of item vectors.

    Args:
        item_vectors: (n_items, d).
        history_items: (h,) item positions; repeats count once.
        recommended: (k,) item positions.

    Returns:
        The nearest history items (k, nearest), padded with -1, and their cosines.
    """
    met = np.unique(np.asarray(history_items, dtype=np.int64))
    alike = unit_rows(item_vectors[recommended]) @ unit_rows(item_vectors[met]).T  # (k, h)
    places, cosines = top_k(alike, nearest)
    return np.where(places >= 0, np.append(met, -1)[places], -1), cosines


def close_to(
    model: Recommender, data: Dataset, user: int, items: np.ndarray, nearest: int = 2
) -> list[tuple[str, ...]]:
    """Titles of what the user liked that are most like each of `items`, see `reasons`.

    Where there are no ratings, what they met is all that is known of what they like. Empty for a
    model without item vectors, and for a user who liked nothing.
    """
    vectors, events = model.item_vectors(), data.events_of(user)
    liked = data.item[events][data.liked[events]]
    if vectors is None or not len(liked) or not len(items):
        return [()] * len(items)
    found, cosines = reasons(vectors, liked, items, nearest)
    return [
        tuple(str(data.titles[i]) for i, c in zip(row, closeness, strict=True) if i >= 0 < c)
        for row, closeness in zip(found, cosines, strict=True)
    ]


def values_had(data: Dataset, items: np.ndarray, wanted: Sequence[str]) -> list[tuple[str, ...]]:
    """For each of `items`, the wanted attribute values that it has."""
    had = [(value, _holders(data, value)[items]) for value in wanted]
    return [tuple(value for value, has in had if has[row]) for row in range(len(items))]


def _holders(data: Dataset, value: str) -> np.ndarray:
    """Which items have an attribute value, in whatever column: (n_items,) bool."""
    holders = np.zeros(data.n_items, dtype=bool)
    for attribute in (encode(data, name) for name in data.item_attributes):
        for code in np.flatnonzero(attribute.values == value):
            # Of each code, the item that it stands behind.
            places = np.flatnonzero(attribute.codes == code)
            holders[np.searchsorted(attribute.offsets, places, side="right") - 1] = True
    return holders


def has_all(data: Dataset, items: np.ndarray, asked: Intent) -> np.ndarray:
    """Which of `items` have everything that was understood of a wish: (len(items),) bool.

    As many of the wanted values as any item of the catalogue has at once (of two departments,
    one), none to avoid, and a year of one of the spans that are wanted.
    """
    from recsys.wishes.years import item_years

    nothing = np.zeros(data.n_items, dtype=bool)
    wanted, avoided = (
        np.sum([nothing, *(_holders(data, value) for value in values)], axis=0)
        for values in (asked.wanted, asked.avoided)
    )
    all_of_it: np.ndarray = (wanted == wanted.max())[items] & (avoided == 0)[items]
    years = item_years(data) if asked.years or asked.not_years else None
    if years is None:
        return all_of_it
    for spans, wish in ((asked.years, True), (asked.not_years, False)):
        if spans:
            within = np.any([span.holds(years[items]) for span in spans], axis=0)
            all_of_it &= within == wish
    return all_of_it


def _batches(queries: Queries) -> Iterator[np.ndarray]:
    """Places in `queries.users`, in parts whose scores fit in memory.

    Histories of like length stand together: the longest of a part sets the work for all of it.
    """
    offsets, users = queries.history.offsets, np.asarray(queries.users)
    order = np.argsort(offsets[users + 1] - offsets[users], kind="stable")
    size = max(1, min(_MAX_USERS, _MAX_SCORES // max(1, queries.history.n_items)))
    for start in range(0, len(order), size):
        yield order[start : start + size]
