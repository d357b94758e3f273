"""What prompt fusion is trained to find: the next items, and what was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.models.prompt_fusion import PromptFusionConfig, PromptFusionRecommender
from recsys.models.prompt_fusion.texts import SMALL_TALK, WISHES
from recsys.models.sequences import SOON
from recsys.splitting import first_meetings
from tests.models.support import planted

SMALL = PromptFusionConfig(dimension=8, layers=1, batch_positions=64)


def prepared(data: Dataset, config: PromptFusionConfig = SMALL) -> PromptFusionRecommender:
    model = PromptFusionRecommender(config)
    model.prepare(data, seed=0)
    return model


def histories(*told: str) -> Dataset:
    """A letter is an item; a user is a word."""
    rows = [(f"u{user}", item) for user, items in enumerate(told) for item in items]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]), name="told")


class TestSoon:
    def soon(self, data: Dataset, *, wished: bool = False) -> list[dict[str, float]]:
        """The targets that count at every first meeting, with their weights."""
        events = np.flatnonzero(first_meetings(data))
        targets, weights = prepared(data)._targets(
            data.user[events], events, wished=np.full(len(events), wished)
        )
        assert targets.shape == weights.shape == (len(events), len(SOON))
        return [
            {str(data.items.ids[t]): w for t, w in zip(row, of, strict=True) if w}
            for row, of in zip(targets.tolist(), weights.tolist(), strict=True)
        ]

    def test_what_comes_later_counts_less(self) -> None:
        one, two, three = SOON
        assert one > two > three > 0
        assert self.soon(histories("abcd", "xy"))[:2] == [
            pytest.approx({"a": one, "b": two, "c": three}),
            pytest.approx({"b": one, "c": two, "d": three}),
        ]

    def test_what_others_met_does_not_count(self) -> None:
        one, two, _ = SOON
        assert self.soon(histories("ab", "xy", "c")) == [
            pytest.approx({"a": one, "b": two}),
            pytest.approx({"b": one}),
            pytest.approx({"x": one, "y": two}),
            pytest.approx({"y": one}),
            pytest.approx({"c": one}),
        ]

    def test_what_is_met_again_does_not_count(self) -> None:
        one, two, three = SOON
        assert self.soon(histories("abacb", "x")) == [
            pytest.approx({"a": one, "b": two}),
            pytest.approx({"b": one, "c": three}),
            pytest.approx({"c": one}),
            pytest.approx({"x": one}),
        ]

    def test_a_wish_is_for_the_very_next(self) -> None:
        expected = [{item: pytest.approx(SOON[0])} for item in "abcdxy"]
        assert self.soon(histories("abcd", "xy"), wished=True) == expected


class TestAsked:
    """What is asked at each training position."""

    N = 6000

    def asked(self, config: PromptFusionConfig) -> tuple[np.ndarray, list[str], Dataset]:
        """Targets, and what was asked at each, "" for nothing."""
        data = planted()
        model = prepared(data, config)
        targets = np.random.default_rng(0).choice(data.item, self.N)
        intents = model._draws(targets, np.random.default_rng(1))
        assert len(set(intents.texts)) == len(intents.texts)
        return targets, [intents.texts[i] if i >= 0 else "" for i in intents.of], data

    def share(self, texts: list[str], among: set[str]) -> float:
        return sum(text in among for text in texts) / len(texts)

    @pytest.mark.parametrize(("wishes", "talk"), [(0.25, 0.1), (0.0, 0.3), (0.5, 0.0), (0.6, 0.4)])
    def test_shares(self, wishes: float, talk: float) -> None:
        config = replace(SMALL, intent_share=wishes, small_talk_share=talk)
        _, texts, _ = self.asked(config)
        assert self.share(texts, set(SMALL_TALK)) == pytest.approx(talk, abs=0.02)
        assert self.share(texts, {""}) == pytest.approx(1 - wishes - talk, abs=0.02)

    def test_all_of_the_small_talk_comes_equally_often(self) -> None:
        _, texts, _ = self.asked(replace(SMALL, intent_share=0.0, small_talk_share=1.0))
        for text in SMALL_TALK:
            assert texts.count(text) == pytest.approx(self.N / len(SMALL_TALK), rel=0.25)

    def test_a_wish_is_for_a_value_of_the_target(self) -> None:
        config = replace(SMALL, intent_share=1.0, small_talk_share=0.0)
        targets, texts, data = self.asked(config)
        genres = data.attribute_values("genres")
        for target, text in zip(targets, texts, strict=True):
            wishes = {w.format(value=g.lower()) for g in genres[target] for w in WISHES}
            assert text in wishes

    def test_without_attributes_there_is_only_small_talk(self) -> None:
        data = histories("abc", "bca")
        config = replace(SMALL, intent_share=0.5, small_talk_share=0.5)
        intents = prepared(data, config)._draws(np.tile(data.item, 50), np.random.default_rng(1))
        assert intents.texts and set(intents.texts) <= set(SMALL_TALK)
