"""What every recommender in `MODELS` promises; a new entry is tested the moment it is listed."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.feedback import Feedback, history_with
from recsys.models import MODELS, Queries, Recommender
from recsys.models.base import GradientRecommender
from recsys.prompts import LIBRARY, Template
from recsys.recommend import recommend
from recsys.schema import RunError
from recsys.splitting import leave_last_out
from recsys.training import Step, TrainingConfig, Validated, fit
from recsys.wishes.steering import FollowsWishes
from tests.models.support import (
    CLOSE,
    GROUP,
    UNTRAINED,
    fitted,
    found,
    planted,
    shared,
    small_model,
    split,
)

every_model = pytest.mark.parametrize("name", MODELS)


def everybody(data: Dataset) -> Queries:
    return Queries(data, np.arange(data.n_users))


def trained(name: str) -> Recommender:
    return shared(name)[0]


@every_model
class TestScores:
    def test_have_a_finite_number_for_every_item(self, name: str) -> None:
        data = split().test.history
        scores = trained(name).score(everybody(data))
        assert scores.shape == (data.n_users, data.n_items)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_do_not_depend_on_who_else_is_asked_for(self, name: str) -> None:
        # Histories of many lengths, so that batches are padded differently.
        data = planted()
        rng = np.random.default_rng(0)
        data = data.select(rng.random(data.n_events) < 0.6)
        model = trained(name)
        together = model.score(everybody(data))
        for user in range(0, data.n_users, 7):
            alone = model.score(Queries(data, np.array([user])))
            np.testing.assert_allclose(alone[0], together[user], **CLOSE)

    def test_come_in_the_order_asked_and_as_often(self, name: str) -> None:
        data = split().test.history
        users = np.array([5, 2, 5, 0])
        scores = trained(name).score(Queries(data, users))
        np.testing.assert_allclose(scores, trained(name).score(everybody(data))[users], **CLOSE)

    def test_follow_new_events_if_the_model_says_so(self, name: str) -> None:
        data = split().train
        history = history_with(data, [Feedback(item, 5) for item in (3, 9, 4)], user=2)
        model = trained(name)
        before = model.score(Queries(data, np.array([2])))
        after = model.score(Queries(history, np.array([0])))
        assert model.reads_history is not np.allclose(before, after, **CLOSE)

    def test_exist_for_nobody(self, name: str) -> None:
        data = split().train
        scores = trained(name).score(Queries(data, np.zeros(0, dtype=np.int64)))
        assert scores.shape == (0, data.n_items)
        assert scores.dtype == np.float32

    def test_exist_for_users_without_events(self, name: str) -> None:
        data = split().train
        without = data.select((data.user != 3) & (data.user != data.n_users - 1))
        nobody = data.select(np.zeros(data.n_events, dtype=bool))
        assert np.isfinite(trained(name).score(Queries(without, np.array([3, 4])))).all()
        assert np.isfinite(trained(name).score(everybody(nobody))).all()

    def test_exist_for_new_users_who_do_not_get_those_of_others(self, name: str) -> None:
        """A history may hold users that training never saw; items stay the same."""
        stranger = pd.DataFrame({"user_id": ["stranger"] * 2, "item_id": ["c1", "c2"]})
        _, items, _ = split().train.to_frames()
        history = Dataset.from_frames(stranger, items, name="one more")
        model = trained(name)
        scores = model.score(everybody(history))
        more = planted(extra_events=stranger.assign(rating=5.0))
        expected = model.score(Queries(more, np.array([more.users.position("stranger")])))
        assert np.isfinite(scores).all()
        template = LIBRARY["rating-question"]  # says nothing of users, whose columns are gone
        if model.reads_prompts:
            scores = model.score(Queries(history, np.array([0]), template))
            user = np.array([more.users.position("stranger")])
            expected = model.score(Queries(more, user, template))
        np.testing.assert_allclose(scores, expected, **CLOSE)

    def test_belong_to_items_by_position(self, name: str) -> None:
        """Films that nobody met, amid the catalogue, get the least."""
        if name in (*UNTRAINED, "prompt-fusion"):
            pytest.skip("it tells them by their words, see the tests of its own")
        data = planted()
        scores = trained(name).score(everybody(data)).sum(0)
        never = data.items.positions(["never1", "never2"])
        assert scores[never].max() < np.delete(scores, never).min()

    def test_change_neither_the_data_nor_the_model(self, name: str) -> None:
        data = planted()
        arrays = [data.user, data.item, data.rating]
        before = [array.copy() for array in arrays if array is not None]
        frames = data.item_frame.copy(deep=True), data.user_frame.copy(deep=True)
        model = trained(name)
        weights = {k: v.copy() for k, v in model.tensors().items()}
        first = model.score(Queries(data, np.arange(9), intent="a comedy"))
        second = model.score(Queries(data, np.arange(9), intent="a comedy"))
        assert np.array_equal(first, second)
        for then, now in zip(before, arrays, strict=True):
            assert now is not None and np.array_equal(then, now)
        pd.testing.assert_frame_equal(frames[0], data.item_frame)
        pd.testing.assert_frame_equal(frames[1], data.user_frame)
        for key, value in model.tensors().items():
            assert np.array_equal(value, weights[key])

    def test_change_with_words_only_if_the_model_reads_prompts(self, name: str) -> None:
        model, data = trained(name), split().test.history
        users = np.arange(10)
        plain = model.score(Queries(data, users))
        wished = model.score(Queries(data, users, intent="I want a western."))
        other = model.score(Queries(data, users, template=LIBRARY["profile"]))
        blank = model.score(Queries(data, users, intent=" \n"))
        assert np.array_equal(blank, plain)
        if model.reads_prompts:
            assert not np.allclose(wished, plain, **CLOSE)
            assert not np.allclose(other, plain, **CLOSE)
        else:
            assert np.array_equal(wished, plain)
            assert np.array_equal(other, plain)

    def test_tell_facts_and_summaries_as_far_as_they_fit_if_the_model_reads_prompts(
        self, name: str
    ) -> None:
        model, plain = trained(name), split().test.history
        ids = plain.items.ids
        facts = pd.DataFrame({"column": "", "subject": ids, "fact": [f"of {i}" for i in ids]})
        data = plain.with_knowledge(facts)

        def scores(source: str, history: Dataset = data) -> np.ndarray:
            return model.score(Queries(history, np.arange(6), Template.parse(source)))

        told = scores("Films. {{ knowledge }}")
        assert np.isfinite(told).all()
        changed = [
            scores("Films. {{ knowledge }}", plain),
            scores("Films. {{ knowledge|first(1) }}"),
            scores("Films. {{ knowledge|truncate_tokens(4) }}"),
            scores("Films. {{ recent_genres }}{{ genres_counts }}"),
        ]
        for other in changed:
            assert np.allclose(other, told, **CLOSE) != model.reads_prompts
        # Two facts of two words each.
        same = scores("Films. {{ knowledge|truncate_tokens(5) }}"), changed[2]
        np.testing.assert_array_equal(*same)


@every_model
class TestWishes:
    """`recommend` lets every model follow a wish, with or without words of its own."""

    def listed(self, name: str, user: int, intent: str, k: int) -> pd.DataFrame:
        queries = Queries(split().test.history, np.array([user]), intent=intent)
        return recommend(trained(name), queries, k)

    def test_for_a_kind_fills_the_list_with_it(self, name: str) -> None:
        listed = self.listed(name, 0, "I want a western.", GROUP)  # user 0 met comedies
        assert listed["item_id"].str[0].tolist() == ["w"] * GROUP

    def test_against_a_kind_leaves_none_of_it(self, name: str) -> None:
        listed = self.listed(name, 1, "no comedies", 4)  # two westerns and two dramas are new
        assert set(listed["item_id"].str[0]) == {"w", "n"}

    def test_for_a_time_come_first(self, name: str) -> None:
        data = split().test.history
        years = dict(zip(data.items.ids, data.item_frame["year"], strict=True))
        met = set(data.items.ids[data.history(0)])
        left = [item for item in years if years[item] < 2000 and item not in met]
        listed = self.listed(name, 0, "from the nineties", len(left))
        assert set(listed["item_id"]) == set(left)

    def test_in_the_order_of_the_users_own_scores(self, name: str) -> None:
        plain = self.listed(name, 0, "", 2 * GROUP)
        wished = self.listed(name, 0, "I want a western.", GROUP)
        if not isinstance(trained(name), FollowsWishes) and not trained(name).reads_prompts:
            westerns = [item for item in plain["item_id"] if item[0] == "w"]
            assert wished["item_id"].tolist() == westerns

    def test_that_ask_for_nothing_change_nothing(self, name: str) -> None:
        plain, chatted = (self.listed(name, 0, words, 5) for words in ("", "Surprise me."))
        pd.testing.assert_frame_equal(chatted, plain)


@every_model
class TestExchangedValues:
    """A variable of a prompt may have the value of another user; all else stays one's own."""

    def test_of_nothing_or_of_oneself_change_nothing(self, name: str) -> None:
        model, data = trained(name), split().test.history
        users = np.array([5, 2, 5, 0])
        plain = model.score(Queries(data, users))
        themselves = {"history": np.arange(data.n_users)}
        for exchanged in ({}, themselves, {"nobody_knows": np.roll(np.arange(data.n_users), 1)}):
            scores = model.score(Queries(data, users, exchanged=exchanged))
            assert np.array_equal(scores, plain)

    def test_of_users_with_equal_histories_change_nothing(self, name: str) -> None:
        model, data = trained(name), split().test.history
        alike, other = 2 * GROUP, 1
        assert np.array_equal(data.history(0), data.history(alike))
        assert not np.array_equal(data.history(0), data.history(other))
        plain = model.score(everybody(data))
        exchanged = np.arange(data.n_users)
        exchanged[[0, alike]] = alike, 0
        asked = Queries(data, np.arange(data.n_users), exchanged={"history": exchanged})
        scores = model.score(asked)
        assert np.array_equal(scores, plain)

    def test_change_the_scores_of_what_reads_them(self, name: str) -> None:
        model, data = trained(name), split().test.history
        exchanged = np.arange(data.n_users)
        exchanged[[0, 1]] = 1, 0
        users, silent = np.array([2, 1, 0, 1]), LIBRARY["rating-question"]
        assert "history" not in silent.variables
        for template in (None, silent):
            plain = model.score(Queries(data, users, template))
            asked = Queries(data, users, template, exchanged={"history": exchanged})
            scores = model.score(asked)
            np.testing.assert_allclose(scores[0], plain[0], **CLOSE)
            np.testing.assert_allclose(scores[1], scores[3], **CLOSE)
            if model.reads_prompts and template is None:
                assert not np.allclose(scores[1], plain[1], **CLOSE)
                assert not np.allclose(scores[2], plain[2], **CLOSE)
            else:
                assert np.array_equal(scores, plain)

    def test_of_users_who_have_none_change_nothing(self, name: str) -> None:
        """What depends on whether there is a value stays as it is."""
        model, data = trained(name), split().test.history
        data = data.select(data.user != 3)
        exchanged = np.arange(data.n_users)
        exchanged[[3, 4]] = 4, 3
        users = np.array([3, 4])
        asked = Queries(data, users, exchanged={"history": exchanged})
        assert np.array_equal(model.score(asked), model.score(Queries(data, users)))


