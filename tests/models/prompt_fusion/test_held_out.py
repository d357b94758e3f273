"""What SLIT says of a moment, having seen other users only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from recsys.dataset import IdMap
from recsys.models.prompt_fusion import PromptFusionConfig, PromptFusionRecommender, held_out
from recsys.models.prompt_fusion.held_out import HeldOutScores
from recsys.models.slit import SlitConfig, Transitions
from tests.models.support import fitted, found, split

CONFIG = PromptFusionConfig()


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "FEWEST_EVENTS", 1)


def test_equals_a_fit_on_the_other_users() -> None:
    train, config, folds = split().train, SlitConfig(), 3
    found = HeldOutScores.of(train, replace(CONFIG, counting_folds=folds))
    assert found is not None
    transitions = Transitions.of(train, config)
    fold = (np.random.default_rng(0).permutation(train.n_users) % folds)[transitions.users]
    for part in range(folds):
        x, y = transitions.before[fold != part].toarray(), transitions.after[fold != part].toarray()
        ridge = config.regularisation * np.eye(x.shape[1])
        weights = np.linalg.solve(x.T.astype(float) @ x + ridge, x.T.astype(float) @ y)
        for row in np.flatnonzero(fold == part):
            expected = np.sort(transitions.before[row].toarray()[0] @ weights)[::-1]
            _, scores = found.at(torch.from_numpy(transitions.events[[row]]))
            np.testing.assert_allclose(scores[0], expected[: scores.shape[1]], atol=1e-4)


def test_a_history_that_is_told_is_scored_as_one_that_was_met() -> None:
    """Each user's events before their fourth one, told, have the scores at the fourth."""
    train = split().train
    found = HeldOutScores.of(train, CONFIG)
    assert found is not None
    users = np.array([5, 2, 40])
    events = train.offsets[users] + 3
    told = replace(
        train,
        users=IdMap("abc"),
        user=np.repeat(np.arange(3), 3),
        item=np.concatenate([train.item[event - 3 : event] for event in events]),
        timestamp=None,
        rating=None,
    )
    for (places, scores), (other, others) in zip(
        zip(*found.at(torch.from_numpy(events)), strict=True),
        zip(*found.after(told, users), strict=True),
        strict=True,
    ):
        at, after = torch.zeros(2, train.n_items)
        at[places] = scores
        after[other] = others
        torch.testing.assert_close(at, after, rtol=0, atol=2e-3)  # float16 is kept
        assert at.abs().max() > 0.01


def test_the_strongest_are_kept_and_nothing_is_said_without_a_history() -> None:
    train = split().train
    found = HeldOutScores.of(train, replace(CONFIG, counting_held_out=3))
    assert found is not None
    assert found.places.shape == found.scores.shape == (train.n_events, 3)
    assert not found.scores[train.offsets[:-1]].any()
    after = np.setdiff1d(np.arange(train.n_events), train.offsets[:-1])
    for items in found.places[after]:
        assert len(torch.unique(items)) == 3


def test_little_data_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "FEWEST_EVENTS", split().train.n_events + 1)
    assert HeldOutScores.of(split().train, CONFIG) is None


def test_a_model_trained_beside_them_finds_the_pattern() -> None:
    model, _ = fitted("prompt-fusion", epochs=3)
    assert isinstance(model, PromptFusionRecommender) and model.blend > 0
    assert found(model, split().test) > 0.5


def test_large_data_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(SlitConfig(), max_positions=10)
    monkeypatch.setattr(held_out, "SlitConfig", lambda: few)
    assert HeldOutScores.of(split().train, CONFIG) is None
