"""Matrix factorisation: a vector for every user and every item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import torch
from torch import nn

from recsys.dataset import Dataset
from recsys.models.base import BackboneRecommender, Optimisation, Queries
from recsys.models.batches import RegressionBatch, SoftmaxBatch
from recsys.models.dropout import ByteDropout
from recsys.models.sasrec import popularity_bias
from recsys.models.settings import ModelConfig
from recsys.models.shared_settings import BATCH_POSITIONS, DIMENSION, DROPOUT, OBJECTIVE
from recsys.models.user_item import BATCH_RATINGS, UserItemNetwork, UserItemRecommender
from recsys.schema import N_


@dataclass(frozen=True)
class MatrixFactorisationConfig(ModelConfig):
    """Settings of `MatrixFactorisation`.

    Attributes:
        objective: "implicit" learns which items are met, "ratings" which ratings are given.
        dropout: of query dimensions, while it learns which items are met.
        batch_positions, batch_ratings: events in a batch, by objective.
    """

    objective: Annotated[str, OBJECTIVE] = "implicit"
    dimension: Annotated[int, DIMENSION] = 64
    dropout: Annotated[float, DROPOUT] = 0.5
    batch_positions: Annotated[int, BATCH_POSITIONS] = 2048
    batch_ratings: Annotated[int, BATCH_RATINGS] = 64


class MatrixFactorisationNetwork(UserItemNetwork):
    """Q, K and the biases."""

    def __init__(self, n_users: int, n_items: int, config: MatrixFactorisationConfig) -> None:
        rates = config.objective == "ratings"
        # With products near 0 at the start the biases are fitted first: on MovieLens a tenth less
        # of squared error than with the spread that is best for ranking.
        spread = 0.01 if rates else 0.1
        super().__init__(n_users, n_items, config.dimension, ratings=rates, spread=spread)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.dropout = ByteDropout(config.dropout)
        if rates:
            self.user_bias = nn.Parameter(torch.zeros(n_users))

    def pairs(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Ratings of pairs of rows, as users give them: (n,)."""
        product = (self.users(users) * self.items(items)).sum(1)
        return product + self.user_bias[users] + self.bias[items] + self.scale[0]


class MatrixFactorisation(UserItemRecommender, BackboneRecommender):
    """R_ui = Q_uᵀK_i + b_i (Koren, Bell & Volinsky 2009), of meetings or of ratings.

    Of meetings: trained so that what a user met scores above the rest of the catalogue (softmax
    over items). A user bias would move all scores of a user alike, which no ranking and no
    softmax can see; it is left out for that reason.

    Of ratings: R_ui = Q_uᵀK_i + μ + b_u + b_i, the mean squared error over the ratings given.

    Users without training events, also those who are new in a history, get Q_u = 0, so the item
    biases: popularity, or the mean rating.
    """

    name: ClassVar[str] = "mf"
    title: ClassVar[str] = N_("Matrix factorisation")
    summary: ClassVar[str] = N_(
        "One vector for each user and each item; their product is the score. The classic general "
        "recommender."
    )
    # A vector moves only in the steps that hold its user, and a mean over all steps lags behind:
    # validation NDCG@10 on MovieLens .038 with it, .044 without.
    optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=60, learning_rate=5e-3, weight_decay=0.1, averaged=False
    )

    config: MatrixFactorisationConfig
    network: MatrixFactorisationNetwork

    def __init__(self, config: MatrixFactorisationConfig | None = None) -> None:
        self.config = config or MatrixFactorisationConfig()

    def build(self, n_users: int, n_items: int) -> MatrixFactorisationNetwork:
        return MatrixFactorisationNetwork(n_users, n_items, self.config)

    def start(self, train: Dataset) -> None:
        if not self.predicts_ratings:
            self.network.bias.data = popularity_bias(train)

    def forward(self, batch: torch.Tensor) -> SoftmaxBatch | RegressionBatch:
        if self.predicts_ratings:
            return self.rating_batch(batch)
        return SoftmaxBatch(
            queries=self.network.dropout(self.network.users(self._user[batch])),
            keys=self.network.items.weight,
            bias=self.network.bias,
            targets=self._item[batch],
        )

    @torch.no_grad()
    def query_vectors(self, queries: Queries) -> torch.Tensor:
        return self.user_vectors(queries.history, queries.users)

    def training_queries(self, train: Dataset) -> torch.Tensor:
        return self.network.users.weight.detach()[torch.from_numpy(train.user).to(self.device)]

    def empty_query(self) -> torch.Tensor:
        return torch.zeros(self.config.dimension, device=self.device)

    def keys(self) -> torch.Tensor:
        return self.network.items.weight.detach()

    def biases(self) -> torch.Tensor:
        return self.network.bias.detach()

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        self.network.eval()
        q = self.query_vectors(queries)  # (n, d)
        scores = q @ self.network.items.weight.T + self.network.bias  # (n, n_items)
        if self.predicts_ratings:
            rows = self.rows(queries.history, queries.users)  # (n,)
            own = self.network.user_bias[rows.clamp(min=0)] * (rows >= 0)
            scores = scores + own[:, None] + self.network.scale[0]
        return scores.cpu().numpy()

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(MatrixFactorisationConfig(**config))
        model.restore(tensors, data)
        return model
