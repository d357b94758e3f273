"""Trained vectors read as words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recsys.models import MODELS, Queries
from recsys.models.prompt_fusion import PromptFusionRecommender
from recsys.models.prompt_side.tokens import scaled
from recsys.models.prompt_side.trained_vectors import CandidateWords, as_sentence
from recsys.models.protocols import TrainsVectors
from recsys.models.soft_words import nearest_words
from recsys.models.tuned.base import TunedRecommender
from recsys.models.tuned.language import FIRST_WORDS, TextModel
from recsys.prompts import Template
from recsys.training import SoftPromptRead, Started, Validated
from recsys.wishes.facets import Facets
from tests.models.support import planted, prepared, shared, small_model, split
from tests.models.tiny import tiny_bert, tiny_gpt2


def test_nearest_by_the_cosine_without_what_all_share() -> None:
    rng = np.random.default_rng(0)
    table = torch.from_numpy(rng.normal(size=(30, 5)) + 4.0)
    vectors = torch.from_numpy(rng.normal(size=(3, 5)) + 4.0)
    words = [f"word{place}" for place in range(30)]
    found = nearest_words(vectors, words, table, k=4)
    for vector, near in zip(vectors.numpy(), found, strict=True):
        mean = table.numpy().mean(0)
        cosines = [
            float(np.dot(vector - mean, row - mean))
            / float(np.linalg.norm(vector - mean) * np.linalg.norm(row - mean))
            for row in table.numpy()
        ]
        order = np.argsort(cosines)[::-1][:4]
        assert [word for word, _ in near] == [words[place] for place in order]
        assert [like for _, like in near] == pytest.approx(np.sort(cosines)[::-1][:4], abs=1e-3)


def test_fewer_words_than_asked_for() -> None:
    assert nearest_words(torch.ones(2, 3), [], torch.zeros(0, 3)) == [[], []]
    (near,) = nearest_words(torch.ones(1, 2), ["a", "b"], torch.eye(2), k=9)
    assert {word for word, _ in near} == {"a", "b"}


@pytest.mark.parametrize("folder", [tiny_bert, tiny_gpt2])
def test_a_vector_of_a_word_is_that_word(folder: object) -> None:
    model = TextModel(folder())  # type: ignore[operator]
    (token,) = model.words("comedy")
    embed = model.module.get_input_embeddings()  # type: ignore[operator]
    ((nearest, *_),) = model.nearest_words(embed(torch.tensor([token])))
    assert nearest.word == "comedy"
    assert nearest.likeness == pytest.approx(1.0, abs=1e-3)


def test_vectors_begin_as_the_words_they_were_made_of() -> None:
    model = small_model("soft-prompt")
    assert isinstance(model, TunedRecommender)
    model.prepare(split().train, seed=0)
    *_, last = model.soft_words()
    assert last[0].word in FIRST_WORDS.lower()
    assert last[0].likeness == pytest.approx(1.0, abs=1e-3)


def test_words_of_the_data_stand_beside_the_flagships_vectors() -> None:
    model = prepared()
    candidates = CandidateWords(planted(), Facets.of(planted()), model._side.encoder)
    assert {"comedy", "western", "recommend"} <= set(candidates.words)
    assert all(word.isascii() and word.isalpha() and word.islower() for word in candidates.words)
    place = candidates.words.index("western")
    side = model.network.prompt
    with torch.no_grad():
        before = side.soft.clone()
        meaning = scaled(model._side.encoder.encode([as_sentence("western")]))
        side.soft[0] = side.words(torch.from_numpy(meaning))[0]
        first, second = candidates.nearest(side, 2)
        side.soft.copy_(before)
    assert first[0].word == candidates.words[place]
    assert first[0].likeness == pytest.approx(1.0, abs=1e-3)
    assert second[0].likeness < 0.99
    assert candidates.nearest(side, 0) == []


def test_chinese_words_are_sentences_in_chinese() -> None:
    assert PromptFusionRecommender.discretised_text(["comedy", "喜剧"]) == "comedy. 喜剧。"


@pytest.mark.parametrize("name", ["prompt-fusion", "prompt-tuned", "soft-prompt"])
def test_training_tells_what_the_vectors_say(name: str) -> None:
    model, events = shared(name)
    started = max(place for place, event in enumerate(events) if isinstance(event, Started))
    own = events[started:]
    told = [event for event in own if isinstance(event, SoftPromptRead)]
    measured = [event for event in own if isinstance(event, Validated)]
    first = [] if measured[0].epoch == 0 else [0.0]
    assert [event.epoch for event in told] == [*first, *(event.epoch for event in measured)]
    assert all(len(event.words) == 2 for event in told)  # the template says soft(2)
    best = next(event for event in reversed(measured) if event.best)
    kept = next(event for event in told if event.epoch == best.epoch)
    assert kept.words == model.soft_words()  # of the weights that are kept


def test_models_without_vectors_say_nothing() -> None:
    assert not isinstance(shared("sasrec")[0], TrainsVectors)
    assert not any(isinstance(event, SoftPromptRead) for event in shared("sasrec")[1])


def test_vectors_in_front_can_be_left_out() -> None:
    kind = MODELS["soft-prompt"]
    small = small_model("soft-prompt").config
    config = type(small)(prompt="{{ history }}", language_model=small.language_model)
    model = kind(config)
    assert isinstance(model, TunedRecommender)
    model.prepare(split().train, seed=0)
    asked = Queries(split().train, np.arange(3))
    plain = model.without_vectors()
    assert isinstance(plain, TunedRecommender)
    assert all(min(prompt) < 0 for prompt in model.prompts(asked))
    assert all(min(prompt) >= 0 for prompt in plain.prompts(asked))
    # A place for vectors in an asked prompt is filled all the same.
    with_place = Queries(split().train, np.arange(1), Template.parse("{{ soft(2) }} {{ history }}"))
    assert plain.prompts(with_place) == model.prompts(with_place)
