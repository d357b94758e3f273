"""A whole training: pre-training of the backbone where there is one, then the model itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from recsys.language_models import Progress
from recsys.models.base import ClosedFormRecommender, GradientRecommender, Recommender
from recsys.models.protocols import measured_users
from recsys.splitting import Split
from recsys.training.clock import Stopwatch
from recsys.training.config import TrainingConfig
from recsys.training.control import Control
from recsys.training.devices import configured_device
from recsys.training.events import Event, Finished, Stage, Started, Validated
from recsys.training.state import StateDict, load_weights
from recsys.training.trainer import Trainer
from recsys.training.validation import Validate

#: The share of a time limit that pre-training may take from the model itself.
PRETRAINING_TIME = 0.75


def fit(
    model: Recommender,
    split: Split,
    config: TrainingConfig,
    *,
    validate: Validate,
    control: Callable[[], Control] = lambda: "run",
    progress: Progress | None = None,
) -> Iterator[Event]:
    """Train `model` on `split.train`, yielding events.

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
    """Pre-train the backbone of `model`, if it has one that is not trained yet; then train it."""
    clock, device = Stopwatch(), configured_device(config.device)
    backbone, limit = model.pretraining(), config.minutes
    if backbone is not None:
        yield Stage(0.0, 1, 2, backbone.name)
        pretraining = replace(config, minutes=None if limit is None else limit * PRETRAINING_TIME)
        backbone.prepare(split.train, seed=config.seed, device=device, progress=progress)
        first = Trainer(
            backbone, split, pretraining, validate=validate, control=control, clock=clock
        )
        for event in first.run():
            if not isinstance(event, Finished):  # more is to come
                yield event
        if limit is not None:
            left = limit - clock.seconds() / 60
            config = replace(config, minutes=max(left, limit * (1 - PRETRAINING_TIME)))
    if model.backbone is not None:
        yield Stage(clock.seconds(), 2, 2, model.name)
    model.prepare(split.train, seed=config.seed, device=device, progress=progress)
    trainer = Trainer(model, split, config, validate=validate, control=control, clock=clock)
    yield from trainer.run()


def going_on(
    model: GradientRecommender,
    split: Split,
    config: TrainingConfig,
    state: StateDict,
    *,
    validate: Validate,
    control: Callable[[], Control] = lambda: "run",
    progress: Progress | None = None,
) -> Trainer:
    """A trainer that goes on, with a new model, from the state that another was in.

    Args:
        model: with the settings that the other had; its backbone takes the weights kept.

    Raises:
        RunError: if the state is of another model.
    """
    device = configured_device(config.device)
    backbone = model.pretraining()
    if backbone is not None:
        backbone.prepare(split.train, seed=config.seed, device=device)
        load_weights(backbone.network, state["backbone"])
        backbone.network.eval()
    model.prepare(split.train, seed=config.seed, device=device, progress=progress)
    trainer = Trainer(model, split, config, validate=validate, control=control)
    trainer.load_state_dict(state)
    return trainer


def _compute(
    model: ClosedFormRecommender, split: Split, validate: Validate, progress: Progress | None
) -> Iterator[Event]:
    """Compute a model that is not trained by gradient descent, and measure it."""
    clock = Stopwatch()
    yield Started(0.0, model.name, split.train.n_events, 1, 0)
    model.fit(split.train, progress)
    elapsed = clock.seconds()
    rate = split.train.n_events / max(elapsed, 1e-9)
    if measured_users(model) is not None:  # as long as the test, and nothing is chosen by it
        yield Finished(elapsed, "computed", 0, None, rate)
        return
    ndcg = validate(model)
    yield Validated(clock.seconds(), 1, ndcg, best=True)
    yield Finished(elapsed, "computed", 1, ndcg, rate)
