"""The nearest words of the data to the trained vectors of a prompt."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

import numpy as np
import torch

from recsys.dataset import Dataset
from recsys.language_models import Encoder
from recsys.language_models.item_texts import item_texts
from recsys.models.prompt_side.network import PromptFusion
from recsys.models.prompt_side.tokens import scaled
from recsys.models.soft_words import NearWord, nearest_words
from recsys.wishes.facets import Facets
from recsys.wishes.requests import neutral_sentences

#: How many words a trained vector is compared with: reading them takes about a second, once.
MOST_WORDS = 1500
#: A word: letters alone, so that it can stand in any template. Chinese has no
#: spaces between words, so that only runs that stand alone are counted.
_WORD = re.compile(r"(?<!\w)(?:[a-z]{3,}|[\u3400-\u9fff]{1,6})(?!\w)")


class CandidateWords:
    """Words that trained vectors are compared with, as sentences that the prompt side reads.

    Those of the attribute values, of the library's templates, and the most frequent ones of the
    item texts. What is read when asked for is kept.
    """

    def __init__(self, data: Dataset, facets: Facets, encoder: Encoder) -> None:
        self._data = data
        self._facets = facets
        self._encoder = encoder

    @cached_property
    def words(self) -> list[str]:
        """The words, in lower case."""
        own = _words([*map(str, self._facets.values), *neutral_sentences()])
        counted = Counter(_words(item_texts(self._data)))
        frequent = [word for word, _ in counted.most_common(MOST_WORDS)]
        candidates = list(dict.fromkeys([*own, *frequent]))
        if self._data.language == "en":  # the library has Chinese templates, too
            candidates = [word for word in candidates if word.isascii()]
        return candidates[:MOST_WORDS]

    @cached_property
    def _meanings(self) -> np.ndarray:
        return scaled(self._encoder.encode([as_sentence(word) for word in self.words]))

    @torch.inference_mode()
    def nearest(self, prompt: PromptFusion, vectors: int) -> list[list[NearWord]]:
        """The words nearest to the first so many trained vectors, as attention reads both."""
        if not vectors:
            return []
        soft = prompt.token_norm(prompt.soft[:vectors])  # (n, d)
        meanings = torch.from_numpy(self._meanings).to(soft.device)  # (m, dim)
        table = prompt.token_norm(prompt.words(meanings))  # (m, d)
        return nearest_words(soft, self.words, table)


def as_sentence(word: str) -> str:
    """A word as a sentence of its own, which is how one of these is read best."""
    return word + ("." if word.isascii() else "。")


def _words(texts: list[str]) -> list[str]:
    return [word for text in texts for word in _WORD.findall(text.lower())]