@every_model
class TestSaving:
    def test_keeps_the_scores_and_needs_no_pickle(self, name: str, tmp_path: Path) -> None:
        model, data = trained(name), split().test.history
        model.save(tmp_path / "model")
        written = {path.name for path in (tmp_path / "model").iterdir()}
        assert written == {"config.json", "model.safetensors"}
        config = json.loads((tmp_path / "model" / "config.json").read_text("utf-8"))
        assert config["model"] == name
        again = MODELS[name].load(tmp_path / "model", data)
        assert again.config == model.config
        assert np.array_equal(again.score(everybody(data)), model.score(everybody(data)))
        asked = Queries(data, np.arange(7), LIBRARY["profile"], "a western")
        assert np.array_equal(again.score(asked), model.score(asked))

    def test_works_with_data_that_was_saved_too(self, name: str, tmp_path: Path) -> None:
        model, data = trained(name), planted()
        model.save(tmp_path / "model")
        data.save(tmp_path / "data")
        loaded = Dataset.load(tmp_path / "data")
        again = MODELS[name].load(tmp_path / "model", loaded)
        scores = again.score(everybody(loaded))
        np.testing.assert_allclose(scores, model.score(everybody(data)), **CLOSE)
        again.save(tmp_path / "again")  # a loaded model can be saved like any other
        for file in ("config.json", "model.safetensors"):
            written = (tmp_path / "again" / file).read_bytes()
            assert written == (tmp_path / "model" / file).read_bytes()

    @pytest.mark.parametrize("damage", ["no folder", "torn", "not JSON", "no tensors", "unknown"])
    def test_damage_is_reported(self, name: str, damage: str, tmp_path: Path) -> None:
        folder = tmp_path / "model"
        trained(name).save(folder)
        config, tensors = folder / "config.json", folder / "model.safetensors"
        if damage == "no folder":
            folder = tmp_path / "other"
        elif damage == "torn":
            tensors.write_bytes(tensors.read_bytes()[:-20])
        elif damage == "not JSON":
            config.write_text("{")
        elif damage == "no tensors":
            from safetensors.numpy import save_file

            save_file({}, tensors)
        else:
            told = json.loads(config.read_text("utf-8"))
            told["config"]["nobody_knows"] = 1
            config.write_text(json.dumps(told), "utf-8")
        with pytest.raises(RunError):
            MODELS[name].load(folder, split().train)


