"""The network of prompt fusion: item vectors, a sequence encoder, and the prompt side."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F
from torch import nn

from recsys.models.mapped import blocks
from recsys.models.prompt_side.network import PromptConfig, PromptFusion
from recsys.models.transformer import CausalTransformer

#: Buckets of the time between two events of a user: powers of 2 seconds.
GAPS = 32
#: Points in time, evenly spaced from the first to the last event, that have a learned vector.
ERAS = 24

#: The bias in training of an item without training events, which makes its probability 0.
NEVER = -1e4


class FusionNetwork(nn.Module):
    """k(i) = E_i + W · LM(item text) + Σ its attribute values; q from history and prompt.

    An item without training events has no E_i and is never a negative in training, which would
    push its score down. After training, `introduce` gives it the mean of its neighbours.

    Args:
        texts: (n_items, text_dimension) language-model vectors of the items, frozen; an array
            stays where it lies, and is read in blocks.
        codes, offsets: the attribute values that each item has, as `F.embedding_bag` takes them.
        words_only_share: the share of items that have no E_i at each training step.
        wish_strength: wishᵀ value before training.
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
        words_only_share: float,
        wish_strength: float,
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
        self.words_only_share = words_only_share
        self.trust = nn.Linear(d, 1)
        nn.init.zeros_(self.trust.weight)
        nn.init.zeros_(self.trust.bias)
        self.gaps = nn.Parameter(torch.randn(GAPS, d) * 0.02)
        self.eras = nn.Parameter(torch.zeros(ERAS, d))
        # A wish begins as the direction of its value.
        with torch.no_grad():
            squares = self.values.square().sum(1, keepdim=True)
            self.prompt.wish.copy_(wish_strength * self.values / squares)

    def start(self, bias: torch.Tensor, met: torch.Tensor) -> None:
        """Set the item biases to begin from, (n_items,), and which items training events have."""
        with torch.no_grad():
            self.bias.copy_(bias)
            self.met.copy_(met)
            self.items.weight[~met] = 0.0

    def keys(self) -> torch.Tensor:
        """Item vectors (n_items, d); in training, E_i of some items is left out.

        So the rest of k(i) learns to do without it, as for items without events it must (Volkovs,
        Yu & Poutanen 2017, "DropoutNet").
        """
        own: torch.Tensor = self.items.weight
        if self.training:
            kept = torch.rand(len(own), 1, device=own.device) >= self.words_only_share
            own = own * kept
        # Added in place: of a large catalogue, every copy is hundreds of megabytes.
        keys = torch.cat([self.text(block) for block in self._read_texts()]).add_(own)
        return keys.add_(self.over_values(self.values))

    def biases(self) -> torch.Tensor:
        """Item biases (n_items,); in training, `NEVER` for items without training events."""
        return self.bias.masked_fill(~self.met, NEVER) if self.training else self.bias

    @torch.no_grad()
    def introduce(self, neighbours: sp.csr_matrix) -> None:
        """Give items without training events the mean E_i and bias of their neighbours.

        Args:
            neighbours: (n_items, n_items), see `NewItems`.
        """
        new = torch.from_numpy(np.flatnonzero(np.diff(neighbours.indptr)))
        if len(new):
            rows = neighbours[new.numpy()]
            for learned in (self.items.weight, self.bias):
                found = torch.from_numpy(rows @ learned.cpu().numpy())
                learned[new.to(learned.device)] = found.to(learned.device)

    def _read_texts(self) -> Iterator[torch.Tensor]:
        """The text vectors as blocks (b, text_dimension); one block where they are in memory."""
        if isinstance(self.texts, torch.Tensor):
            yield self.texts
            return
        for block in blocks(self.texts):
            yield torch.from_numpy(block.astype(np.float32)).to(self.bias.device)

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
        # The era of the last event stands for the present; before any, there is none.
        now = F.pad(self._of_era(eras), (0, 0, 1, 0))
        return states + now

    def _of_era(self, eras: torch.Tensor) -> torch.Tensor:
        """The vector (…, d) of moments of time (…), between those of the eras beside it."""
        before = eras.long().clamp(max=ERAS - 2)
        share = (eras - before)[..., None]
        return torch.lerp(F.embedding(before, self.eras), F.embedding(before + 1, self.eras), share)

    def trusted(self, states: torch.Tensor) -> torch.Tensor:
        """The factor on SLIT scores at each of `states` (n, d): (n, 1); 1 before training."""
        factor: torch.Tensor = self.trust(states).exp()
        return factor

    def empty_state(self) -> torch.Tensor:
        """The state of an empty history: (d,)."""
        nothing = self.bias.new_zeros(1, 0, self.items.embedding_dim)
        return self.encoder(nothing)[0, 0]
