"""A training whose loss becomes no number: what was best before is kept, or it is said so."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from recsys.dataset import Dataset
from recsys.models.base import Optimisation, Queries
from recsys.models.mf import MatrixFactorisation, MatrixFactorisationConfig
from recsys.runs import create_run, execute
from recsys.runs.measure import validation_ndcg
from recsys.schema import TrainingError
from recsys.training import Event, Finished, TrainingConfig, Validated, fit
from tests.models.support import split

SMALL = MatrixFactorisationConfig(dimension=4, batch_positions=32)
RATINGS = replace(SMALL, objective="ratings")


_forward = MatrixFactorisation.forward


class Wild(MatrixFactorisation):
    """Its first step is so long that the second finds no finite score."""

    optimisation: ClassVar[Optimisation] = replace(
        MatrixFactorisation.optimisation, learning_rate=1e37
    )
    rating_optimisation: ClassVar[Optimisation] = replace(
        MatrixFactorisation.rating_optimisation, learning_rate=1e37
    )


class WildLater(MatrixFactorisation):
    """The same, from its third epoch on."""

    epoch = 0

    def batches(self, rng: Any) -> Any:
        self.epoch += 1
        return super().batches(rng)

    def forward(self, batch: Any) -> Any:
        compared = _forward(self, batch)
        if self.epoch < 3:
            return compared
        return replace(compared, bias=compared.bias * float("nan"))


class WildWeights(MatrixFactorisation):
    """The last step of its second epoch leaves weights that are no numbers."""

    epoch = 0

    def batches(self, rng: Any) -> Any:
        self.epoch += 1
        yield from super().batches(rng)
        if self.epoch == 2:
            self.network.items.weight.data.fill_(float("nan"))


class WildScores(MatrixFactorisation):
    """The last step of its second epoch leaves finite weights whose products are no numbers."""

    epoch = 0

    def batches(self, rng: Any) -> Any:
        self.epoch += 1
        yield from super().batches(rng)
        if self.epoch == 2:
            self.network.items.weight.data.fill_(1e30)
            self.network.users.weight.data.fill_(1e30)
            self.network.users.weight.data[:, 1::2] *= -1  # inf - inf is NaN


def events_of(model: MatrixFactorisation) -> list[Event]:
    values = itertools.count(1)
    config = TrainingConfig(epochs=6)
    return list(fit(model, split(), config, validate=lambda m: float(next(values))))


@pytest.mark.parametrize("config", [SMALL, RATINGS])
def test_without_anything_kept_it_is_said(config: MatrixFactorisationConfig) -> None:
    with pytest.raises(TrainingError) as told:
        events_of(Wild(config))
    assert "mf" in str(told.value) and "epoch 1" in str(told.value)
    assert "learning rate" in str(told.value) and "1e+37" in str(told.value)


def test_it_does_not_blame_the_loss_where_it_was_a_score() -> None:
    data = split()
    with pytest.raises(TrainingError, match="loss, a weight or a score is not finite"):
        list(fit(MatrixFactorisation(SMALL), data, TrainingConfig(), validate=lambda _: math.nan))


@pytest.mark.parametrize(("model", "epochs"), [(WildLater, 2), (WildWeights, 1)])
def test_the_best_weights_before_are_kept(model: type[MatrixFactorisation], epochs: int) -> None:
    trained = model(SMALL)
    events = events_of(trained)
    validated = [event for event in events if isinstance(event, Validated)]
    assert [event.epoch for event in validated] == list(range(1, epochs + 1))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.best_epoch, finished.best_ndcg) == (
        ("diverged", epochs, float(epochs))
    )
    assert all(torch.isfinite(weights).all() for weights in trained.network.state_dict().values())


def test_scores_that_are_no_numbers_are_no_quality_of_zero() -> None:
    trained, data = WildScores(SMALL), split()
    config = TrainingConfig(epochs=6)
    events = list(fit(trained, data, config, validate=validation_ndcg(data)))
    (validated,) = (event for event in events if isinstance(event, Validated))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.best_epoch) == ("diverged", 1)
    assert finished.best_ndcg == validated.ndcg
    scores = trained.score(Queries(data.test.history, data.test.users))
    assert np.isfinite(scores).all()


def test_a_run_says_what_to_do(
    small: Dataset, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MatrixFactorisation, "forward", WildLater.forward)
    monkeypatch.setattr(MatrixFactorisation, "epoch", 3, raising=False)
    run = create_run(tmp_path, small, model="mf", epochs=3)
    status = execute(run)
    assert status.state == "failed" and not run.has_model()
    assert "diverged in epoch 1" in str(status.message)
    assert "lower the learning rate" in str(status.message)
