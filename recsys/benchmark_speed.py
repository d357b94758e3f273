"""How many positions a second are trained: our models against what a textbook would write.

The baseline is peft's prompt tuning in a plain `transformers.Trainer`: the same language model,
head, prompts, learning rate and batch size as our `soft-prompt`, every prompt padded to the same
length, as `padding="max_length"` does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from recsys.benchmark import peak_mb, reset_peak
from recsys.benchmark_peft import PlainSoftPrompt, plain_losses, train_plain
from recsys.evaluation import paired_bootstrap
from recsys.models import MODELS, Queries
from recsys.models.base import GradientRecommender
from recsys.models.tuned import SoftPrompt, TuningConfig
from recsys.splitting import Split
from recsys.training.objectives import OBJECTIVES

BASELINE = "peft-trainer"
#: What is compared where nobody says otherwise.
ROWS = (BASELINE, "soft-prompt", "prompt-fusion")
#: Models that read a prompt for every position; the others read none while they train.
TUNED = ("soft-prompt", "lora", "full")


def trainable() -> list[str]:
    """The models that take gradient steps, and so can be timed."""
    return [name for name, kind in MODELS.items() if issubclass(kind, GradientRecommender)]


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


def run_speed(
    split: Split,
    models: Sequence[str] | None,
    seeds: int,
    observe: Callable[[dict[str, Any]], None] = lambda event: None,
    *,
    size: Size | None = None,
    config: TuningConfig | None = None,
) -> Iterator[dict[str, Any]]:
    """Time the models one after the other; records are those of `recsys.benchmark.run_suite`.

    `metrics` holds the cross-entropy over the whole catalogue on the users' validation items
    after the timed positions. The comparison of `soft-prompt` with the baseline tells by how
    much those losses differ, over users.
    """
    size, config = size or Size(), config or TuningConfig()
    timed: dict[str, list[Timed]] = {}
    for name in models or ROWS:
        for seed in range(seeds):
            observe({"event": "reading", "done": 0, "total": 1})
            reset_peak()
            if name == BASELINE:
                one = _baseline(split, seed, size, config)
            else:
                one = _ours(name, split, seed, size, config)
            timed.setdefault(name, []).append(one)
            mean, spread = one.losses.mean(), 1.96 * one.losses.std() / np.sqrt(len(one.losses))
            loss = {"value": mean, "low": mean - spread, "high": mean + spread}
            yield {
                "model": name,
                "seed": seed,
                "metrics": {"loss": {key: float(value) for key, value in loss.items()}},
                "train_seconds": one.seconds,
                "positions_per_second": one.positions / one.seconds,
                "peak_mb": peak_mb(),
                "trainable_parameters": one.trainable_parameters,
            }
    if BASELINE in timed:
        b = np.mean([one.losses for one in timed[BASELINE]], axis=0)
        for name in timed:
            if name != BASELINE:
                a = np.mean([one.losses for one in timed[name]], axis=0)
                told = paired_bootstrap(a, b).to_dict()
                yield {"a": name, "b": BASELINE, "metric": "loss", **told}


def _ours(name: str, split: Split, seed: int, size: Size, config: TuningConfig) -> Timed:
    """Train one of `MODELS`; the clock runs while prompts are rendered, too."""
    kind: Any = MODELS[name]
    drawn = size.warm_up + size.positions if name in TUNED else size.cheap_positions
    if name in TUNED:
        told = {**vars(config), "epoch_positions": drawn}
        model: GradientRecommender = kind(replace(kind.default_config(), **told))
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


def _held_out(split: Split, size: Size) -> tuple[np.ndarray, torch.Tensor]:
    """Some validation users (n,) and the items they met next (n,)."""
    users = split.validation.users[: size.users]
    targets = split.validation.targets[: size.users].toarray().argmax(1)
    return users, torch.from_numpy(targets)


def _baseline(split: Split, seed: int, size: Size, config: TuningConfig) -> Timed:
    """peft in a plain `Trainer`, on the positions that our own soft prompt draws."""
    ours = SoftPrompt(replace(config, epoch_positions=size.warm_up + size.positions))
    ours.prepare(split.train, seed=seed)
    plain = PlainSoftPrompt(ours)
    trainable = sum(p.numel() for p in plain.parameters() if p.requires_grad)
    warm_up_steps = size.warm_up // config.batch_positions
    seconds = train_plain(plain, ours, seed=seed, warm_up_steps=warm_up_steps)
    positions = ours.positions_per_epoch - warm_up_steps * config.batch_positions
    users, targets = _held_out(split, size)
    prompts = ours.prompts(Queries(split.validation.history, users))
    return Timed(seconds, positions, plain_losses(plain, prompts, targets), trainable)
