"""Which words of a prompt to exchange for synonyms, by the gradient of the loss, to first order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from recsys.prompts.synonyms import SYNONYMS

if TYPE_CHECKING:
    import torch


class WordSwap(NamedTuple):
    """A word of a prompt, another one, and by how much the loss should fall with it."""

    word: str
    other: str
    gain: float


def word_swaps(
    gradients: Mapping[int, torch.Tensor],
    embed: Callable[[torch.Tensor], torch.Tensor],
    vocabulary: Mapping[str, int],
) -> list[WordSwap]:
    """The exchanges of whole words for synonyms that promise something, the best first.

    To first order, the loss changes by (e_other - e_word)ᵀ ∂loss/∂e_word (Ebrahimi et al. 2018,
    "HotFlip"; Shin et al. 2020, "AutoPrompt", equation 2). These take any word of the vocabulary;
    here a prompt has to stay readable.

    Args:
        gradients: token id → ∂loss/∂ its embedding (d,), summed over the places where it stands.
        embed: token ids (m,) → their embeddings (m, d).
        vocabulary: words that are one token each → token id.
    """
    import torch

    words = {token: word for word, token in vocabulary.items()}
    found = []
    for token, gradient in gradients.items():
        word = words.get(token, "")  # "": a part of a word, or a mark
        others = [other for other in SYNONYMS.get(word, ()) if other in vocabulary]
        if not others:
            continue
        table = embed(torch.tensor([token, *(vocabulary[other] for other in others)]))  # (m, d)
        changes = (table[1:] - table[0]) @ gradient
        for other, loss in zip(others, changes.tolist(), strict=True):
            if loss < 0:
                found.append(WordSwap(word, other, -loss))
    return sorted(found, key=lambda swap: -swap.gain)


def add_gradients(
    total: dict[int, torch.Tensor], ids: torch.Tensor, gradients: torch.Tensor
) -> None:
    """Add the gradients (n, d) of tokens with `ids` (n,) to those known; negative ids are none."""
    for token in ids.unique().tolist():
        if token >= 0:
            here = gradients[ids == token].sum(0)
            total[token] = total[token] + here if token in total else here
