"""Predicts the attribute values that a text means, from its language-model vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import Encoder, Progress
from recsys.language_models.item_texts import item_texts
from recsys.wishes.facets import Facets
from recsys.wishes.phrases import asked_aspects, described, kinds_of, neutral
from recsys.wishes.requests import SMALL_TALK, WISHES, wish_texts

#: How much an item's text counts beside a sentence about a value.
_ITEM_WEIGHT = 0.03
#: A text about a value is rare among texts about all others; it counts for so many.
_POSITIVE_WEIGHT = 4.0
_L2 = 3e-4
_STEPS = 100
#: Item texts learned from at most.
_MOST_ITEMS = 20_000
#: Sentences about a value that its likeness is the mean of, and how far from the best (in cosines)
#: a value loses all but 1/e of its likeness.
_NEAREST, _TEMPERATURE = 3, 0.1


@dataclass(frozen=True, eq=False)
class Probe:
    """How likely texts mean attribute values: a linear probe, and the likeness to known sentences.

    The probe has learned what matters in a vector; words that are like nothing it has learned
    from still lie beside some sentence about one value. Their geometric mean understands more
    than either: .90 of rare words for film genres, the probe alone .80.

    Attributes:
        weights: (n_values, dim + 1) float32, one logistic regression a value, bias last.
        examples: (m, dim) float16 vectors of sentences about a value, or about none.
        about: (m,) which value each is about, -1 for none.
    """

    weights: np.ndarray
    examples: np.ndarray
    about: np.ndarray

    def meant(self, vectors: np.ndarray) -> np.ndarray:
        """How likely n texts with `vectors` (n, dim) mean each value: (n, n_values) of 0 to 1."""
        logits = vectors @ self.weights[:, :-1].T + self.weights[:, -1]
        likely: np.ndarray = 1 / (1 + np.exp(-logits))
        order, ends = self._order
        known = np.flatnonzero(np.diff(ends) >= _NEAREST)
        if not len(known):
            return likely
        likeness = vectors @ order.T  # (n, m)
        nearest = _nearest(likeness[:, : ends[0]])
        of_known = np.stack([_nearest(likeness[:, ends[v] : ends[v + 1]]) for v in known], 1)
        best = np.maximum(of_known.max(1), nearest)[:, None]
        likely[:, known] = np.sqrt(likely[:, known] * np.exp((of_known - best) / _TEMPERATURE))
        return likely

    @cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """The examples in float32 in order of `about`, and where those of -1, 0, … end.

        Made once: to convert and to pick them takes longer than to compare with them.
        """
        ends = np.bincount(self.about + 1, minlength=len(self.weights) + 1).cumsum()
        return self.examples[np.argsort(self.about, kind="stable")].astype(np.float32), ends

    def tensors(self) -> dict[str, np.ndarray]:
        """The arrays, as `from_tensors` takes them."""
        return {"weights": self.weights, "examples": self.examples, "about": self.about}

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Self:
        """Rebuild what `tensors` gave."""
        return cls(**tensors)


@dataclass(frozen=True, eq=False)
class Listening:
    """A probe with what encodes words for it.

    Attributes:
        probe: gives the probe, which may be learned when words are first asked about.
        encoder: that of the vectors that it has learned from.
    """

    probe: Callable[[], Probe]
    encoder: Encoder

    def meant(self, texts: Sequence[str]) -> np.ndarray:
        """How likely n texts mean each value: (n, n_values) of 0 to 1."""
        return self.probe().meant(self.encoder.encode(texts))


def fit_probe(
    dataset: Dataset,
    facets: Facets,
    encoder: Encoder,
    neutral_texts: Sequence[str] = (),
    progress: Progress | None = None,
) -> Probe:
    """Learn what texts mean over frozen vectors.

    It learns from wishes for each value by name, from sentences about the kinds of items that are
    generally known (`phrases`), from the items' own texts and the values they hold, and from
    talk that asks for nothing. So words are understood that are near the value's name, near what
    people say about it, or near what the catalogue has of it (Alain & Bengio 2017,
    "Understanding intermediate layers using linear classifier probes").

    Args:
        neutral_texts: more texts that name no value.
    """
    n = facets.n_values
    if not n:
        return Probe(
            np.zeros((0, encoder.dimension + 1), dtype=np.float32),
            np.zeros((0, encoder.dimension), dtype=np.float16),
            np.zeros(0, dtype=np.int64),
        )
    sentences, about = described(facets.values.tolist())
    by_name = np.repeat(np.eye(n, dtype=np.float32), len(WISHES), axis=0)
    nothing = list(dict.fromkeys([*neutral(), *SMALL_TALK, *neutral_texts, *asked_aspects()]))
    texts = [*wish_texts(facets), *sentences, *nothing]
    labels = np.concatenate([by_name, about, np.zeros((len(nothing), n), dtype=np.float32)])
    weights = np.ones(len(texts), dtype=np.float32)
    chosen = np.arange(dataset.n_items)
    if len(chosen) > _MOST_ITEMS:
        chosen = np.random.default_rng(0).choice(chosen, _MOST_ITEMS, replace=False)
    items = item_texts(dataset)
    texts += [items[i] for i in chosen]
    labels = np.concatenate([labels, facets.held[chosen].toarray()])
    weights = np.concatenate([weights, np.full(len(chosen), _ITEM_WEIGHT, dtype=np.float32)])
    vectors = encoder.encode(texts, progress)
    row_of = {text: row for row, text in enumerate(texts)}
    examples = [
        (row_of[text], place)
        for place, value in enumerate(facets.values.tolist())
        for kind in kinds_of(value)
        for text in dict.fromkeys((*kind.names, *kind.phrases))
    ]
    examples += [(row_of[text], -1) for text in nothing]
    rows, of = np.array(examples).T
    return Probe(
        fit_logistic(vectors, labels, weights, positive=_POSITIVE_WEIGHT),
        vectors[rows].astype(np.float16),
        of,
    )


def _nearest(likeness: np.ndarray) -> np.ndarray:
    """The mean of the highest ones of each row of (n, m), m being enough: (n,)."""
    place = likeness.shape[1] - _NEAREST
    mean: np.ndarray = np.partition(likeness, place, axis=1)[:, place:].mean(1)
    return mean


def fit_logistic(
    vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray, positive: float = 1.0
) -> np.ndarray:
    """Weighted logistic regressions with an L2 penalty, by L-BFGS: (n_values, dim + 1), bias last.

    Args:
        vectors: (n, dim) float32.
        labels: (n, n_values) float32 of 0 to 1.
        weights: (n,) float32.
        positive: how much a label counts where it is 1.
    """
    import torch
    import torch.nn.functional as F

    # A model that scores may be what asks for a reader first.
    with torch.inference_mode(False), torch.enable_grad():
        inputs, targets = torch.from_numpy(vectors), torch.from_numpy(labels)
        share = torch.from_numpy(weights / weights.sum())
        of_positive = torch.tensor(positive)
        weight = torch.zeros(labels.shape[1], vectors.shape[1], requires_grad=True)
        bias = torch.full((labels.shape[1],), -3.0, requires_grad=True)
        optimiser = torch.optim.LBFGS(
            [weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe"
        )

        def closure() -> torch.Tensor:
            optimiser.zero_grad()
            losses = F.binary_cross_entropy_with_logits(
                inputs @ weight.T + bias, targets, reduction="none", pos_weight=of_positive
            )
            loss = share @ losses.sum(1) + _L2 * weight.square().sum()
            loss.backward()
            return loss

        optimiser.step(closure)
    return np.concatenate([weight.detach().numpy(), bias.detach().numpy()[:, None]], axis=1)
