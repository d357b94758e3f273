"""Gradient descent: a generator of events that leaves the model holding its best weights."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from itertools import islice
from typing import Any

import torch

from recsys.models.base import GradientRecommender
from recsys.models.protocols import soft_words
from recsys.schema import N_, TrainingError
from recsys.splitting import Split
from recsys.training.clock import Stopwatch
from recsys.training.config import TrainingConfig
from recsys.training.control import Control
from recsys.training.events import (
    Event,
    Finished,
    Paused,
    Resumed,
    SoftPromptRead,
    Started,
    Step,
)
from recsys.training.objectives import objective_for
from recsys.training.optimisers import learning_rate
from recsys.training.state import Best, StateDict, TrainerState, unreadable
from recsys.training.validation import Measurement, Validate, validation_positions

#: The share of the time limit after which positions per second are taken as known.
WARM_UP_TIME = 0.1
#: Seconds between two `Step` events.
REPORT_EVERY = 0.5
#: Seconds between two calls of `control` while a training is paused.
PAUSE_EVERY = 0.1

_DIVERGED = N_(
    "The training of {model} diverged in epoch {epoch}, before there was a model to keep: its "
    "loss, a weight or a score is not finite any more. Look for extreme values in the ratings, or "
    "train again with other settings or another seed; in Python, lower the learning rate, which "
    "was {rate}."
)


class DivergedError(Exception):
    """A loss, a weight or a score is not finite any more; nothing can be learned from then on."""


class Trainer:
    """Trains one model, from its first step or from where a saved state was.

    Whenever an event is yielded, and whenever `control` is called, `state_dict` holds everything:
    a training that is broken off there goes on from it as if nothing had happened. A training
    that is asked to stop measures the epoch that it is in, which one that runs through does not:
    to go on from there, take the state when `control` is called, before it gives "stop".

    Args:
        model: prepared for `split.train`; it is changed in place.
        validate, control: as in `fit`.
        clock: runs since the whole training began; None for a training that begins here.
    """

    def __init__(
        self,
        model: GradientRecommender,
        split: Split,
        config: TrainingConfig,
        *,
        validate: Validate,
        control: Callable[[], Control] = lambda: "run",
        clock: Stopwatch | None = None,
    ) -> None:
        self.model = model
        self._split, self._validate, self._control = split, validate, control
        self._plan = model.plan()
        self.state = TrainerState(model.network, self._plan, config.seed)
        self._parameters = [p for p in model.network.parameters() if p.requires_grad]
        self._objective = objective_for(self._plan.objective, split.train.n_items)
        self._epochs = config.epochs or self._plan.epochs
        self._seconds = 60 * (config.minutes or self._plan.minutes)
        self._per_epoch = model.positions_per_epoch
        self._validate_every = validation_positions(split)
        self._clock = clock or Stopwatch()
        self._begin = self._clock.seconds()  # preparing is over: the time limit counts from here

    def state_dict(self) -> StateDict:
        """A copy of all that is needed to go on; see `TrainerState`."""
        self.state.counters.seconds = self._spent()
        state = self.state.state_dict()
        state["values"]["model"] = self.model.name
        backbone = self.model.backbone
        if isinstance(backbone, GradientRecommender):
            weights = backbone.network.state_dict()
            state["backbone"] = {name: value.clone() for name, value in weights.items()}
        return state

    def load_state_dict(self, state: StateDict) -> None:
        """Go on from what `state_dict` gave, with the same data and settings.

        Raises:
            RunError: if it is of another model.
        """
        if state["values"].get("model") != self.model.name:
            raise unreadable()
        self.state.load_state_dict(state)
        self._begin = self._clock.seconds() - self.state.counters.seconds

    def run(self) -> Iterator[Event]:
        """Train to the end.

        Raises:
            TrainingError: if it diverges before there is a model to keep.
        """
        trainable = sum(p.numel() for p in self._parameters)
        sizes = self._per_epoch, self._epochs, trainable
        yield Started(self._clock.seconds(), self.model.name, *sizes)
        try:
            reason = yield from self._train()
        except DivergedError:
            if not self.state.best.weights:
                raise self._diverged() from None
            reason = "diverged"
        self.model.network.load_state_dict(self.state.best.weights)
        self.model.network.eval()
        calibrated = self._calibrate()
        if calibrated is not None:
            self.state.best.value = calibrated
        yield self._finished(reason)

    def _calibrate(self) -> float | None:
        """Choose what gradients do not reach; the quality after that, None where it stays."""
        return self.model.calibrate(lambda: self._validate(self.model))

    def _is_enough(self) -> bool:
        """Whether training ends within an epoch: never, where validation says when it does."""
        return False

    def _diverged(self) -> TrainingError:
        epoch, rate = self.state.counters.epoch + 1, f"{self._plan.learning_rate:g}"
        return TrainingError(_DIVERGED, model=self.model.name, epoch=epoch, rate=rate)

    def _finished(self, reason: str) -> Finished:
        best = self.state.best
        measured = self._clock.seconds(), reason, best.epoch
        if self.model.predicts_ratings:
            return Finished(*measured, None, self._rate(), best_loss=-best.value)
        return Finished(*measured, best.value, self._rate())

    def _train(self) -> Generator[Event, None, str]:
        """Make the epochs that are left; returns why training ended."""
        counters = self.state.counters
        if not counters.steps:
            yield from self._before_the_first_step()
        while True:
            if counters.epoch - self.state.best.epoch >= self._plan.patience:
                return "patience"
            if counters.epoch >= self._epochs:
                return "epochs"
            reason = yield from self._epoch()
            yield from self._validated(counters.epoch + 1 if reason else counters.epoch)
            if reason:
                return reason

    def _before_the_first_step(self) -> Iterator[Event]:
        if self.model.backbone is not None:  # training has to be better than leaving it as it is
            yield from self._validated(0)
        elif words := soft_words(self.model):
            yield SoftPromptRead(self._clock.seconds(), 0, words)

    def _validated(self, epoch: float) -> Iterator[Event]:
        """Measure the model, with averaged weights if it has them; keep them if they are best.

        While its event is handled, the model holds what was measured, so that this can be saved.
        """
        state = self.state
        if not state.is_finite():
            raise DivergedError
        shown = state.show_measured()
        measured = Measurement.of(self.model, self._split, self._validate)
        if not math.isfinite(measured.value):
            state.show_trained()
            raise DivergedError
        words = soft_words(self.model)
        better = measured.value > state.best.value
        if better:
            state.best = Best(shown, measured.value, epoch)
        state.counters.validated = state.counters.positions
        elapsed, steps = self._clock.seconds(), state.counters.steps
        yield measured.event(elapsed, epoch, steps, best=better)
        if words:
            yield SoftPromptRead(self._clock.seconds(), epoch, words)
        state.show_trained()

    def _epoch(self) -> Generator[Event, None, str | None]:
        """Make what is left of an epoch; returns why training has to end within it, or None."""
        counters = self.state.counters
        yield from self._validated_within()  # a state may have been kept just before
        self.model.network.train()
        reported = time.monotonic()
        for batch in self._batches_left():
            learned = self._learn(batch)
            counters.batches += 1
            if not learned:
                continue
            if time.monotonic() - reported >= REPORT_EVERY:
                yield self._step()
                reported = time.monotonic()
            yield from self._validated_within()
            if (yield from self._stopped()):
                return "stopped"
            if self._is_enough():
                return "epochs"
            if self._spent() >= self._seconds:
                return "minutes"
        if counters.loss_positions:
            yield self._step()
        counters.epoch, counters.batches = counters.epoch + 1, 0
        return None

    def _batches_left(self) -> Iterator[Any]:
        """The batches of this epoch; those done before are drawn again and passed over."""
        state = self.state
        done, now = state.counters.batches, dict(state.order.bit_generator.state)
        if not done:
            state.epoch_order = now
        state.order.bit_generator.state = state.epoch_order
        batches = self.model.batches(state.order)
        for _ in islice(batches, done):
            pass
        if done:
            state.order.bit_generator.state = now  # a model may have drawn more for its batches
        yield from batches

    def _learn(self, batch: Any) -> int:
        """Make one step; returns from how many positions, 0 where the batch has no target."""
        tick = time.monotonic()
        state, counters = self.state, self.state.counters
        rate = learning_rate(self._plan, counters.steps, self._progress())
        for group in state.optimiser.param_groups:
            group["lr"] = rate
        compared = self.model.forward(batch)
        n = len(compared.targets)
        if not n:
            return 0
        loss = self._objective(compared, state.drawn)
        value = loss.item()
        if not math.isfinite(value):
            raise DivergedError
        state.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if not self._plan.plain:
            torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        state.optimiser.step()
        if state.averaged is not None:
            state.averaged.update()
        counters.steps += 1
        counters.positions += n
        counters.loss_sum += value * n
        counters.loss_positions += n
        counters.stepping_seconds += time.monotonic() - tick
        return n

    def _validated_within(self) -> Iterator[Event]:
        """Measure the model amid an epoch, where the last time was many positions ago."""
        counters = self.state.counters
        if counters.positions - counters.validated >= self._validate_every:
            yield from self._validated(round(counters.positions / self._per_epoch, 2))
            self.model.network.train()

    def _stopped(self) -> Generator[Event, None, bool]:
        """Wait as long as that is asked for; returns whether training has to end."""
        asked = self._control()
        if asked == "pause":
            self._clock.stop()
            yield Paused(self._clock.seconds())
            while (asked := self._control()) == "pause":
                time.sleep(PAUSE_EVERY)
            self._clock.go_on()
            yield Resumed(self._clock.seconds())
        return asked == "stop"

    def _step(self) -> Step:
        """The mean loss since the last such event, which begins anew."""
        counters = self.state.counters
        loss = counters.loss_sum / counters.loss_positions
        counters.loss_sum, counters.loss_positions = 0.0, 0
        progress = max(self._progress(), 1e-6)
        spent = self._spent()
        eta = max(min(spent * (1 - progress) / progress, self._seconds - spent), 0.0)
        elapsed, epoch = self._clock.seconds(), counters.epoch + 1
        return Step(elapsed, epoch, counters.steps, loss, self._rate(), eta)

    def _progress(self) -> float:
        """The share of the training that is over, by positions or by time."""
        by_positions = self.state.counters.positions / max(self._per_epoch * self._epochs, 1)
        by_time = self._spent() / self._seconds
        # The first steps are slow anywhere; taking them for the pace would let the clock change
        # the learning rate of a run that ends in time, and so its result.
        return min(by_positions if by_time < WARM_UP_TIME else max(by_positions, by_time), 1.0)

    def _spent(self) -> float:
        """Seconds since the first step was to be made, pauses left out."""
        return self._clock.seconds() - self._begin

    def _rate(self) -> float:
        """Training positions a second."""
        counters = self.state.counters
        return counters.positions / max(counters.stepping_seconds, 1e-9)
