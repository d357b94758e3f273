"""What the weights of a training are chosen by: a measurement on held-out data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.models.base import Recommender
from recsys.models.protocols import PredictsRatings
from recsys.splitting import Holdout, Split
from recsys.training.events import Event, RatingsTested, Validated

#: Measures the model on held-out users; higher is better (NDCG@10).
Validate = Callable[[Recommender], float]

#: Training positions after which the model is validated within an epoch of large data; or more,
#: where many users have to be ranked for it: so many positions for each of them.
VALIDATE_POSITIONS = 250_000
POSITIONS_PER_USER = 200


@dataclass(frozen=True)
class Measurement:
    """A model on the validation users.

    Attributes:
        value: what is compared, higher is better: NDCG@10, or the negative validation loss.
        test_loss: of a model of ratings, the loss on the test ratings; None of any other.
    """

    value: float
    test_loss: float | None = None

    @classmethod
    def of(cls, model: Recommender, split: Split, validate: Validate) -> Measurement:
        """Measure the model as it is; a model of ratings by its loss on the held-out ratings."""
        if not model.predicts_ratings:
            return cls(validate(model))
        loss = _rating_loss(model, split.validation)
        return cls(-loss, _rating_loss(model, split.test))

    def event(self, elapsed: float, epoch: float, steps: int, *, best: bool) -> Event:
        """The same as an event."""
        if self.test_loss is None:
            return Validated(elapsed, epoch, self.value, best)
        return RatingsTested(elapsed, epoch, steps, -self.value, self.test_loss, best)


def validation_positions(split: Split) -> int:
    """Training positions between two validations within an epoch."""
    return max(VALIDATE_POSITIONS, POSITIONS_PER_USER * len(split.validation.users))


def _rating_loss(model: Recommender, holdout: Holdout) -> float:
    """The mean squared error on held-out ratings."""
    assert isinstance(model, PredictsRatings)
    users, items, ratings = holdout.rated()
    return float(np.mean(np.square(model.predict(users, items) - ratings)))
