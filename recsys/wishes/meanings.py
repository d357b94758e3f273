"""What words mean in terms of any catalogue, without a sentence written for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.language_models import DEFAULT_LANGUAGE_MODEL, Encoder, Progress, load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.ranking import unit_rows
from recsys.wishes.facets import Facets
from recsys.wishes.item_words import ItemWords
from recsys.wishes.space import Space

#: Reads English and Chinese; the item texts are read with it.
BILINGUAL = "use"
#: What reads the words of a catalogue in each language.
ENCODERS = {"en": (BILINGUAL, DEFAULT_LANGUAGE_MODEL), "zh": (BILINGUAL,)}
#: Softmax regression over the kinds of evidence for a value, fitted on the development wishes for
#: eight catalogues in English (docs/benchmarks.md): cosine with its name, with its dictionary
#: senses, with the texts of its items, and the words of these.
_NAME, _SENSE, _ITEMS, _WORDS = 12.1, 8.9, 6.0, 0.78
#: Values less likely than this are not meant.
_LEAST = 0.02
#: Logistic regression of whether a text asks for a kind of item at all, fitted on these wishes
#: against small talk and wishes for what a catalogue does not have.
_UNUSUAL, _ASPECT, _TALK, _OF_ITEMS, _BIAS = 1.35, -25.0, -12.6, 0.8, 5.5
#: What is nearer than this to small talk asks for nothing (.86 of wishes for what a catalogue does
#: not have are not, .90 of small talk is).
_LIKE_TALK = 0.5
#: Item texts learned from at most, and into how many parts they are split to see what they tell.
_MOST_ITEMS, _FOLDS = 1_000, 3
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, eq=False)
class Evidence:
    """What n texts ask for.

    Attributes:
        likely: (n, n_values) the probability of each value, given that one is meant.
        sure: (n,) log odds that some value is meant.
        asks: (n,) log odds that a kind of item is asked for, of whatever catalogue.
        elsewhere: (n,) bool, whether a text without one asks for something else, such as a
            language or a price, rather than for nothing.
    """

    likely: np.ndarray
    sure: np.ndarray
    asks: np.ndarray
    elsewhere: np.ndarray


@dataclass(frozen=True, eq=False)
class Meanings:
    """Finds which values of a catalogue words mean.

    Attributes:
        spaces: what the names of the values mean, by encoder.
        items: (n_values, dim) the directions of the texts of each value's items in the first
            space, the longer the better they tell the value.
        words: what the words of item texts tell.
        telling: (n_values,) how well item texts tell each value, 0 to 1.
    """

    spaces: dict[str, Space]
    items: np.ndarray
    words: ItemWords
    telling: np.ndarray

    def read(self, texts: Sequence[str], among: np.ndarray) -> Evidence:
        """What n texts ask for, of the values `among`, (n_values,) bool with one at least."""
        evidence = Evidence(
            np.zeros((len(texts), len(among)), dtype=np.float32),
            np.zeros(len(texts), dtype=np.float32),
            np.zeros(len(texts), dtype=np.float32),
            np.zeros(len(texts), dtype=bool),
        )
        of = [self._readers(text) for text in texts]
        for readers in dict.fromkeys(of):
            rows = [row for row, one in enumerate(of) if one == readers]
            part = self._read([texts[row] for row in rows], among, readers)
            evidence.likely[rows] = part.likely
            evidence.sure[rows], evidence.asks[rows] = part.sure, part.asks
            evidence.elsewhere[rows] = part.elsewhere
        return evidence

    def embedded(self, texts: Sequence[str]) -> Iterator[tuple[Encoder, str]]:
        """What `read` will have embedded of texts by which encoder."""
        yield from ((load_encoder(name), text) for text in texts for name in self._readers(text))

    def _readers(self, text: str) -> tuple[str, ...]:
        """The encoders that read a text: if it is in Chinese, the one that can."""
        return (BILINGUAL,) if in_chinese(text) else tuple(self.spaces)

    def _read(self, texts: Sequence[str], among: np.ndarray, readers: Sequence[str]) -> Evidence:
        """The same, by the encoders `readers`, which count alike."""
        of = []
        for name in readers:
            space = self.spaces[name]
            vectors = space.centred(load_encoder(name).encode(texts))  # (n, dim)
            logits = _NAME * space.by_name(vectors) + _SENSE * space.by_sense(vectors)
            unusual = space.unusual(vectors)[:, among].max(1)
            asks = space.asks_for_kind(vectors)
            like = space.like_aspects(vectors), space.like_talk(vectors)
            of.append((logits, unusual, asks, *like))
            if name == BILINGUAL:
                by_items = vectors @ self.items.T
        logits, unusual, asks, aspects, talk = (
            np.mean(part, axis=0) for part in zip(*of, strict=True)
        )
        by_words = self.words.evidence(texts) * self.telling
        logits += _ITEMS * by_items + _WORDS * by_words
        logits[:, ~among] = -np.inf
        likely = np.exp(logits - logits.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        likely[likely < _LEAST] = 0.0
        sure = _UNUSUAL * unusual + _ASPECT * aspects + _TALK * talk + _BIAS
        sure += _OF_ITEMS * by_words[:, among].max(1)
        return Evidence(likely, sure, asks, talk < _LIKE_TALK)

    def tensors(self) -> dict[str, np.ndarray]:
        """The arrays, as `from_tensors` takes them."""
        odds = self.words.odds
        of_spaces = {
            f"{name}.{field.name}": getattr(space, field.name)
            for name, space in self.spaces.items()
            for field in fields(Space)
        }
        return of_spaces | {
            "items": self.items,
            "telling": self.telling,
            "words": np.frombuffer("\n".join(self.words.words).encode(), dtype=np.uint8),
            "odds.data": odds.data,
            "odds.indices": odds.indices,
            "odds.indptr": odds.indptr,
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Self:
        """Rebuild what `tensors` gave."""
        parts = dict(tensors)
        telling = parts.pop("telling")
        words = tuple(parts.pop("words").tobytes().decode().splitlines())
        arrays = tuple(parts.pop(f"odds.{part}") for part in ("data", "indices", "indptr"))
        odds = sp.csr_matrix(arrays, shape=(len(arrays[2]) - 1, len(telling)))
        items = parts.pop("items")
        spaces: dict[str, dict[str, np.ndarray]] = {}
        for key, array in parts.items():
            name, field = key.split(".")
            spaces.setdefault(name, {})[field] = array
        ordered = sorted(spaces, key=lambda name: name != BILINGUAL)
        return cls({n: Space(**spaces[n]) for n in ordered}, items, ItemWords(words, odds), telling)


def find_meanings(dataset: Dataset, facets: Facets, progress: Progress | None = None) -> Meanings:
    """Learn what words may mean from the names of the values of `facets`, and from the items.

    Args:
        progress: called with (done, total) texts of items while they are read.
    """
    values = facets.values.tolist()
    encoders = {name: load_encoder(name) for name in ENCODERS[dataset.language]}
    spaces = {name: Space.of(values, dataset.language, e) for name, e in encoders.items()}
    texts = item_texts(dataset, without=set(facets.columns))
    drawn = np.random.default_rng(0).permutation(len(texts))[:_MOST_ITEMS]
    vectors = encoders[BILINGUAL].encode([texts[item] for item in drawn], progress)
    vectors = spaces[BILINGUAL].centred(vectors)
    held = facets.held[drawn].toarray()
    telling = _telling(vectors, held)
    return Meanings(
        spaces,
        _directions(vectors, held) * telling[:, None] ** 2,
        ItemWords.of(texts, facets.held),
        telling,
    )


def _directions(vectors: np.ndarray, held: np.ndarray) -> np.ndarray:
    """From the mean of all items to the mean of those with each value, of unit length.

    Args:
        vectors: (n_items, dim).
        held: (n_items, n_values) of 0 and 1.

    Returns:
        (n_values, dim).
    """
    means = held.T @ (vectors - vectors.mean(0)) / np.maximum(held.sum(0), 1)[:, None]
    directions: np.ndarray = unit_rows(means).astype(np.float32)
    return directions


def _telling(vectors: np.ndarray, held: np.ndarray) -> np.ndarray:
    """How well texts tell which items hold a value, (n_values,): twice the AUC over a half.

    Each part of the items is judged by the directions of the others.
    """
    parts = np.arange(len(vectors)) % _FOLDS
    scores = np.zeros_like(held)
    for part in range(_FOLDS):
        rest = parts != part
        scores[~rest] = (vectors[~rest] - vectors[rest].mean(0)) @ _directions(
            vectors[rest], held[rest]
        ).T
    ranks = scores.argsort(0, kind="stable").argsort(0)  # (n_items, n_values)
    positive = held.sum(0)
    pairs = positive * (len(held) - positive)
    above = (ranks * held).sum(0) - positive * (positive - 1) / 2
    auc = np.where(pairs > 0, above / np.maximum(pairs, 1), 0.5)
    telling: np.ndarray = np.maximum(2 * auc - 1, 0).astype(np.float32)
    return telling


def in_chinese(text: str) -> bool:
    """Whether some of a text is in Chinese, which encoders for English embed as noise."""
    return bool(_HAN.search(text))
