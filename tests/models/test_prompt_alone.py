"""The prompt alone: nothing of a person is read but what their rendered prompt says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from recsys.dataset import Dataset
from recsys.models import MODELS, Queries
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.models.prompt_side.told import told_history
from recsys.prompts import LIBRARY, Template, Variable, Verbaliser, Words
from recsys.prompts.contexts.reading import PromptReader
from recsys.schema import ConfigError
from tests.models.support import CLOSE, planted, shared, small_model, split

TEMPLATES = {
    **{name: template for name, template in LIBRARY.items() if template.language == "en"},
    "whole": Template.parse("{{ history }} {{ genres_counts }} {{ recent_genres|first(1) }}"),
    "oldest": Template.parse("Liked: {{ liked|first(2)|reverse }}. Not: {{ disliked|last }}."),
    "latest": Template.parse("{{ history|last }}"),
    "words": Template.parse("The user likes westerns."),
}
WISHES = ("", "a western, nothing short")


def trained() -> PromptFusionRecommender:
    model = shared("prompt-fusion")[0]
    assert isinstance(model, PromptFusionRecommender)
    return model


@cache
def strangers() -> Dataset:
    """Many people of few films each, at all times and with all ratings, so that prompts repeat."""
    data, rng = planted(), np.random.default_rng(3)
    rows = [
        (f"u{user}", data.items.ids[item], float(rng.integers(1, 6)), int(rng.integers(10**9)))
        for user in range(400)
        for item in rng.choice(6, rng.integers(1, 5), replace=False)
    ]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"])
    items = data.to_frames()[1]
    return Dataset.from_frames(frame, items, name="strangers", liked_from=3.0)


every_reader = pytest.mark.parametrize(
    "model", [name for name, kind in MODELS.items() if kind.weighs_history]
)


@every_reader
@pytest.mark.parametrize("intent", WISHES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_people_with_the_same_prompt_have_the_same_scores(
    name: str, intent: str, model: str
) -> None:
    template, data = TEMPLATES[name], strangers()
    users, verbaliser = np.arange(data.n_users), Verbaliser(data)
    score = shared(model)[0].score
    alone = score(Queries(data, users, template, intent, history_weight=0.0))
    whole = score(Queries(data, users, template, intent))
    same: dict[str, list[int]] = defaultdict(list)
    for user in users:
        same[template.render(verbaliser.values(user, intent=intent)).text].append(user)
    repeated = [group for group in same.values() if len(group) > 1]
    assert repeated
    for group in repeated:
        np.testing.assert_allclose(alone[group], alone[group[:1]].repeat(len(group), 0), **CLOSE)
    if name == "latest":  # all that is known tells them apart
        assert max(np.ptp(whole[group], axis=0).max() for group in repeated) > 0.1


def test_what_the_prompt_says_is_read() -> None:
    """With the history in it, the model finds what comes next; without, it knows nothing."""
    holdout = split().test
    told, silent = (Template.parse(source) for source in ("{{ history }}", "Recommend a film."))

    def rank(template: Template) -> float:
        asked = Queries(holdout.history, holdout.users, template, history_weight=0.0)
        scores = trained().score(asked)
        target = holdout.targets.toarray().argmax(1)
        own = scores[np.arange(len(target)), target][:, None]
        return float((scores > own).sum(1).mean())

    assert rank(told) < 0.6 * rank(silent)


@every_reader
@pytest.mark.parametrize("intent", WISHES)
def test_between_both_is_their_mean(model: str, intent: str) -> None:
    asked = Queries(split().test.history, np.arange(6), intent=intent)
    score = shared(model)[0].score
    alone, some, whole = (
        score(replace(asked, history_weight=weight)) for weight in (0.0, 0.25, 1.0)
    )
    np.testing.assert_allclose(some, 0.75 * alone + 0.25 * whole, **CLOSE)
    assert np.abs(alone - whole).max() > 0.01
    np.testing.assert_array_equal(whole, score(asked))


@pytest.mark.parametrize("name", [name for name, kind in MODELS.items() if not kind.weighs_history])
def test_other_models_have_one_reading(name: str) -> None:
    asked = Queries(split().test.history, np.arange(3))
    score = shared(name)[0].score
    np.testing.assert_array_equal(score(replace(asked, history_weight=0.0)), score(asked))


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_outside_is_refused(weight: float) -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        Queries(planted(), np.arange(1), history_weight=weight)


def test_the_value_of_somebody_else_is_read_in_its_place() -> None:
    data, template = split().test.history, Template.parse("{{ history }}")
    users = np.arange(6)
    asked = Queries(data, users, template, history_weight=0.0)
    partners = np.roll(np.arange(data.n_users), 1)
    other = trained().score(replace(asked, exchanged={"history": partners}))
    own = trained().score(replace(asked, users=partners[users]))
    np.testing.assert_allclose(other, own, **CLOSE)


def test_the_history_told_is_in_order_each_once_and_without_what_was_disliked() -> None:
    ratings = [("a", 5.0), ("b", 1.0), ("c", 4.0), ("d", 5.0), ("e", 2.0)]
    events = pd.DataFrame(
        [("u", item, rating) for item, rating in ratings],
        columns=["user_id", "item_id", "rating"],
    )
    data = Dataset.from_frames(events, name="told", liked_from=3.0)
    for source, expected in {
        "{{ history|last(2) }} {{ liked|last(2) }} {{ disliked }}": "cde",
        "{{ liked|first(1) }} {{ history|first(2)|reverse }}": "ab",
        "{{ disliked }}": "",
    }.items():
        template = Template.parse(source)
        reading = PromptReader(data).read_now(template, np.array([0, 0]), wish="", exact=True)
        told = told_history(reading, data)
        for row in range(2):
            assert "".join(data.items.ids[told.history(row)]) == expected, source
        assert told.timestamp is None and told.rating is None


def test_variables_are_left_out_of_what_training_reads_alone() -> None:
    """With the words that stand only where there is one, and never of the prompt beside it."""
    model = small_model("prompt-fusion")
    assert isinstance(model, PromptFusionRecommender)
    model.config = replace(model.config, prompt="", other_prompt_share=0.0)
    model.template = model.config.template
    model.prepare(split().train, seed=0)
    left = set()
    for seed in range(4):
        for batch in model.batches(np.random.default_rng(seed)):
            assert batch.template == LIBRARY["sequential"] and batch.told is not None
            told = {piece.name for piece in batch.told.pieces if isinstance(piece, Variable)}
            words = " ".join(piece.text for piece in batch.told.pieces if isinstance(piece, Words))
            assert ("Most recently, the user chose" in words) == ("history" in told)
            assert "Recommend what the user will choose next." in words
            left.add(frozenset({"history", "interests"} - told))
    assert len(left) == 4


def test_training_reads_nothing_else_either() -> None:
    """With all of the history dropped, events that the prompt does not name change no query."""
    rows = [(f"u{user}", f"i{(user + step) % 12}") for user in range(6) for step in range(6)]
    events = pd.DataFrame(rows, columns=["user_id", "item_id"])
    items = pd.DataFrame({"item_id": [f"i{n}" for n in range(12)]})
    data = Dataset.from_frames(events, items, name="two told")
    first = np.arange(data.n_events) % 6 == 0
    other = replace(data, item=np.where(first, (data.item + 6) % 12, data.item))
    queries = []
    for train in (data, other):
        model = small_model("prompt-fusion")
        assert isinstance(model, PromptFusionRecommender)
        model.config = replace(
            model.config,
            prompt="{{ history|last(2) }}",
            history_dropout=0.9,
            forget_share=0.0,
            other_prompt_share=0.0,
        )
        model.template = model.config.template
        model.prepare(train, seed=0)
        model.network.eval()
        batches = list(model.batches(np.random.default_rng(5)))
        queries.append(
            [
                (batch.events[row], query.detach().numpy())
                for batch in batches
                for row, query in zip(
                    batch.alone, model.forward(batch).queries[len(batch.events) :], strict=True
                )
            ]
        )
    assert len(queries[0]) > 20
    for (event, one), (same, another) in zip(*queries, strict=True):
        assert event == same
        changed = np.abs(one - another).max() > 1e-5
        assert changed == (event % 6 in (1, 2))  # the first event is among the last two there