@pytest.mark.parametrize("name", [n for n in MODELS if n not in {"popularity", *UNTRAINED}])
def test_finds_the_pattern(name: str) -> None:
    popular = found(trained("popularity"), split().test)
    assert found(trained(name), split().test) > 1.5 * popular
    assert found(trained(name), split().validation) > 1.5 * popular


@pytest.mark.parametrize("name", [n for n in MODELS if issubclass(MODELS[n], GradientRecommender)])
def test_brings_the_loss_down(name: str) -> None:
    losses = [event.loss for event in shared(name)[1] if isinstance(event, Step)]
    assert losses[0] == pytest.approx(np.log(split().train.n_items), rel=0.75)
    # A busy machine reports single steps, whose batches differ; the last ones are told together.
    assert np.mean(losses[-5:]) < 0.75 * losses[0]


@every_model
class TestLearning:
    def test_is_the_same_for_a_seed(self, name: str) -> None:
        asked = everybody(split().test.history)
        (first, told), (second, told_again) = (fitted(name, seed=3, epochs=2) for _ in range(2))
        assert np.array_equal(first.score(asked), second.score(asked))
        # Not the losses: how many steps each one sums up depends on the clock.
        ndcgs = [[e.ndcg for e in each if isinstance(e, Validated)] for each in (told, told_again)]
        assert ndcgs[0] == ndcgs[1]
        # Another seed gives another model where anything is drawn: only gradients are.
        other, _ = fitted(name, seed=4, epochs=2)
        same = np.array_equal(other.score(asked), first.score(asked))
        assert same is not isinstance(other, GradientRecommender)

    def test_leaves_the_model_as_it_was_in_its_best_epoch(self, name: str) -> None:
        """Also what a model computes once and keeps has to be that of the best weights.

        Items that nobody met may be brought in after training.
        """
        met = np.bincount(split().train.item, minlength=split().train.n_items) > 0
        model, asked, measured = small_model(name), everybody(split().test.history), []
        best = 2 if isinstance(model, GradientRecommender) else 1

        def measure(model: Recommender) -> float:
            """Only what scores as after the best epoch is good, also while it is calibrated."""
            measured.append(model.score(asked)[:, met])
            return float(len(measured) >= best and np.array_equal(measured[-1], measured[best - 1]))

        list(fit(model, split(), TrainingConfig(epochs=4), validate=measure))
        assert np.array_equal(model.score(asked)[:, met], measured[best - 1])


