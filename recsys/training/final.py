"""Training on all events, as long as a model was trained that was chosen by validation.

What was held out to measure a model on is what happened last, which the model that ships should
know. With nothing left to validate on, the number of epochs is that at which the measured model
was the best (Goodfellow, Bengio & Courville 2016, "Deep Learning", algorithm 7.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.models.base import ClosedFormRecommender, GradientRecommender, Recommender
from recsys.schema import N_, Message, RunError
from recsys.splitting import Holdout, Protocol, Split
from recsys.training.clock import Stopwatch
from recsys.training.config import Stop, TrainingConfig
from recsys.training.control import Control
from recsys.training.devices import configured_device
from recsys.training.events import Event, Finished, Stage, Started
from recsys.training.state import Best
from recsys.training.trainer import DivergedError, Trainer

#: Why such a training ended, see `Finished`.
ALL_EVENTS = "all-events"


def fit_all(
    model: Recommender,
    data: Dataset,
    config: TrainingConfig,
    stops: Sequence[Stop],
    measured: Recommender,
    *,
    control: Callable[[], Control] = lambda: "run",
    progress: Progress | None = None,
) -> Iterator[Event]:
    """Train `model` on all of `data`, yielding events; nothing is measured.

    Args:
        model: as `measured` was before it was trained; it is changed in place.
        config: its `epochs` and `minutes` are not used: the stops say how long it is trained.
        stops: of each stage, that of the backbone first where it is trained, too.
        measured: the model that was validated; what `calibrate` chose for it is taken over.
        control: asked after every step; where it gives "stop", the last event has that reason, and
            the model is no whole one.
        progress: called with (done, total) texts while a language model reads them.

    Raises:
        RunError: if there is no stop for each stage.
        TrainingError: if it diverges.
    """
    if isinstance(model, ClosedFormRecommender):
        yield from _compute(model, data, progress)
        return
    if not isinstance(model, GradientRecommender):
        raise TypeError(f"cannot train {type(model).__name__}")
    clock, device = Stopwatch(), configured_device(config.device)
    stages = [(model, measured)]
    if (backbone := model.pretraining()) is not None:
        assert measured.backbone is not None
        stages.insert(0, (backbone, measured.backbone))
    if len(stops) != len(stages):
        raise RunError(N_("It is not known for how long this model was trained. Train it again."))
    for number, (trained, like) in enumerate(stages):
        if len(stages) > 1:
            yield Stage(clock.seconds(), number + 1, len(stages), trained.name)
        trained.prepare(data, seed=config.seed, device=device, progress=progress)
        trainer = _FinalTrainer(
            trained, data, config, stop=stops[number], like=like, control=control, clock=clock
        )
        for event in trainer.run():
            is_over = isinstance(event, Finished) and event.reason == ALL_EVENTS
            if is_over and trained is not model:
                continue  # more is to come
            yield event
            if isinstance(event, Finished):
                return


class _FinalTrainer(Trainer):
    """Trains so many epochs, and keeps the weights of the end."""

    def __init__(
        self,
        model: GradientRecommender,
        data: Dataset,
        config: TrainingConfig,
        *,
        stop: Stop,
        like: Recommender,
        control: Callable[[], Control],
        clock: Stopwatch,
    ) -> None:
        super().__init__(
            model,
            _undivided(data),
            replace(config, epochs=max(stop.planned, 1)),
            validate=_never,
            control=control,
            clock=clock,
        )
        self._stop, self._like = stop, like
        self._seconds = math.inf  # the stop says how long, so that it repeats on any machine

    def _train(self) -> Generator[Event, None, str]:
        counters, reason = self.state.counters, None
        while counters.epoch < self._stop.epoch and reason is None:
            reason = yield from self._epoch()
        if not self.state.is_finite():
            raise DivergedError
        self.state.best = Best(self.state.show_measured(), epoch=self._stop.epoch)
        return "stopped" if reason == "stopped" else ALL_EVENTS

    def _validated_within(self) -> Iterator[Event]:
        return iter(())

    def _is_enough(self) -> bool:
        if self._stop.epoch.is_integer():
            return False  # at the end of an epoch
        return self.state.counters.positions >= self._stop.epoch * self._per_epoch

    def _calibrate(self) -> float | None:
        assert isinstance(self._like, type(self.model))
        self.model.calibrate_as(self._like)
        return None

    def _finished(self, reason: str) -> Finished:
        return Finished(self._clock.seconds(), reason, self.state.best.epoch, None, self._rate())


def _compute(
    model: ClosedFormRecommender, data: Dataset, progress: Progress | None
) -> Iterator[Event]:
    """Compute a model that is not trained by gradient descent."""
    clock = Stopwatch()
    yield Started(0.0, model.name, data.n_events, 1, 0)
    model.fit(data, progress)
    elapsed = clock.seconds()
    yield Finished(elapsed, "computed", 1, None, data.n_events / max(elapsed, 1e-9))


def _undivided(data: Dataset) -> Split:
    """All events for training, and nobody held out."""
    protocol = Protocol("all events", Message(N_("Models learn from all events.")))
    nobody = np.zeros(0, dtype=np.int64)
    targets = sp.csr_matrix((0, data.n_items), dtype=bool)
    ratings = None if data.rating is None else np.zeros(0)
    holdout = Holdout(data, nobody, targets, protocol, ratings)
    return Split(protocol, data, holdout, holdout)


def _never(model: Recommender) -> float:
    raise AssertionError("nothing is held out that a model could be measured on")
