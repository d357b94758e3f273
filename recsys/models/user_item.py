"""What matrix factorisation and its neural form share: a vector for every user and every item."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from torch import nn

from recsys.dataset import Dataset, IdMap
from recsys.language_models import Progress
from recsys.models.base import GradientRecommender, Optimisation
from recsys.models.batches import RegressionBatch
from recsys.models.sequences import batch_size
from recsys.models.settings import Setting
from recsys.schema import N_, DataError
from recsys.splitting import first_meetings

BATCH_RATINGS = Setting(
    N_("Ratings in a batch"),
    N_("Ratings that are learned from in one step."),
    minimum=1,
    maximum=1_000_000,
    step=16,
    shown="flag",
)


class UserItemConfig(Protocol):
    """The settings that every such model has."""

    @property
    def objective(self) -> str: ...
    @property
    def batch_positions(self) -> int: ...
    @property
    def batch_ratings(self) -> int: ...


def check_rated(data: Dataset) -> None:
    """Raise `DataError` if there are no ratings to learn, or all are the same."""
    if data.rating is None:
        raise DataError(
            N_(
                "{data} has no ratings that could be learned. Upload a rating column, or let the "
                "model learn which items are met."
            ),
            data=data.name,
        )
    given = data.rating[~np.isnan(data.rating)]
    if len(given) and given.min() == given.max():
        raise DataError(
            N_(
                "All ratings of {data} are {value}, so there is nothing to learn from them. Let "
                "the model learn which items are met."
            ),
            data=data.name,
            value=f"{float(given[0]):g}",
        )


class UserItemNetwork(nn.Module):
    """Vectors of users and items; a subclass computes scores of them."""

    scale: torch.Tensor

    def __init__(
        self, n_users: int, n_items: int, dimension: int, *, ratings: bool, spread: float = 0.1
    ) -> None:
        super().__init__()
        self.users = nn.Embedding(n_users, dimension)  # Q
        self.items = nn.Embedding(n_items, dimension)  # K
        for table in (self.users, self.items):
            nn.init.normal_(table.weight, std=spread)
        if ratings:
            #: The mean, the lowest and the highest of the ratings learned from.
            self.register_buffer("scale", torch.zeros(3))

    def pairs(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Scores of pairs of rows: (n,)."""
        raise NotImplementedError


class UserItemRecommender(GradientRecommender):
    """A model with a vector for each user, which learns the items they meet, or their ratings.

    Ratings are learned as the textbooks have it: mean squared error, Adam with a learning rate of
    .001, batches of 64. Users without training events, also those who are new in a history, get
    the zero vector, and so the scores common to all users.
    """

    rating_optimisation: ClassVar[Optimisation] = Optimisation(
        epochs=100, learning_rate=1e-3, weight_decay=1e-4, objective="mse", patience=5, plain=True
    )

    reads_history: ClassVar[bool] = False

    config: UserItemConfig
    network: UserItemNetwork
    _users: IdMap  # who has a row in `network.users`

    @abstractmethod
    def build(self, n_users: int, n_items: int) -> UserItemNetwork:
        """The untrained network."""

    def start(self, train: Dataset) -> None:
        """Initialise what training starts from, where that is better than at random."""

    @property
    def predicts_ratings(self) -> bool:
        return self.config.objective == "ratings"

    def plan(self) -> Optimisation:
        return self.rating_optimisation if self.predicts_ratings else self.optimisation

    def prepare(
        self,
        train: Dataset,
        *,
        seed: int,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self._users = train.users
        self.network = self.build(train.n_users, train.n_items)
        if self.predicts_ratings:
            check_rated(train)
            assert train.rating is not None
            events = ~np.isnan(train.rating)
        else:
            # Repeats are no targets: seen items are filtered from lists.
            events = first_meetings(train)
        self._user = torch.from_numpy(train.user[events])
        self._item = torch.from_numpy(train.item[events])
        if self.predicts_ratings:
            assert train.rating is not None
            self._rating = torch.from_numpy(train.rating[events].astype(np.float32))
            low, high = self._rating.aminmax()
            self.network.scale = torch.stack([self._rating.mean(), low, high])
        self.start(train)
        known = np.bincount(self._user.numpy(), minlength=train.n_users) > 0
        self.network.users.weight.data[torch.from_numpy(~known)] = 0.0
        self.network.to(device)
        self._user, self._item = self._user.to(device), self._item.to(device)
        if self.predicts_ratings:
            self._rating = self._rating.to(device)

    @property
    def positions_per_epoch(self) -> int:
        return len(self._item)

    def batches(self, rng: np.random.Generator) -> Iterator[Any]:
        """Positions of training events, (b,) each."""
        order = torch.from_numpy(rng.permutation(len(self._item))).to(self.device)
        size = batch_size(self.config.batch_positions, len(order))
        yield from order.split(self.config.batch_ratings if self.predicts_ratings else size)

    def rating_batch(self, events: torch.Tensor) -> RegressionBatch:
        """What is predicted of some training events, and what was given."""
        predicted = self.network.pairs(self._user[events], self._item[events])
        return RegressionBatch(predicted, self._rating[events])

    @torch.inference_mode()
    def predict(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        if not self.predicts_ratings:
            raise TypeError(f"{self.name} does not predict ratings")
        self.network.eval()
        _, low, high = self.network.scale
        asked = (torch.from_numpy(part).long().to(self.device) for part in (users, items))
        return self.network.pairs(*asked).clamp(low, high).cpu().numpy()

    def rows(self, history: Dataset, users: np.ndarray) -> torch.Tensor:
        """Rows of the users asked for, (n,): found by id, -1 for somebody new."""
        asked = np.asarray(users)
        if history.users is not self._users:
            asked = self._users.positions(history.users.ids[asked])
        return torch.from_numpy(asked).to(self.device)

    def user_vectors(self, history: Dataset, users: np.ndarray) -> torch.Tensor:
        """Q_u of the users asked for: (n, d), zero for somebody new."""
        rows = self.rows(history, users)
        return self.network.users(rows.clamp(min=0)) * (rows >= 0)[:, None]

    def item_vectors(self) -> np.ndarray:
        return self.network.items.weight.detach().cpu().numpy()

    def restore(self, tensors: dict[str, np.ndarray], data: Dataset) -> None:
        """Take the place of a model that was saved with these tensors."""
        self._users = data.users
        self.network = self.build(data.n_users, data.n_items)
        self.load_tensors(tensors)
