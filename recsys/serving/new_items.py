"""Items that a model was not trained with, scored by the known items with the nearest texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from recsys.dataset import Dataset, IdMap
from recsys.language_models import load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.models.base import Queries, Recommender
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.new_items import NewItems
from recsys.recommend import reader_of
from recsys.schema import N_, TITLE, listed
from recsys.serving.errors import RefusedRequest
from recsys.serving.posted import PostedItem
from recsys.wishes.meanings import BILINGUAL
from recsys.wishes.reader import WishReader
from recsys.wishes.steering import FollowsWishes

#: Attributes named in a sentence.
_NAMED = 12


def grown_data(data: Dataset, items: Sequence[PostedItem]) -> Dataset:
    """The same events over the items of the data and, behind them, new ones."""
    rows = [{TITLE: item.title, **_cells(data, item.attributes)} for item in items]
    frame = pd.DataFrame(rows, columns=data.item_frame.columns)
    kinds = {
        name: kind for name, kind in data.item_frame.dtypes.items() if kind.kind in "fiu"
    }  # whole numbers cannot be missing
    frame = frame.astype(dict.fromkeys(kinds, "float64"))
    return replace(
        data,
        items=IdMap([*data.items.ids, *(item.item_id for item in items)]),
        item_frame=pd.concat([data.item_frame, frame], ignore_index=True),
        _parent_hash=f"{data.content_hash}:items:{[item.item_id for item in items]}",
    )


def check_item(data: Dataset, item: PostedItem) -> None:
    """Raise `RefusedRequest` if an item is not new, or does not fit the columns of the data."""
    if item.item_id in data.items:
        raise RefusedRequest(
            409,
            N_('The item "{item}" is in the data already. Only new items can be added.'),
            item=item.item_id,
        )
    unknown = [name for name in item.attributes if name not in data.item_attributes]
    if unknown:
        raise RefusedRequest(
            422,
            N_("The items have no attribute {attribute}. They have: {known}."),
            attribute=unknown[0],
            known=listed(data.item_attributes, _NAMED) or "–",
        )
    for name, value in item.attributes.items():
        if _is_number(data, name) != isinstance(value, float):
            raise RefusedRequest(
                422,
                N_("The attribute {attribute} has to be a number.")
                if _is_number(data, name)
                else N_("The attribute {attribute} has to be a text, or a list of texts."),
                attribute=name,
            )


def _is_number(data: Dataset, name: str) -> bool:
    return data.item_frame[name].dtype.kind in "fiu"


def _cells(data: Dataset, attributes: Mapping[str, float | str | list[str]]) -> dict[str, Any]:
    """Values as the columns of the data hold them."""
    cells: dict[str, Any] = {}
    for name, value in attributes.items():
        holds_lists = not isinstance(next(iter(data.item_frame[name].dropna()), ""), str | float)
        if isinstance(value, list) and not holds_lists:
            value = ", ".join(value)
        cells[name] = [value] if isinstance(value, str) and holds_lists else value
    return cells


class WithNewItems(Recommender):
    """A model for its own items and new ones behind them, which get from items with like texts.

    A new item's score is the mean of those of its neighbours, weighted by how alike their texts are
    (Gantner et al. 2010, "Learning attribute-to-feature mappings for cold-start recommendations",
    by neighbours): for a model whose scores are products of vectors that is the same as giving it
    the mean of their vectors. Nothing is trained. Wishes are followed by what the new items
    themselves have.

    Args:
        model: knows the items of `known`.
        known: its data.
        grown: the data with the new items behind those of `known`.
    """

    name: ClassVar[str] = "with-new-items"
    title: ClassVar[str] = ""
    summary: ClassVar[str] = ""

    def __init__(self, model: Recommender, known: Dataset, grown: Dataset) -> None:
        self.config = model.config
        self._model = model
        self._known = known
        counts = np.bincount(known.item, minlength=known.n_items)
        counts = np.append(np.maximum(counts, 1), np.zeros(grown.n_items - known.n_items, int))
        texts = load_encoder(BILINGUAL).encode(item_texts(grown))
        neighbours = NewItems.of(texts, counts, PromptFusionConfig()).neighbours
        #: (n_new, n_known), weights of 1 in all.
        self.neighbours = sp.csr_matrix(neighbours[known.n_items :, : known.n_items])
        self.wish_reader: WishReader = reader_of(model, known).for_more_items(grown)

    def score(self, queries: Queries) -> np.ndarray:
        history = _of_items(queries.history, self._known)
        intent = queries.intent
        if not (isinstance(self._model, FollowsWishes) or self._model.reads_prompts):
            intent = ""
        found = self._model.score(replace(queries, history=history, intent=intent))
        scores: np.ndarray = np.hstack([found, found @ self.neighbours.T]).astype(np.float32)
        return scores

    def item_vectors(self) -> np.ndarray | None:
        vectors = self._model.item_vectors()
        return None if vectors is None else np.vstack([vectors, self.neighbours @ vectors])

    def most_like(self, item: int, n: int) -> np.ndarray:
        """The positions of the `n` known items most like the new one at a position."""
        row = self.neighbours[[item - self._known.n_items]]
        nearest: np.ndarray = row.indices[np.argsort(-row.data, kind="stable")[:n]]
        return nearest

    def tensors(self) -> dict[str, np.ndarray]:
        raise NotImplementedError("it is made anew from the model and the items")

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        raise NotImplementedError("it is made anew from the model and the items")


def _of_items(history: Dataset, known: Dataset) -> Dataset:
    """The events with items that a model knows."""
    if history.n_items == known.n_items:
        return history
    kept = np.flatnonzero(history.item < known.n_items)
    return replace(history.select(kept), items=known.items, item_frame=known.item_frame)
