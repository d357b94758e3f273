"""Words to exchange, told by gradients: held against small steps that were really made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from recsys.language_models import Encoder
from recsys.models import Queries
from recsys.models.prompt_side.gradients import sentence_gradients
from recsys.models.protocols import ExchangesWords
from recsys.models.word_swaps import WordSwap, add_gradients, word_swaps
from recsys.prompts import Template
from tests.models.support import prepared, shared, split
from tests.models.tiny import tiny_bert, tiny_gpt2

TEMPLATE = Template.parse("Recommend a film. The user likes {{ genres|join(', ') }}.")


def test_the_best_exchange_of_a_word_lowers_the_loss_most() -> None:
    table = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [-1.0, -1.0], [-9.0, 9.0]])
    vocabulary = {"chose": 0, "picked": 2, "selected": 3, "films": 1, "legion": 4}
    gradients = {0: torch.tensor([1.0, -0.5]), 9: torch.tensor([9.0, 9.0])}  # 9 is no whole word
    found = word_swaps(gradients, lambda ids: table[ids], vocabulary)
    # changes of the loss: picked -1, selected -.5; "legion" -13.5, which is no synonym
    assert found == [WordSwap("chose", "picked", 1.0), WordSwap("chose", "selected", 0.5)]
    table[3] = torch.tensor([1.0, 0.0])  # the loss would rise
    assert word_swaps(gradients, lambda ids: table[ids], vocabulary) == found[:1]


def test_gradients_of_a_token_are_added_up() -> None:
    total = {2: torch.ones(3)}
    add_gradients(total, torch.tensor([2, 5, 2, -1]), torch.arange(12.0).view(4, 3))
    assert set(total) == {2, 5}
    torch.testing.assert_close(total[2], torch.tensor([7.0, 9.0, 11.0]))  # 1 + rows 0 and 2
    torch.testing.assert_close(total[5], torch.tensor([3.0, 4.0, 5.0]))


@pytest.mark.parametrize("folder", [tiny_bert, tiny_gpt2])
def test_gradients_reach_the_embeddings_of_words(folder: object) -> None:
    encoder = Encoder("tiny", folder())  # type: ignore[operator]
    texts = ["Recommend a comedy.", "The user likes a western a lot."]
    gradients = np.random.default_rng(0).normal(size=(2, encoder.dimension)).astype(np.float32)
    ids, found = encoder.input_gradients(texts, gradients)
    total: dict[int, torch.Tensor] = {}
    add_gradients(total, ids, found)
    token = encoder.vocabulary["western"]
    step = 1e-2 * F.normalize(total[token], dim=0)

    def told() -> float:
        return float((torch.from_numpy(gradients) * encoder._vectors(texts)).sum())

    table = encoder._model.get_input_embeddings().weight
    with torch.no_grad():
        table[token] += step
        above = told()
        table[token] -= 2 * step
        below = told()
        table[token] += step
    assert above - below == pytest.approx(2 * float(step @ total[token]), rel=0.05)


@pytest.mark.parametrize("folder", [tiny_bert, tiny_gpt2])
def test_gradients_of_weights_that_were_loaded_while_scoring(folder: object) -> None:
    encoder = Encoder("tiny", folder())  # type: ignore[operator]
    with torch.inference_mode():  # as models score
        encoder.embed(torch.tensor([1]))
    _, found = encoder.input_gradients(["A comedy."], np.ones((1, encoder.dimension), np.float32))
    assert found.abs().sum() > 0


def test_gradients_of_sentences() -> None:
    model = prepared()
    users = np.arange(6)
    queries = Queries(split().train, users, TEMPLATE)
    targets = torch.arange(6)
    reading = model._side.reading(queries, "")
    with torch.no_grad():
        states = model._states_of(queries)
        for last in (model.network.prompt.output, model.network.prompt.feed_forward[-1]):
            torch.nn.init.normal_(last.weight, std=0.1)  # they begin at zero
        tokens = model._side.tokens(reading, "", model._catalogue()[0])
    keys = model._catalogue()[0].clone()
    side = model.network.prompt
    scores = side(states, tokens) @ keys.T + torch.randn(len(keys))
    found = sentence_gradients(
        side, tokens, lambda told: side(states, told), scores.detach(), keys, targets
    )
    assert found.shape == (len(reading.words), model._side.encoder.dimension)
    step = 1e-2 * found[0] / np.linalg.norm(found[0])

    def loss(sign: float) -> float:
        moved = tokens.sentences.clone()
        scale = np.sqrt(model._side.encoder.dimension)
        moved[0] += sign * torch.from_numpy(step * scale).float() @ side.words.weight.T
        change = (side(states, replace(tokens, sentences=moved)) - side(states, tokens)) @ keys.T
        return float(F.cross_entropy(scores + change, targets))

    with torch.no_grad():
        measured = loss(1.0) - loss(-1.0)
    assert measured == pytest.approx(2 * float(step @ found[0]), rel=0.05)


@pytest.mark.parametrize("name", ["prompt-fusion", "prompt-tuned", "soft-prompt", "lora", "full"])
def test_models_name_words_of_the_prompt(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("film", "recommend", "likes", "comedy", "western", "user", "next", "best")
    some = {word: tuple({*words} - {word}) for word in words}  # the tiny models know no synonyms
    monkeypatch.setattr("recsys.models.word_swaps.SYNONYMS", some)
    model = shared(name)[0]
    holdout = split().validation
    targets = holdout.targets.toarray().argmax(1)
    before = model.score(Queries(holdout.history, holdout.users, TEMPLATE))
    swaps = model.word_swaps(Queries(holdout.history, holdout.users, TEMPLATE), targets)
    assert {"film", "recommend"} & {swap.word for swap in swaps}
    assert all(swap.gain > 0 and swap.other in some[swap.word] for swap in swaps)
    assert [swap.gain for swap in swaps] == sorted((swap.gain for swap in swaps), reverse=True)
    after = model.score(Queries(holdout.history, holdout.users, TEMPLATE))
    np.testing.assert_array_equal(before, after)  # looking changes nothing


def test_a_prompt_of_variables_alone_has_no_words_to_exchange() -> None:
    data, template = split().train, Template.parse("{{ soft(2) }}\n{{ history|last(3) }}")
    asked = Queries(data, np.arange(4), template)
    for name in ("prompt-fusion", "prompt-tuned"):
        assert shared(name)[0].word_swaps(asked, np.arange(4)) == []


def test_a_model_without_gradients_names_none() -> None:
    assert not isinstance(shared("ease")[0], ExchangesWords)
