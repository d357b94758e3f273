"""The words of item texts, and the attribute values of the items that have them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp

#: A word of fewer items says nothing; one of a larger share of them is no content word.
_FEWEST, _LARGEST_SHARE = 2, 0.2
#: Words kept at most, those of most items first.
_MOST_WORDS = 20_000
#: Log odds are cut here, so that one rare word cannot outweigh all else.
_HIGHEST = 3.0
#: From this many items on that have both word and value, their log odds count in full.
_ENOUGH = 3.0
_LATIN = re.compile(r"[^\W\d_]{3,}")
_HAN = re.compile("[\u3400-\u9fff]+")


@dataclass(frozen=True, eq=False)
class ItemWords:
    """How much more often items whose text has a word hold a value than others do.

    Attributes:
        words: the words, (n_words,) strings.
        odds: (n_words, n_values) float32, log odds above 0.
    """

    words: tuple[str, ...]
    odds: sp.csr_matrix

    @classmethod
    def of(cls, texts: Sequence[str], held: sp.csr_matrix) -> Self:
        """Count the words of `texts`, (n_items,), beside the values `held`, (n_items, n_values)."""
        found = [words_of(text) for text in texts]
        often = Counter(word for words in found for word in words)
        most = _LARGEST_SHARE * len(texts)
        kept = [w for w, n in often.most_common() if _FEWEST <= n <= most][:_MOST_WORDS]
        row_of = {word: row for row, word in enumerate(kept)}
        pairs = [(row_of[w], i) for i, words in enumerate(found) for w in words if w in row_of]
        rows, items = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        ones = np.ones(len(pairs), dtype=np.float32)
        having = sp.csr_matrix((ones, (rows, items)), shape=(len(kept), len(texts)))
        both = sp.coo_matrix(having @ held)
        share = np.asarray(having.sum(1)).ravel() / max(len(texts), 1)  # (n_words,)
        holders = np.asarray(held.sum(0)).ravel()  # (n_values,)
        expected = share[both.row] * holders[both.col]
        odds = np.log((both.data + share[both.row]) / (expected + share[both.row]))
        odds = np.clip(odds, 0, _HIGHEST) * np.minimum(1, both.data / _ENOUGH)
        matrix = sp.csr_matrix((odds.astype(np.float32), (both.row, both.col)), shape=both.shape)
        matrix.eliminate_zeros()
        return cls(tuple(kept), matrix)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    def evidence(self, texts: Sequence[str]) -> np.ndarray:
        """The summed log odds of the words of n texts, (n, n_values) float32."""
        found = [[self._rows[w] for w in words_of(t) if w in self._rows] for t in texts]
        sums = [np.asarray(self.odds[rows].sum(0)).ravel() for rows in found]
        return np.array(sums, dtype=np.float32).reshape(len(texts), self.odds.shape[1])


def words_of(text: str) -> set[str]:
    """The words of a text without a plural's s, and pairs of adjacent Chinese characters."""
    lowered = text.lower()
    words = {w[:-1] if w.endswith("s") and len(w) > 3 else w for w in _LATIN.findall(lowered)}
    runs = _HAN.findall(lowered)
    words = {word for word in words if not _HAN.search(word)}
    return words | {run[i : i + 2] for run in runs for i in range(len(run) - 1)}
