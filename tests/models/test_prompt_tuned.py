"""Prompt-tuning in two stages: what is frozen, where it starts, and what it builds on."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from recsys.models import MODELS, Queries, make
from recsys.models.backbones import BACKBONES
from recsys.models.base import BackboneRecommender
from recsys.models.prompt_tuned import PromptTuned, PromptTunedConfig
from recsys.runs.measure import evaluate_model, gain
from recsys.schema import ConfigError
from recsys.training import (
    Event,
    Finished,
    Stage,
    Started,
    TrainingConfig,
    Validate,
    Validated,
    fit,
)
from tests.models.support import CLOSE, found, small_model, split

every_backbone = pytest.mark.parametrize("name", BACKBONES)


def settings(name: str) -> tuple[tuple[str, Any], ...]:
    return tuple(asdict(small_model(name).config).items())


def untuned(name: str, **chosen: Any) -> PromptTuned:
    chosen = {"batch_positions": 32, **chosen}
    return PromptTuned(PromptTunedConfig(backbone=name, backbone_settings=settings(name), **chosen))


def trained(
    model: Any, epochs: int = 4, *, validate: Validate | None = None, **limits: Any
) -> list[Event]:
    config = TrainingConfig(epochs=epochs, **limits)
    holdout = split().validation
    return list(fit(model, split(), config, validate=validate or (lambda m: found(m, holdout))))


def ever_better() -> Validate:
    counted = itertools.count()
    return lambda model: float(next(counted))


@cache
def backbone(name: str) -> BackboneRecommender:
    model = small_model(name)
    trained(model)
    assert isinstance(model, BackboneRecommender)
    return model


def on(name: str) -> PromptTuned:
    """Ready to be tuned on a backbone that is trained."""
    model = untuned(name)
    model.build_on(backbone(name))
    return model


def asked() -> Queries:
    return Queries(split().test.history, split().test.users)


@every_backbone
class TestBackbones:
    def test_scores_are_products(self, name: str) -> None:
        model = backbone(name)
        scores = model.query_vectors(asked()) @ model.keys().T + model.biases()
        np.testing.assert_allclose(model.score(asked()), scores.numpy(), **CLOSE)

    def test_training_queries_are_those_just_before_each_event(self, name: str) -> None:
        model, train = backbone(name), split().train
        queries = model.training_queries(train)
        assert queries.shape == (train.n_events, model.keys().shape[1])
        for event in (0, 3, 17, train.n_events - 1):
            user = train.user[event]
            known = (train.user != user) | (np.arange(train.n_events) < event)
            then = model.query_vectors(Queries(train.select(known), np.array([user])))
            torch.testing.assert_close(queries[event], then[0], rtol=1e-4, atol=1e-5)

    def test_of_nobody_is_the_query_without_history(self, name: str) -> None:
        from recsys.dataset import Dataset

        interactions, items, _ = split().train.to_frames()
        stranger = interactions.head(1).assign(user_id="stranger")
        data = Dataset.from_frames(stranger, items, name="new").select(np.zeros(1, dtype=bool))
        query = backbone(name).query_vectors(Queries(data, np.array([0])))
        torch.testing.assert_close(query[0], backbone(name).empty_query())


@every_backbone
class TestStages:
    def test_both_are_reported(self, name: str) -> None:
        model = untuned(name)
        events = trained(model, epochs=2)
        kinds = [event.event for event in events]
        assert kinds[0] == "stage" and kinds[-1] == "finished" and kinds.count("finished") == 1
        stages = [event for event in events if isinstance(event, Stage)]
        assert [(s.stage, s.of, s.model) for s in stages] == [
            (1, 2, name),
            (2, 2, "prompt-tuned"),
        ]
        second = events[events.index(stages[1]) :]
        assert [e.epoch for e in second if isinstance(e, Validated)] == [0, 1, 2]
        elapsed = [event.elapsed for event in events]
        assert elapsed == sorted(elapsed)
        counts = [e.trainable_parameters for e in events if isinstance(e, Started)]
        alone = sum(p.numel() for p in model.network.backbone.parameters())
        assert counts == [alone, sum(p.numel() for p in model.network.prompt.parameters())]

    def test_the_second_begins_where_the_first_ended(self, name: str) -> None:
        model = on(name)
        events = trained(model, epochs=1)
        assert isinstance(events[0], Stage) and events[0].stage == 2
        first = next(e for e in events if isinstance(e, Validated))
        assert (first.epoch, first.ndcg) == (0, found(backbone(name), split().validation))

    def test_the_backbone_stays_as_it_is(self, name: str) -> None:
        model = on(name)
        before = {k: v.copy() for k, v in backbone(name).tensors().items()}
        trained(model, epochs=4, validate=ever_better())
        after = model.tensors()
        for key, value in before.items():
            assert np.array_equal(after[f"backbone.{key}"], value)
        assert np.array_equal(backbone(name).score(asked()), model.backbone.score(asked()))
        assert not np.allclose(model.score(asked()), backbone(name).score(asked()))

    def test_tuning_that_does_not_help_leaves_the_backbone(self, name: str) -> None:
        model, values = on(name), iter([0.5, 0.1, 0.1, *[0.5] * 9])
        list(fit(model, split(), TrainingConfig(epochs=2), validate=lambda m: next(values)))
        assert np.array_equal(model.score(asked()), backbone(name).score(asked()))

    def test_a_stop_in_the_first_leaves_a_model(self, name: str) -> None:
        model = untuned(name)
        events = list(
            fit(
                model,
                split(),
                TrainingConfig(epochs=50),
                validate=lambda m: found(m, split().validation),
                control=lambda: "stop",
            )
        )
        assert isinstance(events[-1], Finished) and events[-1].reason == "stopped"
        assert np.isfinite(model.score(asked())).all()

    def test_share_a_time_limit(self, name: str) -> None:
        events = trained(untuned(name), epochs=10**5, minutes=0.02, validate=ever_better())
        second = next(e for e in events if isinstance(e, Stage) and e.stage == 2)
        assert isinstance(events[-1], Finished) and events[-1].reason == "minutes"
        assert second.elapsed < events[-1].elapsed


def test_a_prompt_finds_what_a_user_vector_cannot_know() -> None:
    """Films follow one another in an order that matrix factorisation does not see."""
    model = untuned("mf", prompt="Just saw {{ history | last(1) | join }}.", intent_share=0.0)
    trained(model, epochs=40)
    own, alone = (evaluate_model(m, split()) for m in (model, model.backbone))
    told = gain(own, "mf", alone)
    assert told["delta"] == pytest.approx(
        own.metrics["ndcg@10"].value - alone.metrics["ndcg@10"].value
    )
    assert told["low"] > 0 and told["distinguishable"]


def test_no_difference_is_not_distinguishable() -> None:
    alone = evaluate_model(backbone("mf"), split())
    told = gain(alone, "mf", alone)
    assert (told["delta"], told["distinguishable"], told["over"]) == (0.0, False, "mf")


def test_comes_back_with_its_backbone(tmp_path: Path) -> None:
    model = on("sasrec")
    trained(model, epochs=1)
    model.save(tmp_path)
    again = MODELS["prompt-tuned"].load(tmp_path, split().train)
    assert again.config == model.config and again.backbone is not None
    assert np.array_equal(again.backbone.score(asked()), model.backbone.score(asked()))
    assert np.array_equal(again.score(asked()), model.score(asked()))


def test_a_model_that_an_earlier_version_saved_opens(tmp_path: Path) -> None:
    """Settings and tensors of the backbone were called "general" then."""
    model = on("mf")
    trained(model, epochs=1)
    model.save(tmp_path)
    file = tmp_path / "config.json"
    saved = json.loads(file.read_text("utf-8"))
    config = saved["config"]
    config["general"] = config.pop("backbone")
    config["general_settings"] = config.pop("backbone_settings")
    file.write_text(json.dumps(saved), "utf-8")
    tensors = {name.replace("backbone.", "general."): t for name, t in model.tensors().items()}
    assert any(name.startswith("general.") for name in tensors)
    save_file(tensors, tmp_path / "model.safetensors")
    older = MODELS["prompt-tuned"].load(tmp_path, split().train)
    assert older.config == model.config
    assert np.array_equal(older.score(asked()), model.score(asked()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"backbone": "ease"},
        {"backbone_settings": (("objective", "ratings"),)},
        {"nobody_knows": 1},
    ],
)
def test_bad_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        make("prompt-tuned", wrong)


def test_the_backbone_is_the_one_of_a_run_of_its_own() -> None:
    """One seed, one backbone, whether a prompt is tuned on it or not."""
    model = untuned("mf")
    trained(model, seed=5)
    alone = small_model("mf")
    alone.config = replace(alone.config, **dict(settings("mf")))
    trained(alone, seed=5)
    assert np.array_equal(model.backbone.score(asked()), alone.score(asked()))
