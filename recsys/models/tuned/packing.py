"""Prompts put together into one batch for a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

#: A prompt: token ids; -1, -2, … stand for the first, second, … trained vector.
Tokens = tuple[int, ...]


@dataclass(frozen=True)
class Packed:
    """n prompts in b padded rows of t tokens.

    Attributes:
        ids: (b, t) token ids, negative for trained vectors, 0 where padded.
        places: (b, t) how many tokens of its prompt precede each token.
        held: (b, t) bool, False where padded.
        sees: (b, t, t) bool, which tokens each one attends to; None: every held one.
        row, end: (n,) where the last token of each prompt is.
    """

    ids: torch.Tensor
    places: torch.Tensor
    held: torch.Tensor
    sees: torch.Tensor | None
    row: torch.Tensor
    end: torch.Tensor

    def to(self, device: torch.device) -> Packed:
        """The same on another device."""
        sees = None if self.sees is None else self.sees.to(device)
        ids, places, held, row, end = (
            part.to(device) for part in (self.ids, self.places, self.held, self.row, self.end)
        )
        return Packed(ids, places, held, sees, row, end)


def pack_apart(prompts: Sequence[Tokens]) -> Packed:
    """A row a prompt, for models whose tokens attend in both directions."""
    lengths = np.array([len(prompt) for prompt in prompts])
    places = np.arange(int(lengths.max()))
    held = places < lengths[:, None]  # (n, t)
    ids = np.zeros(held.shape, dtype=np.int64)
    ids[held] = np.concatenate([np.asarray(prompt) for prompt in prompts])
    return Packed(
        ids=torch.from_numpy(ids),
        places=torch.from_numpy(np.broadcast_to(places, held.shape).copy()),
        held=torch.from_numpy(held),
        sees=None,
        row=torch.arange(len(prompts)),
        end=torch.from_numpy(lengths - 1),
    )


def pack_trees(groups: Sequence[Sequence[Tokens]]) -> Packed:
    """A row a group of prompts, for causal models: a beginning that prompts share is read once.

    In a causal model a token's state depends on the tokens before it alone. So the prompts of a
    group can be laid out as a tree in which each token attends to its own ancestors; every state
    is the one that the prompt by itself would give.
    """
    trees = [_Tree.of(prompts) for prompts in groups]
    b, t = len(trees), max(len(tree.ids) for tree in trees)
    ids, places = np.zeros((b, t), dtype=np.int64), np.zeros((b, t), dtype=np.int64)
    held = np.zeros((b, t), dtype=bool)
    sees = np.zeros((b, t, t), dtype=bool)
    sees[:, np.arange(t), np.arange(t)] = True  # so that padding too has something to see
    for row, tree in enumerate(trees):
        n = len(tree.ids)
        ids[row, :n], places[row, :n], held[row, :n] = tree.ids, tree.places, True
        for token, parent in enumerate(tree.parents):
            if parent >= 0:
                sees[row, token, : parent + 1] |= sees[row, parent, : parent + 1]
    return Packed(
        ids=torch.from_numpy(ids),
        places=torch.from_numpy(places),
        held=torch.from_numpy(held),
        sees=torch.from_numpy(sees),
        row=torch.tensor([row for row, tree in enumerate(trees) for _ in tree.ends]),
        end=torch.tensor([end for tree in trees for end in tree.ends]),
    )


@dataclass
class _Tree:
    """Tokens of a group of prompts, each after its parent (-1 for a first token)."""

    ids: list[int]
    parents: list[int]
    places: list[int]
    ends: list[int]

    @classmethod
    def of(cls, prompts: Sequence[Tokens]) -> _Tree:
        tree = cls([], [], [], [])
        children: dict[tuple[int, int], int] = {}
        for prompt in prompts:
            node = -1
            for place, token in enumerate(prompt):
                known = children.get((node, token))
                if known is None:
                    known = children[node, token] = len(tree.ids)
                    tree.ids.append(token)
                    tree.parents.append(node)
                    tree.places.append(place)
                node = known
            tree.ends.append(node)
        return tree
