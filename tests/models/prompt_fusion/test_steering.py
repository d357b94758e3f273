"""Wishes are followed on a small sample too, in the default settings and in Chinese."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.models import Queries
from recsys.models.prompt_fusion import PromptFusionConfig, PromptFusionRecommender
from recsys.prompts import LIBRARY
from recsys.recommend import recommend, scores
from recsys.splitting import Split, leave_last_out
from recsys.training import TrainingConfig, fit
from recsys.wishes.control.corrections import Corrections, Mark
from tests.models.support import found


@pytest.fixture(scope="module")
def attractions() -> tuple[PromptFusionRecommender, Split]:
    split = leave_last_out(prepare("attractions-zh")[0])
    model = PromptFusionRecommender(PromptFusionConfig(prompt=LIBRARY["sequential-zh"].source))
    list(fit(model, split, TrainingConfig(), validate=lambda m: found(m, split.validation)))
    return model, split


def share(model: PromptFusionRecommender, data: Dataset, intent: str, category: str) -> float:
    """The share of a category in the top 5 of everybody."""
    frame = recommend(model, Queries(data, np.arange(data.n_users), intent=intent), 5)
    values = data.attribute_values("category")
    return float(np.mean([category in values[i] for i in data.items.positions(frame["item_id"])]))


@pytest.mark.parametrize(
    ("intent", "category"),
    [("想去博物馆", "博物馆"), ("我想看古镇", "古镇"), ("周末去登山怎么样？", "登山")],
)
def test_a_wish_in_chinese_is_followed(
    attractions: tuple[PromptFusionRecommender, Split], intent: str, category: str
) -> None:
    model, split = attractions
    history = split.test.history
    before = share(model, history, "", category)
    assert share(model, history, intent, category) > max(2 * before, before + 0.3)


def test_small_talk_changes_little(attractions: tuple[PromptFusionRecommender, Split]) -> None:
    model, split = attractions
    asked = Queries(split.test.history, np.arange(split.test.history.n_users))
    plain = recommend(model, asked, 5)
    talk = Queries(asked.history, asked.users, intent="今天下雨了，我们在家。")
    pairs = zip(plain.groupby("user_id"), recommend(model, talk, 5).groupby("user_id"), strict=True)
    kept = [len(set(a["item_id"]) & set(b["item_id"])) / 5 for (_, a), (_, b) in pairs]
    assert np.mean(kept) > 0.8


@pytest.mark.parametrize("name", LIBRARY)
def test_templates_of_the_library_ask_for_nothing_by_themselves(
    attractions: tuple[PromptFusionRecommender, Split], name: str
) -> None:
    model, split = attractions
    users = np.arange(split.test.history.n_users)
    asked = Queries(split.test.history, users, template=LIBRARY[name])
    assert model._side.tokeniser.bonus(model._side.reading(asked, "")) is None


def test_a_wish_to_avoid_is_followed_and_reported(
    attractions: tuple[PromptFusionRecommender, Split],
) -> None:
    model, split = attractions
    assert model.wish_reader.read("不要博物馆").avoided == ("博物馆",)
    assert share(model, split.test.history, "不要博物馆", "博物馆") == 0


def test_corrections_and_strength_reach_what_the_model_makes_of_words(
    attractions: tuple[PromptFusionRecommender, Split],
) -> None:
    model, split = attractions
    plain = Queries(split.test.history, np.arange(split.test.history.n_users))
    wish = "想去博物馆"
    gone = Corrections(wish, tuple((v, Mark.REMOVED) for v in model.wish_reader.read(wish).wanted))
    for queries in (
        replace(plain, intent=wish, corrections=gone),
        replace(plain, intent=wish, strength=0.0),
    ):
        np.testing.assert_array_equal(model.score(queries), model.score(plain))
        np.testing.assert_array_equal(scores(model, queries), model.score(plain))
    values = split.test.history.attribute_values("category")
    museums = np.array(["博物馆" in value for value in values])
    only = replace(plain, intent=wish, corrections=gone.marked("博物馆", None))
    found = [
        museums[np.argsort(-scores(model, replace(only, strength=s)))[:, :5]].mean()
        for s in (0, 0.25, 0.5, 0.75, 1)
    ]
    assert found == sorted(found) and found[0] < found[2] and found[4] == 1
    avoided = gone.marked("博物馆", Mark.AVOID)
    turned = scores(model, replace(plain, intent=wish, corrections=avoided))
    assert not museums[np.argsort(-turned)[:, :5]].any()


def test_taste_still_shows_under_a_wish(
    attractions: tuple[PromptFusionRecommender, Split],
) -> None:
    model, split = attractions
    users = np.arange(split.test.history.n_users)
    frame = recommend(model, Queries(split.test.history, users, intent="想去古镇"), 5)
    lists = frame.groupby("user_id")["item_id"].agg(frozenset)
    assert lists.nunique() > len(users) / 4