@every_model
class TestPlainData:
    """Most uploads have less than a sample has."""

    def trained_on(self, name: str, data: Dataset) -> Recommender:
        model, parted = small_model(name), leave_last_out(data)
        validate = partial(found, holdout=parted.validation)
        list(fit(model, parted, TrainingConfig(epochs=2), validate=validate))
        return model

    @pytest.mark.parametrize("timed", [True, False], ids=["times", "no times"])
    @pytest.mark.parametrize("titled", [True, False], ids=["titles", "ids only"])
    def test_without_attributes(self, name: str, titled: bool, timed: bool, tmp_path: Path) -> None:
        rows = [(f"u{user}", f"i{(user + 2 * step) % 9}") for user in range(8) for step in range(5)]
        events = pd.DataFrame(rows, columns=["user_id", "item_id"])
        if timed:
            events["timestamp"] = range(1_000_000, 1_000_000 + len(events))
        items = pd.DataFrame({"item_id": [f"i{n}" for n in range(9)]})
        if titled:
            items["title"] = [f"Film {n}" for n in range(9)]
        data = Dataset.from_frames(events, items, name="plain")
        assert (data.timestamp is None) != timed and not data.item_attributes
        model = self.trained_on(name, data)
        asked = Queries(data, np.arange(data.n_users), intent="a comedy")
        assert np.isfinite(model.score(asked)).all()
        model.save(tmp_path)
        assert np.array_equal(MODELS[name].load(tmp_path, data).score(asked), model.score(asked))


