"""Sizes that suit the data, where nobody chose any."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recsys.models import sequences
from recsys.models.prompt_fusion import PromptFusionConfig, PromptFusionRecommender
from tests.models.support import planted


@pytest.fixture
def dense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "DENSE_EVENTS", planted().n_events)
    monkeypatch.setattr(sequences, "DENSE_EVENTS_PER_ITEM", 1)


def prepared(config: PromptFusionConfig) -> PromptFusionRecommender:
    made = PromptFusionRecommender(replace(config, layers=1))
    made.prepare(planted(), seed=0)
    return made


def test_little_data_has_a_narrow_network() -> None:
    made = prepared(PromptFusionConfig())
    assert (made.config.dimension, made.config.batch_positions) == (64, 2048)
    assert made.plan() == made.optimisation


@pytest.mark.usefixtures("dense")
def test_dense_data_has_a_wide_one_and_longer_training() -> None:
    made = prepared(PromptFusionConfig())
    assert made.network.items.weight.shape[1] == made.config.dimension == 128
    assert made.plan() == made.dense_optimisation


@pytest.mark.parametrize("setting", ["DENSE_EVENTS", "DENSE_EVENTS_PER_ITEM"])
@pytest.mark.usefixtures("dense")
def test_few_events_in_all_or_an_item_are_not_dense(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequences, setting, getattr(sequences, setting) + planted().n_events)
    assert not sequences.is_dense(planted())


@pytest.mark.usefixtures("dense")
def test_what_was_chosen_stays() -> None:
    made = prepared(PromptFusionConfig(dimension=8, batch_positions=16))
    assert (made.config.dimension, made.config.batch_positions) == (8, 16)
