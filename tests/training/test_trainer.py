"""Training: what it tells, when it ends, and which weights it leaves."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from recsys.models import MODELS, Recommender
from recsys.models.base import GradientRecommender, Optimisation
from recsys.models.mf import MatrixFactorisation, MatrixFactorisationConfig
from recsys.training import (
    Control,
    Event,
    Finished,
    Started,
    Step,
    TrainingConfig,
    Validate,
    Validated,
    fit,
    objectives,
    trainer,
)
from recsys.training.optimisers import learning_rate, optimiser_for
from tests.models.support import small_model, split

SMALL = MatrixFactorisationConfig(dimension=4, batch_positions=32)


class Impatient(MatrixFactorisation):
    """Gives up after two epochs without a better one."""

    optimisation: ClassVar[Optimisation] = replace(MatrixFactorisation.optimisation, patience=2)


def scripted(values: Iterable[float]) -> Validate:
    """A validation that finds these values, one an epoch."""
    told = iter(values)
    return lambda model: next(told)


def train(
    config: TrainingConfig,
    *,
    validate: Validate | None = None,
    model: Recommender | None = None,
    control: Callable[[], Control] = lambda: "run",
) -> tuple[Recommender, list[Event]]:
    model = model or MatrixFactorisation(SMALL)
    validate = validate or scripted(itertools.count())
    return model, list(fit(model, split(), config, validate=validate, control=control))


def of(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


class TestEvents:
    def test_come_in_order(self) -> None:
        _, events = train(TrainingConfig(epochs=3))
        kinds = [event.event for event in events]
        assert kinds == ["started", *["step", "validated"] * 3, "finished"]
        assert [event.epoch for event in of(Validated, events)] == [1, 2, 3]
        assert [event.epoch for event in of(Step, events)] == [1, 2, 3]
        elapsed = [event.elapsed for event in events]
        assert elapsed == sorted(elapsed) and elapsed[0] >= 0

    def test_say_what_happens(self) -> None:
        model, events = train(TrainingConfig(epochs=2))
        assert isinstance(model, GradientRecommender)
        started, finished = events[0], events[-1]
        assert isinstance(started, Started) and isinstance(finished, Finished)
        assert started.model == "mf" and started.epochs == 2
        assert started.positions_per_epoch == split().train.n_events  # nobody met anything twice
        weights = sum(p.numel() for p in model.network.parameters())
        assert started.trainable_parameters == weights
        batches = math.ceil(started.positions_per_epoch / 32)
        assert [event.step for event in of(Step, events)] == [batches, 2 * batches]
        assert all(event.positions_per_second > 0 for event in of(Step, events))
        assert finished.reason == "epochs"
        assert (finished.best_epoch, finished.best_ndcg) == (2, 1)

    def test_are_lines_of_json(self) -> None:
        _, events = train(TrainingConfig(epochs=1))
        for event in events:
            told = event.to_dict()
            assert json.loads(json.dumps(told, allow_nan=False)) == told
            assert told["event"] == event.event

    def test_step_shows_the_mean_loss_since_the_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """However often it is told: the means over an epoch agree."""

        def mean(every: float) -> tuple[float, int]:
            monkeypatch.setattr(trainer, "REPORT_EVERY", every)
            steps = of(Step, train(TrainingConfig(epochs=1))[1])
            before, total = 0, 0.0
            for step in steps:
                done = min(32 * step.step, split().train.n_events)
                total, before = total + step.loss * (done - before), done
            return total / before, len(steps)

        (often, many), (once, one) = mean(0.0), mean(60.0)
        assert many > one == 1
        assert often == pytest.approx(once, rel=1e-5)

    @pytest.mark.parametrize("name", ["popularity", "ease"])
    def test_of_a_model_in_closed_form(self, name: str) -> None:
        _, events = train(TrainingConfig(), model=MODELS[name](), validate=scripted([0.25]))
        assert [event.event for event in events] == ["started", "validated", "finished"]
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert (finished.reason, finished.best_epoch, finished.best_ndcg) == ("computed", 1, 0.25)

    def test_what_is_no_model_is_refused(self) -> None:
        with pytest.raises(TypeError):
            next(iter(fit("mf", split(), TrainingConfig(), validate=scripted([]))))  # type: ignore[arg-type]


class TestEnd:
    def test_the_best_weights_are_left(self) -> None:
        seen: list[dict[str, np.ndarray]] = []
        values = iter([0.1, 0.5, 0.2, 0.5])

        def validate(model: Recommender) -> float:
            seen.append({name: value.copy() for name, value in model.tensors().items()})
            return next(values)

        model, events = train(TrainingConfig(epochs=4), validate=validate)
        assert [event.best for event in of(Validated, events)] == [True, True, False, False]
        finished = events[-1]
        assert isinstance(finished, Finished) and finished.best_epoch == 2
        for name, value in model.tensors().items():
            assert np.array_equal(value, seen[1][name])
            assert not np.array_equal(seen[3][name], seen[1][name])

    def test_a_model_that_finds_nothing_still_has_weights(self) -> None:
        _, events = train(TrainingConfig(epochs=2), validate=scripted([0.0, 0.0]))
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert (finished.best_epoch, finished.best_ndcg) == (1, 0.0)

    def test_the_model_is_ready_to_score(self) -> None:
        model, _ = train(TrainingConfig(epochs=1))
        assert isinstance(model, GradientRecommender)
        assert not model.network.training

    def test_stop_keeps_the_best(self) -> None:
        seen: list[np.ndarray] = []
        values = iter([0.9, 0.1])
        steps = iter(range(1000))
        per_epoch = math.ceil(split().train.n_events / 32)

        def validate(model: Recommender) -> float:
            seen.append(model.tensors()["items.weight"].copy())
            return next(values)

        model, events = train(
            TrainingConfig(epochs=50),
            validate=validate,
            control=lambda: "stop" if next(steps) == per_epoch + 1 else "run",
        )
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert finished.reason == "stopped"
        assert (finished.best_epoch, finished.best_ndcg) == (1, 0.9)
        assert [event.epoch for event in of(Validated, events)] == [1, 2]
        assert np.array_equal(model.tensors()["items.weight"], seen[0])

    def test_a_pause_waits_and_does_not_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        waited = 0.2
        monkeypatch.setattr(trainer, "PAUSE_EVERY", waited / 2)
        asked: Iterator[Control] = itertools.chain(["run", *["pause"] * 3], itertools.repeat("run"))
        began = time.monotonic()
        _, events = train(TrainingConfig(epochs=1), control=lambda: next(asked))
        assert time.monotonic() - began >= waited
        kinds = [event.event for event in events]
        assert kinds == ["started", "paused", "resumed", "step", "validated", "finished"]
        paused, resumed, finished = (events[place] for place in (1, 2, -1))
        assert resumed.elapsed - paused.elapsed < waited / 2
        assert isinstance(finished, Finished)
        stepping = split().train.n_events / finished.positions_per_second
        assert stepping <= finished.elapsed
        _, whole = train(TrainingConfig(epochs=1))
        assert of(Step, events)[0].loss == of(Step, whole)[0].loss

    def test_a_pause_can_end_in_a_stop(self) -> None:
        asked: Iterator[Control] = iter(["pause", "stop"])
        _, events = train(TrainingConfig(epochs=50), control=lambda: next(asked))
        kinds = [event.event for event in events]
        assert kinds == ["started", "paused", "resumed", "validated", "finished"]
        assert events[-1].to_dict()["reason"] == "stopped"

    def test_stop_at_once_keeps_what_there_is(self) -> None:
        _, events = train(TrainingConfig(epochs=50), control=lambda: "stop")
        assert [event.event for event in events] == ["started", "validated", "finished"]
        assert events[-1].to_dict()["reason"] == "stopped"

    def test_patience(self) -> None:
        values = [0.1, 0.3, 0.2, 0.3, 0.9]
        model = Impatient(SMALL)
        _, events = train(TrainingConfig(epochs=9), model=model, validate=scripted(values))
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert (finished.reason, finished.best_epoch) == ("patience", 2)
        assert len(of(Validated, events)) == 4

    def test_minutes(self) -> None:
        start = time.monotonic()
        _, events = train(TrainingConfig(epochs=10**6, minutes=0.005))
        assert time.monotonic() - start >= 0.3  # a million epochs would take days
        finished = events[-1]
        assert isinstance(finished, Finished) and finished.reason == "minutes"
        assert isinstance(events[-2], Validated)  # also an epoch that was cut short is measured

    def test_without_a_limit_the_model_has_one(self) -> None:
        class Hasty(MatrixFactorisation):
            optimisation: ClassVar[Optimisation] = replace(
                MatrixFactorisation.optimisation, minutes=0.005
            )

        _, events = train(TrainingConfig(epochs=10**6), model=Hasty(SMALL))
        assert events[-1].to_dict()["reason"] == "minutes"

    def test_without_epochs_the_model_decides(self) -> None:
        events = fit(MatrixFactorisation(SMALL), split(), TrainingConfig(), validate=lambda m: 0.0)
        started = next(iter(events))
        assert isinstance(started, Started)
        assert started.epochs == MatrixFactorisation.optimisation.epochs

    def test_closing_early_leaves_a_model_that_scores(self) -> None:
        model = MatrixFactorisation(SMALL)
        events = fit(model, split(), TrainingConfig(epochs=5), validate=lambda m: 0.0)
        for event in events:
            if isinstance(event, Step):
                break
        events.close()  # type: ignore[attr-defined]
        assert np.isfinite(model.tensors()["items.weight"]).all()


@pytest.mark.parametrize("averaged", [True, False])
def test_what_is_measured_is_the_mean_or_the_last_weights(averaged: bool) -> None:
    class Chosen(MatrixFactorisation):
        optimisation: ClassVar[Optimisation] = replace(
            MatrixFactorisation.optimisation, averaged=averaged
        )

    model, measured, last = Chosen(SMALL), [], []

    def weights() -> np.ndarray:
        return model.tensors()["items.weight"].copy()

    def validate(_: Recommender) -> float:
        measured.append(weights())
        return float(len(measured))

    plan = TrainingConfig(epochs=2)
    for event in fit(
        model, split(), plan, validate=validate, control=lambda: last.append(weights()) or "run"
    ):
        if isinstance(event, Validated):  # it can be saved as it was measured
            assert np.array_equal(measured[-1], weights())
            assert np.array_equal(measured[-1], last[-1]) is not averaged
    assert np.array_equal(weights(), measured[-1])


class Calibrated(MatrixFactorisation):
    """Notes what is there to be calibrated, and on what it was measured."""

    def calibrate(self, measure: Callable[[], float]) -> None:
        self.noted = self.tensors()["items.weight"].copy()
        self.measured = measure()


def test_calibration_sees_the_best_weights() -> None:
    seen: list[np.ndarray] = []
    values = iter([0.2, 0.9, 0.1, 0.7])

    def validate(model: Recommender) -> float:
        seen.append(model.tensors()["items.weight"].copy())
        return next(values)

    model, _ = train(TrainingConfig(epochs=3), model=Calibrated(SMALL), validate=validate)
    assert isinstance(model, Calibrated)
    assert model.measured == 0.7
    assert np.array_equal(model.noted, seen[1])


class TestEta:
    def test_counts_down_to_the_planned_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trainer, "REPORT_EVERY", 0.0)
        _, events = train(TrainingConfig(epochs=4))
        steps = of(Step, events)
        assert all(math.isfinite(step.eta_seconds) and step.eta_seconds >= 0 for step in steps)
        assert steps[-1].eta_seconds == pytest.approx(0, abs=1e-9)
        # As much is left as was done, in the middle.
        middle = steps[len(steps) // 2 - 1]
        begun = next(e.elapsed for e in events if isinstance(e, Started))
        assert middle.eta_seconds == pytest.approx(middle.elapsed - begun, rel=0.35, abs=0.02)

    def test_never_passes_the_time_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trainer, "REPORT_EVERY", 0.0)
        _, events = train(TrainingConfig(epochs=10**6, minutes=0.005))
        assert all(step.eta_seconds <= 0.3 + 1e-6 for step in of(Step, events))


class TestSeed:
    def losses(self, seed: int) -> list[float]:
        with pytest.MonkeyPatch.context() as patch:  # a slow machine must not tell them in parts
            patch.setattr(trainer, "REPORT_EVERY", 600.0)
            return [step.loss for step in of(Step, train(TrainingConfig(epochs=3, seed=seed))[1])]

    def test_fixes_everything(self) -> None:
        torch.manual_seed(99)
        first = self.losses(1)
        torch.manual_seed(7)  # what others did with the shared generator is of no account
        assert self.losses(1) == first
        assert self.losses(2) != first

    @pytest.mark.parametrize("seed", [0, 2**32 - 1])
    def test_goes_to_the_limits(self, seed: int) -> None:
        assert len(self.losses(seed)) == 3


def test_large_catalogues_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    full = TestSeed().losses(0)
    monkeypatch.setattr(objectives, "SAMPLED_KEYS", 8)
    assert TestSeed().losses(0) == full
    monkeypatch.setattr(objectives, "FULL_SOFTMAX_ITEMS", 10)
    sampled = TestSeed().losses(0)
    assert sampled != full
    assert np.isfinite(sampled).all()


def test_only_matrices_decay() -> None:
    model = MatrixFactorisation(SMALL)
    model.prepare(split().train, seed=0)
    groups = optimiser_for(model.network, model.optimisation).param_groups
    assert [group["weight_decay"] for group in groups] == [model.optimisation.weight_decay, 0.0]
    assert [{p.dim() for p in group["params"]} for group in groups] == [{2}, {1}]


def test_vectors_that_stand_for_something_do_not_decay() -> None:
    model = small_model("prompt-fusion")
    assert isinstance(model, GradientRecommender)
    model.prepare(split().train, seed=0)
    decayed, others = optimiser_for(model.network, model.optimisation).param_groups
    assert (decayed["weight_decay"], others["weight_decay"]) == (1.0, 0.0)
    names = {id(p): name for name, p in model.network.named_parameters()}
    kept = {names[id(p)] for p in others["params"]}
    assert kept >= {"values", "bias", "prompt.soft", "prompt.wish", "prompt.kinds"}
    shrunk = {names[id(p)] for p in decayed["params"]}
    assert shrunk >= {"items.weight", "text.weight", "prompt.words.weight"}
    assert len(kept) + len(shrunk) == len(names)


def test_a_plain_plan_is_adam_as_in_its_paper() -> None:
    model = MatrixFactorisation(SMALL)
    model.prepare(split().train, seed=0)
    plan = replace(model.optimisation, plain=True, learning_rate=1e-3)
    optimiser = optimiser_for(model.network, plan)
    assert type(optimiser) is torch.optim.Adam
    assert optimiser.defaults["betas"] == (0.9, 0.999)
    assert {learning_rate(plan, steps, steps / 100) for steps in (0, 10, 100)} == {1e-3}
    risen = replace(plan, plain=False)
    assert learning_rate(risen, 0, 0.0) < learning_rate(risen, 60, 0.1) < 1e-3
