"""The network of prompt fusion: a sequence encoder, and a prompt that it attends to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F
from torch import nn

from recsys.models.dropout import ByteDropout
from recsys.models.mapped import blocks
from recsys.models.transformer import CausalTransformer

#: Kinds of list tokens; each has a vector of its own that tells the network which it reads.
LIST_KINDS = ("history", "liked", "disliked", "facets")

#: Lengths of time between two events of a user that are told apart: powers of 2 seconds.
GAPS = 32
#: Moments between the first and the last event of the data for which there is a vector.
ERAS = 24

#: The share of items that are told by their words alone at every training step.
ANONYMOUS_SHARE = 0.1
#: The bias in training of an item that nobody met, which leaves it no probability.
NEVER = -1e4

#: What a named value adds, before training, to the scores of the items that have it.
WISH_STRENGTH = 2.0


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
    """A prompt at n moments, by what its tokens depend on.

    Attributes:
        soft: (n, soft tokens) bool, which trainable vectors are there.
        sentences: (m, d) the distinct sentences and wishes among all moments.
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

    The state h attends to the tokens of the prompt (sentences, list variables, soft vectors); what
    it finds there moves it. Both last layers start at zero, so training starts from q = h.
    """

    def __init__(self, config: PromptConfig) -> None:
        super().__init__()
        d = config.dimension
        self.heads = config.heads
        self.words = nn.Linear(config.text_dimension, d)
        self.kinds = nn.Parameter(torch.randn(len(LIST_KINDS), d) * 0.02)
        self.soft = nn.Parameter(torch.randn(config.soft_tokens, d) * 0.5)
        self.nothing = nn.Parameter(torch.randn(1, d) * 0.5)  # attended to where nothing fits
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
        """Queries (n, d) from what the sequence encoder knows (n, d) and the prompt."""
        mixed = state + self.output(self._attend(state, tokens))
        mixed = mixed + self.feed_forward(self.mixed_norm(mixed))
        return mixed + tokens.named @ self.wish

    def _attend(self, state: torch.Tensor, tokens: Tokens) -> torch.Tensor:
        """What each state finds in its prompt: (n, d).

        Keys and values are computed once for soft vectors and for each distinct sentence, and
        only then spread over the moments that have them.
        """
        n, d = state.shape
        h = self.heads
        query = self.query(self.norm(state)).view(n, h, d // h) / math.sqrt(d / h)
        shared = self._keys_values(torch.cat([self.nothing, self.soft]))  # (1 + soft, 2, h, e)
        sentences = self._keys_values(tokens.sentences).flatten(1)  # (m, 2 d)
        if not len(sentences):  # a prompt without words: the places point nowhere
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
        nothing = torch.ones(n, 1, dtype=torch.bool)
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


class FusionNetwork(nn.Module):
    """k(i) = E_i + W · LM(item text) + Σ its attribute values; q from history and prompt.

    An item that nobody met has no E_i and is never held against a query in training, or it would
    be learned that nobody wants it. After training, `introduce` gives it what its neighbours have.

    Args:
        texts: (n_items, text_dimension) language-model vectors of the items, frozen; an array
            stays where it lies, and is read in blocks.
        codes, offsets: the attribute values that each item has, as `F.embedding_bag` takes them.
    """

    texts: torch.Tensor | np.ndarray
    codes: torch.Tensor
    offsets: torch.Tensor
    met: torch.Tensor

    def __init__(
        self,
        texts: torch.Tensor | np.ndarray,
        codes: torch.Tensor,
        offsets: torch.Tensor,
        prompt: PromptConfig,
        *,
        layers: int,
        heads: int,
        dropout: float,
        length: int,
    ) -> None:
        super().__init__()
        n_items, text_dimension = texts.shape
        d = prompt.dimension
        if isinstance(texts, torch.Tensor):
            self.register_buffer("texts", texts, persistent=False)
        else:
            self.texts = texts
        self.register_buffer("codes", codes, persistent=False)
        self.register_buffer("offsets", offsets, persistent=False)
        self.items = nn.Embedding(n_items, d)
        nn.init.normal_(self.items.weight, std=0.02)
        self.text = nn.Linear(text_dimension, d, bias=False)
        nn.init.normal_(self.text.weight, std=0.5 / math.sqrt(text_dimension))
        self.values = nn.Parameter(torch.randn(prompt.n_values, d) * 0.1)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.register_buffer("met", torch.ones(n_items, dtype=torch.bool))
        self.encoder = CausalTransformer(
            d, layers=layers, heads=heads, dropout=dropout, length=length
        )
        self.prompt = PromptFusion(prompt)
        self.trust = nn.Linear(d, 1)
        nn.init.zeros_(self.trust.weight)
        nn.init.zeros_(self.trust.bias)
        self.gaps = nn.Parameter(torch.randn(GAPS, d) * 0.02)
        self.eras = nn.Parameter(torch.zeros(ERAS, d))
        # A wish begins as the direction of its value, wishᵀ value = WISH_STRENGTH, so that it is
        # followed even where there is too little data to find that out.
        with torch.no_grad():
            squares = self.values.square().sum(1, keepdim=True)
            self.prompt.wish.copy_(WISH_STRENGTH * self.values / squares)

    def start(self, bias: torch.Tensor, met: torch.Tensor) -> None:
        """Set the item biases to begin from, (n_items,), and which items training events have."""
        with torch.no_grad():
            self.bias.copy_(bias)
            self.met.copy_(met)
            self.items.weight[~met] = 0.0

    def keys(self) -> torch.Tensor:
        """Item vectors (n_items, d); in training, some items have to do without E_i.

        They learn to be told by their words alone, as items that nobody met have to be (Volkovs,
        Yu & Poutanen 2017, "DropoutNet").
        """
        own: torch.Tensor = self.items.weight
        if self.training:
            own = own * (torch.rand(len(own), 1) >= ANONYMOUS_SHARE)
        # Added in place: of a large catalogue, every copy is hundreds of megabytes.
        keys = torch.cat([self.text(block) for block in self._read_texts()]).add_(own)
        return keys.add_(self.over_values(self.values))

    def biases(self) -> torch.Tensor:
        """Item biases (n_items,); in training, one that keeps out the items that nobody met."""
        return self.bias.masked_fill(~self.met, NEVER) if self.training else self.bias

    @torch.no_grad()
    def introduce(self, neighbours: sp.csr_matrix) -> None:
        """Give the items that nobody met the own vectors and biases of their neighbours.

        Args:
            neighbours: (n_items, n_items), see `NewItems`.
        """
        new = torch.from_numpy(np.flatnonzero(np.diff(neighbours.indptr)))
        if len(new):
            rows = neighbours[new.numpy()]
            self.items.weight[new] = torch.from_numpy(rows @ self.items.weight.numpy())
            self.bias[new] = torch.from_numpy(rows @ self.bias.numpy())

    def _read_texts(self) -> Iterator[torch.Tensor]:
        """The text vectors as blocks (b, text_dimension); one block where they are in memory."""
        if isinstance(self.texts, torch.Tensor):
            yield self.texts
            return
        for block in blocks(self.texts):
            yield torch.from_numpy(block.astype(np.float32))

    def over_values(
        self, vectors: torch.Tensor, weights: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The sum over each item's attribute values of their vectors: (n_items, d).

        Args:
            vectors: (n_values, d).
            weights: of each of `codes`; 1 if not given.
        """
        if not len(vectors):
            return torch.zeros_like(self.items.weight)
        return F.embedding_bag(
            self.codes, vectors, self.offsets, mode="sum", per_sample_weights=weights
        )

    def states(
        self,
        keys: torch.Tensor,
        items: torch.Tensor,
        gaps: torch.Tensor | None = None,
        eras: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """States (w, t + 1, d) before every event of item positions (w, t), and after all.

        Args:
            gaps, eras: (w, t) of each event, see `Times`; None where no times are known.
        """
        events = F.embedding(items, keys)
        if gaps is None or eras is None:
            return self.encoder(events)
        states = self.encoder(events + F.embedding(gaps, self.gaps))
        # What is chosen now is told by when the last event was; before any event, nothing is.
        now = F.pad(self._of_era(eras), (0, 0, 1, 0))
        return states + now

    def _of_era(self, eras: torch.Tensor) -> torch.Tensor:
        """The vector (…, d) of moments of time (…), between those of the eras beside it."""
        before = eras.long().clamp(max=ERAS - 2)
        share = (eras - before)[..., None]
        return torch.lerp(F.embedding(before, self.eras), F.embedding(before + 1, self.eras), share)

    def trusted(self, states: torch.Tensor) -> torch.Tensor:
        """How much what is counted weighs for each of `states` (n, d), (n, 1); 1 at first."""
        factor: torch.Tensor = self.trust(states).exp()
        return factor

    def empty_state(self) -> torch.Tensor:
        """The state of somebody of whom nothing is known: (d,)."""
        nothing = torch.zeros(1, 0, self.items.embedding_dim)
        return self.encoder(nothing)[0, 0]
