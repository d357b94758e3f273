"""Items that nobody met in training: found by their words, and not held to be unwanted."""

from __future__ import annotations

from functools import cache
from itertools import count

import numpy as np
import pytest
import torch

from recsys.dataset import Dataset
from recsys.models import Queries
from recsys.models.prompt_fusion import PromptFusionRecommender, network
from recsys.models.prompt_fusion.network import NEVER
from recsys.training import TrainingConfig, fit
from recsys.training.objectives import full_softmax
from tests.models.support import planted, small_model, split

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


def test_their_bias_is_what_like_texts_have() -> None:
    net = fresh().network.eval()
    with torch.no_grad():
        net.bias.copy_(3 + net.texts[:, 0])
        net.bias[~net.met] = -7.0
        found = net.biases()
    told, guessed = net.texts[~net.met][:, 0], found[~net.met]
    assert torch.equal(found[net.met], net.bias[net.met])
    assert torch.corrcoef(torch.stack([told, guessed]))[0, 1] > 0.8
    assert (guessed - 3).abs().max() < 2


def test_some_items_do_without_their_own_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    net = fresh().network
    with torch.no_grad():
        net.items.weight.fill_(1.0)
    by_words = net.eval().keys() - 1.0
    monkeypatch.setattr(network, "ANONYMOUS_SHARE", 0.5)
    own = net.train().keys() - by_words
    share = (own.abs().amax(1) < 0.5).float().mean()
    assert 0.15 < share < 0.85
