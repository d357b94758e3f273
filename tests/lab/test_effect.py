"""What an edit of a prompt does, on a small trained model and on made-up lists."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation import paired_bootstrap
from recsys.evaluation.protocol import rank
from recsys.evaluation.slices import Slice
from recsys.lab.effect import Effect, Measured, PromptLab
from recsys.lab.readings import WHOLE, WORDS, modes_of
from recsys.models import Queries
from recsys.prompts import Template
from recsys.runs.measure import evaluate_model
from recsys.schema import ConfigError, Message
from tests.models.support import SHORT_PROMPT, shared, small_model, split

EDITED = Template.parse("Something quite different: {{ genres|join(', ') }}.")


@pytest.fixture(scope="module")
def lab() -> PromptLab:
    return PromptLab(shared("prompt-fusion")[0], split().test)


def test_the_trained_prompt_measures_as_the_run_does(lab: PromptLab) -> None:
    expected = evaluate_model(lab.model, split())
    measured = lab.measure(None)
    for metric in ("ndcg@10", "recall@10"):
        np.testing.assert_allclose(measured.per_user[metric], expected.per_user[metric], atol=1e-9)
    assert np.array_equal(measured.lists, expected.recommended[:, :10])


def test_the_same_words_change_nothing(lab: PromptLab) -> None:
    effect = lab.compare(Template.parse(SHORT_PROMPT), None)
    for change in effect.metrics.values():
        assert change.a == change.b
        assert not change.comparison.distinguishable
        assert change.comparison.p_value == 1.0
    assert not effect.moved().any()
    assert not len(effect.gained(5))
    assert not len(effect.lost(5))


def test_an_edit_is_compared_user_by_user(lab: PromptLab) -> None:
    effect = lab.compare(EDITED, None)
    a, b = effect.a.per_user["ndcg@10"], effect.b.per_user["ndcg@10"]
    change = effect.metrics["ndcg@10"]
    assert (change.a, change.b) == (a.mean(), b.mean())
    assert change.comparison == paired_bootstrap(a, b)
    np.testing.assert_allclose(effect.gains, a - b, atol=1e-9)
    of_slice = effect.slices["genres: Western"].mask
    assert effect.change("ndcg@10", of_slice).a == a[of_slice].mean()
    told = effect.to_dict()
    assert told["users"] == len(a)
    assert list(told["metrics"]) == ["ndcg@10", "recall@10"]
    assert list(told["metrics"]["ndcg@10"]) == ["a", "b", "delta", "low", "high", "p_value"]


def test_the_words_are_measured_alone_as_the_model_reads_them_alone(lab: PromptLab) -> None:
    template = Template.parse("{{ history|last }}")
    assert modes_of(lab.model) == (WORDS, WHOLE)
    effect = lab.compare(template, EDITED, mode=WORDS)
    holdout = lab.holdout
    for measured, prompt in ((effect.a, template), (effect.b, EDITED)):
        asked = Queries(holdout.history, holdout.users, prompt, history_weight=0.0)
        lists = rank(lambda users, asked=asked: lab.model.score(asked), holdout, 10, 999)
        np.testing.assert_array_equal(measured.lists, lists)
    assert effect.moved().sum() > lab.compare(template, EDITED).moved().sum()


def test_a_model_of_one_reading_is_measured_in_that() -> None:
    assert modes_of(shared("zero-shot")[0]) == (WHOLE,)


def test_what_was_measured_is_kept(lab: PromptLab) -> None:
    seen: list[tuple[int, int]] = []
    again = Template.parse(EDITED.source + " More.")
    assert lab.measure(again, lambda *count: seen.append(count)) is lab.measure(
        again, lambda *count: pytest.fail("measured twice")
    )
    assert seen[-1] == (len(lab.holdout.users),) * 2


def test_who_gains_and_who_loses() -> None:
    def measured(values: list[float], lists: list[list[int]]) -> Measured:
        return Measured(None, np.array(lists), {"ndcg@10": np.array(values)})

    effect = Effect(
        split().test,
        measured([0.5, 0.0, 1.0, 0.2], [[1, 2, 3], [4, 5, -1], [6, 7, 8], [1, 2, 3]]),
        measured([0.0, 0.4, 0.2, 0.2], [[3, 2, 1], [5, 6, -1], [1, 2, 3], [1, 2, 4]]),
    )
    assert effect.gained(9).tolist() == [2, 0]
    assert effect.gained(1).tolist() == [2]
    assert effect.lost(9).tolist() == [1]
    assert effect.moved().tolist() == [0, 1, 3, 1]


def test_of_many_groups_without_an_effect_hardly_ever_one_stands_out() -> None:
    """Each by itself, one of twenty would in two worlds of three."""
    groups = [Slice(f"{g}", Message("g"), np.arange(400) % 20 == g) for g in range(20)]
    wrong = 0
    for world in range(40):
        gains = np.random.default_rng(world).normal(size=400)
        measured = (
            Measured(None, np.zeros((400, 1)), {"ndcg@10": each}) for each in (gains, gains * 0)
        )
        found = Effect(split().test, *measured).among(groups)
        assert found[3].delta == pytest.approx(gains[groups[3].mask].mean())
        wrong += any(one.distinguishable for one in found)
    assert wrong <= 6


def test_a_model_without_prompts_is_refused() -> None:
    with pytest.raises(ConfigError, match="sasrec reads no prompts"):
        PromptLab(small_model("sasrec"), split().test)
