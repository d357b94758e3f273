"""SASRec: a causal transformer over item ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.models.base import BackboneRecommender, Optimisation, Queries
from recsys.models.batches import SoftmaxBatch
from recsys.models.sequences import TrainingWindows, Windows, last_windows, overlapping_windows
from recsys.models.settings import ModelConfig
from recsys.models.shared_settings import (
    BATCH_POSITIONS,
    DIMENSION,
    DROPOUT,
    HEADS,
    LAYERS,
    LENGTH,
    check_heads,
)
from recsys.models.transformer import CausalTransformer
from recsys.schema import N_


@dataclass(frozen=True)
class SASRecConfig(ModelConfig):
    """Settings of `SASRec`.

    Attributes:
        length: events that it sees at most.
        batch_positions: events in a batch at most, about; fewer on little data.
    """

    dimension: Annotated[int, DIMENSION] = 64
    layers: Annotated[int, LAYERS] = 2
    heads: Annotated[int, HEADS] = 2
    dropout: Annotated[float, DROPOUT] = 0.3
    length: Annotated[int, LENGTH] = 128
    batch_positions: Annotated[int, BATCH_POSITIONS] = 2048

    def __post_init__(self) -> None:
        super().__post_init__()
        check_heads(self.dimension, self.heads)


class SASRecNetwork(nn.Module):
    """Item embeddings, shared between input and output, around a causal transformer."""

    def __init__(self, n_items: int, config: SASRecConfig) -> None:
        super().__init__()
        self.items = nn.Embedding(n_items, config.dimension)
        nn.init.normal_(self.items.weight, std=0.02)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.encoder = CausalTransformer(
            config.dimension,
            layers=config.layers,
            heads=config.heads,
            dropout=config.dropout,
            length=config.length,
        )

    def states(self, items: torch.Tensor) -> torch.Tensor:
        """States (w, t + 1, d) before every event of item positions (w, t), and after all."""
        return self.encoder(F.embedding(items, self.items.weight))


class SASRec(BackboneRecommender):
    """Self-attentive sequential recommendation (Kang & McAuley 2018) with full cross-entropy.

    Score of item i after a history: h · E_i + b_i. Trained by softmax over the whole catalogue,
    which makes it a far stronger baseline than the original binary loss (Klenitskiy & Vasilev
    2023).
    """

    name: ClassVar[str] = "sasrec"
    title: ClassVar[str] = N_("SASRec")
    summary: ClassVar[str] = N_(
        "Learns from the order of events alone: the strong baseline that reads no words."
    )
    optimisation: ClassVar[Optimisation] = Optimisation(epochs=60, learning_rate=2e-3)

    network: SASRecNetwork

    def __init__(self, config: SASRecConfig | None = None) -> None:
        self.config = config or SASRecConfig()

    def prepare(
        self,
        train: Dataset,
        *,
        seed: int,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.network = SASRecNetwork(train.n_items, self.config)
        self.network.bias.data = popularity_bias(train)
        self._windows = TrainingWindows(train, self.config.length, self.config.batch_positions)
        self._is_target = self._windows.is_target.to(device)  # (n_events,)
        self._positions = int(self._windows.is_target.sum())
        self.network.to(device)

    @property
    def positions_per_epoch(self) -> int:
        return self._positions

    def batches(self, rng: np.random.Generator) -> Iterator[Windows]:
        for windows in self._windows.batches(rng):
            yield windows.to(self.device)

    def forward(self, batch: Windows) -> SoftmaxBatch:
        mask = batch.mask  # (w, t)
        learnable = self._is_target[batch.events[mask]]  # (n,)
        states = self.network.states(batch.items)[:, :-1][mask]  # (n, d)
        return SoftmaxBatch(
            queries=states[learnable],
            keys=self.network.items.weight,
            bias=self.network.bias,
            targets=batch.items[mask][learnable],
        )

    @torch.no_grad()
    def query_vectors(self, queries: Queries) -> torch.Tensor:
        self.network.eval()
        windows = last_windows(queries.history, queries.users, self.config.length)
        windows = windows.to(self.device)
        rows = torch.arange(len(windows.lengths), device=self.device)
        return self.network.states(windows.items)[rows, windows.lengths]

    @torch.no_grad()
    def training_queries(self, train: Dataset) -> torch.Tensor:
        self.network.eval()
        states = torch.zeros(train.n_events, self.config.dimension, device=self.device)
        for windows, new in overlapping_windows(train, self.config.length):
            windows, fresh = windows.to(self.device), new.to(self.device)
            states[windows.events[fresh]] = self.network.states(windows.items)[:, :-1][fresh]
        return states

    @torch.no_grad()
    def empty_query(self) -> torch.Tensor:
        self.network.eval()
        nothing = torch.zeros(1, 0, dtype=torch.int64, device=self.device)
        return self.network.states(nothing)[0, 0]

    def keys(self) -> torch.Tensor:
        return self.network.items.weight.detach()

    def biases(self) -> torch.Tensor:
        return self.network.bias.detach()

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        states = self.query_vectors(queries)  # (n, d)
        scores = states @ self.network.items.weight.T + self.network.bias  # (n, n_items)
        return scores.cpu().numpy()

    def item_vectors(self) -> np.ndarray:
        return self.network.items.weight.detach().cpu().numpy()

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> SASRec:
        model = cls(SASRecConfig(**config))
        model.network = SASRecNetwork(data.n_items, model.config)
        model.load_tensors(tensors)
        return model


def popularity_bias(train: Dataset) -> torch.Tensor:
    """Half the centred log popularity, (n_items,): item biases that training starts from."""
    counts = np.bincount(train.item, minlength=train.n_items)
    log = np.log1p(counts.astype(np.float32))
    return torch.from_numpy(0.5 * (log - log.mean()))
