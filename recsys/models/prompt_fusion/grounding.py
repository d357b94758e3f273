"""Which attribute values do some words name? Told from the language model, without training."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

#: Words less like a value than this (cosine, the values' mean removed) do not name it.
THRESHOLD = 0.15
#: The likeness above the threshold, summed over values, at which words count as a clear wish.
CLEAR = 0.1
#: Texts whose spelled values are kept in mind.
_REMEMBERED = 50_000
#: Letters of scripts that put no spaces between words (Thai to Khmer, kana, Chinese), or that
#: add endings to them (Korean), as a character class has them.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
#: A letter or digit that a word cannot begin or end beside.
_LETTER = rf"[^\W{_UNSPACED}]"


class Grounding:
    """Finds the values named by words: those that stand there, else those that are meant.

    "something funny that makes me laugh" is far more like *comedy* than like any other genre,
    although it shares no word with it. Subtracting the mean of all values leaves what tells the
    values apart, so that neutral words ("what should I watch tonight?") name none.

    Args:
        values: (n_values,) the values themselves.
        meanings: (n_values, dim) a vector for each value.
        neutral: (n, dim) words that are known to name nothing. "The user asks:" is a little like
            *action*; a value is named only by words that are more like it than these.
    """

    def __init__(
        self, values: Sequence[str], meanings: np.ndarray, neutral: np.ndarray | None = None
    ) -> None:
        self._patterns = [_standing(value) for value in values]
        self._spelled: dict[str, np.ndarray] = {}
        self.centre = meanings.mean(0) if len(meanings) else np.zeros(meanings.shape[1])
        self._directions = _unit(meanings - self.centre)  # (n_values, dim)
        self._threshold = np.full(len(meanings), THRESHOLD)
        if neutral is not None and len(neutral):
            noise = ((neutral - self.centre) @ self._directions.T).max(0)
            self._threshold = np.maximum(self._threshold, noise)

    def named(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Weights (n, n_values) float32 of the values named by n texts with `vectors` (n, dim).

        A row sums to nearly 1 where the words are a clear wish, and to 0 where they name nothing.
        """
        if not len(texts) or not self._patterns:
            return np.zeros((len(texts), len(self._patterns)), dtype=np.float32)
        spelled = np.stack([self._spells(text) for text in texts])
        meant = self._means(vectors)
        return np.where(spelled.any(1, keepdims=True), spelled, meant).astype(np.float32)

    def _means(self, vectors: np.ndarray) -> np.ndarray:
        likeness = (vectors - self.centre) @ self._directions.T  # (n, n_values)
        above = np.maximum(likeness - self._threshold, 0.0)
        total = above.sum(1, keepdims=True)
        weights: np.ndarray = above * np.tanh(total / CLEAR) / np.maximum(total, 1e-9)
        return weights

    def _spells(self, text: str) -> np.ndarray:
        """Equal weights (n_values,) of the values that stand in a text, word for word."""
        if text not in self._spelled:
            if len(self._spelled) >= _REMEMBERED:
                self._spelled.clear()
            lowered = text.lower()
            found = np.array([bool(p.search(lowered)) for p in self._patterns], dtype=np.float32)
            self._spelled[text] = found / max(found.sum(), 1.0)
        return self._spelled[text]


def _standing(value: str) -> re.Pattern[str]:
    """Finds a value as a word: "war" not in "warm", but “博物馆” anywhere, without spaces."""
    lowered = value.lower()
    begin = rf"(?<!{_LETTER})" if re.match(_LETTER, lowered) else ""
    plural = "(?:e?s)?" if lowered[-1:].isascii() and lowered[-1:].isalnum() else ""
    end = rf"(?!{_LETTER})" if re.match(_LETTER, lowered[-1:]) else ""
    return re.compile(begin + re.escape(lowered) + plural + end)


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-9)
