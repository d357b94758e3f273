"""What prompt fusion is trained on: what is asked, what came, and how much of it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.models import sequences
from recsys.models.prompt_fusion import PromptFusionConfig
from recsys.models.prompt_fusion.training_batches import TrainingBatch, TrainingBatches
from recsys.models.prompt_side.intent_draws import IntentDraws
from recsys.models.sequences import NEXT_ITEM_WEIGHTS, NEXT_ITEM_WEIGHTS_IF_DENSE
from recsys.splitting import first_meetings
from recsys.wishes.facets import Facets
from recsys.wishes.requests import SMALL_TALK, WISHES
from tests.models.support import planted

SMALL = PromptFusionConfig(dimension=8, layers=1, batch_positions=64)


def training_batches(data: Dataset, config: PromptFusionConfig = SMALL) -> TrainingBatches:
    return TrainingBatches(data, Facets.of(data), config.template, config)


def histories(*told: str) -> Dataset:
    """A letter is an item; a user is a word."""
    rows = [(f"u{user}", item) for user, items in enumerate(told) for item in items]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]), name="told")


class TestNextItems:
    def next_items(self, data: Dataset, *, wish_share: float = 0.0) -> list[dict[str, float]]:
        """The targets that count at every first meeting, with their weights."""
        config = replace(SMALL, intent_share=wish_share, small_talk_share=0.0)
        found = {}
        for batch in training_batches(data, config).batches(np.random.default_rng(0)):
            assert batch.targets.shape == (len(batch.events), len(NEXT_ITEM_WEIGHTS))
            for event, row, of in zip(
                batch.events, batch.targets.tolist(), batch.weights.tolist(), strict=True
            ):
                told = zip(row, of, strict=True)
                found[int(event)] = {str(data.items.ids[t]): w for t, w in told if w}
        assert sorted(found) == np.flatnonzero(first_meetings(data)).tolist()
        return [found[event] for event in sorted(found)]

    def test_what_comes_later_counts_less(self) -> None:
        one, two, three = NEXT_ITEM_WEIGHTS
        assert one > two > three > 0
        assert self.next_items(histories("abcd", "xy"))[:2] == [
            pytest.approx({"a": one, "b": two, "c": three}),
            pytest.approx({"b": one, "c": two, "d": three}),
        ]

    def test_what_others_met_does_not_count(self) -> None:
        one, two, _ = NEXT_ITEM_WEIGHTS
        assert self.next_items(histories("ab", "xy", "c")) == [
            pytest.approx({"a": one, "b": two}),
            pytest.approx({"b": one}),
            pytest.approx({"x": one, "y": two}),
            pytest.approx({"y": one}),
            pytest.approx({"c": one}),
        ]

    def test_what_is_met_again_does_not_count(self) -> None:
        one, two, three = NEXT_ITEM_WEIGHTS
        assert self.next_items(histories("abacb", "x")) == [
            pytest.approx({"a": one, "b": two}),
            pytest.approx({"b": one, "c": three}),
            pytest.approx({"c": one}),
            pytest.approx({"x": one}),
        ]

    def test_of_dense_data_the_order_says_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sequences, "DENSE_EVENTS", 1)
        monkeypatch.setattr(sequences, "DENSE_EVENTS_PER_ITEM", 1)
        one, two, three = NEXT_ITEM_WEIGHTS_IF_DENSE
        assert two < NEXT_ITEM_WEIGHTS[1]
        assert self.next_items(histories("abcd", "xy"))[0] == pytest.approx(
            {"a": one, "b": two, "c": three}
        )

    def test_a_wish_is_for_the_very_next(self) -> None:
        data = planted()
        targets = data.item[first_meetings(data)]
        assert (np.diff(Facets.of(data).held.indptr) > 0).all()  # there is a wish for every item
        expected = [{str(data.items.ids[t]): pytest.approx(NEXT_ITEM_WEIGHTS[0])} for t in targets]
        assert self.next_items(data, wish_share=1.0) == expected


class TestAsked:
    """What is asked at each training position."""

    N = 6000

    def asked(self, config: PromptFusionConfig) -> tuple[np.ndarray, list[str], Dataset]:
        """Targets, and what was asked at each, "" for nothing."""
        data = planted()
        draws = IntentDraws(Facets.of(data), config.intent_share, config.small_talk_share)
        targets = np.random.default_rng(0).choice(data.item, self.N)
        intents = draws(targets, np.random.default_rng(1))
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
        intents = IntentDraws(Facets.of(data), 0.5, 0.5)(
            np.tile(data.item, 50), np.random.default_rng(1)
        )
        assert intents.texts and set(intents.texts) <= set(SMALL_TALK)


class TestPrompts:
    """Which batches read a prompt, and which one."""

    def drawn(self, share: float, prompted: int = 100_000) -> list[TrainingBatch]:
        config = replace(
            SMALL, batch_positions=4, other_prompt_share=share, prompted_positions=prompted
        )
        return list(training_batches(planted(), config).batches(np.random.default_rng(0)))

    def test_on_little_data_all_do(self) -> None:
        assert {batch.template for batch in self.drawn(0.0)} == {SMALL.template}

    def test_some_read_another_of_the_library(self) -> None:
        others = [batch.template is not SMALL.template for batch in self.drawn(0.5)]
        assert 0.2 < np.mean(others) < 0.7

    def test_on_large_data_most_train_the_sequence_encoder_alone(self) -> None:
        drawn = self.drawn(0.0, prompted=int(first_meetings(planted()).sum() // 4))
        alone = [batch for batch in drawn if batch.template is None]
        assert len(alone) / len(drawn) == pytest.approx(0.75, abs=0.12)
        for batch in alone:
            assert not batch.intents.texts and not batch.forget.any()
