"""Soft prompts in words, on small trained models."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.lab.discretise import discretise, in_words
from recsys.lab.effect import PromptLab
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.prompts import Template
from recsys.schema import ConfigError
from tests.models.support import SHORT_PROMPT, shared, split

TRAINED = Template.parse(SHORT_PROMPT, "short")


@pytest.mark.parametrize("name", ["prompt-fusion", "prompt-tuned", "soft-prompt"])
def test_words_stand_where_vectors_stood(name: str) -> None:
    lab = PromptLab(shared(name)[0], split().test)
    discrete = discretise(lab, TRAINED)
    words = lab.model.discretised_text([word for word in discrete.chosen if word])
    assert discrete.template.source == SHORT_PROMPT.replace("{{ soft(2) }}", words)
    assert discrete.template.soft_tokens == 0
    assert [len(discrete.near), len(discrete.chosen)] == [2, 2]
    for near, word in zip(discrete.near, discrete.chosen, strict=True):
        assert word in [*(one.word for one in near), ""]


def test_the_cost_is_measured_beside_the_trained_vectors() -> None:
    lab = PromptLab(shared("prompt-fusion")[0], split().test)
    discrete = discretise(lab, TRAINED)
    assert discrete.effect.b is lab.measure(None)
    alone = lab.measure(discrete.template)
    np.testing.assert_allclose(
        discrete.effect.a.per_user["ndcg@10"], alone.per_user["ndcg@10"], atol=1e-9
    )


def test_a_word_that_asks_for_something_stands_for_no_vector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = shared("prompt-fusion")[0]
    assert isinstance(model, PromptFusionRecommender)
    near = [[("western", 0.9), ("user", 0.5)], [("comedy", 0.9)]]
    monkeypatch.setattr(type(model), "soft_words", lambda self: near)
    discrete = discretise(PromptLab(model, split().test), TRAINED)
    assert discrete.chosen == ["user", ""]
    assert discrete.template.source == SHORT_PROMPT.replace("{{ soft(2) }}", "user.")


def test_each_place_gets_the_words_of_its_own_vectors() -> None:
    model = shared("soft-prompt")[0]
    source = "{{ soft(1) }} a {{- soft( 2 ) -}} b"
    assert in_words(source, ["one", "two", "three"], model) == "one a two three b"
    assert in_words("{{ history }}", ["one", "two"], model) == "one two\n{{ history }}"


def test_a_comment_is_no_place_for_vectors() -> None:
    model = shared("soft-prompt")[0]
    comment = "{# as {{ soft(1) }}\nbefore #}"
    assert in_words(f"{comment}{{{{ soft(2) }}}}", ["a", "b"], model) == f"{comment}a b"
    assert in_words(comment, ["a", "b"], model) == f"a b\n{comment}"


def test_a_model_without_vectors_is_reported() -> None:
    lab = PromptLab(shared("zero-shot")[0], split().test)
    with pytest.raises(ConfigError, match=r"no trained vectors.*\{\{ soft\(8\) \}\}"):
        discretise(lab, TRAINED)
