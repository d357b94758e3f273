"""How much of a quality items have, such as scary or slow-paced, which no column says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Self

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import Encoder, load_encoder
from recsys.language_models.item_texts import MOST_ITEMS, item_texts
from recsys.ranking import unit_rows

#: The encoder of words and texts; it reads English and Chinese alike.
ENCODER = "use"
#: Fitted on the 31 attributes of SoftAttributes (Balog, Radlinski and Karatzoglou 2021, CC BY 4.0)
#: that are not kept apart, and the antonyms of Open English WordNet 2024 (CC BY 4.0).
SHIPPED = Path(__file__).parent / "graded.npz"
#: What the encoder reads of a word; the same words for fitting and for asking.
_ABOUT = "a film that is {word}"
#: Directions of the items' texts that are learned from: the principal ones.
_DIRECTIONS = 40
#: The ridge penalty, for texts whose first principal direction has the deviation _SPREAD.
_L2, _SPREAD = 0.1, 2.0


@dataclass(frozen=True, eq=False)
class GradedWords:
    """For words that people graded items by, and for others by their likeness to these.

    A word has a direction in the space of item texts, and items lie along it. Directions are
    learned together by ridge regression on judged pairs, with a product kernel: a Gaussian one of
    the vectors of the words, a linear one of the vectors of the items (multi-task learning as in
    Evgeniou, Micchelli and Pontil 2005, JMLR 6). A word that nobody graded gets its direction from
    its vector; the opposite of a word has the opposite direction.

    Attributes:
        names: the w words that directions were learned for.
        words: (w, dim) their unit vectors.
        directions: (w, dim) what each adds to the direction of a word that is like it.
    """

    names: tuple[str, ...]
    words: np.ndarray
    directions: np.ndarray

    @classmethod
    def fit(
        cls,
        judged: Mapping[str, np.ndarray],
        items: np.ndarray,
        encoder: Encoder,
        opposites: Mapping[str, Sequence[str]] | None = None,
    ) -> Self:
        """Learn from pairs of items.

        Args:
            judged: word → (m, 2) positions in `items`, the first of which has more of it.
            items: (n, dim) vectors of the items' texts.
            encoder: gives the vectors of words.
            opposites: word → words of which the second item of its pairs has more.
        """
        signed = [(word, word, 1.0) for word in judged]
        signed += [(o, word, -1.0) for word in judged for o in (opposites or {}).get(word, ())]
        names = tuple(word for word, _, _ in signed)
        words = _vectors(names, encoder)
        basis, coordinates = _principal(items)
        moments = {word: _moments(coordinates, pairs) for word, pairs in judged.items()}
        squares = np.stack([moments[source][0] for _, source, _ in signed])  # (w, d, d)
        sums = np.stack([sign * moments[source][1] for _, source, sign in signed])  # (w, d)
        features = _features(_likeness(words, words))  # (w, r)
        r, d = features.shape[1], coordinates.shape[1]
        outer = (features[:, :, None] * features[:, None, :]).reshape(len(signed), -1)
        gram = (outer.T @ squares.reshape(len(signed), -1)).reshape(r, r, d, d)
        gram = gram.transpose(0, 2, 1, 3).reshape(r * d, r * d)
        gram[np.diag_indices_from(gram)] += _L2
        solved = np.linalg.solve(gram, (features.T @ sums).ravel()).reshape(r, d)
        directions = np.linalg.pinv(features).T @ solved @ basis.T
        return cls(names, words, directions.astype(np.float32))

    def save(self, file: Path) -> None:
        """Write what `read` reads."""
        np.savez(file, names=np.array(self.names), directions=self.directions.astype(np.float16))

    @classmethod
    def read(cls, file: Path, encoder: Encoder) -> Self:
        """Rebuild what was saved, for the encoder that it was fitted with."""
        with np.load(file, allow_pickle=False) as saved:
            names = tuple(saved["names"].tolist())
            directions = saved["directions"].astype(np.float32)
        return cls(names, _vectors(names, encoder), directions)

    def scores(self, words: Sequence[str], items: np.ndarray, encoder: Encoder) -> np.ndarray:
        """How much of each word items have, comparable within a word: (len(words), n).

        Args:
            items: (n, dim) vectors of the items' texts, of any catalogue.
        """
        likeness = _likeness(_vectors(words, encoder), self.words)
        found: np.ndarray = likeness @ self.directions @ items.T
        return found


class GradedCatalogue:
    """How much of any quality the items of a catalogue have, as far as their texts tell.

    It reads what `benchmarks/graded.py` fitted on judgements of films. The texts are read when it
    is first asked; those of a catalogue of more than `MOST_ITEMS` are not, and tell nothing.
    """

    def __init__(self, catalogue: Dataset) -> None:
        self._catalogue = catalogue

    def scores(self, word: str) -> np.ndarray:
        """The items along a word, (n_items,), in deviations from their mean."""
        if not self.reads:
            return np.zeros(self._catalogue.n_items, dtype=np.float32)
        encoder = load_encoder(ENCODER)
        found = _shipped().scores([word], self._texts, encoder)[0]
        spread = float(found.std())
        standard: np.ndarray = (found - found.mean()) / (spread if spread > 0 else 1.0)
        return standard

    @property
    def reads(self) -> bool:
        """Whether the texts are read."""
        return self._catalogue.n_items <= MOST_ITEMS

    @cached_property
    def _texts(self) -> np.ndarray:
        return load_encoder(ENCODER).encode(item_texts(self._catalogue))


@cache
def _shipped() -> GradedWords:
    return GradedWords.read(SHIPPED, load_encoder(ENCODER))


def _vectors(words: Sequence[str], encoder: Encoder) -> np.ndarray:
    return unit_rows(encoder.encode([_ABOUT.format(word=word) for word in words]))


def _likeness(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The Gaussian kernel of unit vectors, (len(a), len(b))."""
    alike: np.ndarray = np.exp(a @ b.T - 1.0)
    return alike


def _features(kernel: np.ndarray) -> np.ndarray:
    """Rows whose products are the kernel (w, w): (w, r), r its rank."""
    values, vectors = np.linalg.eigh(kernel.astype(np.float64))
    kept = values > 1e-6 * values.max()
    features: np.ndarray = vectors[:, kept] * np.sqrt(values[kept])
    return features


def _principal(items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal directions (dim, d), scaled, and the coordinates (n, d) of items along them."""
    centred = items.astype(np.float64) - items.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(items))
    order = np.argsort(-values)[:_DIRECTIONS]
    basis = vectors[:, order] * (_SPREAD / np.sqrt(values[order[0]]))
    return basis, centred @ basis


def _moments(coordinates: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean square (d, d) and mean (d,) of the differences of pairs (m, 2)."""
    differences = coordinates[pairs[:, 0]] - coordinates[pairs[:, 1]]
    return differences.T @ differences / len(pairs), differences.mean(0)
