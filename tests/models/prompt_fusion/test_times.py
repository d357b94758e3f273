"""When events happened, as the network reads it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from recsys.dataset import Dataset
from recsys.models import MODELS, Queries
from recsys.models.prompt_fusion import PromptFusionConfig, PromptFusionRecommender
from recsys.models.prompt_fusion.network import ERAS, GAPS
from recsys.models.prompt_fusion.times import TimeRange, Times

SMALL = PromptFusionConfig(dimension=8, layers=1, batch_positions=64)


def told(*times: tuple[str, int]) -> Dataset:
    rows = [(user, f"i{place}", time) for place, (user, time) in enumerate(times)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])
    return Dataset.from_frames(frame, name="told")


def test_gaps_are_powers_of_two_and_begin_anew_with_every_user() -> None:
    data = told(("a", 100), ("a", 100), ("a", 101), ("a", 104), ("b", 50), ("b", 50 + 2**40))
    times = Times.of(data, TimeRange.of(data))
    assert times is not None
    assert times.gap.tolist() == [0, 1, 2, 3, 0, GAPS - 1]


def test_eras_part_the_time_of_training_evenly() -> None:
    train = told(("a", 0), ("b", 1000))
    later = told(("a", -5), ("a", 250), ("a", 2000))
    times = Times.of(later, TimeRange.of(train))
    assert times is not None
    np.testing.assert_allclose(times.era, np.array([0.0, 0.25, 1.0]) * (ERAS - 1), atol=1e-6)


def test_without_times_there_are_none() -> None:
    data = told(("a", 0), ("b", 1))
    untimed = replace(data, timestamp=None)
    assert TimeRange.of(untimed) is None
    assert Times.of(data, None) is None and Times.of(untimed, TimeRange.of(data)) is None


@pytest.fixture(scope="module")
def model() -> PromptFusionRecommender:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "user_id": [f"u{u}" for u in range(20) for _ in range(8)],
            "item_id": [f"i{i}" for _ in range(20) for i in rng.permutation(12)[:8]],
            "timestamp": np.arange(160) * 1000,
        }
    )
    fresh = PromptFusionRecommender(SMALL)
    fresh.prepare(Dataset.from_frames(frame, name="timed"), seed=0)
    with torch.no_grad():
        fresh.network.eras.normal_()
        fresh.network.gaps.normal_()
    fresh.network.eval()
    return fresh


class TestScores:
    USERS = np.arange(20)

    def test_change_with_the_time_of_the_last_event(self, model: PromptFusionRecommender) -> None:
        train = model._train
        assert train.timestamp is not None
        later = replace(train, timestamp=train.timestamp + 50_000)
        asked = model.score(Queries(train, self.USERS)), model.score(Queries(later, self.USERS))
        assert not np.allclose(*asked)

    def test_a_state_knows_no_time_of_what_comes_after(
        self, model: PromptFusionRecommender
    ) -> None:
        gaps, eras = torch.randint(GAPS, (1, 5)), torch.rand(1, 5)
        items, keys = torch.arange(5)[None], model.network.keys()
        states = model.network.states(keys, items, gaps, eras)
        gaps[0, 3], eras[0, 3] = GAPS - 1, 9.0
        changed = model.network.states(keys, items, gaps, eras)
        torch.testing.assert_close(changed[:, :4], states[:, :4])
        assert not torch.allclose(changed[:, 4], states[:, 4])

    def test_are_the_same_after_saving(self, model: PromptFusionRecommender, tmp_path) -> None:
        model.save(tmp_path)
        again = MODELS["prompt-fusion"].load(tmp_path, model._train)
        asked = Queries(model._train, self.USERS)
        np.testing.assert_allclose(again.score(asked), model.score(asked), rtol=1e-4, atol=1e-4)

    def test_need_no_times_in_a_history(self, model: PromptFusionRecommender) -> None:
        untimed = replace(model._train, timestamp=None)
        assert np.isfinite(model.score(Queries(untimed, self.USERS))).all()

    def test_need_no_events_in_a_history(self, model: PromptFusionRecommender) -> None:
        nobody = model._train.select(np.zeros(model._train.n_events, dtype=bool))
        assert np.isfinite(model.score(Queries(nobody, self.USERS))).all()
