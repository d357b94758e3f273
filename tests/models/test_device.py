"""Every model that is trained by gradient descent can be trained elsewhere than on the CPU."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from recsys.models import MODELS, Queries
from recsys.models.base import GradientRecommender
from recsys.models.tuned import base
from recsys.models.tuned.base import TunedRecommender
from recsys.training import Event, TrainingConfig, fit, objectives, stages, trainer
from tests.models.other_device import DEVICE, Elsewhere, MixedDevicesError, OtherDevice
from tests.models.support import found, small_model, split
from tests.models.tiny import tiny_gpt2

TRAINED = [name for name, kind in MODELS.items() if issubclass(kind, GradientRecommender)]
VARIANTS: dict[str, dict[str, Any]] = {
    "mf": {"objective": "ratings"},
    "ncf": {"objective": "ratings"},
    "soft-prompt": {"language_model": "causal"},
    "prompt-tuned": {"backbone": "sasrec", "backbone_settings": ()},
    "prompt-fusion": {"prompt": ""},
}


def model_of(name: str, variant: bool) -> GradientRecommender:
    model = small_model(name)
    if variant:
        chosen = dict(VARIANTS[name])
        if "language_model" in chosen:
            chosen["language_model"] = str(tiny_gpt2())
        kind: Any = type(model)
        model = kind(replace(model.config, **chosen))
    if isinstance(model, TunedRecommender):  # torch's own dropout draws otherwise on each device
        model = type(model)(replace(model.config, dropout=0.0))
    assert isinstance(model, GradientRecommender)
    return model


def trained(model: GradientRecommender) -> list[dict[str, Any]]:
    """Train it; what was told of losses and measurements."""
    validate = partial(found, holdout=split().validation)
    events: list[Event] = list(fit(model, split(), TrainingConfig(epochs=1), validate=validate))
    measured = ("event", "epoch", "step", "loss", "ndcg", "validation_loss", "test_loss")
    return [{k: v for k, v in event.to_dict().items() if k in measured} for event in events]


@pytest.mark.parametrize(
    ("name", "variant"),
    [*((name, False) for name in TRAINED), *((name, True) for name in VARIANTS)],
)
def test_trains_and_scores_there_as_here(
    name: str, variant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No tensor of one device meets one of the other, and the losses are the same."""
    monkeypatch.setattr(trainer, "REPORT_EVERY", 600.0)
    monkeypatch.setattr(base, "has_quick_bfloat16", lambda kind: False)  # the same numbers in both
    if variant:  # as on a large catalogue
        monkeypatch.setattr(objectives, "FULL_SOFTMAX_ITEMS", 10)
        monkeypatch.setattr(objectives, "SAMPLED_KEYS", 8)
    asked = Queries(split().test.history, np.arange(20), intent="a western")
    here = model_of(name, variant)
    told = trained(here)
    monkeypatch.setattr(stages, "configured_device", lambda name: DEVICE)
    there = model_of(name, variant)
    with OtherDevice():
        found_there = trained(there)
        assert there.device == DEVICE
        scores = there.score(asked)
        tensors = there.tensors()
    assert len(found_there) == len(told)
    for one, other in zip(found_there, told, strict=True):
        assert one.pop("event") == other.pop("event")
        # Attention adds up in another order there, and so lists can differ where items are close.
        assert one == pytest.approx(other, rel=1e-3, abs=0.02)
    assert scores.shape == here.score(asked).shape and np.isfinite(scores).all()
    assert {key: value.shape for key, value in tensors.items()} == {
        key: value.shape for key, value in here.tensors().items()
    }


def test_tensors_of_two_devices_do_not_meet() -> None:
    """The other device tells what would fail on a GPU."""
    with OtherDevice():
        there = torch.ones(2, 3, device=DEVICE)
        assert there.device == DEVICE and isinstance(there + 1, Elsewhere)
        assert not isinstance((there + torch.ones(2, 3).to(DEVICE)).cpu(), Elsewhere)
        for wrong in (lambda: there + torch.ones(3), lambda: there[torch.tensor([0])]):
            with pytest.raises(MixedDevicesError):
                wrong()
        with pytest.raises((RuntimeError, TypeError, NotImplementedError)):
            there.numpy()
