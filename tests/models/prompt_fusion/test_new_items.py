"""Items that nobody met in training: found by their words, and not held to be unwanted."""

from __future__ import annotations

from functools import cache
from itertools import count

import numpy as np
import pandas as pd
import pytest
import torch

from recsys.dataset import Dataset
from recsys.models import Queries
from recsys.models.prompt_fusion import PromptFusionRecommender, new_items
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.prompt_fusion.network import NEVER
from recsys.models.prompt_fusion.new_items import NewItems
from recsys.training import TrainingConfig, fit
from recsys.training.objectives import full_softmax
from tests.models.support import CLOSE, planted, small_model, split

NEW = ("c3", "w5", "never1", "never2")


def without_new() -> Dataset:
    """The planted data with no event of two films, which stay in the catalogue."""
    data = planted()
    return data.select(~np.isin(data.items.ids[data.item], NEW))


def fresh() -> PromptFusionRecommender:
    model = small_model("prompt-fusion")
    assert isinstance(model, PromptFusionRecommender)
    model.prepare(without_new(), seed=0)
    return model


@cache
def trained() -> PromptFusionRecommender:
    model = small_model("prompt-fusion")
    assert isinstance(model, PromptFusionRecommender)
    parts = split()
    events = type(parts)(parts.protocol, without_new(), parts.validation, parts.test)
    later_is_better = count()
    list(fit(model, events, TrainingConfig(epochs=25), validate=lambda _: next(later_is_better)))
    return model


def new_places(data: Dataset) -> np.ndarray:
    return data.items.positions(NEW)


def test_training_never_moves_them() -> None:
    model = fresh()
    places = torch.from_numpy(new_places(without_new()))
    assert not model.network.items.weight[places].any()
    model.network.train()
    for batch in model.batches(np.random.default_rng(0)):
        compared = model.forward(batch)
        assert (compared.bias[places] == NEVER).all()
        full_softmax(compared, torch.Generator()).backward()
    gradient = model.network.items.weight.grad
    assert gradient is not None and gradient.any()
    assert not gradient[places].any()


def test_those_of_the_kind_a_user_likes_come_first() -> None:
    data = without_new()
    scores = trained().score(Queries(data, np.arange(data.n_users)))
    comedy, western, *_ = scores[:, new_places(data)].T
    likes_comedies = np.arange(data.n_users) % 2 == 0
    assert (comedy > western)[likes_comedies].mean() > 0.9
    assert (comedy < western)[~likes_comedies].mean() > 0.9


def test_they_get_what_their_neighbours_have() -> None:
    model = fresh()
    net, places = model.network.eval(), new_places(without_new())
    weights, biases = net.items.weight.detach().clone(), net.bias.detach().clone()
    neighbours = model._new_items.neighbours.toarray()
    net.introduce(model._new_items.neighbours)
    np.testing.assert_allclose(
        net.items.weight.detach()[places], neighbours[places] @ weights.numpy(), atol=1e-6
    )
    expected = neighbours[places] @ biases.numpy()
    np.testing.assert_allclose(net.biases().detach()[places], expected, atol=1e-5)
    assert torch.equal(net.items.weight[net.met], weights[net.met])
    assert torch.equal(net.bias[net.met], biases[net.met])


def test_they_follow_what_their_neighbours_follow() -> None:
    model = fresh()
    data, places = without_new(), new_places(without_new())
    users = np.arange(data.n_users)
    before = model._cooccurrence.score(data, users)
    assert before.any() and not before[:, places].any()
    neighbours = model._new_items.neighbours
    model._cooccurrence.introduce(neighbours)
    after = model._cooccurrence.score(data, users)
    expected = before @ neighbours.toarray()[places].T
    np.testing.assert_allclose(after[:, places], expected, atol=1e-4)  # in half precision
    nobody = data.select(np.zeros(data.n_events, dtype=bool))
    assert not model._cooccurrence.score(nobody, users).any()
    kept = np.setdiff1d(np.arange(data.n_items), places)
    np.testing.assert_allclose(after[:, kept], before[:, kept], **CLOSE)


