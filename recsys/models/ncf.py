"""Neural collaborative filtering: two embeddings, concatenated, into linear layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import torch
from torch import nn

from recsys.dataset import Dataset
from recsys.models.base import Optimisation, Queries
from recsys.models.batches import CandidateBatch, RegressionBatch
from recsys.models.dropout import ByteDropout
from recsys.models.sasrec import popularity_bias
from recsys.models.settings import Choice, ModelConfig, Setting
from recsys.models.shared_settings import BATCH_POSITIONS, DIMENSION, DROPOUT, OBJECTIVE
from recsys.models.user_item import BATCH_RATINGS, UserItemNetwork, UserItemRecommender
from recsys.schema import N_

#: Items that a batch is compared with, drawn anew for each.
CANDIDATES = 64
#: Hidden numbers held at once while all items are scored.
_HIDDEN_AT_ONCE = 2**22

_HIDDEN = Setting(
    N_("Hidden layers"),
    N_(
        "A linear layer alone adds the same to an item for everybody. It can predict ratings, "
        "but ranks alike for all users; a hidden layer makes the ranking personal."
    ),
    minimum=1,
    maximum=4_096,
    shown="first",
    open=True,
    choices=(
        Choice(None, N_("as the objective needs")),
        Choice((), N_("none: one linear layer")),
        Choice((64,), "64"),
        Choice((64, 32), "64, 32"),
    ),
)


@dataclass(frozen=True)
class NeuralConfig(ModelConfig):
    """Settings of `NeuralCollaborativeFiltering`.

    Attributes:
        objective: "implicit" learns which items are met, "ratings" which ratings are given.
        hidden: the widths of the layers between the vectors and the score; () is one linear
            layer. None is () for ratings, and one layer of 64 to rank: a linear layer adds the
            same to an item's score for every user, and so would rank alike for everybody.
        dropout: of the vectors, while it learns which items are met.
        batch_positions, batch_ratings: events in a batch, by objective.
    """

    objective: Annotated[str, OBJECTIVE] = "implicit"
    hidden: Annotated[tuple[int, ...] | None, _HIDDEN] = None
    dimension: Annotated[int, DIMENSION] = 50
    dropout: Annotated[float, DROPOUT] = 0.2
    batch_positions: Annotated[int, BATCH_POSITIONS] = 256
    batch_ratings: Annotated[int, BATCH_RATINGS] = 64

    @property
    def layers(self) -> tuple[int, ...]:
        """The widths of the hidden layers."""
        if self.hidden is not None:
            return self.hidden
        return () if self.objective == "ratings" else (64,)


class NeuralNetwork(UserItemNetwork):
    """W [Q_u; K_i] + b, with layers in between or not.

    The first layer is kept in two halves: what it makes of a user and of an item is added, so
    that each is worked out once however many pairs they stand in.
    """

    def __init__(self, n_users: int, n_items: int, config: NeuralConfig) -> None:
        rates = config.objective == "ratings"
        super().__init__(n_users, n_items, config.dimension, ratings=rates)
        widths = (*config.layers, 1)
        both = nn.Linear(2 * config.dimension, widths[0])
        self.of_user = nn.Linear(config.dimension, widths[0])
        self.of_item = nn.Linear(config.dimension, widths[0], bias=False)
        with torch.no_grad():
            first, second = both.weight.split(config.dimension, 1)
            self.of_user.weight.copy_(first)
            self.of_user.bias.copy_(both.bias)
            self.of_item.weight.copy_(second)
        rest: list[nn.Module] = []
        for before, after in pairwise(widths):
            rest += [nn.ReLU(), nn.Linear(before, after)]
        self.rest = nn.Sequential(*rest)
        self.dropout = ByteDropout(config.dropout)
        if not rates:
            self.bias = nn.Parameter(torch.zeros(n_items))

    @property
    def last(self) -> nn.Linear:
        """The layer that gives the score."""
        layer = self.rest[-1] if len(self.rest) else self.of_user
        assert isinstance(layer, nn.Linear)
        return layer

    def pairs(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Scores of pairs of rows, without item biases: (n,)."""
        summed = self.of_user(self.users(users)) + self.of_item(self.items(items))  # (n, h)
        scores: torch.Tensor = self.rest(summed)[:, 0]
        return scores

    def all_pairs(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Scores of every user vector (n, d) with every item vector (m, d): (n, m)."""
        of_user, of_item = self.of_user(users), self.of_item(items)  # (n, h), (m, h)
        scores: torch.Tensor = self.rest(of_user[:, None] + of_item)[..., 0]
        return scores


class NeuralCollaborativeFiltering(UserItemRecommender):
    """R_ui = W [Q_u; K_i] + b, or a perceptron of both vectors (He et al. 2017, the MLP branch).

    Of ratings: the mean squared error over the ratings given. Of meetings: softmax over drawn
    items, and a bias of each item beside the layers, that starts from its popularity.
    """

    name: ClassVar[str] = "ncf"
    title: ClassVar[str] = N_("Neural collaborative filtering")
    summary: ClassVar[str] = N_(
        "A vector for each user and each item, put side by side into a small neural network "
        "instead of multiplied."
    )
    optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=30, learning_rate=5e-3, weight_decay=0.1, objective="candidate-softmax"
    )

    config: NeuralConfig
    network: NeuralNetwork

    def __init__(self, config: NeuralConfig | None = None) -> None:
        self.config = config or NeuralConfig()

    def build(self, n_users: int, n_items: int) -> NeuralNetwork:
        return NeuralNetwork(n_users, n_items, self.config)

    def start(self, train: Dataset) -> None:
        if self.predicts_ratings:
            self.network.last.bias.data += self.network.scale[0]
        else:
            self.network.bias.data = popularity_bias(train)

    def batches(self, rng: np.random.Generator) -> Iterator[Any]:
        self._rng = rng
        return super().batches(rng)

    def forward(self, batch: torch.Tensor) -> CandidateBatch | RegressionBatch:
        if self.predicts_ratings:
            return self.rating_batch(batch)
        n_items = len(self.network.bias)
        drawn = self._rng.permutation(n_items)[:CANDIDATES]
        candidates, targets = torch.from_numpy(drawn).to(self.device), self._item[batch]
        users = self.network.dropout(self.network.users(self._user[batch]))  # (n, d)
        network = self.network
        others = network.all_pairs(users, network.items(candidates)) + network.bias[candidates]
        own = network.rest(network.of_user(users) + network.of_item(network.items(targets)))
        return CandidateBatch(
            target_scores=own[:, 0] + network.bias[targets],
            scores=others,
            targets=targets,
            candidates=candidates,
            n_items=n_items,
        )

    @torch.inference_mode()
    def score(self, queries: Queries) -> np.ndarray:
        self.network.eval()
        q = self.user_vectors(queries.history, queries.users)  # (n, d)
        keys = self.network.items.weight
        width = max(self.config.layers, default=1)
        step = max(1, _HIDDEN_AT_ONCE // (max(len(q), 1) * width))
        parts = [self.network.all_pairs(q, part) for part in keys.split(step)]
        scores = torch.cat(parts, 1)  # (n, n_items)
        if not self.predicts_ratings:
            scores = scores + self.network.bias
        return scores.cpu().numpy()

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(NeuralConfig(**config))
        model.restore(tensors, data)
        return model
