"""Matrix factorisation and its neural form: ratings, hidden layers, and what each can know."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.models import MODELS, Queries, make
from recsys.models.base import GradientRecommender
from recsys.models.mf import MatrixFactorisation, MatrixFactorisationConfig
from recsys.models.ncf import NeuralCollaborativeFiltering, NeuralConfig
from recsys.schema import ConfigError, DataError
from recsys.splitting import Split, leave_last_out
from recsys.training import Event, Finished, RatingsTested, Step, TrainingConfig, fit
from tests.models.support import CLOSE, planted

#: The textbook forms, and the neural one with a layer between.
RATED: dict[str, tuple[str, dict[str, Any]]] = {
    "mf": ("mf", {"objective": "ratings", "dimension": 8}),
    "ncf": ("ncf", {"objective": "ratings"}),
    "ncf with layers": ("ncf", {"objective": "ratings", "hidden": (16, 8)}),
}
every_rated = pytest.mark.parametrize("name", RATED)


@cache
def rated() -> Split:
    """Generous and strict users, good and bad items."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{user}", f"i{item}", float(np.clip(1 + user % 3 + item % 3 + rng.integers(2), 1, 5)))
        for user in range(60)
        for item in rng.permutation(30)[:20]
    ]
    events = pd.DataFrame(rows, columns=["user_id", "item_id", "rating"])
    return leave_last_out(Dataset.from_frames(events, name="rated", liked_from=4.0))


def fitted(name: str, *, epochs: int = 60, seed: int = 0) -> tuple[Any, list[Event]]:
    key, settings = RATED[name]
    model = make(key, settings)
    config = TrainingConfig(epochs=epochs, seed=seed)
    return model, list(fit(model, rated(), config, validate=lambda _: 0.0))


@cache
def shared(name: str) -> tuple[Any, list[Event]]:
    return fitted(name)


@every_rated
class TestRatings:
    def test_are_learned_as_in_the_textbook(self, name: str) -> None:
        model = shared(name)[0]
        assert isinstance(model, GradientRecommender) and model.predicts_ratings
        plan = model.plan()
        assert (plan.objective, plan.learning_rate, plan.plain) == ("mse", 1e-3, True)
        assert model.config.batch_ratings == 64

    def test_are_closer_than_the_mean(self, name: str) -> None:
        users, items, given = rated().test.rated()
        assert rated().train.rating is not None
        mean = rated().train.rating.mean()
        error = np.mean((shared(name)[0].predict(users, items) - given) ** 2)
        assert error < 0.7 * np.mean((mean - given) ** 2)

    def test_training_tells_both_losses(self, name: str) -> None:
        model, events = shared(name)
        tested = [event for event in events if isinstance(event, RatingsTested)]
        steps = [event.loss for event in events if isinstance(event, Step)]
        assert steps[-1] < 0.6 * steps[0]
        assert tested[-1].test_loss < 0.8 * tested[0].test_loss
        best = min(tested, key=lambda event: event.validation_loss)
        assert best == [event for event in tested if event.best][-1]
        finished = events[-1]
        assert isinstance(finished, Finished) and finished.best_ndcg is None
        assert (finished.best_epoch, finished.best_loss) == (best.epoch, best.validation_loss)
        users, items, given = rated().validation.rated()
        kept = np.mean((model.predict(users, items) - given) ** 2)
        assert kept == pytest.approx(best.validation_loss, rel=1e-4)

    def test_are_learned_of_those_that_were_given(self, name: str) -> None:
        events = planted().to_frames()[0]
        events.loc[::4, "rating"] = np.nan
        split = leave_last_out(Dataset.from_frames(events, name="some"))
        key, settings = RATED[name]
        model = make(key, settings)
        told = list(fit(model, split, TrainingConfig(epochs=1, seed=0), validate=lambda _: 0.0))
        assert all(np.isfinite(event.loss) for event in told if isinstance(event, Step))
        users, items, given = split.test.rated()
        assert np.isfinite(model.predict(users, items)).all() and not np.isnan(given).any()

    def test_stay_on_the_scale(self, name: str) -> None:
        train = rated().train
        users, items = (a.ravel() for a in np.meshgrid(np.arange(60), np.arange(30)))
        predicted = shared(name)[0].predict(users, items)
        assert train.rating is not None and predicted.dtype == np.float32
        assert train.rating.min() <= predicted.min() and predicted.max() <= train.rating.max()

    def test_are_what_items_are_ranked_by(self, name: str) -> None:
        model, train = shared(name)[0], rated().train
        scores = model.score(Queries(train, np.array([7, 3])))
        assert scores.shape == (2, 30) and scores.dtype == np.float32
        low, high = train.rating.min(), train.rating.max()  # type: ignore[union-attr]
        for row, user in zip(scores, (7, 3), strict=True):
            predicted = model.predict(np.full(30, user), np.arange(30))
            np.testing.assert_allclose(np.clip(row, low, high), predicted, **CLOSE)

    def test_come_back_from_disk(self, name: str, tmp_path: Path) -> None:
        model = shared(name)[0]
        model.save(tmp_path)
        again = MODELS[RATED[name][0]].load(tmp_path, rated().train)
        assert again.config == model.config
        users, items, _ = rated().test.rated()
        assert np.array_equal(again.predict(users, items), model.predict(users, items))

    def test_are_the_same_for_a_seed(self, name: str) -> None:
        losses = [
            [event.test_loss for event in fitted(name, epochs=2, seed=seed)[1]
             if isinstance(event, RatingsTested)]
            for seed in (5, 5, 6)
        ]  # fmt: skip
        assert losses[0] == losses[1] != losses[2]

    def test_have_to_be_there(self, name: str) -> None:
        key, settings = RATED[name]
        events = planted().to_frames()[0].drop(columns="rating")
        split = leave_last_out(Dataset.from_frames(events, name="plain.csv"))
        with pytest.raises(DataError, match=r"plain\.csv has no ratings"):
            list(fit(make(key, settings), split, TrainingConfig(), validate=lambda _: 0.0))

    def test_of_new_users_are_those_of_everybody(self, name: str) -> None:
        stranger = pd.DataFrame({"user_id": ["x"], "item_id": ["i0"], "rating": [5.0]})
        history = Dataset.from_frames(stranger, rated().train.to_frames()[1], name="new")
        scores = shared(name)[0].score(Queries(history, np.array([0])))
        assert np.isfinite(scores).all()
        assert 1 < scores.mean() < 5


