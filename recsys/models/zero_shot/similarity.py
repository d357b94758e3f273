"""Encoders: how alike a prompt and the text of each item are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys.language_models import Encoder, Progress
from recsys.language_models.whitening import whitening
from recsys.ranking import unit_rows


class Similarity:
    """The cosine of prompt and item text, both whitened.

    A sentence encoder puts all prompts of a template close together, and all texts of a catalogue.
    With their means subtracted and whitened by the covariance of the items (Su et al. 2021,
    "Whitening sentence representations"), NDCG@10 on the validation users of MovieLens is .014
    instead of .004 (on the test users .009 and .006); only texts are needed for it.

    Attributes:
        items: (n_items, d) whitened vectors of the item texts, of unit length.
        centre: (d,) the mean vector of prompts.
        white: (d, r) what whitens.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.items = np.zeros((0, encoder.dimension), dtype=np.float32)
        self.centre = np.zeros(encoder.dimension, dtype=np.float32)
        self.white = np.eye(encoder.dimension, dtype=np.float32)

    def read(self, items: Sequence[str], prompts: Sequence[str], progress: Progress | None) -> None:
        """Read the texts of all items, and some prompts, whose mean is subtracted from all."""
        vectors = self.encoder.encode(items, progress)
        vectors = vectors - vectors.mean(0)
        directions, spread = whitening(vectors)
        self.white = np.ascontiguousarray(directions / spread)
        self.items = unit_rows(vectors @ self.white)
        self.centre = self.encoder.encode(prompts, progress).mean(0)

    def score(self, prompts: Sequence[str]) -> np.ndarray:
        """Scores of all items after each prompt: (n, n_items)."""
        vectors = self.encoder.encode(prompts)  # (n, d)
        scores: np.ndarray = unit_rows((vectors - self.centre) @ self.white) @ self.items.T
        return scores

    def measured_users(self) -> int | None:
        return None

    def tensors(self) -> dict[str, np.ndarray]:
        return {"items": self.items, "centre": self.centre, "white": self.white}

    def load_tensors(self, tensors: dict[str, np.ndarray]) -> None:
        self.items, self.centre = tensors["items"], tensors["centre"]
        self.white = tensors["white"]
