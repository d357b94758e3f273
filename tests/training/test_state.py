"""A training that was broken off goes on as if nothing had happened, to the last bit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from recsys.models import MODELS
from recsys.models.base import GradientRecommender
from recsys.runs.measure import validation_ndcg
from recsys.schema import RunError
from recsys.training import (
    Control,
    Event,
    RatingsTested,
    Step,
    TrainingConfig,
    Validated,
    objectives,
    validation,
)
from recsys.training import trainer as training
from recsys.training.stages import going_on
from recsys.training.state import StateDict, read_state, save_state
from recsys.training.trainer import Trainer
from tests.models.support import planted, small_model, split
from tests.models.tiny import tiny_gpt2

CONFIG = TrainingConfig(epochs=3, seed=5)
TRAINED = [name for name, kind in MODELS.items() if issubclass(kind, GradientRecommender)]
#: Ratings, and causal language models, have batches of their own.
VARIANTS = {
    "ratings": {"objective": "ratings"},
    "causal": {"language_model": None, "intent_share": 0.25},
}
OF_VARIANTS = [("mf", "ratings"), ("ncf", "ratings"), ("soft-prompt", "causal")]

every_model = pytest.mark.parametrize(
    ("name", "variant"), [*((name, "") for name in TRAINED), *OF_VARIANTS]
)


@pytest.fixture(autouse=True)
def every_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss of every step is told, of sampled items, and models are measured within epochs."""
    monkeypatch.setattr(training, "REPORT_EVERY", 0.0)
    monkeypatch.setattr(validation, "VALIDATE_POSITIONS", 150)
    monkeypatch.setattr(validation, "POSITIONS_PER_USER", 0)
    monkeypatch.setattr(objectives, "FULL_SOFTMAX_ITEMS", 10)
    monkeypatch.setattr(objectives, "SAMPLED_KEYS", 8)


def model_of(name: str, variant: str = "") -> GradientRecommender:
    model = small_model(name)
    if variant:
        chosen = dict(VARIANTS[variant])
        if "language_model" in chosen:
            chosen["language_model"] = str(tiny_gpt2())
        kind: Any = type(model)
        model = kind(replace(model.config, **chosen))
    assert isinstance(model, GradientRecommender)
    return model


def trainer_of(
    model: GradientRecommender, control: Callable[[], Control] = lambda: "run"
) -> Trainer:
    """A trainer before its first step; a backbone is trained for an epoch."""
    validate = validation_ndcg(split())
    backbone = model.pretraining()
    if backbone is not None:
        backbone.prepare(split().train, seed=1)
        list(Trainer(backbone, split(), TrainingConfig(epochs=1), validate=validate).run())
    model.prepare(split().train, seed=CONFIG.seed)
    return Trainer(model, split(), CONFIG, validate=validate, control=control)


def broken_off(model: GradientRecommender, steps: int) -> tuple[StateDict, list[Event]]:
    """The state after so many steps, and what was told until then."""
    kept: list[StateDict] = []
    events: list[Event] = []
    told = 0

    def control() -> Control:
        nonlocal told
        if trainer.state.counters.steps < steps:
            return "run"
        kept.append(trainer.state_dict())
        told = len(events)
        return "stop"

    trainer = trainer_of(model, control)
    for event in trainer.run():
        events.append(event)
    return kept[0], events[:told]


def told(events: list[Event]) -> list[dict[str, Any]]:
    """Losses and measurements, without what depends on the clock."""
    kinds = (Step, Validated, RatingsTested)
    timed = {"elapsed", "positions_per_second", "eta_seconds"}
    chosen = [event.to_dict() for event in events if isinstance(event, kinds)]
    return [{k: v for k, v in event.items() if k not in timed} for event in chosen]


def assert_equal(first: StateDict, second: StateDict) -> None:
    """All of two states but the clocks."""
    assert _without_clocks(first) == _without_clocks(second)
    assert first.keys() == second.keys()
    for group in first.keys() - {"values"}:
        assert first[group].keys() == second[group].keys()
        for name, tensor in first[group].items():
            assert torch.equal(tensor, second[group][name]), (group, name)


def _without_clocks(state: StateDict) -> dict[str, Any]:
    counters = dict(state["values"]["counters"], seconds=0.0, stepping_seconds=0.0)
    return {**state["values"], "counters": counters}


def middle(trainer: Trainer) -> int:
    """A step amid the second epoch."""
    per_epoch = trainer.state.counters.steps // 3
    assert per_epoch >= 3
    return per_epoch + per_epoch // 2


@every_model
def test_goes_on_with_a_new_model(name: str, variant: str, tmp_path: Path) -> None:
    whole = trainer_of(model_of(name, variant))
    events = list(whole.run())
    state, before = broken_off(model_of(name, variant), middle(whole))
    assert 0 < len(told(before)) < len(told(events))
    save_state(state, tmp_path / "state.safetensors")
    torch.manual_seed(99)  # what others do with the global generator is of no account
    again = going_on(
        model_of(name, variant),
        split(),
        CONFIG,
        read_state(tmp_path / "state.safetensors"),
        validate=validation_ndcg(split()),
    )
    assert told(before) + told(list(again.run())) == told(events)
    assert_equal(again.state_dict(), whole.state_dict())
    weights = again.model.tensors()
    for key, value in whole.model.tensors().items():
        assert np.array_equal(weights[key], value), key


