"""The steering suite: what counts as followed, and slices on a small model."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.benchmark.steering import KNOWN, UNSTEERED, WISHES, Catalogue, Shares, slices
from recsys.evaluation import Interval
from recsys.models import MODELS
from recsys.models.base import ClosedFormRecommender, GradientRecommender
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.splitting import leave_last_out
from tests.models.support import planted, small_model


def test_the_share_is_of_what_there_is() -> None:
    seen = sp.csr_matrix(np.array([[0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 1, 0, 0, 0]], dtype=bool))
    shares = Shares(seen)
    wanted = np.array([True, True, False, False, False])
    shares.add(np.array([[0, 1, 2], [0, 2, 3], [0, -1, -1]]), wanted)  # two of three at most
    np.testing.assert_allclose(shares.followed[0], [1, 0.5, 1], atol=1e-9)
    assert shares.distinct == [4]
    assert shares.overlap[0] == pytest.approx(np.mean([2 / 3, 1 / 3, 1 / 3]))


def test_what_items_have_of_a_wish() -> None:
    data = planted()
    catalogue = Catalogue.of(data)
    years = data.item_frame["year"].to_numpy()
    comedies = np.array(["Comedy" in cell for cell in data.attribute_values("genres")])
    wish = {"wanted": ["Comedy"], "avoided": ["Western"], "years": [1990, 1995]}
    assert np.array_equal(catalogue.having(wish), comedies & (years <= 1995))
    assert "Comedy" not in catalogue  # eight films are too few to ask for


def test_any_model_can_be_asked_for() -> None:
    assert set(MODELS) < set(KNOWN)


def test_the_model_without_steering_is_not_trained_for_wishes() -> None:
    model = KNOWN[UNSTEERED]()
    assert isinstance(model, PromptFusionRecommender)
    assert model.config.intent_share == model.config.small_talk_share == 0


@pytest.mark.parametrize("name", ["prompt-fusion", "ease", "popularity"])
def test_slices_of_a_small_model(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.benchmark.steering.FEWEST_ITEMS", 8)
    monkeypatch.setattr("recsys.benchmark.steering._K", 4)
    split = leave_last_out(planted())
    model = small_model(name)
    if isinstance(model, GradientRecommender):
        model.prepare(split.train, seed=0)
    elif isinstance(model, ClosedFormRecommender):
        model.fit(split.train)
    few = {
        "genres": {"Western": {"common": ["cowboys and gunfights"], "rare": []}},
        "small-talk": {"phrases": ["Hello!"]},
        "two": {},
        "avoid": {"no western": ["Western"], "no war": ["War"]},
        "years": {"before 1995": [1000, 1994]},
        "mixed": {},
        "chinese": {},
    }
    found: dict[str, dict[str, Interval]] = dict(slices(model, split, few))
    assert list(found) == [
        *("genres/plain", "genres/paraphrase", "avoid", "years", "decades", "small talk")
    ]
    assert found["genres/plain"]["share@10/Western"].value == 1
    assert found["avoid"]["share@10"].value == 1  # "no war" is left out: there is none
    assert found["years"]["share@10"].value == 1
    assert found["small talk"]["list kept"].value == 1


def test_there_are_words_for_every_genre() -> None:
    assert len(WISHES["genres"]) == 19
    for words in WISHES["genres"].values():
        assert len(words["common"]) >= 5 and len(words["rare"]) >= 5
