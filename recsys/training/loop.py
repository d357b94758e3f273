"""The training loop: a generator of events that leaves the model holding its best weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from recsys.language_models import Progress
from recsys.models.base import (
    ClosedFormRecommender,
    GradientRecommender,
    Recommender,
)
from recsys.splitting import Holdout, Split
from recsys.training.averaging import AveragedWeights
from recsys.training.clock import Stopwatch
from recsys.training.config import TrainingConfig
from recsys.training.control import Control
from recsys.training.events import (
    Event,
    Finished,
    Paused,
    RatingsTested,
    Resumed,
    SoftPromptRead,
    Stage,
    Started,
    Step,
    Validated,
)
from recsys.training.objectives import OBJECTIVES
from recsys.training.optimisers import learning_rate, optimiser_for

#: The share of the time limit after which the pace is known.
WARM_UP_TIME = 0.1
#: Above this catalogue size a full softmax costs more than it teaches.
FULL_SOFTMAX_ITEMS = 20_000
#: Training positions after which the model is validated within an epoch of large data; or more,
#: where many users have to be ranked for it: so many positions for each of them.
VALIDATE_POSITIONS = 250_000
POSITIONS_PER_USER = 200
#: The share of a time limit that pre-training may take from the model itself.
PRETRAINING_TIME = 0.75
#: Seconds between two `Step` events.
REPORT_EVERY = 0.5
#: Seconds between two looks at what is asked of a training that waits.
PAUSE_EVERY = 0.1

#: Measures the model on held-out users; higher is better (NDCG@10).
Validate = Callable[[Recommender], float]


def fit(
    model: Recommender,
    split: Split,
    config: TrainingConfig,
    *,
    validate: Validate,
    control: Callable[[], Control] = lambda: "run",
    progress: Progress | None = None,
) -> Iterator[Event]:
    """Train `model` on `split.train`, telling what happens.

    The generator ends with `Finished`, the model then holding the weights of its best epoch. At
    `Validated` and `RatingsTested` it holds what was measured, the mean of the weights where it
    has one. Closing the generator early leaves the model with the weights of that moment.

    Args:
        model: any entry of `MODELS`; it is changed in place.
        validate: called with the model after every epoch; a model of ratings is validated by its
            loss on the held-out ratings instead.
        control: asked after every step; see `Control`.
        progress: called with (done, total) texts while a language model reads them.
    """
    if isinstance(model, ClosedFormRecommender):
        yield from _compute(model, split, validate, progress)
    elif isinstance(model, GradientRecommender):
        yield from _fit_stages(model, split, config, validate, control, progress)
    else:
        raise TypeError(f"cannot train {type(model).__name__}")


def _fit_stages(
    model: GradientRecommender,
    split: Split,
    config: TrainingConfig,
    validate: Validate,
    control: Callable[[], Control],
    progress: Progress | None,
) -> Iterator[Event]:
    """Train what `model` builds on, if that is to be trained, then itself."""
    clock = Stopwatch()
    first, limit = model.pretraining(), config.minutes
    if first is not None:
        yield Stage(0.0, 1, 2, first.name)
        of_first = replace(config, minutes=None if limit is None else limit * PRETRAINING_TIME)
        for event in _Training(first, split, of_first, validate, control, progress, clock).run():
            if not isinstance(event, Finished):  # more is to come
                yield event
        if limit is not None:
            left = limit - clock.seconds() / 60
            config = replace(config, minutes=max(left, limit * (1 - PRETRAINING_TIME)))
    if model.backbone is not None:
        yield Stage(clock.seconds(), 2, 2, model.name)
    yield from _Training(model, split, config, validate, control, progress, clock).run()


def _compute(
    model: ClosedFormRecommender, split: Split, validate: Validate, progress: Progress | None
) -> Iterator[Event]:
    start = time.monotonic()
    yield Started(0.0, model.name, split.train.n_events, 1, 0)
    model.fit(split.train, progress)
    elapsed = time.monotonic() - start
    if model.measured_users() is not None:  # as long as the test, and nothing is chosen by it
        yield Finished(elapsed, "computed", 0, None, split.train.n_events / max(elapsed, 1e-9))
        return
    ndcg = validate(model)
    yield Validated(time.monotonic() - start, 1, ndcg, best=True)
    rate = split.train.n_events / max(elapsed, 1e-9)
    yield Finished(elapsed, "computed", 1, ndcg, rate)


@dataclass
class _Training:
    """The state of one training by gradient descent."""

    model: GradientRecommender
    split: Split
    config: TrainingConfig
    validate: Validate
    control: Callable[[], Control]
    progress: Progress | None
    clock: Stopwatch
    best: dict[str, torch.Tensor] = field(default_factory=dict)
    best_value: float = -np.inf
    best_epoch: float = 0.0
    positions: int = 0
    stepping_seconds: float = 0.0
    steps: int = 0
    measured: int = 0  # positions at the last validation

    def run(self) -> Iterator[Event]:
        self.model.prepare(self.split.train, seed=self.config.seed, progress=self.progress)
        network = self.model.network
        self.optimisation = self.model.plan()
        self.epochs = self.config.epochs or self.optimisation.epochs
        self.seconds = 60 * (self.config.minutes or self.optimisation.minutes)
        self.generator = torch.Generator().manual_seed(self.config.seed)
        self.optimiser = optimiser_for(network, self.optimisation)
        keep_mean = self.optimisation.averaged and not self.optimisation.plain
        self.averaged = AveragedWeights(network) if keep_mean else None
        trainable = sum(p.numel() for p in network.parameters() if p.requires_grad)
        self.per_epoch = self.model.positions_per_epoch
        users = len(self.split.validation.users)
        self.validate_every = max(VALIDATE_POSITIONS, POSITIONS_PER_USER * users)
        self.begin = self.clock.seconds()  # preparing is over: the time limit counts from here
        yield Started(self._elapsed(), self.model.name, self.per_epoch, self.epochs, trainable)
        reason = yield from self._epochs()
        network.load_state_dict(self.best)
        network.eval()
        calibrated = self.model.calibrate(lambda: self.validate(self.model))
        if calibrated is not None:
            self.best_value = calibrated
        yield self._finished(reason)

    def _finished(self, reason: str) -> Finished:
        told = self._elapsed(), reason, self.best_epoch
        if self.model.predicts_ratings:
            return Finished(*told, None, self._rate(), best_loss=-self.best_value)
        return Finished(*told, self.best_value, self._rate())

    def _epochs(self) -> Generator[Event, None, str]:
        rng = np.random.default_rng(self.config.seed)
        if self.model.backbone is not None:  # training has to be better than leaving it as it is
            yield from self._validated(0)
        elif words := self.model.soft_words():
            yield SoftPromptRead(self._elapsed(), 0, words)
        for epoch in range(1, self.epochs + 1):
            reason = yield from self._epoch(epoch, rng)
            yield from self._validated(epoch)
            if reason:
                return reason
            if epoch - self.best_epoch >= self.optimisation.patience:
                return "patience"
        return "epochs"

    def _validated(self, epoch: float) -> Iterator[Event]:
        """Measure the model, with averaged weights if it has them; keep them if they are best.

        While it is told of, the model holds what was measured, so that this can be saved.
        """
        network = self.model.network
        now = {name: value.detach().clone() for name, value in network.state_dict().items()}
        kept = now if self.averaged is None else self.averaged.state()
        network.load_state_dict(kept)
        if self.model.predicts_ratings:
            loss = _rating_loss(self.model, self.split.validation)
            test_loss = _rating_loss(self.model, self.split.test)
            value = -loss
        else:
            value = self.validate(self.model)
        words = self.model.soft_words()
        better = value > self.best_value
        if better:
            self.best_value, self.best_epoch, self.best = value, epoch, kept
        self.measured = self.positions
        if self.model.predicts_ratings:
            yield RatingsTested(self._elapsed(), epoch, self.steps, loss, test_loss, better)
        else:
            yield Validated(self._elapsed(), epoch, value, better)
        if words:
            yield SoftPromptRead(self._elapsed(), epoch, words)
        network.load_state_dict(now)

    def _epoch(self, epoch: int, rng: np.random.Generator) -> Generator[Event, None, str | None]:
        """One pass; returns why training has to end within it, or None."""
        name = self.optimisation.objective
        if name == "full-softmax" and self.split.train.n_items > FULL_SOFTMAX_ITEMS:
            name = "sampled-softmax"
        objective = OBJECTIVES[name]
        parameters = [p for p in self.model.network.parameters() if p.requires_grad]
        self.model.network.train()
        reported, loss_sum, loss_positions = time.monotonic(), 0.0, 0
        for batch in self.model.batches(rng):
            tick = time.monotonic()
            rate = learning_rate(self.optimisation, self.steps, self._progress())
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            compared = self.model.forward(batch)
            n = len(compared.targets)
            if n == 0:
                continue
            loss = objective(compared, self.generator)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            if not self.optimisation.plain:
                torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            self.optimiser.step()
            if self.averaged is not None:
                self.averaged.update()
            self.steps += 1
            self.positions += n
            loss_sum, loss_positions = loss_sum + loss.item() * n, loss_positions + n
            now = time.monotonic()
            self.stepping_seconds += now - tick
            if now - reported >= REPORT_EVERY:
                yield self._step(epoch, loss_sum / loss_positions)
                reported, loss_sum, loss_positions = now, 0.0, 0
            if self.positions - self.measured >= self.validate_every:
                yield from self._validated(round(self.positions / self.per_epoch, 2))
                self.model.network.train()
            if (yield from self._stopped()):
                return "stopped"
            if self.clock.seconds() - self.begin >= self.seconds:
                return "minutes"
        if loss_positions:
            yield self._step(epoch, loss_sum / loss_positions)
        return None

    def _stopped(self) -> Generator[Event, None, bool]:
        """Wait as long as that is asked for; returns whether training has to end."""
        asked = self.control()
        if asked == "pause":
            self.clock.stop()
            yield Paused(self._elapsed())
            while (asked := self.control()) == "pause":
                time.sleep(PAUSE_EVERY)
            self.clock.go_on()
            yield Resumed(self._elapsed())
        return asked == "stop"

    def _step(self, epoch: int, loss: float) -> Step:
        progress = max(self._progress(), 1e-6)
        spent = self.clock.seconds() - self.begin
        eta = min(spent * (1 - progress) / progress, self.seconds - spent)
        return Step(self._elapsed(), epoch, self.steps, loss, self._rate(), max(eta, 0.0))

    def _progress(self) -> float:
        """The share of the training that is over, by positions or by time."""
        by_positions = self.positions / max(self.per_epoch * self.epochs, 1)
        by_time = (self.clock.seconds() - self.begin) / self.seconds
        # The first steps are slow anywhere; taking them for the pace would let the clock change
        # the learning rate of a run that ends in time, and so its result.
        return min(by_positions if by_time < WARM_UP_TIME else max(by_positions, by_time), 1.0)

    def _elapsed(self) -> float:
        return self.clock.seconds()

    def _rate(self) -> float:
        return self.positions / max(self.stepping_seconds, 1e-9)


def _rating_loss(model: Recommender, holdout: Holdout) -> float:
    """The mean squared error on held-out ratings."""
    users, items, ratings = holdout.rated()
    return float(np.mean(np.square(model.predict(users, items) - ratings)))