@pytest.mark.parametrize("name", ["sasrec", "ncf"])
def test_goes_on_from_wherever_something_was_told(name: str) -> None:
    """The state is whole at every event: at steps, and at measurements within and after epochs."""
    whole = trainer_of(model_of(name))
    events = list(whole.run())
    for place in range(3, len(events) - 1, 5):
        broken = trainer_of(model_of(name))
        running = broken.run()
        before = [next(running) for _ in range(place + 1)]
        state = broken.state_dict()
        model, validate = model_of(name), validation_ndcg(split())
        again = going_on(model, split(), CONFIG, state, validate=validate)
        assert told(before) + told(list(again.run())) == told(events), before[-1]
        assert_equal(again.state_dict(), whole.state_dict())


#: What another process is told to do, with the folder that everything lies in.
GO_ON = """
import json, sys
from pathlib import Path
from safetensors.numpy import save_file
from recsys.dataset import Dataset
from recsys.models import make
from recsys.runs.measure import validation_ndcg
from recsys.splitting import leave_last_out
from recsys.training import TrainingConfig, objectives, trainer, validation
from recsys.training.stages import going_on
from recsys.training.state import read_state
trainer.REPORT_EVERY, validation.VALIDATE_POSITIONS, validation.POSITIONS_PER_USER = 0.0, 150, 0
objectives.FULL_SOFTMAX_ITEMS, objectives.SAMPLED_KEYS = 10, 8
folder = Path(sys.argv[1])
told = json.loads((folder / "told.json").read_text("utf-8"))
split = leave_last_out(Dataset.load(folder / "data"))
again = going_on(
    make(told["model"], told["settings"]),
    split,
    TrainingConfig(**told["config"]),
    read_state(folder / "state.safetensors"),
    validate=validation_ndcg(split),
)
events = [event.to_dict() for event in again.run()]
(folder / "events.json").write_text(json.dumps(events), "utf-8")
again.model.save(folder / "model")
"""


@pytest.mark.parametrize("name", ["prompt-fusion"])
def test_goes_on_in_another_process(name: str, tmp_path: Path) -> None:
    whole = trainer_of(model_of(name))
    events = list(whole.run())
    model = model_of(name)
    settings = {"model": name, "settings": asdict(model.config), "config": asdict(CONFIG)}
    (tmp_path / "told.json").write_text(json.dumps(settings), "utf-8")
    planted().save(tmp_path / "data")
    state, before = broken_off(model, middle(whole))
    save_state(state, tmp_path / "state.safetensors")
    subprocess.run([sys.executable, "-c", GO_ON, str(tmp_path)], check=True)
    after = json.loads((tmp_path / "events.json").read_text("utf-8"))
    losses = [event["loss"] for event in after if event["event"] == "step"]
    values = [event["ndcg"] for event in after if event["event"] == "validated"]
    expected = told(events)[len(told(before)) :]
    assert losses == [event["loss"] for event in expected if event["event"] == "step"]
    assert values == [event["ndcg"] for event in expected if event["event"] == "validated"]
    again = MODELS[name].load(tmp_path / "model", planted())
    for key, value in whole.model.tensors().items():
        assert np.array_equal(again.tensors()[key], value), key


class TestWhatCannotBeGoneOnFrom:
    def test_is_of_another_model(self) -> None:
        state = trainer_of(model_of("mf")).state_dict()
        with pytest.raises(RunError, match="another model"):
            trainer_of(model_of("ncf")).load_state_dict(state)

    def test_is_of_another_shape(self) -> None:
        model = model_of("mf")
        state = trainer_of(model).state_dict()
        kind: Any = type(model)
        wider = kind(replace(model.config, dimension=24))
        with pytest.raises(RunError, match="another model"):
            trainer_of(wider).load_state_dict(state)

    @pytest.mark.parametrize("damage", ["missing", "torn", "no values"])
    def test_is_damaged(self, damage: str, tmp_path: Path) -> None:
        file = tmp_path / "state.safetensors"
        state = trainer_of(model_of("mf")).state_dict()
        if damage != "missing":
            save_state(state, file)
        if damage == "torn":
            file.write_bytes(file.read_bytes()[:-20])
        elif damage == "no values":
            from safetensors.torch import save_file

            save_file({"weights/a": torch.zeros(1)}, file)
        with pytest.raises(RunError, match="cannot be read"):
            read_state(file)


def test_a_state_is_a_copy() -> None:
    trainer = trainer_of(model_of("mf"))
    state = trainer.state_dict()
    weights = {name: value.clone() for name, value in state["weights"].items()}
    list(trainer.run())
    for name, value in weights.items():
        assert torch.equal(state["weights"][name], value), name
    assert not torch.equal(trainer.state_dict()["weights"]["items.weight"], weights["items.weight"])