@every_model
class TestWords:
    def test_are_there_for_people(self, name: str) -> None:
        kind = MODELS[name]
        assert kind.name == name
        assert kind.title and kind.summary.endswith(".")

    def test_what_reads_prompts_has_a_prompt_and_a_language_model(self, name: str) -> None:
        settings = asdict(small_model(name).config)
        assert ({"prompt", "language_model"} <= set(settings)) == MODELS[name].reads_prompts

    def test_settings_are_a_frozen_value(self, name: str) -> None:
        config = MODELS[name]().config
        assert config == MODELS[name]().config
        told = json.dumps(asdict(config))
        assert type(config)(**json.loads(told)) == config
        assert hash(config) == hash(MODELS[name]().config)

    def test_unknown_settings_are_refused(self, name: str) -> None:
        kind = type(MODELS[name]().config)
        with pytest.raises(TypeError):
            kind(nobody_knows=1)

    def test_item_vectors_say_which_items_are_alike(self, name: str) -> None:
        vectors = trained(name).item_vectors()
        if vectors is None:
            return
        data = split().train
        assert vectors.ndim == 2 and len(vectors) == data.n_items
        assert np.isfinite(vectors).all()
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        likeness = unit @ unit.T
        comedies, westerns = (
            data.items.positions([f"{kind}{n}" for n in range(8)]) for kind in "cw"
        )
        within = likeness[np.ix_(comedies, comedies)].mean()
        assert within > likeness[np.ix_(comedies, westerns)].mean()
