"""Matrix factorisation: a vector for every user and every item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import nn

from recsys.dataset import Dataset, IdMap
from recsys.language_models import Progress
from recsys.models.base import GradientRecommender, Optimisation, Queries, SoftmaxBatch
from recsys.models.dropout import ByteDropout
from recsys.models.sasrec import popularity_bias
from recsys.schema import N_
from recsys.splitting import first_meetings


@dataclass(frozen=True)
class MatrixFactorisationConfig:
    """Settings of `MatrixFactorisation`; `dropout` is of query dimensions while training."""

    dimension: int = 64
    dropout: float = 0.5
    batch_positions: int = 2048


class MatrixFactorisationNetwork(nn.Module):
    """Q, K and the item biases."""

    def __init__(self, n_users: int, n_items: int, config: MatrixFactorisationConfig) -> None:
        super().__init__()
        self.users = nn.Embedding(n_users, config.dimension)  # Q
        self.items = nn.Embedding(n_items, config.dimension)  # K
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.dropout = ByteDropout(config.dropout)
        nn.init.normal_(self.users.weight, std=0.1)
        nn.init.normal_(self.items.weight, std=0.1)


class MatrixFactorisation(GradientRecommender):
    """R_ui = Q_uᵀK_i + b_i (Koren, Bell & Volinsky 2009), with an implicit objective.

    Trained so that what a user met scores above the rest of the catalogue (softmax over items).
    A user bias would move all scores of a user alike, which no ranking and no softmax can see;
    it is left out for that reason.

    Users without training events, also those who are new in a history, get Q_u = 0, so the item
    biases: popularity.
    """

    name: ClassVar[str] = "mf"
    title: ClassVar[str] = N_("Matrix factorisation")
    summary: ClassVar[str] = N_(
        "One vector for each user and each item; their product is the score. The classic general "
        "recommender."
    )
    optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=60, learning_rate=5e-3, weight_decay=0.1
    )

    network: MatrixFactorisationNetwork
    _users: IdMap  # who has a row in `network.users`

    def __init__(self, config: MatrixFactorisationConfig | None = None) -> None:
        self.config = config or MatrixFactorisationConfig()

    def prepare(self, train: Dataset, *, seed: int, progress: Progress | None = None) -> None:
        torch.manual_seed(seed)
        self.network = MatrixFactorisationNetwork(train.n_users, train.n_items, self.config)
        self.network.bias.data = popularity_bias(train)
        self._users = train.users
        first = first_meetings(train)
        self._user = torch.from_numpy(train.user[first])
        self._item = torch.from_numpy(train.item[first])
        absent = np.diff(train.offsets) == 0
        self.network.users.weight.data[torch.from_numpy(absent)] = 0.0

    @property
    def positions_per_epoch(self) -> int:
        return len(self._item)

    def batches(self, rng: np.random.Generator) -> Iterator[torch.Tensor]:
        order = torch.from_numpy(rng.permutation(len(self._item)))
        yield from order.split(self.config.batch_positions)

    def forward(self, batch: torch.Tensor) -> SoftmaxBatch:
        return SoftmaxBatch(
            queries=self.network.dropout(self.network.users(self._user[batch])),
            keys=self.network.items.weight,
            bias=self.network.bias,
            targets=self._item[batch],
        )

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        self.network.eval()
        q = self._user_vectors(queries)  # (n, d)
        scores = q @ self.network.items.weight.T + self.network.bias  # (n, n_items)
        return scores.numpy()

    def _user_vectors(self, queries: Queries) -> torch.Tensor:
        """Q_u of the users asked for, (n, d): found by id, since a history may number others."""
        asked = np.asarray(queries.users)
        if queries.history.users is not self._users:
            asked = self._users.positions(queries.history.users.ids[asked])
        rows = torch.from_numpy(asked)  # (n,), -1 for somebody new
        return self.network.users(rows.clamp(min=0)) * (rows >= 0)[:, None]

    def item_vectors(self) -> np.ndarray:
        return self.network.items.weight.detach().numpy()

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(MatrixFactorisationConfig(**config))
        model._users = data.users
        model.network = MatrixFactorisationNetwork(data.n_users, data.n_items, model.config)
        model.load_tensors(tensors)
        return model
