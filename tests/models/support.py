"""Data with a pattern that every model can learn, and models made small enough to do so quickly."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from recsys.dataset import Dataset
from recsys.models import MODELS, Queries, Recommender
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.splitting import Holdout, Split, leave_last_out
from recsys.training import Event, TrainingConfig, fit
from tests.models.tiny import tiny_bert

GROUP = 8  # items a group
USERS = 48
EPOCHS = 40

#: Models that use no events, and so find no pattern in them.
UNTRAINED = {"zero-shot"}

#: Quickly read, for models that read prompts with a language model.
SHORT_PROMPT = '{{ soft(2) }} {{ history|join("; ") }}. {{ intent }}'

#: How far two results may lie apart that are equal but for the order in which float32 numbers are
#: added up: batches of other sizes, and other processors, add up in another order. Never `rtol`
#: alone: a sum near zero has no relative precision.
CLOSE = {"rtol": 1e-4, "atol": 1e-4}

_SMALL = {"dimension": 16, "layers": 1, "heads": 2, "dropout": 0.1, "batch_positions": 32}


def planted(*, extra_events: pd.DataFrame | None = None) -> Dataset:
    """Two kinds of users, each going round the films of their kind in one order.

    Everything is met equally often, so that popularity knows nothing. Two films that nobody met
    stand among the others in the catalogue, whose order is not that of the events.
    """
    rows = [
        (f"u{user}", f"{'cw'[user % 2]}{(user // 2 + step) % GROUP}", float(2 + (user + step) % 4))
        for user in range(USERS)
        for step in range(6)
    ]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "rating"])
    ids = [f"{kind}{number}" for number in range(GROUP) for kind in "wc"]
    ids[5:5] = ["never1", "never2"]
    genre = {"c": ["Comedy", "Short"], "w": ["Western"], "n": ["Drama", "Short"]}
    items = pd.DataFrame(
        {
            "item_id": ids,
            "title": [f"Film <{item}>" for item in ids],
            "genres": [genre[item[0]] for item in ids],
            "year": [1990 + place for place in range(len(ids))],
        }
    )
    users = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in range(USERS)],
            "age": [str(20 + user) if user % 3 else None for user in range(USERS)],
            "job": [["pilot", "cook"][user % 2] for user in range(USERS)],
        }
    )
    if extra_events is not None:
        events = pd.concat([events, extra_events])
    return Dataset.from_frames(events, items, users, name="planted", liked_from=3.0)


@cache
def split() -> Split:
    """The planted data, parted; nobody may change it."""
    return leave_last_out(planted())


def small_model(name: str) -> Recommender:
    """A new model with small settings, as far as it has them."""
    kind: Any = MODELS[name]
    config = kind().config
    known = {field.name for field in fields(config)}
    small: dict[str, Any] = {k: v for k, v in _SMALL.items() if k in known}
    if "backbone_settings" in known:
        small["backbone_settings"] = (("dimension", 16), ("dropout", 0.1), ("batch_positions", 32))
    if "language_model" in known:
        reading = {
            "language_model": str(tiny_bert()),
            "prompt": SHORT_PROMPT,
            "batch_positions": 16,
            "intent_share": 0.0,
        }
        small |= {k: v for k, v in reading.items() if k in known}
    return kind(replace(config, **small))


@cache
def prepared() -> PromptFusionRecommender:
    """A small flagship before its first step."""
    model = small_model("prompt-fusion")
    assert isinstance(model, PromptFusionRecommender)
    model.prepare(split().train, seed=0)
    return model


def fitted(name: str, *, seed: int = 0, epochs: int = EPOCHS) -> tuple[Recommender, list[Event]]:
    """A small model trained on the planted data, and what training told."""
    model = small_model(name)
    config = TrainingConfig(epochs=epochs, seed=seed)
    holdout = split().validation
    return model, list(fit(model, split(), config, validate=lambda m: found(m, holdout)))


@cache
def shared(name: str) -> tuple[Recommender, list[Event]]:
    """The same, trained once for all tests that only look at it."""
    return fitted(name)


def found(model: Recommender, holdout: Holdout) -> float:
    """The mean reciprocal rank of the targets among new items; items with equal scores share."""
    scores = model.score(Queries(holdout.history, holdout.users))
    new = holdout.history.matrix()[holdout.users].toarray() == 0
    target = holdout.targets.toarray().argmax(1)
    own = scores[np.arange(len(target)), target][:, None]
    better = ((scores > own) & new).sum(1)
    equal = ((scores == own) & new).sum(1)
    return float(np.mean(1 / (better + (equal + 1) / 2)))