def test_a_meeting_is_no_rating() -> None:
    with pytest.raises(TypeError, match="does not predict ratings"):
        MatrixFactorisation().predict(np.zeros(1, int), np.zeros(1, int))


def test_the_linear_form_is_two_embeddings_of_50_and_one_layer() -> None:
    model = NeuralCollaborativeFiltering(NeuralConfig(objective="ratings"))
    model.prepare(rated().train, seed=0)
    shapes = {name: tuple(p.shape) for name, p in model.network.named_parameters()}
    assert shapes == {
        "users.weight": (60, 50),
        "items.weight": (30, 50),
        "of_user.weight": (1, 50),  # the two halves of a linear layer from 100 numbers to one
        "of_user.bias": (1,),
        "of_item.weight": (1, 50),
    }
    users, items = np.array([3, 8, 3]), np.array([2, 2, 29])
    tensors = model.tensors()
    vectors = np.hstack([tensors["users.weight"][users], tensors["items.weight"][items]])
    layer = np.hstack([tensors["of_user.weight"], tensors["of_item.weight"]])
    expected = vectors @ layer[0] + tensors["of_user.bias"]
    np.testing.assert_allclose(model.predict(users, items), expected, **CLOSE)


@pytest.mark.parametrize("hidden", [(), (7,), (6, 5)])
def test_all_items_are_scored_as_pair_by_pair(
    hidden: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from recsys.models import ncf

    model = NeuralCollaborativeFiltering(NeuralConfig(hidden=hidden))
    model.prepare(rated().train, seed=1)
    whole = model.score(Queries(rated().train, np.arange(60)))
    monkeypatch.setattr(ncf, "_HIDDEN_AT_ONCE", 500)  # block by block
    blocks = model.score(Queries(rated().train, np.arange(60)))
    np.testing.assert_allclose(blocks, whole, **CLOSE)
    with torch.inference_mode():
        for item in (0, 17):
            pairs = model.network.pairs(torch.arange(60), torch.full((60,), item))
            expected = (pairs + model.network.bias[item]).numpy()
            np.testing.assert_allclose(whole[:, item], expected, **CLOSE)


def test_one_linear_layer_ranks_alike_for_everybody() -> None:
    """Why the form that ranks has a hidden layer unless told otherwise."""
    orders = {}
    for hidden in ((), (8,)):
        model = NeuralCollaborativeFiltering(NeuralConfig(hidden=hidden))
        model.prepare(rated().train, seed=0)
        orders[hidden] = {
            tuple(row) for row in model.score(Queries(rated().train, np.arange(9))).argsort(1)
        }
    assert len(orders[()]) == 1 < len(orders[(8,)])
    assert NeuralConfig().layers == (64,)
    assert NeuralConfig(objective="ratings").layers == ()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mf", {"objective": "stars"}),
        ("ncf", {"objective": ""}),
        ("ncf", {"hidden": (8, 0)}),
        ("mf", {"hidden": (8,)}),
        ("sasrec", {"objective": "ratings"}),
    ],
)
def test_bad_settings_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        make(name, settings)


def test_settings_that_are_not_chosen_stay() -> None:
    assert make("mf", {"dimension": 5}).config == MatrixFactorisationConfig(dimension=5)
    assert make("ncf", {"hidden": [4, 2]}).config.hidden == (4, 2)
