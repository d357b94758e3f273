"""How the loss changes with the sentences of a prompt, and with the words in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from recsys.language_models import Encoder
from recsys.models.prompt_side.network import PromptFusion, Tokens
from recsys.models.word_swaps import WordSwap, add_gradients, word_swaps


def sentence_gradients(
    prompt: PromptFusion,
    tokens: Tokens,
    queries: Callable[[Tokens], torch.Tensor],
    scores: torch.Tensor,
    keys: torch.Tensor,
    targets: torch.Tensor,
) -> np.ndarray:
    """The gradients of the mean loss of n targets with the vectors of m sentences: (m, dim).

    Args:
        queries: tokens → the queries (n, d) that they make.
        scores: (n, n_items) as the model gives them with these tokens; what is in them beside
            the product of queries and keys does not change with the words.
        keys: (n_items, d).
        targets: (n,) item positions.
    """
    weight = prompt.words.weight.detach()  # (d, dim)
    if not len(tokens.sentences):  # a prompt of variables alone
        return np.zeros((0, weight.shape[1]), np.float32)
    keys = keys.clone()  # those made in inference mode are of no use to a gradient
    sentences = tokens.sentences.detach().requires_grad_()
    moved = queries(replace(tokens, sentences=sentences)) @ keys.T
    loss = F.cross_entropy(scores - moved.detach() + moved, targets)
    (gradient,) = torch.autograd.grad(loss, sentences)  # (m, d)
    # A sentence is words.weight @ (its unit vector scaled to a mean square of 1).
    found: np.ndarray = (gradient @ weight * weight.shape[1] ** 0.5).cpu().numpy()
    return found


def swaps_in(sentences: Sequence[str], gradients: np.ndarray, encoder: Encoder) -> list[WordSwap]:
    """Words of m sentences to exchange, from the gradients (m, dim) of the sentences' vectors."""
    if not sentences:
        return []
    total: dict[int, torch.Tensor] = {}
    add_gradients(total, *encoder.input_gradients(sentences, gradients))
    return word_swaps(total, encoder.embed, encoder.vocabulary)