class TestTexts:
    TEXTS = np.array([[1, 0.1], [1, 0], [0, 1], [0, 0.9], [1, 0.05]], dtype=np.float32)
    COUNTS = np.array([3, 1, 2, 0, 0])

    def test_neighbours_are_the_likest_that_somebody_met(self) -> None:
        two = PromptFusionConfig(new_item_neighbours=2)
        found = NewItems.of(self.TEXTS, self.COUNTS, two).neighbours.toarray()
        assert not found[:3].any()
        assert found[3].argmax() == 2
        assert set(np.flatnonzero(found[4])) == {0, 1}
        np.testing.assert_allclose(found[3:].sum(1), 1, atol=1e-5)

    def test_in_a_large_catalogue_only_the_best_known_are(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(new_items, "_FEWEST_COMPARED", 1)
        monkeypatch.setattr(new_items, "_MOST_WORK", 4)  # two items of two numbers each
        one = PromptFusionConfig(new_item_neighbours=1)
        found = NewItems.of(self.TEXTS, np.array([3, 5, 2, 0, 0]), one).neighbours.toarray()
        assert np.flatnonzero(found.any(0)).tolist() == [1]

    def test_a_history_speaks_for_what_is_like_it(self) -> None:
        told = pd.DataFrame({"user_id": list("aaab"), "item_id": list("0120")})
        catalogue = pd.DataFrame({"item_id": list("01234")})
        data = Dataset.from_frames(told, catalogue, name="told")
        users, scores = np.array([1, 0]), np.ones((2, 5), dtype=np.float32)
        NewItems.of(self.TEXTS, self.COUNTS, PromptFusionConfig()).add_to(scores, data, users)
        unit = self.TEXTS - self.TEXTS.mean(0)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        likeness = unit[:3] @ unit[3:].T
        likeness -= likeness.min(0)
        recency = np.array([3.0, 2.0, 1.0]) ** -0.8
        expected = 32.0 * np.stack([likeness[0], recency @ likeness / recency.sum()])
        np.testing.assert_allclose(scores[:, 3:] - 1, expected, rtol=1e-2, atol=1e-2)
        assert (scores[:, :3] == 1).all()

    def test_in_a_small_catalogue_few_speak(self) -> None:
        """Of a hundred films most are nothing like a new one, and must not lift it."""
        texts = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
        counts = np.ones(100, dtype=np.int64)
        counts[:5] = 0
        per_item = np.bincount(
            NewItems.of(texts, counts, PromptFusionConfig()).tensors()["indices"], minlength=100
        )
        assert (per_item[:5] <= 10).all() and (per_item[:5] >= 9).all()

    def test_nobody_speaks_without_a_history(self) -> None:
        nobody = without_new().select(np.zeros(without_new().n_events, dtype=bool))
        scores = np.zeros((2, nobody.n_items), dtype=np.float32)
        fresh()._new_items.add_to(scores, nobody, np.array([0, 1]))
        assert not scores.any()

    def test_survives_its_tensors_and_an_older_model_has_none(self) -> None:
        data, users, n = without_new(), np.arange(4), without_new().n_items
        found = fresh()._new_items
        again = NewItems.from_tensors(found.tensors(), n, 32.0), NewItems.from_tensors({}, n, 32.0)
        one, same, none = (np.zeros((4, n), dtype=np.float32) for _ in range(3))
        for items, scores in zip((found, *again), (one, same, none), strict=True):
            items.add_to(scores, data, users)
        assert one.any() and np.array_equal(one, same) and not none.any()

    @pytest.mark.parametrize("counts", [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]])
    def test_of_none_or_all_new_there_are_none(self, counts: list[int]) -> None:
        found = NewItems.of(self.TEXTS, np.array(counts), PromptFusionConfig())
        assert found.neighbours.shape == (5, 5) and found.neighbours.nnz == 0
        assert not found.tensors()["data"].size


def test_some_items_do_without_their_own_vector() -> None:
    net = fresh().network
    with torch.no_grad():
        net.items.weight.fill_(1.0)
    by_words = net.eval().keys() - 1.0
    net.words_only_share = 0.5
    own = net.train().keys() - by_words
    share = (own.abs().amax(1) < 0.5).float().mean()
    assert 0.15 < share < 0.85
