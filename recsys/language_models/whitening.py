"""Vectors of texts made comparable: centred, and scaled in every direction."""

from __future__ import annotations

import numpy as np

#: How much of the largest spread is added to every direction when text vectors are whitened.
_WHITENING_FLOOR = 0.1


def whitened(vectors: np.ndarray) -> np.ndarray:
    """Vectors of all item texts, whitened: (n_items, dim) float32 with mean square 1.

    A sentence encoder puts the texts of one catalogue close together, since all say "a film".
    Removing the mean and dividing by the spread in each direction (Su et al. 2021, "Whitening
    sentence representations") leaves what they differ in; the floor keeps noise small.
    """
    vectors = vectors - vectors.mean(0)
    directions, spread = whitening(vectors)
    white = (vectors @ directions) / spread
    white *= 1 / max(float(np.sqrt(np.mean(white**2))), 1e-6)
    padded = np.zeros_like(vectors)  # fewer items than dimensions leave the last ones empty
    padded[:, : white.shape[1]] = white
    return padded


def whitening(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions (dim, r) of vectors (n, dim) of mean 0, and by what to divide along each, (r,)."""
    _, spread, directions = np.linalg.svd(vectors, full_matrices=False)
    return directions.T, spread + (_WHITENING_FLOOR * spread[0] + 1e-6)
