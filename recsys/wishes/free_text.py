"""What a wish says beyond values: its words beside each item's text, and the titles it mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import Encoder, load_encoder
from recsys.language_models.item_texts import MOST_ITEMS, item_texts
from recsys.ranking import unit_rows
from recsys.wishes.meanings import BILINGUAL

#: Weights in nats, chosen from a grid by NDCG@10 on requests of real people (ReDial, the dev half;
#: docs/benchmarks.md): cosine of the request with an item's text, and mean cosine of an item's text
#: with those of the titles that the request mentions.
_REQUEST, _MENTIONED = 10.0, 2.3
#: Where a sentence ends.
_ENDS = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n")


class FreeText:
    """Matches requests with the texts of a catalogue's items, which are encoded when first asked.

    Args:
        catalogue: the items; no event is looked at.
    """

    def __init__(self, catalogue: Dataset) -> None:
        self._catalogue = catalogue

    def learn(self) -> None:
        """Encode the items' texts, where the cache does not know them: some seconds."""
        if self._matches:
            _ = self._items

    def embedded(self, request: str) -> Iterator[tuple[Encoder, str]]:
        """What `match` will have embedded by which encoder."""
        if self._matches:
            yield from ((load_encoder(BILINGUAL), part) for part in _sentences(request))

    def match(self, request: str, mentioned: Sequence[int]) -> np.ndarray:
        """How well each item matches, in nats, (n_items,) float32.

        Of a request of several sentences the best matching one counts: among "Hi, how are you? I
        would love something about space." the mean would be of neither.

        Args:
            request: the words.
            mentioned: positions of items that others are to be like.
        """
        if not self._matches:
            return np.zeros(self._catalogue.n_items, dtype=np.float32)
        centre, items = self._items
        vectors = unit_rows(load_encoder(BILINGUAL).encode(_sentences(request)) - centre)
        found = _REQUEST * (items @ vectors.T).max(1)  # (n_items,)
        if mentioned:
            found = found + _MENTIONED * (items @ items[list(mentioned)].mean(0))
        matched: np.ndarray = found.astype(np.float32)
        return matched

    @property
    def _matches(self) -> bool:
        return 0 < self._catalogue.n_items <= MOST_ITEMS

    @cached_property
    def _items(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean vector of item texts (dim,), and all less it, of unit length, (n_items, dim)."""
        vectors = load_encoder(BILINGUAL).encode(item_texts(self._catalogue))
        centre: np.ndarray = vectors.mean(0)
        return centre, unit_rows(vectors - centre)


def _sentences(request: str) -> list[str]:
    """The parts of a request that are matched one by one."""
    return [part for part in _ENDS.split(request) if part.strip()] or [request]
