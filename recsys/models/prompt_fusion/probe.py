"""A linear probe: which attribute values does a text mean, by its language-model vector?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from recsys.dataset import Dataset
from recsys.language_models import Encoder, Progress
from recsys.models.prompt_fusion.knowledge import described, neutral
from recsys.models.prompt_fusion.texts import SMALL_TALK, WISHES, Facets, item_texts, wish_texts

#: How much an item's text counts beside a sentence about a value.
_ITEM_WEIGHT = 0.03
#: A text about a value is rare among texts about all others; it counts for so many.
_POSITIVE_WEIGHT = 4.0
_L2 = 3e-4
_STEPS = 100
#: Item texts learned from at most.
_MOST_ITEMS = 20_000


def fit_probe(
    dataset: Dataset,
    facets: Facets,
    encoder: Encoder,
    neutral_texts: Sequence[str] = (),
    progress: Progress | None = None,
) -> np.ndarray:
    """One logistic regression a value over frozen vectors: (n_values, dim + 1) float32, bias last.

    It learns from wishes for each value by name, from sentences about the kinds of items that are
    generally known (`knowledge`), from the items' own texts and the values they hold, and from
    talk that asks for nothing. So words are understood that are near the value's name, near what
    people say about it, or near what the catalogue has of it (Alain & Bengio 2017,
    "Understanding intermediate layers using linear classifier probes").

    Args:
        neutral_texts: more texts that name no value.
    """
    n = facets.n_values
    if not n:
        return np.zeros((0, encoder.dimension + 1), dtype=np.float32)
    sentences, about = described(facets.values.tolist())
    by_name = np.repeat(np.eye(n, dtype=np.float32), len(WISHES), axis=0)
    nothing = list(dict.fromkeys([*neutral(), *SMALL_TALK, *neutral_texts]))
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
    return _fit(encoder.encode(texts, progress), labels, weights)


def meant(probe: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """How likely n texts with `vectors` (n, dim) mean each value: (n, n_values) of 0 to 1."""
    logits = vectors @ probe[:, :-1].T + probe[:, -1]
    likely: np.ndarray = 1 / (1 + np.exp(-logits))
    return likely


def _fit(vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted logistic regression with an L2 penalty, by L-BFGS: (n_values, dim + 1)."""
    inputs, targets = torch.from_numpy(vectors), torch.from_numpy(labels)
    share = torch.from_numpy(weights / weights.sum())
    positive = torch.tensor(_POSITIVE_WEIGHT)
    with torch.inference_mode(False), torch.enable_grad():
        weight = torch.zeros(labels.shape[1], vectors.shape[1], requires_grad=True)
        bias = torch.full((labels.shape[1],), -3.0, requires_grad=True)
        optimiser = torch.optim.LBFGS(
            [weight, bias], max_iter=_STEPS, line_search_fn="strong_wolfe"
        )

        def closure() -> torch.Tensor:
            optimiser.zero_grad()
            losses = F.binary_cross_entropy_with_logits(
                inputs @ weight.T + bias, targets, reduction="none", pos_weight=positive
            )
            loss = share @ losses.sum(1) + _L2 * weight.square().sum()
            loss.backward()
            return loss

        optimiser.step(closure)
    return np.concatenate([weight.detach().numpy(), bias.detach().numpy()[:, None]], axis=1)
