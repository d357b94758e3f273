"""The network that reads a prompt: attention of a state to the tokens of the prompt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from recsys.models.dropout import ByteDropout

#: Kinds of list tokens; each has a learned vector, added to its tokens.
LIST_KINDS = ("history", "liked", "disliked", "facets")


@dataclass(frozen=True)
class PromptConfig:
    """Sizes of the prompt side; `dimension` is that of the sequence encoder."""

    dimension: int
    heads: int
    soft_tokens: int
    n_values: int
    text_dimension: int


@dataclass(frozen=True)
class Tokens:
    """The tokens of a prompt in n contexts (user, cutoff).

    Attributes:
        soft: (n, soft tokens) bool, which trainable vectors are there.
        sentences: (m, d) the distinct sentences and wishes among all contexts.
        sentence_of: (n, s) positions in `sentences`, -1 where there is none.
        lists: (n, l, d) list variables.
        lists_there: (n, l) bool.
        named: (n, n_values) how clearly the words name each attribute value.
    """

    soft: torch.Tensor
    sentences: torch.Tensor
    sentence_of: torch.Tensor
    lists: torch.Tensor
    lists_there: torch.Tensor
    named: torch.Tensor


class PromptFusion(nn.Module):
    """F in q(u, prompt) = h + F(LM(prompt words), soft prompt).

    The state h attends to the tokens of the prompt (sentences, list variables, soft vectors), and
    the output is added to it. Both last layers start at zero, so training starts from q = h.
    """

    def __init__(self, config: PromptConfig) -> None:
        super().__init__()
        d = config.dimension
        self.heads = config.heads
        self.words = nn.Linear(config.text_dimension, d)
        self.kinds = nn.Parameter(torch.randn(len(LIST_KINDS), d) * 0.02)
        self.soft = nn.Parameter(torch.randn(config.soft_tokens, d) * 0.5)
        self.nothing = nn.Parameter(torch.randn(1, d) * 0.5)  # attended to where no token fits
        self.norm = nn.LayerNorm(d)
        self.token_norm = nn.LayerNorm(d)
        self.query = nn.Linear(d, d)
        self.key_value = nn.Linear(d, 2 * d)
        self.output = nn.Linear(d, d)
        self.mixed_norm = nn.LayerNorm(d)
        self.feed_forward = nn.Sequential(
            nn.Linear(d, 2 * d), nn.GELU(), ByteDropout(0.1), nn.Linear(2 * d, d)
        )
        self.wish = nn.Parameter(torch.randn(config.n_values, d) * 0.02)
        for last in (self.output, self.feed_forward[-1]):
            assert isinstance(last, nn.Linear)
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, state: torch.Tensor, tokens: Tokens) -> torch.Tensor:
        """Queries (n, d) from states of the sequence encoder (n, d) and the prompt."""
        mixed = state + self.output(self._attend(state, tokens))
        mixed = mixed + self.feed_forward(self.mixed_norm(mixed))
        return mixed + tokens.named @ self.wish

    def _attend(self, state: torch.Tensor, tokens: Tokens) -> torch.Tensor:
        """The output of attention for each state: (n, d).

        Keys and values are computed once for soft vectors and for each distinct sentence, and
        only then gathered for the contexts that have them.
        """
        n, d = state.shape
        h = self.heads
        query = self.query(self.norm(state)).view(n, h, d // h) / math.sqrt(d / h)
        shared = self._keys_values(torch.cat([self.nothing, self.soft]))  # (1 + soft, 2, h, e)
        sentences = self._keys_values(tokens.sentences).flatten(1)  # (m, 2 d)
        if not len(sentences):  # a prompt without words: no position is valid
            sentences = sentences.new_zeros(1, 2 * d)
        gathered = F.embedding(tokens.sentence_of.clamp(min=0), sentences)  # (n, s, 2 d)
        own = torch.cat(
            [gathered.view(n, gathered.shape[1], 2, h, d // h), self._keys_values(tokens.lists)], 1
        )  # (n, s + l, 2, h, e)
        logits = torch.cat(
            [
                torch.einsum("nhe,she->nhs", query, shared[:, 0]),
                torch.einsum("nhe,nshe->nhs", query, own[:, :, 0]),
            ],
            -1,
        )
        nothing = torch.ones(n, 1, dtype=torch.bool, device=state.device)
        there = torch.cat([nothing, tokens.soft, tokens.sentence_of >= 0, tokens.lists_there], 1)
        weights = logits.masked_fill(~there[:, None], -torch.inf).softmax(-1)
        of_shared, of_own = weights.split([len(shared), own.shape[1]], -1)
        found = torch.einsum("nhs,she->nhe", of_shared, shared[:, 1])
        found = found + torch.einsum("nhs,nshe->nhe", of_own, own[:, :, 1])
        return found.reshape(n, d)

    def _keys_values(self, tokens: torch.Tensor) -> torch.Tensor:
        """Keys and values (…, 2, heads, d / heads) of tokens (…, d)."""
        projected: torch.Tensor = self.key_value(self.token_norm(tokens))
        return projected.view(*tokens.shape[:-1], 2, self.heads, tokens.shape[-1] // self.heads)
