"""How many positions a second are trained: our models against what a textbook would write.

The baseline is peft's prompt tuning in a plain `transformers.Trainer`: the same language model,
head, prompts, learning rate and batch size as our `soft-prompt`, every prompt padded to the same
length, as `padding="max_length"` does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F

from recsys.benchmark.measuring import compared
from recsys.benchmark.memory import peak_mb, reset_peak
from recsys.benchmark.plain_peft import PlainSoftPrompt, plain_losses, train_plain
from recsys.benchmark.quality import CLEANING
from recsys.benchmark.suites import Record, SuiteRequest, check_name
from recsys.cleaning import prepare
from recsys.evaluation import bootstrap_interval
from recsys.models import MODELS, Queries
from recsys.models.base import GradientRecommender
from recsys.models.tuned import SoftPrompt, TunedRecommender, TuningConfig
from recsys.splitting import Split, leave_last_out
from recsys.training.objectives import OBJECTIVES

BASELINE = "peft-trainer"
_Tuned = TypeVar("_Tuned", bound=TunedRecommender)


@dataclass(frozen=True)
class Size:
    """How much is trained and measured.

    Attributes:
        positions: of models that read a prompt for every position, after the warm-up.
        cheap_positions: of other models.
        warm_up: positions of the baseline before its clock starts; ours starts at once.
        users: on whose next item the loss is measured afterwards.
    """

    positions: int = 512
    cheap_positions: int = 60_000
    warm_up: int = 32
    users: int = 256


@dataclass(frozen=True)
class Timed:
    """One training: seconds on the clock, positions trained meanwhile, losses of users (n,)."""

    seconds: float
    positions: int
    losses: np.ndarray
    trainable_parameters: int

    @property
    def rate(self) -> float:
        """Positions a second."""
        return self.positions / self.seconds


def run(asked: SuiteRequest) -> Iterator[Record]:
    """Time the models on the data of `movielens-small`."""
    trainable = [name for name, kind in MODELS.items() if issubclass(kind, GradientRecommender)]
    for name in asked.models:
        check_name(name, [BASELINE, *trainable])
    dataset, _ = prepare("movielens", cleaning=CLEANING)
    split = leave_last_out(dataset)
    asked.report_data(dataset.name, dataset.n_users, dataset.n_items, str(split.protocol))
    yield from timed_records(asked, split)


def timed_records(
    asked: SuiteRequest,
    split: Split,
    *,
    size: Size | None = None,
    config: TuningConfig | None = None,
) -> Iterator[Record]:
    """Time the models one after the other, each trained alone.

    `metrics` holds the cross-entropy over the whole catalogue on the users' validation items
    after the timed positions. A comparison with the baseline shows by how much those losses
    differ, over users, and as "speedup" how many times as many positions a second were trained.
    """
    size, config = size or Size(), config or TuningConfig()
    timed: dict[str, list[Timed]] = {name: [] for name in asked.models}
    for name, of_model in timed.items():
        for seed in range(asked.seeds):
            asked.observe({"event": "reading", "done": 0, "total": 1})
            reset_peak()
            if name == BASELINE:
                one = _baseline(split, seed, size, config)
            else:
                one = _ours(name, split, seed, size, config)
            of_model.append(one)
            yield {
                "suite": asked.suite,
                "model": name,
                "seed": seed,
                "metrics": {"loss": bootstrap_interval(one.losses).to_dict()},
                "train_seconds": one.seconds,
                "positions_per_second": one.rate,
                "peak_mb": peak_mb(),
                "trainable_parameters": one.trainable_parameters,
            }
    if BASELINE not in timed:
        return
    slow = timed.pop(BASELINE)
    for name, fast in timed.items():
        losses = [one.losses for one in fast], [one.losses for one in slow]
        record = compared(asked.suite, (name, BASELINE), "loss", losses)
        ratio = np.mean([one.rate for one in fast]) / np.mean([one.rate for one in slow])
        yield {**record, "speedup": float(ratio)}


def _ours(name: str, split: Split, seed: int, size: Size, config: TuningConfig) -> Timed:
    """Train one of `MODELS`; the clock runs while prompts are rendered, too."""
    kind: Any = MODELS[name]
    # These read a prompt for every position; the others read none while they train.
    is_slow = issubclass(kind, TunedRecommender)
    drawn = size.warm_up + size.positions if is_slow else size.cheap_positions
    if is_slow:
        model: GradientRecommender = _tuned(kind, config, drawn)
    else:
        model = kind()
    model.prepare(split.train, seed=seed)
    parameters = [p for p in model.network.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, model.optimisation.learning_rate, weight_decay=0.0)
    objective = OBJECTIVES[model.optimisation.objective]
    generator = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng(seed)
    model.network.train()
    done, begin = 0, time.perf_counter()
    batches = model.batches(rng)
    while done < drawn:
        batch = next(batches, None)
        if batch is None:  # another epoch
            batches = model.batches(rng)
            continue
        compared = model.forward(batch)
        optimiser.zero_grad(set_to_none=True)
        objective(compared, generator).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        done += len(compared.targets)
    seconds = time.perf_counter() - begin
    users, targets = _held_out(split, size)
    scores = model.score(Queries(split.validation.history, users))
    losses = F.cross_entropy(torch.from_numpy(scores), targets, reduction="none").numpy()
    return Timed(seconds, done, losses, sum(p.numel() for p in parameters))


def _tuned(kind: type[_Tuned], config: TuningConfig, positions: int) -> _Tuned:
    """A model with the settings that all tuned ones have, and an epoch of so many positions."""
    settings = {**vars(config), "epoch_positions": positions}
    return kind(replace(kind.default_config(), **settings))


def _held_out(split: Split, size: Size) -> tuple[np.ndarray, torch.Tensor]:
    """Some validation users (n,) and the items they met next (n,)."""
    users = split.validation.users[: size.users]
    targets = split.validation.targets[: size.users].toarray().argmax(1)
    return users, torch.from_numpy(targets)


def _baseline(split: Split, seed: int, size: Size, config: TuningConfig) -> Timed:
    """peft in a plain `Trainer`, on the positions that our own soft prompt draws."""
    ours = _tuned(SoftPrompt, config, size.warm_up + size.positions)
    ours.prepare(split.train, seed=seed)
    plain = PlainSoftPrompt(ours)
    trainable = sum(p.numel() for p in plain.parameters() if p.requires_grad)
    warm_up_steps = size.warm_up // config.batch_positions
    seconds = train_plain(plain, ours, seed=seed, warm_up_steps=warm_up_steps)
    positions = ours.positions_per_epoch - warm_up_steps * config.batch_positions
    users, targets = _held_out(split, size)
    prompts = ours.prompts(Queries(split.validation.history, users))
    return Timed(seconds, positions, plain_losses(plain, prompts, targets), trainable)
